/* What AllowOverride and AllowOverrideList let a .htaccess do. */
#include "check_override.h"

#include <http_config.h>

#include "check_scope.h"
#include "conftree.h"

/* The beginnings of directives' names. */
static const char *const of_auth[] = {
    "Auth", "<Auth", "Require", "<Require", "Satisfy", "Anonymous", "SSL", "OIDC", "Mellon", "Shib", "Gssapi", "Krb", "CAS", "Lua", "Perl", NULL
};
static const char *const of_writing[] = {
    "SetEnv", "BrowserMatch", "PassEnv", "Rewrite", "RequestHeader", "Session", "Sec", "Lua", "Perl", NULL
};
static const char *const of_verifying[] = { "SSLVerifyClient", NULL };
static const char *const of_forwarding[] = { "Rewrite", "SetHandler", "AddHandler", "Lua", "Perl", NULL };

static int begins_with_one_of(const char *word, const char *const *beginnings)
{
    for (; *beginnings; beginnings++) {
        if (ap_cstr_casecmpn(word, *beginnings, strlen(*beginnings)) == 0) {
            return 1;
        }
    }
    return 0;
}

/* A module whose directives belong to every group, and write programs that httpd runs in any phase; NULL: none is loaded. */
static const char *programs(void)
{
    return ap_find_linked_module("mod_lua.c") ? "mod_lua" : ap_find_linked_module("mod_perl.c") ? "mod_perl" : NULL;
}

/* AllowOverride WORD */
static int is_group(const char *word, const char *group)
{
    return ap_cstr_casecmp(word, "All") == 0 || ap_cstr_casecmp(word, group) == 0;
}

static int is_some_group(const char *word)
{
    return ap_cstr_casecmp(word, "None") != 0 && ap_cstr_casecmpn(word, "Nonfatal=", 9) != 0;
}

static int permits(const ap_directive_t *d, const char *group, const char *const *beginnings, apr_pool_t *p)
{
    int is_list = fct_conftree_is(d, "AllowOverrideList");
    const char *word;
    int n;

    if (!is_list && !fct_conftree_is(d, "AllowOverride")) {
        return 0;
    }
    for (n = 0; *(word = fct_conftree_word(d, n, p)); n++) {
        if (is_list ? begins_with_one_of(word, beginnings) : is_group(word, group) || (programs() && is_some_group(word))) {
            return 1;
        }
    }
    return 0;
}

int fct_check_override_is_auth(const ap_directive_t *d, apr_pool_t *p)
{
    return permits(d, "AuthConfig", of_auth, p);
}

int fct_check_override_is_writing(const ap_directive_t *d, apr_pool_t *p)
{
    return permits(d, "FileInfo", of_writing, p);
}

int fct_check_override_is_verifying(const ap_directive_t *d, apr_pool_t *p)
{
    return permits(d, "AuthConfig", of_verifying, p);
}

int fct_check_override_is_forwarding(const ap_directive_t *d, apr_pool_t *p)
{
    return permits(d, "FileInfo", of_forwarding, p);
}

typedef struct check_t {
    fct_findings_t *findings;
    apr_pool_t *p;
} check_t;

/* The first place where a policy asks who is authenticated. */
typedef struct asking_t {
    const char *source;           /* NULL: nowhere */
    fct_place_t place;
    apr_pool_t *p;
} asking_t;

static void keep_first(void *context, const fct_policy_reference_t *reference)
{
    asking_t *asking = context;

    if (!asking->source && fct_source_is_auth(reference->ref)) {
        asking->source = fct_source_text(reference->ref, asking->p);
        asking->place = reference->place;
    }
}

static void check_slot(const check_t *check, const fct_policy_slot_t *slot, const ap_directive_t *d)
{
    const fct_policy_t *policy = slot->policy;
    asking_t asking = { NULL, { NULL, 0 }, check->p };

    if (!policy || policy->accepts_htaccess_auth || !fct_check_scope_reaches(slot, d)) {
        return;
    }
    fct_policy_visit_references(policy, keep_first, &asking);
    if (asking.source) {
        fct_findings_add(check->findings, FCT_FINDING_HTACCESS_AUTH, d->filename, d->line_num,
                         "%s %s lets a .htaccess decide who is authenticated, and policy %s tells the application by %s (%s:%d); take "
                         "AuthConfig away, or say <accept htaccess-auth=\"why\"/> in the policy (whether their requests meet is not known here)",
                         d->directive, d->args, policy->name, asking.source, asking.place.file, asking.place.line);
    }
}

static void visit(void *context, const ap_directive_t *d)
{
    const check_t *check = context;
    int i;

    if (!fct_check_override_is_auth(d, check->p)) {
        return;
    }
    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        check_slot(check, APR_ARRAY_IDX(fct_directives_slots(), i, const fct_policy_slot_t *), d);
    }
}

void fct_check_override(fct_findings_t *findings, apr_pool_t *ptemp)
{
    check_t check = { findings, ptemp };

    fct_conftree_walk(visit, &check);
}
