/* From mod_ssl's variables to a certificate that counts, remembered by connection. */
#include "request_certificate.h"

#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <http_connection.h>
#include <http_ssl.h>

#include "certificate_decode.h"
#include "check_certificates.h"
#include "client_certificate.h"
#include "client_connection.h"
#include "plan.h"
#include "request_handshake.h"
#include "verify.h"

/* A connection whose client shows more certificates than this, one after the other, pays for each request again. */
#define REMEMBERED_MAX 4

/* What one anchor said of it. */
typedef struct verdict_t {
    const fct_anchor_rule_t *anchor;
    fct_verification_t verification;
    const fct_client_certificate_t *certificate;     /* with the chain that the anchor verified */
    struct verdict_t *next;
} verdict_t;

/* A certificate that was seen on a connection. */
typedef struct seen_t {
    const char *pem;                     /* mod_ssl's text: the same text, the same certificate */
    int is_resumed;
    fct_bytes_t der;
    const fct_bytes_t *chain;
    apr_size_t nchain;
    const fct_client_certificate_t *certificate;     /* NULL: it cannot be understood */
    verdict_t *verdicts;
    struct seen_t *next;
} seen_t;

/* HTTP/2 serves the requests of a connection in several threads. */
typedef struct fct_certificate_cache_t {
    apr_thread_mutex_t *mutex;
    apr_pool_t *pool;                    /* its own, with its own allocator; NULL until there is something to remember */
    seen_t *seen;
    int nseen;
} fct_certificate_cache_t;

/* What was found out about a request, under one policy. */
typedef struct fct_certificate_answer_t {
    const fct_policy_t *policy;
    const fct_client_certificate_t *certificate;
    struct fct_certificate_answer_t *next;
} fct_certificate_answer_t;

/* --- mod_ssl's word --- */

static const char *variable(request_rec *r, const char *name)
{
    const char *value = ap_ssl_var_lookup(r->pool, r->server, r->connection, r, name);

    return value && *value ? value : NULL;
}

static int is_variable(request_rec *r, const char *name, const char *expected)
{
    const char *value = variable(r, name);

    return value && strcmp(value, expected) == 0;
}

/* --- one certificate --- */

static fct_bytes_t decode(const char *pem, apr_pool_t *p)
{
    return fct_certificate_decode_pem(fct_bytes_of(pem), p);
}

/* What the client sent behind its own certificate; 0: something there cannot be understood. */
static int read_chain(seen_t *seen, request_rec *r, apr_pool_t *p)
{
    apr_array_header_t *chain = apr_array_make(p, 2, sizeof(fct_bytes_t));
    const char *pem;

    while ((pem = variable(r, apr_psprintf(r->pool, "SSL_CLIENT_CERT_CHAIN_%d", chain->nelts))) != NULL) {
        fct_bytes_t der = decode(pem, p);

        if (fct_bytes_is_absent(der)) {
            return 0;
        }
        APR_ARRAY_PUSH(chain, fct_bytes_t) = der;
    }
    seen->chain = (const fct_bytes_t *)chain->elts;
    seen->nchain = (apr_size_t)chain->nelts;
    return 1;
}

static seen_t *read_seen(request_rec *r, const char *pem, int is_resumed, apr_pool_t *p)
{
    seen_t *seen = apr_pcalloc(p, sizeof(*seen));

    seen->pem = apr_pstrdup(p, pem);
    seen->is_resumed = is_resumed;
    seen->der = decode(pem, p);
    if (!fct_bytes_is_absent(seen->der) && (is_resumed || read_chain(seen, r, p))) {
        seen->certificate = fct_client_certificate_from_der(seen->der, seen->chain, seen->nchain, p);
    }
    return seen;
}

/* --- what is remembered of a connection --- */

static apr_status_t forget(void *data)
{
    fct_certificate_cache_t *cache = data;

    if (cache->pool) {
        apr_pool_destroy(cache->pool);
        cache->pool = NULL;
    }
    return APR_SUCCESS;
}

