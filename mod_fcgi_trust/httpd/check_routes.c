/* The configuration tree: routes to fcgi:// and the policies over them. */
#include "check_routes.h"

#include <apr_strings.h>

typedef enum route_kind_t {
    ROUTE_PROXYPASS,          /* <Proxy>, <Location> and the server govern it */
    ROUTE_PROXYPASSMATCH,
    ROUTE_REWRITE,
    ROUTE_SETHANDLER          /* <Directory>, <Files>, <Location> and the server govern it */
} route_kind_t;

typedef struct route_t {
    route_kind_t kind;
    const ap_directive_t *directive;
    const char *path;         /* the URL path of a ProxyPass; NULL: not known */
    const char *target;
} route_t;

typedef struct tree_t {
    fct_findings_t *findings;
    apr_pool_t *p;
    apr_array_header_t *routes;      /* of route_t */
    int has_override;                /* some AllowOverride may let a .htaccess make routes */
} tree_t;

static int is_named(const ap_directive_t *d, const char *name)
{
    return ap_cstr_casecmp(d->directive, name) == 0;
}

static const ap_directive_t *vhost_of(const ap_directive_t *d)
{
    for (d = d->parent; d; d = d->parent) {
        if (is_named(d, "<VirtualHost")) {
            return d;
        }
    }
    return NULL;
}

/* --- gathering --- */

static void add_route(tree_t *tree, route_kind_t kind, const ap_directive_t *d, const char *path, const char *target)
{
    route_t *route = apr_array_push(tree->routes);

    route->kind = kind;
    route->directive = d;
    route->path = path;
    route->target = target;
}

static int names_fcgi(const char *url)
{
    return strncmp(url, "fcgi:", 5) == 0 || strstr(url, "|fcgi:") != NULL;
}

/* Does a balancer of this URL have an fcgi:// member: <Proxy balancer://NAME> BalancerMember URL, or BalancerMember balancer://NAME URL? */
static int has_fcgi_member(const tree_t *tree, const ap_directive_t *d, const char *balancer)
{
    for (; d; d = d->next) {
        const char *args = d->args, *name = d->parent ? d->parent->args : "";
        const char *first;

        if (d->first_child && has_fcgi_member(tree, d->first_child, balancer)) {
            return 1;
        }
        if (!is_named(d, "BalancerMember")) {
            continue;
        }
        first = ap_getword_conf(tree->p, &args);
        if (strncmp(first, "balancer:", 9) == 0) {
            name = first;
            first = ap_getword_conf(tree->p, &args);
        }
        if (names_fcgi(first) && strncmp(name, balancer, strlen(balancer)) == 0 && strchr(">/ ", name[strlen(balancer)])) {
            return 1;
        }
    }
    return 0;
}

/* The target of a route is fcgi://, or a balancer that leads there. */
static int leads_to_fcgi(const tree_t *tree, const char *url)
{
    const char *name = strncmp(url, "balancer://", 11) == 0 ? apr_pstrmemdup(tree->p, url, 11 + strcspn(url + 11, "/>")) : NULL;

    return names_fcgi(url) || (name && has_fcgi_member(tree, ap_conftree, name));
}

/* ProxyPass [path] url; the path is the section's where it stands in <Location>. */
static void gather_proxypass(tree_t *tree, route_kind_t kind, const ap_directive_t *d)
{
    const char *args = d->args;
    const char *first = ap_getword_conf(tree->p, &args);
    const char *second = ap_getword_conf(tree->p, &args);
    int is_in_location = d->parent && is_named(d->parent, "<Location");
    const char *location_args = is_in_location ? d->parent->args : NULL;

    if (!is_in_location && leads_to_fcgi(tree, second)) {
        add_route(tree, kind, d, kind == ROUTE_PROXYPASS ? first : NULL, second);
    }
    else if (leads_to_fcgi(tree, first)) {
        add_route(tree, kind, d, is_in_location ? ap_getword_conf(tree->p, &location_args) : NULL, first);
    }
}

