/* The configuration tree: routes to fcgi:// and the policies over them. */
#include "check_routes.h"

#include <apr_strings.h>

#include "conftree.h"

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

typedef struct member_search_t {
    const char *balancer;            /* balancer://NAME */
    apr_pool_t *p;
    int found;
} member_search_t;

/* <Proxy balancer://NAME> BalancerMember URL, or BalancerMember balancer://NAME URL */
static void search_member(void *context, const ap_directive_t *d)
{
    member_search_t *search = context;
    apr_size_t len = strlen(search->balancer);
    const char *first, *name;
    int is_inside;

    if (!fct_conftree_is(d, "BalancerMember")) {
        return;
    }
    first = fct_conftree_word(d, 0, search->p);
    is_inside = strncmp(first, "balancer:", 9) != 0;
    name = !is_inside ? first : d->parent ? fct_conftree_word(d->parent, 0, search->p) : "";
    if (names_fcgi(is_inside ? first : fct_conftree_word(d, 1, search->p)) && strncmp(name, search->balancer, len) == 0
        && (name[len] == '\0' || name[len] == '/')) {
        search->found = 1;
    }
}

/* The target of a route is fcgi://, or a balancer that leads there. */
static int leads_to_fcgi(const tree_t *tree, const char *url)
{
    member_search_t search = { NULL, tree->p, 0 };

    if (strncmp(url, "balancer://", 11) == 0) {
        search.balancer = apr_pstrmemdup(tree->p, url, 11 + strcspn(url + 11, "/"));
        fct_conftree_walk(search_member, &search);
    }
    return names_fcgi(url) || search.found;
}

/* ProxyPass [path] url; the path is the section's where it stands in <Location>. */
static void gather_proxypass(tree_t *tree, route_kind_t kind, const ap_directive_t *d)
{
    const char *first = fct_conftree_word(d, 0, tree->p);
    const char *second = fct_conftree_word(d, 1, tree->p);
    int is_in_location = d->parent && fct_conftree_is(d->parent, "<Location");

    if (!is_in_location && leads_to_fcgi(tree, second)) {
        add_route(tree, kind, d, kind == ROUTE_PROXYPASS ? first : NULL, second);
    }
    else if (leads_to_fcgi(tree, first)) {
        add_route(tree, kind, d, is_in_location ? fct_conftree_word(d->parent, 0, tree->p) : NULL, first);
    }
}

static void gather(void *context, const ap_directive_t *d)
{
    tree_t *tree = context;

    if (fct_conftree_is(d, "ProxyPass")) {
        gather_proxypass(tree, ROUTE_PROXYPASS, d);
    }
    else if (fct_conftree_is(d, "ProxyPassMatch")) {
        gather_proxypass(tree, ROUTE_PROXYPASSMATCH, d);
    }
    else if (fct_conftree_is(d, "RewriteRule") && strstr(d->args, "fcgi:")) {
        add_route(tree, ROUTE_REWRITE, d, NULL, d->args);
    }
    else if (fct_conftree_is(d, "SetHandler") && strstr(d->args, "proxy:") && strstr(d->args, "fcgi:")) {
        add_route(tree, ROUTE_SETHANDLER, d, NULL, d->args);
    }
    else if (fct_conftree_is(d, "AllowOverride") && ap_cstr_casecmp(d->args, "None") != 0) {
        tree->has_override = 1;
    }
}

/* ProxyFCGISetEnvIf and ProxyFCGIBackendType where a policy may be in force. */
static void check_stock_directive(void *context, const ap_directive_t *d)
{
    tree_t *tree = context;
    int i;

    if (!fct_conftree_is(d, "ProxyFCGISetEnvIf") && !fct_conftree_is(d, "ProxyFCGIBackendType")) {
        return;
    }
    for (i = 0; i < fct_directives_uses()->nelts; i++) {
        if (fct_conftree_meet(APR_ARRAY_IDX(fct_directives_uses(), i, const ap_directive_t *), d)) {
            fct_findings_add(tree->findings, FCT_FINDING_PROXY_FCGI_DIRECTIVE, d->filename, d->line_num,
                             "%s has no effect where a policy is enforced; say it in the policy and remove this line", d->directive);
            return;
        }
    }
}

/* --- which policy governs which route --- */

/* A section of this kind decides about a route of that kind at all. */
static int section_governs(const ap_directive_t *section, route_kind_t kind)
{
    int is_file_section = fct_conftree_is(section, "<Directory") || fct_conftree_is(section, "<DirectoryMatch") || fct_conftree_is(section, "<Files")
                          || fct_conftree_is(section, "<FilesMatch");

    if (fct_conftree_is(section, "<Proxy") || fct_conftree_is(section, "<ProxyMatch")) {
        return kind != ROUTE_SETHANDLER;
    }
    return !is_file_section || kind == ROUTE_SETHANDLER || kind == ROUTE_REWRITE;
}

/* One of the two covers the other: a policy over part of a route leaves the rest an open question. */
static int overlaps(const char *section, const char *path)
{
    apr_size_t len = strlen(section), path_len = strlen(path);

    if (len && section[len - 1] == '*') {
        len--;
    }
    return strncmp(section, path, len < path_len ? len : path_len) == 0;
}

/* The URL as <Proxy> sections see it: a Unix socket in front of it is gone. */
static const char *url_of(const char *target)
{
    const char *bar = strchr(target, '|');

    return bar ? bar + 1 : target;
}

