/* From a raw request, and what a user says beside it, to the facts that a policy is evaluated over. */
#include "raw_facts.h"

#include <stddef.h>
#include <string.h>

#include <apr_strings.h>

#include "authority.h"
#include "client_certificate.h"
#include "raw_connection.h"
#include "raw_fields.h"
#include "raw_source.h"

#define PARAMS_EXPECTED 3000
#define PARAMS_MAX (1024 * 1024)

/* --- making --- */

static const fct_client_certificate_t *read_certificate(void *context)
{
    return ((const fct_raw_facts_t *)context)->connection->certificate;
}

static int refuse_given(fct_raw_refusal_t *refusal, const char *why)
{
    return fct_raw_request_refuse(refusal, 0, 0, why);
}

static int fill_mapping(fct_raw_facts_t *made, fct_raw_refusal_t *refusal)
{
    fct_mapping_t *mapping = &made->facts.mapping;
    const char *to = fct_raw_source_given(made, FCT_GIVEN_REDIRECT_TO, fct_raw_source_given(made, FCT_GIVEN_FALLBACK, NULL));
    const char *status = fct_raw_source_given(made, FCT_GIVEN_REDIRECT_STATUS, "200");
    const char *file = fct_raw_source_given(made, FCT_GIVEN_FILE, NULL);
    const char *mount = fct_raw_source_given(made, FCT_GIVEN_MOUNT, file ? "" : "/");

    if (to && to[0] != '/') {
        return refuse_given(refusal, "fallback, redirect-to: a path begins with a slash");
    }
    if (strspn(status, "0123456789") != 3 || strlen(status) != 3) {
        return refuse_given(refusal, "redirect-status: a status has three digits");
    }
    if ((*mount && *mount != '/') || (file && *mount)) {
        return refuse_given(refusal, file ? "file and mount exclude each other: SetHandler or ProxyPass" : "mount: a path begins with a slash");
    }
    mapping->path = to ? fct_bytes_make(to, strcspn(to, "?")) : fct_bytes_of(made->target.path);
    mapping->path = fct_bytes_of(fct_bytes_string(mapping->path, made->p));
    mapping->raw_path = fct_bytes_of(made->target.raw_path);
    mapping->file = fct_bytes_of(file);
    mapping->path_info = fct_bytes_of(file ? fct_raw_source_given(made, FCT_GIVEN_PATH_INFO, NULL) : NULL);
    mapping->mount = fct_bytes_of(*mount ? mount : NULL);
    mapping->document_root = fct_bytes_of(fct_raw_source_given(made, FCT_GIVEN_DOCUMENT_ROOT, "/var/www/html"));
    return 1;
}

static int read_slashes(const fct_raw_facts_t *made, fct_raw_slashes_t *slashes, fct_raw_refusal_t *refusal)
{
    static const char *const words[] = { "off", "on", "nodecode", NULL };
    int choice = 0;
    const char *why = fct_tool_choice(fct_raw_source_given(made, FCT_GIVEN_ENCODED_SLASHES, "off"), words, &choice, made->p);

    *slashes = (fct_raw_slashes_t)choice;
    return !why || refuse_given(refusal, apr_pstrcat(made->p, "encoded-slashes: ", why, NULL));
}

/* httpd asks for the document of an error with GET and without a body, whatever the request was. */
static int is_error_document(const fct_raw_facts_t *made)
{
    const char *status = fct_raw_source_given(made, FCT_GIVEN_REDIRECT_STATUS, "200");

    return fct_raw_source_given(made, FCT_GIVEN_REDIRECT_TO, NULL) && status[0] >= '4';
}

static void fill_facts(fct_raw_facts_t *made)
{
    fct_facts_t *facts = &made->facts;

    if (is_error_document(made)) {
        made->request.method = "GET";
    }
    facts->method = fct_bytes_of(made->request.method);
    facts->path = fct_bytes_of(made->target.path);
    facts->body = is_error_document(made) ? FCT_BODY_NONE : made->body.kind;
    facts->body_length = facts->body == FCT_BODY_LENGTH ? made->body.length : 0;
    facts->is_upgrade = fct_raw_request_field(&made->request, "Upgrade", made->p) != NULL || strcmp(made->request.method, "CONNECT") == 0;
    facts->is_tls = made->connection->is_tls;
    facts->peer = made->connection->peer;
    facts->client = made->connection->client;
    facts->source = fct_raw_source_read;
    facts->certificate = read_certificate;
    facts->decode_certificate = fct_client_certificate_decode;
    facts->context = made;
}

int fct_raw_facts_make(fct_bytes_t text, const fct_given_t *given_facts, const fct_policy_t *policy, fct_raw_facts_t *made,
                       fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    fct_raw_slashes_t slashes;

    memset(made, 0, sizeof(*made));
    made->given = given_facts;
    made->p = p;
    made->connection = apr_pcalloc(p, sizeof(*made->connection));
    if (!read_slashes(made, &slashes, refusal) || !fct_raw_connection_make(given_facts, policy, made->connection, refusal, p)
        || !fct_raw_request_parse(text, &made->request, refusal, p) || !fct_raw_body_frame(&made->request, &made->body, refusal, p)
        || !fct_raw_target_resolve(&made->request, fct_raw_source_scheme(made), slashes, &made->target, refusal, p)
        || !fct_raw_fields_fill(made, refusal) || !fill_mapping(made, refusal)) {
        return 0;
    }
    made->cert_fault = made->connection->cert_fault;
    fill_facts(made);
    return 1;
}

