/* The parameters of a hand-made request as a policy yields them: by the module's own evaluation. */
#include <string.h>

#include <apr_strings.h>

#include "policy_file.h"
#include "raw_facts.h"
#include "request.h"

/* --- the request as text --- */

static int has_header(const fct_request_settings_t *settings, const char *name)
{
    int i;

    for (i = 0; i < settings->headers->nelts; i++) {
        if (strcasecmp(APR_ARRAY_IDX(settings->headers, i, fct_request_pair_t).name, name) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Bytes that would begin another line of the text. */
static int breaks_line(const char *text)
{
    return strpbrk(text, "\r\n") != NULL;
}

static const char *check_parts(const fct_request_settings_t *settings, const char *target)
{
    int i;

    if (breaks_line(settings->method) || breaks_line(target)) {
        return "method and URL have no line ends";
    }
    for (i = 0; i < settings->headers->nelts; i++) {
        const fct_request_pair_t *header = &APR_ARRAY_IDX(settings->headers, i, fct_request_pair_t);

        if (breaks_line(header->name) || breaks_line(header->value)) {
            return "--header: a field has no line ends";
        }
    }
    if (has_header(settings, "Transfer-Encoding") || has_header(settings, "Content-Length")) {
        return "--header: the body is that of --data or --data-file, sent with its length; Content-Length and Transfer-Encoding are not yours to say";
    }
    return NULL;
}

/* Without the body: its length is all that a policy asks for. */
static fct_bytes_t make_text(const fct_request_settings_t *settings, const fct_request_url_t *url, const fct_request_body_t *body, apr_pool_t *p)
{
    fct_out_t text;
    int i;

    fct_out_init(&text, p);
    fct_out_addf(&text, "%s %s HTTP/1.1\r\n", settings->method, url->target);
    if (!has_header(settings, "Host")) {
        fct_out_addf(&text, "Host: %s\r\n", url->authority);
    }
    for (i = 0; i < settings->headers->nelts; i++) {
        const fct_request_pair_t *header = &APR_ARRAY_IDX(settings->headers, i, fct_request_pair_t);

        fct_out_addf(&text, "%s: %s\r\n", header->name, header->value);
    }
    if (body->len >= 0) {
        fct_out_addf(&text, "Content-Length: %" APR_OFF_T_FMT "\r\n", body->len);
    }
    fct_out_add_string(&text, "\r\n");
    return fct_out_bytes(&text);
}

/* --- what the URL says of the server --- */

/* Options that the user gave count; the URL fills in what is left. */
static const fct_given_t *complete(const fct_given_t *given, const fct_request_url_t *url, apr_pool_t *p)
{
    fct_given_t *completed = fct_given_copy(given, p);

    if (strcmp(url->scheme, "https") == 0 && !completed->value[FCT_GIVEN_TLS]) {
        completed->value[FCT_GIVEN_TLS] = "TLSv1.3";
    }
    if (url->has_authority && !completed->value[FCT_GIVEN_SERVER_NAME]) {
        completed->value[FCT_GIVEN_SERVER_NAME] = url->host;
    }
    if (url->has_port && !completed->value[FCT_GIVEN_SERVER_PORT]) {
        completed->value[FCT_GIVEN_SERVER_PORT] = url->port;
    }
    return completed;
}

/* --- the policy --- */

static const fct_policy_t *load(const fct_tool_t *tool, const fct_request_settings_t *settings)
{
    fct_findings_t *findings = fct_findings_create(tool->pool);
    apr_array_header_t *paths = apr_array_make(tool->pool, 1, sizeof(const char *));
    const fct_policy_t *policy;

    APR_ARRAY_PUSH(paths, const char *) = settings->policy;
    if (!fct_policy_file_check(tool, paths)) {
        return NULL;
    }
    policy = fct_reader_load(settings->policy, &settings->given.reader, findings, tool->pool);
    fct_policy_file_print(tool, findings, stderr, tool->colour_err);
    return policy;
}

/* A sentence about a request that would not reach the application. */
static void tell_refusal(const fct_tool_t *tool, const fct_raw_outcome_t *outcome)
{
    if (outcome->is_by_httpd) {
        fct_tool_fail(tool, "httpd answers %d itself: %s", outcome->status, outcome->why);
    } else {
        fct_tool_fail(tool, "%s%sFCT%04d %s: %s; the client gets %d", outcome->file ? apr_psprintf(tool->pool, "%s:%d", outcome->file, outcome->line) : "",
                      outcome->file ? ": " : "", outcome->finding, fct_finding_info(outcome->finding)->area, outcome->why, outcome->status);
    }
}

static apr_array_header_t *pairs_of(const fct_params_t *params, const fct_policy_t *policy, apr_pool_t *p)
{
    apr_array_header_t *pairs = apr_array_make(p, 32, sizeof(fct_request_pair_t));
    const apr_array_header_t *rules = fct_rule_list_of(policy, p);
    fct_bytes_t name, value;
    apr_size_t cookie = 0;

    while (fct_params_next(params, &cookie, &name, &value)) {
        fct_request_pair_t *pair = apr_array_push(pairs);

        pair->name = fct_bytes_string(name, p);
        pair->value = fct_bytes_string(value, p);
        pair->is_secret = fct_rule_list_is_secret(rules, name);
    }
    return pairs;
}

apr_array_header_t *fct_request_policy(const fct_tool_t *tool, const fct_request_settings_t *settings, const char *url,
                                       const fct_request_body_t *body, int *exit_code)
{
    const fct_policy_t *policy = load(tool, settings);
    fct_request_url_t parsed;
    fct_raw_facts_t facts;
    fct_raw_outcome_t outcome;
    fct_raw_refusal_t refusal;
    const char *why;

    *exit_code = FCT_TOOL_FAILED;
    if (!policy) {
        return NULL;
    }
    why = fct_request_url_parse(url, &parsed, tool->pool);
    why = why ? apr_psprintf(tool->pool, "'%s': %s", url, why) : check_parts(settings, parsed.target);
    if (why) {
        fct_tool_fail(tool, "%s", why);
        return NULL;
    }
    if (!fct_raw_facts_run(make_text(settings, &parsed, body, tool->pool), complete(&settings->given, &parsed, tool->pool), policy, NULL, &facts,
                           &outcome, &refusal, tool->pool)) {
        fct_tool_fail(tool, "%s", refusal.why);
        return NULL;
    }
    if (outcome.status) {
        tell_refusal(tool, &outcome);
        *exit_code = FCT_TOOL_FINDINGS;
        return NULL;
    }
    return pairs_of(outcome.params, policy, tool->pool);
}