static void gather_directive(tree_t *tree, const ap_directive_t *d)
{
    if (is_named(d, "ProxyPass")) {
        gather_proxypass(tree, ROUTE_PROXYPASS, d);
    }
    else if (is_named(d, "ProxyPassMatch")) {
        gather_proxypass(tree, ROUTE_PROXYPASSMATCH, d);
    }
    else if (is_named(d, "RewriteRule") && strstr(d->args, "fcgi:")) {
        add_route(tree, ROUTE_REWRITE, d, NULL, d->args);
    }
    else if (is_named(d, "SetHandler") && strstr(d->args, "proxy:") && strstr(d->args, "fcgi:")) {
        add_route(tree, ROUTE_SETHANDLER, d, NULL, d->args);
    }
    else if (is_named(d, "AllowOverride") && ap_cstr_casecmp(d->args, "None") != 0) {
        tree->has_override = 1;
    }
}

static void check_stock_directive(tree_t *tree, const ap_directive_t *d)
{
    if (is_named(d, "ProxyFCGISetEnvIf") || is_named(d, "ProxyFCGIBackendType")) {
        fct_findings_add(tree->findings, FCT_FINDING_PROXY_FCGI_DIRECTIVE, d->filename, d->line_num,
                         "%s has no effect where a policy is enforced; say it in the policy and remove this line", d->directive);
    }
}

static void gather(tree_t *tree, const ap_directive_t *d)
{
    for (; d; d = d->next) {
        gather_directive(tree, d);
        if (d->first_child) {
            gather(tree, d->first_child);
        }
    }
}

static void check_stock_directives(tree_t *tree, const ap_directive_t *d)
{
    for (; d; d = d->next) {
        check_stock_directive(tree, d);
        if (d->first_child) {
            check_stock_directives(tree, d->first_child);
        }
    }
}

/* --- which policy governs which route --- */

/* A section of this kind decides about a route of that kind at all. */
static int section_governs(const ap_directive_t *section, route_kind_t kind)
{
    int is_file_section = is_named(section, "<Directory") || is_named(section, "<DirectoryMatch") || is_named(section, "<Files")
                          || is_named(section, "<FilesMatch");

    if (is_named(section, "<Proxy") || is_named(section, "<ProxyMatch")) {
        return kind != ROUTE_SETHANDLER;
    }
    return !is_file_section || kind == ROUTE_SETHANDLER || kind == ROUTE_REWRITE;
}

/* One of the two covers the other: a policy over part of a route leaves the rest an open question. */
static int overlaps(const char *section_args, const char *path, apr_pool_t *p)
{
    const char *word = ap_getword_conf(p, &section_args);
    apr_size_t len = strlen(word), path_len = strlen(path);

    if (len && word[len - 1] == '>') {
        len--;
    }
    if (len && word[len - 1] == '*') {
        len--;
    }
    return strncmp(word, path, len < path_len ? len : path_len) == 0;
}

/* The policy line may apply to the route: an open question counts as yes. */
static int may_govern(const tree_t *tree, const ap_directive_t *policy, const route_t *route)
{
    const ap_directive_t *section = policy->parent, *vhost = vhost_of(policy);

    if (vhost && vhost != vhost_of(route->directive)) {
        return 0;
    }
    if (!section || section == vhost) {
        return 1;
    }
    if (!section_governs(section, route->kind)) {
        return 0;
    }
    if (is_named(section, "<Location") && route->path) {
        return overlaps(section->args, route->path, tree->p);
    }
    if (is_named(section, "<Proxy")) {
        return overlaps(section->args, route->target, tree->p);
    }
    return 1;
}

static int is_off(const ap_directive_t *d)
{
    return is_named(d, "FcgiTrustMode") && ap_cstr_casecmp(d->args, "off") == 0;
}

/* FcgiTrustMode off beside the route, or around it. */
static int is_switched_off(const route_t *route)
{
    const ap_directive_t *level, *d;

    for (level = route->directive; level; level = level->parent) {
        for (d = level->parent ? level->parent->first_child : ap_conftree; d; d = d->next) {
            if (is_off(d)) {
                return 1;
            }
        }
    }
    return 0;
}

static const fct_policy_t *policy_named(const ap_directive_t *d, apr_pool_t *p)
{
    const char *args = d->args;
    const char *path = ap_server_root_relative(p, ap_getword_conf(p, &args));
    int i;

    for (i = 0; path && i < fct_directives_slots()->nelts; i++) {
        const fct_policy_slot_t *slot = APR_ARRAY_IDX(fct_directives_slots(), i, fct_policy_slot_t *);

        if (strcmp(slot->path, path) == 0) {
            return slot->policy;
        }
    }
    return NULL;
}