/* Not below the connection's pool: its thread may be using that at the same time. */
static apr_pool_t *own_pool(fct_certificate_cache_t *cache, request_rec *r)
{
    if (!cache->pool && apr_pool_create_unmanaged_ex(&cache->pool, apr_pool_abort_get(r->pool), NULL) != APR_SUCCESS) {
        cache->pool = NULL;
    }
    return cache->pool;
}

static seen_t *find_seen(const fct_certificate_cache_t *cache, const char *pem, int is_resumed)
{
    seen_t *seen = cache->seen;

    while (seen && (seen->is_resumed != is_resumed || strcmp(seen->pem, pem) != 0)) {
        seen = seen->next;
    }
    return seen;
}

/* Where nothing more can be remembered, for this request alone. *p is set to the pool that the result lives in. */
static seen_t *recall(fct_certificate_cache_t *cache, request_rec *r, const char *pem, int is_resumed, apr_pool_t **p)
{
    seen_t *seen = cache ? find_seen(cache, pem, is_resumed) : NULL;
    int has_room = cache && (seen || cache->nseen < REMEMBERED_MAX) && own_pool(cache, r);

    *p = has_room ? cache->pool : r->pool;
    if (!seen) {
        seen = read_seen(r, pem, is_resumed, *p);
        if (has_room) {
            seen->next = cache->seen;
            cache->seen = seen;
            cache->nseen++;
        }
    }
    return seen;
}

/* --- the policy's own anchor --- */

static verdict_t *find_verdict(seen_t *seen, const fct_anchor_rule_t *anchor, apr_pool_t *p)
{
    verdict_t *verdict = seen->verdicts;

    while (verdict && verdict->anchor != anchor) {
        verdict = verdict->next;
    }
    if (!verdict) {
        verdict = apr_pcalloc(p, sizeof(*verdict));
        verdict->anchor = anchor;
        verdict->next = seen->verdicts;
        seen->verdicts = verdict;
    }
    return verdict;
}

/* What the anchor says of it. Asked anew when a certificate of the path has expired since. */
static const verdict_t *hold_against(const fct_anchor_rule_t *anchor, seen_t *seen, request_rec *r, apr_pool_t *p)
{
    verdict_t *verdict = find_verdict(seen, anchor, p);
    fct_verification_t *verification = &verdict->verification;

    if (!verification->reason && r->request_time >= verification->until) {
        *verification = fct_verify_client(anchor, seen->der, seen->chain, seen->nchain, apr_time_now(), p);
        verdict->certificate = fct_client_certificate_from_der(seen->der, verification->path, verification->npath, p);
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, "fcgi_trust: the client certificate sha256:%s was held against the trust anchor sha256:%s: %s",
                      seen->certificate->sha256, anchor->certificate->sha256, verification->reason ? verification->reason : "verified");
    }
    return verdict;
}

/* --- the answer --- */

/* Why the certificate does not count; NULL: it does, and *certificate is what it says. */
static const char *judge(seen_t *seen, const fct_anchor_rule_t *anchor, request_rec *r, apr_pool_t *p,
                         const fct_client_certificate_t **certificate)
{
    const verdict_t *verdict;

    if (!seen->certificate) {
        return "it, or one of its chain, is not a certificate in DER of at most 128 KiB";
    }
    if (!anchor && !fct_request_handshake_is_own(r)) {
        return "the TLS handshake was with another virtual host, which verifies by its own settings; a <trust-anchor> in the policy can tell, or "
               "SSLVHostSNIPolicy secure (httpd 2.4.66)";
    }
    if (!anchor) {
        *certificate = seen->certificate;
        return seen->is_resumed && fct_check_certificates_may_be_inherited()
                   ? "the TLS session is resumed, and nobody knows whether the one before was verified, and for this virtual host (FCT4022 at the "
                     "start says why); a <trust-anchor> in the policy can tell"
                   : NULL;
    }
    verdict = hold_against(anchor, seen, r, p);
    *certificate = verdict->certificate;
    return verdict->verification.reason
               ? apr_pstrcat(r->pool, "the policy's trust anchor does not verify it: ", verdict->verification.reason, NULL)
               : NULL;
}

