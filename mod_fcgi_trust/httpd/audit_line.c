/* Decisions as lines of JSON. */
#include "audit_line.h"

#include <apr_strings.h>
#include <http_core.h>
#include <util_time.h>

#include "audit_parameter.h"
#include "json.h"
#include "outcome.h"
#include "request_facts.h"

#define FILE_LEAST 64                /* bytes of the name of a policy's file, where texts are cut short */

/* What a line can go without, least needed first. */
typedef enum detail_t {
    DETAIL_ALL,
    DETAIL_NO_ORIGINS,           /* parameters by name alone */
    DETAIL_NO_PARAMETERS,
    DETAIL_NO_NAMES,             /* no dropped names, no differences */
    DETAIL_LEAST                 /* texts cut short */
} detail_t;

static const char *const left_out[] = { NULL, "origins", "parameters", "names", "texts" };

typedef struct line_t {
    fct_json_t json;
    const fct_decision_t *decision;
    request_rec *final;
    detail_t detail;
    char *room;
} line_t;

/* --- texts --- */

static void add_cut(line_t *line, const char *key, const char *text, apr_size_t max)
{
    fct_bytes_t bytes = fct_bytes_of(text);

    if (line->detail == DETAIL_LEAST && max > 64) {
        max /= 16;
    }
    if (bytes.len > max) {
        bytes.len = max;
    }
    fct_json_string(&line->json, key, bytes);
}

static void add_rule(line_t *line, const fct_evaluated_t *evaluated)
{
    const fct_verdict_t *verdict = &evaluated->verdict;

    if (verdict->file) {
        fct_json_place(&line->json, "rule", fct_audit_origins_file(evaluated->policy, verdict->file, line->json.pool), verdict->line);
    }
}

/* --- the request --- */

static void add_request(line_t *line)
{
    request_rec *r = line->decision->r, *initial = fct_request_initial_of(r);
    const fct_received_set_t *received = fct_request_of(r)->received;
    apr_time_exp_t time;

    ap_explode_recent_gmt(&time, r->request_time);
    fct_json_time(&line->json, "time", &time);
    fct_json_text(&line->json, "request", fct_request_id(r));
    add_cut(line, "server", r->server->server_hostname, 256);
    fct_json_integer(&line->json, "port", r->server->port ? r->server->port : r->connection->local_addr->port);
    fct_json_string(&line->json, "peer", fct_request_facts_peer(r));
    fct_json_text(&line->json, "client", r->useragent_ip);
    add_cut(line, "user", r->user, 512);
    add_cut(line, "method", received->method, 64);
    add_cut(line, "path", received->path ? received->path : initial->uri ? initial->uri : initial->unparsed_uri, 4096);
    if ((r->main || r->prev) && line->detail < DETAIL_LEAST) {
        add_cut(line, "part", r->uri, 4096);
    }
    if (r->main) {
        fct_json_boolean(&line->json, "subrequest", 1);
    }
    if (r->prev) {
        fct_json_boolean(&line->json, "redirected", 1);
    }
}

static void add_policy(line_t *line, const fct_policy_slot_t *slot)
{
    if (!slot || !slot->policy) {
        fct_json_text(&line->json, "policy", NULL);
    }
    else if (line->detail < DETAIL_LEAST && slot->origins) {
        fct_json_raw(&line->json, "policy", fct_audit_origins_policy(slot->origins));
    }
    else {
        fct_json_raw(&line->json, "policy", fct_audit_origins_write_policy(slot->policy, FILE_LEAST, line->json.pool));
    }
}

/* --- findings --- */

static void add_finding(line_t *line, const fct_decision_finding_t *finding)
{
    const fct_verdict_t *verdict = &line->decision->policy.verdict;
    char tag[8];

    apr_snprintf(tag, sizeof(tag), "FCT%04d", (int)finding->id);
    fct_json_begin_object(&line->json, NULL);
    fct_json_text(&line->json, "tag", tag);
    add_cut(line, "says", finding->detail ? finding->detail : fct_finding_info(finding->id)->sentence, 1024);
    if (verdict->status && finding->id == verdict->finding) {
        add_rule(line, &line->decision->policy);
    }
    fct_json_end_object(&line->json);
}

