/* A module for tests alone: says at which phase of a request which header fields, environment entries and user came to be or went.
 *
 * One line of the error log a change: "phases: PHASE KIND URI CHANGE", with PHASE the hook that made it (the one that ran between two of this
 * module's own), KIND initial, redirect or part, and CHANGE "env+NAME=VALUE" (new or changed), "env-NAME", "header+NAME=VALUE", "header-NAME",
 * "user=NAME" or "type=NAME". Of the fixups it is said whose they are: "fixups of mod_x.c". */
#include <apr_strings.h>
#include <apr_tables.h>
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

APLOG_USE_MODULE(phases);

typedef struct {
    apr_table_t *env;
    apr_table_t *headers;
    const char *user;
    const char *type;
} phases_seen_t;

static const char *kind_of(const request_rec *r)
{
    return r->main ? "part" : r->prev ? "redirect" : "initial";
}

static void say(request_rec *r, const char *phase, const char *change)
{
    ap_log_rerror(APLOG_MARK, APLOG_NOTICE, 0, r, "phases: %s %s %s %s", phase, kind_of(r), r->uri,
                  ap_escape_logitem(r->pool, change));
}

static int is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void compare_tables(request_rec *r, const char *phase, const char *what, const apr_table_t *before, const apr_table_t *after)
{
    const apr_array_header_t *all = apr_table_elts(after);
    int i;

    for (i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *entry = &APR_ARRAY_IDX(all, i, apr_table_entry_t);

        if (!is_same(apr_table_get(before, entry->key), entry->val)) {
            say(r, phase, apr_psprintf(r->pool, "%s+%s=%s", what, entry->key, entry->val));
        }
    }
    all = apr_table_elts(before);
    for (i = 0; i < all->nelts; i++) {
        const char *key = APR_ARRAY_IDX(all, i, apr_table_entry_t).key;

        if (!apr_table_get(after, key)) {
            say(r, phase, apr_psprintf(r->pool, "%s-%s", what, key));
        }
    }
}

/* Logs what changed since the last call and remembers what is there now. */
static int look(request_rec *r, const char *phase)
{
    phases_seen_t *seen = ap_get_module_config(r->request_config, &phases_module);

    if (!seen) {
        seen = apr_pcalloc(r->pool, sizeof(*seen));
        ap_set_module_config(r->request_config, &phases_module, seen);
    }
    else {
        compare_tables(r, phase, "env", seen->env, r->subprocess_env);
        compare_tables(r, phase, "header", seen->headers, r->headers_in);
        if (!is_same(seen->user, r->user)) {
            say(r, phase, apr_pstrcat(r->pool, "user=", r->user ? r->user : "", NULL));
        }
        if (!is_same(seen->type, r->ap_auth_type)) {
            say(r, phase, apr_pstrcat(r->pool, "type=", r->ap_auth_type ? r->ap_auth_type : "", NULL));
        }
    }
    seen->env = apr_table_copy(r->pool, r->subprocess_env);
    seen->headers = apr_table_copy(r->pool, r->headers_in);
    seen->user = r->user;
    seen->type = r->ap_auth_type;
    return DECLINED;
}

/* A hook that looks: what it sees was done by the phase before it. */
#define LOOK(name, phase) \
    static int name(request_rec *r) \
    { \
        return look(r, phase); \
    }

LOOK(look_received, "received")
LOOK(look_behind_first, "before access_checker")
LOOK(look_behind_access, "access_checker")
LOOK(look_behind_access_ex, "access_checker_ex")
LOOK(look_behind_authn, "check_user_id")
LOOK(look_behind_authz, "auth_checker")
LOOK(look_behind_type, "type_checker")
LOOK(look_behind_fixups, "the last fixups")

/* --- fixups, one by one --- */

static const apr_array_header_t *fixups;

/* In place of all fixups, which run until one fails. */
static int run_fixups(request_rec *r)
{
    int i;

    for (i = 0; i < fixups->nelts; i++) {
        const ap_LINK_fixups_t *link = &APR_ARRAY_IDX(fixups, i, ap_LINK_fixups_t);
        int answer = link->pFunc(r);

        (void)look(r, apr_pstrcat(r->pool, "fixups of ", link->szName, NULL));
        if (answer != OK && answer != DECLINED) {
            return answer;
        }
    }
    return OK;
}

static void take_fixups_over(apr_pool_t *p, server_rec *s)
{
    apr_array_header_t *hooked = ap_hook_get_fixups();

    (void)s;
    fixups = apr_array_copy(p, hooked);
    hooked->nelts = 1;
    APR_ARRAY_IDX(hooked, 0, ap_LINK_fixups_t).pFunc = run_fixups;
}

/* Registered as AP_AUTH_INTERNAL_PER_CONF: one hook that is not makes httpd ask anew in every redirect and part. */
static void register_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_post_read_request(look_received, NULL, NULL, APR_HOOK_REALLY_FIRST - 20);
    ap_hook_check_access(look_behind_first, NULL, NULL, APR_HOOK_REALLY_FIRST - 20, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_access_ex(look_behind_access, NULL, NULL, APR_HOOK_REALLY_FIRST - 20, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_authn(look_behind_access_ex, NULL, NULL, APR_HOOK_REALLY_FIRST - 20, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_authz(look_behind_authn, NULL, NULL, APR_HOOK_REALLY_FIRST - 20, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_type_checker(look_behind_authz, NULL, NULL, APR_HOOK_REALLY_FIRST - 20);
    ap_hook_fixups(look_behind_type, NULL, NULL, APR_HOOK_REALLY_FIRST - 20);
    ap_hook_child_init(take_fixups_over, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_handler(look_behind_fixups, NULL, NULL, APR_HOOK_REALLY_FIRST - 20);
}

module AP_MODULE_DECLARE_DATA phases_module = { STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks, 0 };
