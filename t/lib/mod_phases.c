/* A module for tests alone: says at which phase of a request which header fields, environment entries and user came to be or went.
 *
 * One line of the error log a change: "phases: PHASE KIND URI CHANGE", with PHASE the hook that made it (the one that ran between two of this
 * module's own), KIND initial, redirect or part, and CHANGE "env+NAME=VALUE" (new or changed), "env-NAME", "header+NAME=VALUE", "header-NAME",
 * "user=NAME" or "type=NAME". Fixups are told apart for the modules in PUBLISHERS: "fixups of mod_x.c", else "fixups". */
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

/* One module whose fixups are told apart: a look before it and one behind it. */
#define PUBLISHERS(PUBLISHER) \
    PUBLISHER(openidc, "mod_auth_openidc.c") \
    PUBLISHER(gssapi, "mod_auth_gssapi.c") \
    PUBLISHER(mellon, "mod_auth_mellon.c") \
    PUBLISHER(shib, "mod_shib.cpp") \
    PUBLISHER(basic, "mod_auth_basic.c") \
    PUBLISHER(digest, "mod_auth_digest.c") \
    PUBLISHER(ldap, "mod_authnz_ldap.c") \
    PUBLISHER(session, "mod_session.c")
#define LOOK_BEHIND(id, file) LOOK(look_behind_##id, "fixups of " file)
#define HOOK_AROUND(id, file) \
    { \
        static const char *const around[] = { file, NULL }; \
        ap_hook_fixups(look_behind_fixups, NULL, around, APR_HOOK_MIDDLE); \
        ap_hook_fixups(look_behind_##id, around, NULL, APR_HOOK_MIDDLE); \
    }

LOOK(look_received, "received")
LOOK(look_behind_first, "before access_checker")
LOOK(look_behind_access, "access_checker")
LOOK(look_behind_access_ex, "access_checker_ex")
LOOK(look_behind_authn, "check_user_id")
LOOK(look_behind_authz, "auth_checker")
LOOK(look_behind_type, "type_checker")
LOOK(look_behind_fixups, "fixups")
PUBLISHERS(LOOK_BEHIND)

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
    PUBLISHERS(HOOK_AROUND)
    ap_hook_handler(look_behind_fixups, NULL, NULL, APR_HOOK_REALLY_FIRST - 20);
}

module AP_MODULE_DECLARE_DATA phases_module = { STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks, 0 };