static void add_findings(line_t *line)
{
    const apr_array_header_t *findings = line->decision->findings;
    int i, n = findings ? findings->nelts : 0;

    if (line->detail == DETAIL_LEAST && n > 1) {
        n = 1;
    }
    fct_json_begin_array(&line->json, "findings");
    for (i = 0; i < n; i++) {
        add_finding(line, &APR_ARRAY_IDX(findings, i, fct_decision_finding_t));
    }
    fct_json_end_array(&line->json);
}

/* --- parameters --- */

static void add_parameter(line_t *line, const fct_emission_t *emission)
{
    if (line->detail >= DETAIL_NO_ORIGINS) {
        fct_json_string(&line->json, NULL, emission->name);
        return;
    }
    fct_audit_parameter_add(&line->json, emission, line->decision->slot);
}

/* Something of the request reached a backend, or (mode report) another module sends what it sends. */
static int was_told(const fct_decision_t *decision)
{
    const fct_outcome_t *outcome = fct_outcome_of(decision->r);

    return fct_config_is_report(decision->config) || (outcome && outcome->sent > 0);
}

static void add_each_parameter(line_t *line)
{
    const fct_emission_t length = { .name = FCT_BYTES_LITERAL("CONTENT_LENGTH"), .value = line->decision->length };
    fct_emission_t emission = { { 0 } };

    while (fct_decision_next_emission(&line->decision->policy, &emission)) {
        add_parameter(line, &emission);
    }
    if (!fct_bytes_is_absent(length.value)) {
        add_parameter(line, &length);
    }
}

static void add_parameters(line_t *line)
{
    const fct_evaluated_t *evaluated = &line->decision->policy;

    if (!evaluated->rules || evaluated->verdict.status || line->detail >= DETAIL_NO_PARAMETERS || !was_told(line->decision)) {
        return;
    }
    if (line->detail == DETAIL_ALL) {
        fct_json_begin_object(&line->json, "parameters");
        add_each_parameter(line);
        fct_json_end_object(&line->json);
    }
    else {
        fct_json_begin_array(&line->json, "parameter_names");
        add_each_parameter(line);
        fct_json_end_array(&line->json);
    }
}

static void add_dropped(line_t *line)
{
    const apr_array_header_t *dropped = line->decision->policy.dropped;
    fct_bytes_t refused = line->decision->policy.verdict.field;
    int i;

    if (!fct_bytes_is_absent(refused) && line->detail < DETAIL_LEAST) {
        fct_json_string(&line->json, "refused", refused);
    }

    if (!dropped || dropped->nelts == 0 || line->detail >= DETAIL_NO_NAMES) {
        return;
    }
    fct_json_begin_array(&line->json, "dropped");
    for (i = 0; i < dropped->nelts; i++) {
        fct_json_string(&line->json, NULL, APR_ARRAY_IDX(dropped, i, fct_bytes_t));
    }
    fct_json_end_array(&line->json);
}

/* --- the backend --- */

static void add_duration(line_t *line, const char *key, apr_interval_time_t duration)
{
    if (duration >= 0) {
        fct_json_seconds(&line->json, key, duration);
    }
}

static void add_backend(line_t *line)
{
    const fct_outcome_t *outcome = fct_outcome_of(line->decision->r);

    if (!outcome) {
        return;
    }
    fct_json_begin_object(&line->json, "backend");
    add_cut(line, "address", outcome->backend, 512);
    fct_json_integer(&line->json, "attempts", outcome->attempts);
    fct_json_boolean(&line->json, "reused", outcome->is_reused);
    add_duration(line, "connect_seconds", outcome->connected);
    add_duration(line, "first_byte_seconds", outcome->answered);
    fct_json_seconds(&line->json, "end_seconds", outcome->ended);
    fct_json_integer(&line->json, "sent", outcome->sent);
    fct_json_integer(&line->json, "received", outcome->received);
    if (outcome->protocol_status >= 0) {
        fct_json_integer(&line->json, "protocol_status", outcome->protocol_status);
        fct_json_integer(&line->json, "app_status", outcome->app_status);
    }
    fct_json_end_object(&line->json);
}