/* The policy line may apply to the route: an open question counts as yes. */
static int may_govern(const tree_t *tree, const ap_directive_t *policy, const route_t *route)
{
    const ap_directive_t *section = policy->parent, *vhost = fct_conftree_vhost(policy);

    if (vhost && vhost != fct_conftree_vhost(route->directive)) {
        return 0;
    }
    if (!section || section == vhost) {
        return 1;
    }
    if (!section_governs(section, route->kind)) {
        return 0;
    }
    if (fct_conftree_is(section, "<Location") && route->path) {
        return overlaps(fct_conftree_word(section, 0, tree->p), route->path);
    }
    if (fct_conftree_is(section, "<Proxy")) {
        return overlaps(fct_conftree_word(section, 0, tree->p), url_of(route->target));
    }
    return 1;
}

/* The nearest FcgiTrustMode beside the route or around it says off. */
static int is_switched_off(const route_t *route)
{
    const ap_directive_t *level, *d, *mode = NULL;

    for (level = route->directive; level && !mode; level = level->parent) {
        for (d = level->parent ? level->parent->first_child : ap_conftree; d; d = d->next) {
            mode = fct_conftree_is(d, "FcgiTrustMode") ? d : mode;
        }
    }
    return mode && ap_cstr_casecmp(mode->args, "off") == 0;
}

static const fct_policy_t *policy_named(const ap_directive_t *d, apr_pool_t *p)
{
    const char *path = ap_server_root_relative(p, fct_conftree_word(d, 0, p));
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
                         "say mount=\"/path\" or script=\"file\" in its <backend>", policy->name);
    }
}

static int has_policy(const ap_directive_t *section)
{
    int i;

    for (i = 0; i < fct_directives_uses()->nelts; i++) {
        if (APR_ARRAY_IDX(fct_directives_uses(), i, const ap_directive_t *)->parent == section) {
            return 1;
        }
    }
    return 0;
}

/* A policy that stands beside the route in its section, or in one around that, is nearer than those of the server. */
static int has_policy_beside(const route_t *route)
{
    const ap_directive_t *section = route->directive->parent;

    for (; section && !fct_conftree_is(section, "<VirtualHost"); section = section->parent) {
        if (has_policy(section)) {
            return 1;
        }
    }
    return 0;
}

/* A policy of the server or a virtual host; of one in a section it is open which requests of a route elsewhere meet it. */
static int is_for_all(const ap_directive_t *policy)
{
    return !policy->parent || fct_conftree_is(policy->parent, "<VirtualHost");
}

static void check_route(tree_t *tree, const route_t *route)
{
    const apr_array_header_t *policies = fct_directives_uses();
    int i, governed = 0;

    for (i = 0; i < policies->nelts; i++) {
        const ap_directive_t *policy = APR_ARRAY_IDX(policies, i, const ap_directive_t *);

        if (may_govern(tree, policy, route)) {
            governed = 1;
            if (policy->parent == route->directive->parent || (is_for_all(policy) && !has_policy_beside(route))) {
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
static void check_place(tree_t *tree, const ap_directive_t *policy)
{
    const ap_directive_t *section = policy->parent;
    int is_dead = section && fct_conftree_is(section, "<Proxy") && strchr(section->args, '|');      /* mod_proxy takes the socket off first */
    int i;

    if (!section || fct_conftree_is(section, "<VirtualHost") || fct_conftree_is(section, "<Location") || fct_conftree_is(section, "<LocationMatch")
        || (tree->has_override && !is_dead)) {
        return;
    }
    for (i = 0; i < tree->routes->nelts; i++) {
        if (!is_dead && section_governs(section, APR_ARRAY_IDX(tree->routes, i, route_t).kind)) {
            return;
        }
    }
    fct_findings_add(tree->findings, FCT_FINDING_POLICY_UNREACHABLE, policy->filename, policy->line_num,
                     "%s %s does not govern any route of this configuration (<Proxy URL>, without a socket in front, governs ProxyPass and "
                     "RewriteRule [P]; <Directory> and <Files> govern SetHandler); move the policy to the virtual host or a <Location>",
                     section->directive, section->args);
}

static void check_places(tree_t *tree, const apr_array_header_t *policies)
{
    int i;

    for (i = 0; i < policies->nelts; i++) {
        check_place(tree, APR_ARRAY_IDX(policies, i, const ap_directive_t *));
    }
}

int fct_check_routes_has_policy(const server_rec *s)
{
    int i;

    for (i = 0; i < fct_directives_uses()->nelts; i++) {
        const ap_directive_t *vhost = fct_conftree_vhost(APR_ARRAY_IDX(fct_directives_uses(), i, const ap_directive_t *));

        if (!vhost || (s->is_virtual && s->defn_name && (unsigned)vhost->line_num == s->defn_line_number
                       && strcmp(vhost->filename, s->defn_name) == 0)) {
            return 1;
        }
    }
    return 0;
}

void fct_check_routes(fct_findings_t *findings, apr_pool_t *ptemp)
{
    tree_t tree = { 0 };
    int i;

    tree.findings = findings;
    tree.p = ptemp;
    tree.routes = apr_array_make(ptemp, 8, sizeof(route_t));
    fct_conftree_walk(gather, &tree);
    for (i = 0; i < tree.routes->nelts; i++) {
        check_route(&tree, &APR_ARRAY_IDX(tree.routes, i, route_t));
    }
    check_places(&tree, fct_directives_uses());
    check_places(&tree, fct_directives_candidates());
    fct_conftree_walk(check_stock_directive, &tree);
}