/* --- evaluating --- */

static int refuse(fct_raw_outcome_t *outcome, int status, fct_finding_id_t finding, const char *why)
{
    outcome->status = status;
    outcome->finding = finding;
    outcome->why = why ? why : fct_finding_info(finding)->sentence;
    return 0;
}

/* What the gateway asks before the policy is asked. */
static int check_before(const fct_raw_facts_t *made, fct_raw_outcome_t *outcome)
{
    fct_bytes_t authority = fct_bytes_of(made->target.authority);

    if (made->body.is_doubtful) {
        return refuse(outcome, 400, FCT_FINDING_TRANSFER_ENCODING, NULL);
    }
    return authority.len == 0 || fct_authority_is_valid(authority) || refuse(outcome, 400, FCT_FINDING_AUTHORITY, NULL);
}

static int check_policy(const fct_raw_facts_t *made, const fct_policy_t *policy, const fct_observer_t *observer, fct_params_t *params,
                        fct_raw_outcome_t *outcome, const fct_request_rules_t **rules)
{
    fct_verdict_t verdict = fct_eval_request(policy, &made->facts, params, observer, made->p);

    *rules = verdict.request;
    if (verdict.status) {
        outcome->file = verdict.file;
        outcome->line = verdict.line;
        return refuse(outcome, verdict.status, verdict.finding, verdict.detail);
    }
    return 1;
}

/* What reading the body would still end with, and the length that is sent. A streamed body has none. */
static int check_body(const fct_raw_facts_t *made, const fct_request_rules_t *rules, fct_params_t *params, fct_raw_outcome_t *outcome)
{
    apr_off_t length = made->body.length;
    fct_bytes_t text;

    if (made->facts.body == FCT_BODY_UNKNOWN) {
        length = (apr_off_t)outcome->body.len;
        if (rules->max_body != FCT_BODY_UNLIMITED && length > rules->max_body) {
            return refuse(outcome, 413, FCT_FINDING_BODY_OVER_LIMIT, NULL);
        }
        if (rules->chunked == FCT_CHUNKED_STREAM || fct_bytes_is_absent(outcome->body)) {
            return 1;
        }
    }
    if (made->facts.body == FCT_BODY_NONE) {
        return 1;
    }
    text = fct_bytes_of(apr_off_t_toa(made->p, length));
    return fct_params_add(params, FCT_BYTES_LITERAL("CONTENT_LENGTH"), &text, 1) == FCT_PARAMS_OK
        || refuse(outcome, 431, FCT_FINDING_PARAMS_TOO_LARGE, NULL);
}

int fct_raw_facts_evaluate(const fct_raw_facts_t *made, const fct_policy_t *policy, const fct_observer_t *observer,
                           fct_raw_outcome_t *outcome, fct_raw_refusal_t *refusal)
{
    fct_params_t *params = fct_params_create(PARAMS_EXPECTED, PARAMS_MAX, made->p);
    const fct_request_rules_t *rules = NULL;
    int is_body_whole = fct_raw_body_read(&made->request, &made->body, &outcome->body, refusal, made->p);

    memset(outcome, 0, offsetof(fct_raw_outcome_t, body));
    if (!is_body_whole && refusal->status == 0) {
        return 0;
    }
    if (!check_before(made, outcome) || !check_policy(made, policy, observer, params, outcome, &rules)) {
        return 1;
    }
    if (!is_body_whole && made->facts.body != FCT_BODY_NONE) {
        (void)refuse(outcome, refusal->status, FCT_FINDING_BODY_UNREADABLE, refusal->why);
        return 1;
    }
    if (check_body(made, rules, params, outcome)) {
        outcome->params = params;
    }
    return 1;
}

/* Where httpd keeps the connection after its refusal, it reads the body to its end first; one that cannot be read is what it tells then. */
static void read_on(const fct_raw_facts_t *made, fct_raw_refusal_t *refusal)
{
    fct_raw_refusal_t later;
    fct_bytes_t bytes;

    if ((refusal->status == 404 || refusal->status == 417)
        && !fct_raw_body_read(&made->request, &made->body, &bytes, &later, made->p) && later.status) {
        *refusal = later;
    }
}

int fct_raw_facts_run(fct_bytes_t text, const fct_given_t *given_facts, const fct_policy_t *policy, const fct_observer_t *observer,
                      fct_raw_facts_t *made, fct_raw_outcome_t *outcome, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    if (fct_raw_facts_make(text, given_facts, policy, made, refusal, p)) {
        return fct_raw_facts_evaluate(made, policy, observer, outcome, refusal);
    }
    if (refusal->status == 0) {
        return 0;
    }
    read_on(made, refusal);
    memset(outcome, 0, sizeof(*outcome));
    outcome->is_by_httpd = 1;
    outcome->status = refusal->status;
    outcome->why = refusal->why;
    outcome->line = refusal->line;
    return 1;
}