/* --- the candidate --- */

/* The names of what one has and the other has not, or has with another value. */
static void add_difference(line_t *line, const char *key, const fct_evaluated_t *in, const fct_evaluated_t *out, int with_values)
{
    fct_emission_t one = { { 0 } }, other = { { 0 } };
    int is_found;

    fct_json_begin_array(&line->json, key);
    while (fct_decision_next_emission(in, &one)) {
        is_found = fct_decision_find_emission(out, one.name, &other);
        if (with_values ? is_found && !fct_bytes_equal(one.value, other.value) : !is_found) {
            fct_json_string(&line->json, NULL, one.name);
        }
    }
    fct_json_end_array(&line->json);
}

static void add_candidate(line_t *line)
{
    const fct_evaluated_t *policy = &line->decision->policy, *candidate = line->decision->candidate;

    if (!candidate) {
        return;
    }
    fct_json_begin_object(&line->json, "candidate");
    add_policy(line, line->decision->config->candidate);
    fct_json_boolean(&line->json, "differs", fct_decision_differs(line->decision));
    fct_json_integer(&line->json, "status", candidate->verdict.status);
    if (candidate->verdict.status && line->detail < DETAIL_NO_NAMES) {
        fct_json_text(&line->json, "says", candidate->verdict.detail);
        add_rule(line, candidate);
    }
    else if (!policy->verdict.status && line->detail < DETAIL_NO_NAMES) {
        add_difference(line, "only_policy", policy, candidate, 0);
        add_difference(line, "only_candidate", candidate, policy, 0);
        add_difference(line, "other_value", policy, candidate, 1);
    }
    fct_json_end_object(&line->json);
}

/* --- the whole --- */

/* Nobody but its answer sets a sub-request's status: what stands in the answer's place goes to the one who made it. */
static int status_of(const line_t *line)
{
    const fct_decision_t *decision = line->decision;

    if (!decision->r->main) {
        return line->final->status;
    }
    return decision->answered ? decision->answered
           : decision->ending == FCT_ENDING_REPLY_REFUSED ? HTTP_SERVICE_UNAVAILABLE : line->final->status;
}

static void make(line_t *line)
{
    const fct_decision_t *decision = line->decision;

    fct_json_init_in(&line->json, line->room, FCT_AUDIT_LINE_EXPECTED, decision->r->pool);
    fct_json_begin_object(&line->json, NULL);
    add_request(line);
    add_policy(line, decision->slot);
    fct_json_text(&line->json, "mode", fct_config_is_report(decision->config) ? "report" : "enforce");
    fct_json_text(&line->json, "verdict", fct_ending_name(decision->ending));
    fct_json_integer(&line->json, "status", status_of(line));
    if (fct_config_is_report(decision->config)) {
        fct_json_integer(&line->json, "would_be", decision->policy.verdict.status);
    }
    fct_json_seconds(&line->json, "seconds", decision->finished - decision->r->request_time);
    add_findings(line);
    add_parameters(line);
    add_dropped(line);
    add_backend(line);
    add_candidate(line);
    if (line->detail > DETAIL_ALL) {
        fct_json_text(&line->json, "left_out", left_out[line->detail]);
    }
    fct_json_end_object(&line->json);
    fct_json_append(&line->json, FCT_BYTES_LITERAL("\n"));
}

fct_bytes_t fct_audit_line_make(const fct_decision_t *decision, request_rec *final, apr_size_t max, char *room)
{
    line_t line = { { 0 }, decision, final, DETAIL_ALL, room };

    make(&line);
    while (line.json.len > max && line.detail < DETAIL_LEAST) {
        line.detail++;
        make(&line);
    }
    return fct_json_bytes(&line.json);
}
