/* The hooks around the authentication and authorization phases, and what they remember.
 *
 *   access_checker        RUN_ALL      ours comes first: the look before
 *   access_checker_ex     RUN_FIRST
 *   check_user_id         RUN_FIRST    ours comes first: from here on the look before stands
 *   auth_checker          RUN_FIRST    (a hook that comes last in a RUN_FIRST phase may never be asked)
 *   type_checker          RUN_FIRST    ours comes first: the phases have let the request pass, and nothing else has run since
 *   fixups                RUN_ALL      those of the listed modules, each by itself (provenance_fixups.c)
 *
 * Where httpd lets a request inherit the user of the one before, none of the phases run, and ours inherits what was remembered there. */
#include "provenance.h"

#include <http_core.h>
#include <http_request.h>

#include "provenance_fixups.h"
#include "provenance_names.h"
#include "request.h"
#include "request_certificate.h"
#include "request_fields.h"

struct fct_provenance_t {
    int is_begun;                        /* the first access_checker was called */
    int is_authenticating;               /* and the first check_user_id */
    int is_over;                         /* and the phases let the request pass, or it inherits */
    const char *user_before;
    const char *user_unasked;            /* when check_user_id began: mod_ssl's, if it made one of a certificate */
    fct_provenance_look_t before;
    int is_passed;                       /* somebody was authenticated, and authorized */
    const char *user;
    const char *type;
    const char *realm;
    int is_from_certificate;             /* mod_ssl made the user of a certificate, verified or not */
    fct_provenance_look_t written;       /* what the phases, and the listed modules' fixups, left under the names that are asked for */
};

static int is_idle(void)
{
    return fct_directives_slots()->nelts == 0;
}

static fct_provenance_t *provenance_of(request_rec *r)
{
    fct_request_t *request = fct_request_of(r);

    if (!request->provenance) {
        request->provenance = apr_pcalloc(r->pool, sizeof(*request->provenance));
    }
    return request->provenance;
}

/* ap_some_authn_required() runs this phase as well, perhaps long before its time. What was seen last before check_user_id counts: never
 * too early, so that nothing written before the phases is taken for theirs. */
static int begin(request_rec *r)
{
    fct_provenance_t *provenance;

    if (is_idle()) {
        return DECLINED;
    }
    provenance = provenance_of(r);
    if (!provenance->is_authenticating && !provenance->is_over) {
        provenance->is_begun = 1;
        provenance->user_before = r->user;
        provenance->before = fct_provenance_names_look(r);
    }
    return DECLINED;
}

static int begin_authentication(request_rec *r)
{
    if (!is_idle()) {
        fct_provenance_t *provenance = provenance_of(r);

        provenance->is_authenticating = 1;
        provenance->user_unasked = r->user;
    }
    return DECLINED;
}

/* Where httpd skips the phases because the configuration is that of the request before. What stood there in r->user may be a name whose
 * password was wrong, on the way to the document of a 401: only what passed the phases there counts. */
static request_rec *inherited_from(const request_rec *r)
{
    if (r->prev && r->prev->per_dir_config == r->per_dir_config) {
        return r->prev;
    }
    return r->main && r->main->per_dir_config == r->per_dir_config ? r->main : NULL;
}

static int is_user_of(const request_rec *before, const request_rec *r)
{
    return before && before->user && strcmp(before->user, r->user) == 0;
}

/* Some modules take over the user of the request before by themselves, whether or not it passed: mod_auth_openidc the very string, others
 * a copy of the main request's. */
static int is_taken_over_unpassed(request_rec *r)
{
    return (is_user_of(r->main, r) && !provenance_of(r->main)->is_passed)
           || (r->prev && r->prev->user == r->user && !provenance_of(r->prev)->is_passed);
}

/* A password is checked anew, perhaps by another realm, where the same name is another user's. */
static int is_by_password(const char *type)
{
    return type && (ap_cstr_casecmp(type, "Basic") == 0 || ap_cstr_casecmp(type, "Digest") == 0 || ap_cstr_casecmp(type, "form") == 0);
}

static int is_type_taken_over(const char *type, const char *before)
{
    return !type || (before && strcmp(type, before) == 0);
}

/* What one log-in elsewhere left for the request before stands for this one too, though the phases run again: modules publish it once. */
static const fct_provenance_t *same_session(request_rec *before, const request_rec *r)
{
    const fct_provenance_t *provenance = is_user_of(before, r) ? provenance_of(before) : NULL;

    return provenance && provenance->is_passed && (provenance->type || !provenance->is_from_certificate)
                   && !is_by_password(provenance->type) && is_type_taken_over(r->ap_auth_type, provenance->type)
               ? provenance
               : NULL;
}

/* mod_ssl's FakeBasicAuth puts credentials into the table; the client sent none, or others. */
static int has_foreign_credentials(request_rec *r)
{
    const char *credentials = apr_table_get(r->headers_in, "Authorization");
    const char *received = fct_request_fields_received(r, "Authorization");

    return credentials && (!received || (received != credentials && strcmp(received, credentials) != 0));
}

/* SSLUserName sets no type; in newer httpds it sets this one. */
static int is_type_of_certificate(const char *type)
{
    return !type || ap_cstr_casecmp(type, "ClientCert") == 0;
}

/* SSLUserName comes ahead of check_user_id. A module that makes a user of its own there and sets no type, mod_auth_cas for one, is no
 * certificate. */
static int is_named_by_certificate(request_rec *r, const fct_provenance_t *provenance)
{
    int is_own = !r->ap_auth_type && provenance->is_authenticating && r->user != provenance->user_unasked;

    return is_type_of_certificate(r->ap_auth_type) && !is_own;
}