static void check_mount(tree_t *tree, const route_t *route, const ap_directive_t *d)
{
    const fct_policy_t *policy = policy_named(d, tree->p);

    if (route->kind != ROUTE_PROXYPASS && policy && policy->backend.script.mode == FCT_SCRIPT_MOUNT
        && fct_bytes_is_absent(policy->backend.script.mount)) {
        fct_findings_add(tree->findings, FCT_FINDING_MOUNT_UNKNOWN, route->directive->filename, route->directive->line_num,
                         "policy %s names the script by its mount, but this route has no literal ProxyPass path; "
                         "say mount=\"…\" or script=\"file\" in its <backend>", policy->name);
    }
}

/* A policy that stands beside the route in its section is nearer than any outside. */
static int has_policy_beside(const route_t *route)
{
    const ap_directive_t *section = route->directive->parent;
    int i;

    for (i = 0; section && !is_named(section, "<VirtualHost") && i < fct_directives_uses()->nelts; i++) {
        if (APR_ARRAY_IDX(fct_directives_uses(), i, const ap_directive_t *)->parent == section) {
            return 1;
        }
    }
    return 0;
}

static void check_route(tree_t *tree, const route_t *route)
{
    const apr_array_header_t *policies = fct_directives_uses();
    int i, governed = 0;

    for (i = 0; i < policies->nelts; i++) {
        const ap_directive_t *policy = APR_ARRAY_IDX(policies, i, const ap_directive_t *);

        if (may_govern(tree, policy, route)) {
            governed = 1;
            if (policy->parent == route->directive->parent || !has_policy_beside(route)) {
                check_mount(tree, route, policy);
            }
        }
    }
    if (!governed && !is_switched_off(route)) {
        fct_findings_add(tree->findings, FCT_FINDING_ROUTE_WITHOUT_POLICY, route->directive->filename, route->directive->line_num,
                         "no FcgiTrustPolicy is in scope of %s %s: its requests will be answered 500; name a policy, or set "
                         "FcgiTrustMode off", route->directive->directive, route->directive->args);
    }
}

/* A policy in a section that governs none of the routes there are. */
static void check_policy(tree_t *tree, const ap_directive_t *policy)
{
    const ap_directive_t *section = policy->parent;
    int i;

    if (!section || is_named(section, "<VirtualHost") || is_named(section, "<Location") || is_named(section, "<LocationMatch")
        || tree->has_override) {
        return;
    }
    for (i = 0; i < tree->routes->nelts; i++) {
        if (section_governs(section, APR_ARRAY_IDX(tree->routes, i, route_t).kind)) {
            return;
        }
    }
    fct_findings_add(tree->findings, FCT_FINDING_POLICY_UNREACHABLE, policy->filename, policy->line_num,
                     "%s%s does not govern any route of this configuration (<Proxy> governs ProxyPass and RewriteRule [P], <Directory> and "
                     "<Files> govern SetHandler); move the policy to the virtual host or a <Location>", section->directive,
                     section->args[0] == '>' ? ">" : " …>");
}

int fct_check_routes_has_policy(const server_rec *s)
{
    int i;

    for (i = 0; i < fct_directives_uses()->nelts; i++) {
        const ap_directive_t *vhost = vhost_of(APR_ARRAY_IDX(fct_directives_uses(), i, const ap_directive_t *));

        if (!vhost || (s->is_virtual && s->defn_name && (unsigned)vhost->line_num == s->defn_line_number
                       && strcmp(vhost->filename, s->defn_name) == 0)) {
            return 1;
        }
    }
    return 0;
}

void fct_check_routes(fct_findings_t *findings, apr_pool_t *ptemp)
{
    const apr_array_header_t *policies = fct_directives_uses();
    tree_t tree = { 0 };
    int i;

    tree.findings = findings;
    tree.p = ptemp;
    tree.routes = apr_array_make(ptemp, 8, sizeof(route_t));
    gather(&tree, ap_conftree);
    for (i = 0; i < tree.routes->nelts; i++) {
        check_route(&tree, &APR_ARRAY_IDX(tree.routes, i, route_t));
    }
    for (i = 0; i < policies->nelts; i++) {
        check_policy(&tree, APR_ARRAY_IDX(policies, i, const ap_directive_t *));
    }
    if (policies->nelts) {
        check_stock_directives(&tree, ap_conftree);
    }
}