static const char *look_up(request_rec *r, const fct_policy_t *policy, const char *pem, const fct_client_certificate_t **certificate)
{
    const fct_client_connection_t *connection = fct_client_connection_of(r->connection);
    fct_certificate_cache_t *cache = connection ? connection->certificates : NULL;
    int is_resumed = !is_variable(r, "SSL_SESSION_RESUMED", "Initial");
    const char *reason;
    apr_pool_t *p;
    seen_t *seen;

    if (cache) {
        apr_thread_mutex_lock(cache->mutex);
    }
    seen = recall(cache, r, pem, is_resumed, &p);
    reason = judge(seen, policy->plan->anchor, r, p, certificate);
    if (cache) {
        apr_thread_mutex_unlock(cache->mutex);
    }
    return reason;
}

static const fct_client_certificate_t *find_certificate(request_rec *r, const fct_policy_t *policy)
{
    const fct_client_certificate_t *certificate = NULL;
    const char *pem, *result, *reason;

    if (!ap_ssl_conn_is_ssl(r->connection) || !(pem = variable(r, "SSL_CLIENT_CERT"))) {
        return NULL;
    }
    result = variable(r, "SSL_CLIENT_VERIFY");
    if (!result || strcmp(result, "SUCCESS") != 0) {
        reason = apr_pstrcat(r->pool, "mod_ssl's result is ", result ? result : "none", NULL);
    }
    else {
        reason = look_up(r, policy, pem, &certificate);
    }
    if (reason) {
        certificate = NULL;
        fct_log_request(r, 0, FCT_FINDING_CERTIFICATE_UNCOUNTED, "%s: %s", fct_finding_info(FCT_FINDING_CERTIFICATE_UNCOUNTED)->sentence, reason);
    }
    return certificate;
}

/* Once for each request and policy. */
static const fct_client_certificate_t *answer(request_rec *r, const fct_policy_slot_t *slot)
{
    fct_request_t *request = fct_request_of(r);
    fct_certificate_answer_t *known = request->certificates;

    if (!slot || !slot->policy) {
        return NULL;
    }
    while (known && known->policy != slot->policy) {
        known = known->next;
    }
    if (!known) {
        known = apr_pcalloc(r->pool, sizeof(*known));
        known->policy = slot->policy;
        known->certificate = find_certificate(r, slot->policy);
        known->next = request->certificates;
        request->certificates = known;
    }
    return known->certificate;
}

const fct_client_certificate_t *fct_request_certificate(request_rec *r)
{
    const fct_config_t *config = fct_config_of(r);

    return answer(r, fct_request_of(r)->is_candidates_turn ? config->candidate : config->slot);
}

int fct_request_certificate_is_verified(request_rec *r)
{
    return fct_request_certificate(r) != NULL;
}

/* By the connection's own thread, before any request. */
static int make_room(conn_rec *c, void *csd)
{
    fct_certificate_cache_t *cache;

    (void)csd;
    if (c->master || !fct_check_certificates_are_asked() || !ap_ssl_conn_is_ssl(c)) {
        return DECLINED;
    }
    cache = apr_pcalloc(c->pool, sizeof(*cache));
    if (apr_thread_mutex_create(&cache->mutex, APR_THREAD_MUTEX_DEFAULT, c->pool) == APR_SUCCESS) {
        apr_pool_cleanup_register(c->pool, cache, forget, apr_pool_cleanup_null);
        fct_client_connection_make(c)->certificates = cache;
    }
    return DECLINED;
}

void fct_request_certificate_register_hooks(void)
{
    static const char *const after_ssl[] = { "mod_ssl.c", NULL };

    ap_hook_pre_connection(make_room, after_ssl, NULL, APR_HOOK_MIDDLE);
}