static int is_left_by_certificate(request_rec *before)
{
    const fct_provenance_t *provenance = provenance_of(before);

    return provenance->is_passed ? provenance->is_from_certificate : is_named_by_certificate(before, provenance);
}

/* A module that takes over the user of a request before, by whatever type, takes over that a certificate named it. */
static int is_named_by_certificate_before(const request_rec *r)
{
    request_rec *before = r->prev ? r->prev : r->main;

    while (before && !(is_user_of(before, r) && is_left_by_certificate(before))) {
        before = before->prev ? before->prev : before->main;
    }
    return before && !is_by_password(r->ap_auth_type);
}

/* mod_ssl made the user of a certificate: by SSLUserName, or by FakeBasicAuth, which is Basic with credentials of its own, for a subject
 * that begins with a slash or what SSLUserName names. */
static int is_from_certificate(request_rec *r, const fct_provenance_t *provenance)
{
    return is_named_by_certificate(r, provenance) || is_named_by_certificate_before(r)
           || (r->ap_auth_type && ap_cstr_casecmp(r->ap_auth_type, "Basic") == 0 && (r->user[0] == '/' || has_foreign_credentials(r)));
}

/* A certificate is this request's own word: who has the same name elsewhere may be somebody else. */
static const fct_provenance_t *find_session(request_rec *r, const fct_provenance_t *provenance)
{
    const fct_provenance_t *session;

    if (is_named_by_certificate(r, provenance)) {
        return NULL;
    }
    session = same_session(r->prev, r);
    return session ? session : same_session(r->main, r);
}

static void conclude(request_rec *r, fct_provenance_t *provenance)
{
    const fct_provenance_t *session;

    if (!r->user || !*r->user || r->user == provenance->user_before || is_taken_over_unpassed(r)) {
        return;
    }
    session = find_session(r, provenance);
    provenance->is_passed = 1;
    provenance->user = r->user;
    provenance->type = session ? session->type : r->ap_auth_type;
    provenance->realm = fct_provenance_names_ask_realm() && !is_named_by_certificate(r, provenance) ? ap_auth_name(r) : NULL;
    provenance->is_from_certificate = session ? session->is_from_certificate : is_from_certificate(r, provenance);
    provenance->written = fct_provenance_names_written(session ? session->written : NULL, provenance->before,
                                                       fct_provenance_names_look(r), r->pool);
}

static int end(request_rec *r)
{
    request_rec *before = inherited_from(r);
    fct_provenance_t *provenance;

    if (is_idle()) {
        return DECLINED;
    }
    provenance = provenance_of(r);
    if (before) {
        *provenance = *provenance_of(before);
    }
    else if (provenance->is_begun && !provenance->is_over) {
        conclude(r, provenance);
    }
    provenance->is_over = 1;
    return DECLINED;
}

/* The modules publish what they know of r->user, which other fixups ahead of them may have replaced. */
static int is_user_still(const request_rec *r, const fct_provenance_t *provenance)
{
    return provenance->is_passed && r->user && strcmp(r->user, provenance->user) == 0;
}

int fct_provenance_run_fixups(request_rec *r, ap_HOOK_fixups_t *fixups)
{
    fct_provenance_look_t before = fct_provenance_names_look(r);
    fct_provenance_t *provenance = before ? provenance_of(r) : NULL;
    int counts = provenance && is_user_still(r, provenance);
    int answer = fixups(r);

    if (counts) {
        provenance->written = fct_provenance_names_written(provenance->written, before, fct_provenance_names_look(r), r->pool);
    }
    return answer;
}

/* --- what was remembered --- */

/* NULL: nobody was authenticated and authorized. */
static const fct_provenance_t *result_of(request_rec *r)
{
    const fct_provenance_t *provenance = fct_request_of(r)->provenance;

    if (!provenance || !provenance->is_passed) {
        return NULL;
    }
    return !provenance->is_from_certificate || fct_request_certificate_is_verified(r) ? provenance : NULL;
}

const char *fct_provenance_user(request_rec *r)
{
    const fct_provenance_t *result = result_of(r);

    return result ? result->user : NULL;
}

const char *fct_provenance_type(request_rec *r)
{
    const fct_provenance_t *result = result_of(r);

    return result ? result->type : NULL;
}

const char *fct_provenance_realm(request_rec *r)
{
    const fct_provenance_t *result = result_of(r);

    return result ? result->realm : NULL;
}

const char *fct_provenance_env(request_rec *r, fct_bytes_t name)
{
    const fct_provenance_t *result = result_of(r);

    return result ? fct_provenance_names_find(result->written, FCT_PROVENANCE_ENV, name) : NULL;
}

const char *fct_provenance_header(request_rec *r, const char *name)
{
    const fct_provenance_t *result = fct_provenance_names_exist() ? result_of(r) : NULL;

    return result ? fct_provenance_names_find(result->written, FCT_PROVENANCE_HEADERS, fct_bytes_of(name)) : NULL;
}

void fct_provenance_prepare(apr_pool_t *pconf)
{
    fct_provenance_names_gather(pconf);
}

void fct_provenance_reset(void)
{
    fct_provenance_names_reset();
}

void fct_provenance_register_hooks(apr_pool_t *p)
{
    (void)p;
    /* AP_AUTH_INTERNAL_PER_CONF: else httpd would repeat the phases where it may inherit */
    ap_hook_check_access(begin, NULL, NULL, APR_HOOK_REALLY_FIRST - 10, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_authn(begin_authentication, NULL, NULL, APR_HOOK_REALLY_FIRST - 10, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_type_checker(end, NULL, NULL, APR_HOOK_REALLY_FIRST - 10);
    ap_hook_post_config(fct_provenance_fixups_wrap, NULL, NULL, APR_HOOK_REALLY_LAST);
}
