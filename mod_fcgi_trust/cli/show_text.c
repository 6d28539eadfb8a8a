/* A policy as text: columns for people, the reasons under each rule. */
#include <string.h>

#include <apr_strings.h>

#include "draft_field.h"
#include "plan.h"
#include "show_page.h"
#include "show_text.h"
#include "show_words.h"

const char *fct_show_text_place(const fct_place_t *place, apr_pool_t *p)
{
    const char *slash = place->file ? strrchr(place->file, '/') : NULL;

    return place->file ? apr_psprintf(p, "%s:%d", slash ? slash + 1 : place->file, place->line) : "built in";
}

void fct_show_text_escaped(fct_out_t *out, fct_bytes_t text)
{
    fct_out_add_line_escaped(out, text, "");
}

void fct_show_text_reason(fct_out_t *out, const char *label, const char *text)
{
    if (text) {
        fct_out_addf(out, FCT_SHOW_TEXT_INDENT "%s: ", label);
        fct_show_text_escaped(out, fct_bytes_of(text));
        fct_out_add_string(out, "\n");
    }
}

void fct_show_text_reasons(fct_out_t *out, const char *when, const char *why, const char *assert_, const char *control)
{
    fct_show_text_reason(out, "when", when);
    fct_show_text_reason(out, "why", why);
    fct_show_text_reason(out, "safe because", assert_);
    fct_show_text_reason(out, "control", control);
}

/* --- parameters --- */

static const char *origin_text(const fct_plan_param_t *param, apr_pool_t *p)
{
    fct_out_t out;

    if (!param->rule->value) {
        return param->rule->from;
    }
    if (param->rule->is_sensitive) {
        return "a secret literal";
    }
    fct_out_init(&out, p);
    fct_out_add_string(&out, "\"");
    fct_show_text_escaped(&out, param->literal);
    fct_out_add(&out, "\"", 2);
    return out.at;
}

static void add_step(fct_out_t *out, const fct_show_remark_t *step)
{
    fct_out_addf(out, FCT_SHOW_TEXT_INDENT "-> %s", step->words);
    if (!fct_bytes_is_absent(step->code)) {
        fct_out_add_string(out, " \"");
        fct_out_add_line_escaped(out, step->code, "");
        fct_out_add_string(out, "\"");
    }
    fct_out_addf(out, "%s\n", step->more);
}

static void add_outcome(fct_out_t *out, const char *label, int status)
{
    fct_out_addf(out, status ? FCT_SHOW_TEXT_INDENT "%s: refused with %d\n" : FCT_SHOW_TEXT_INDENT "%s: omitted\n", label, status);
}

static void add_demands(fct_out_t *out, const fct_plan_param_t *param)
{
    apr_array_header_t *steps = fct_show_steps(param, out->pool);
    int i;

    for (i = 0; i < steps->nelts; i++) {
        add_step(out, &APR_ARRAY_IDX(steps, i, fct_show_remark_t));
    }
    if (steps->nelts || param->rule->on_invalid.is_set) {
        add_outcome(out, "invalid", param->status_invalid);
    }
    if (param->rule->max_length && param->status_too_long != param->status_invalid) {
        add_outcome(out, "too long", param->status_too_long);
    }
    if (param->status_missing) {
        add_outcome(out, "missing", param->status_missing);
    }
}

static void add_param(fct_out_t *out, const fct_plan_param_t *param)
{
    const fct_param_rule_t *rule = param->rule;

    fct_out_addf(out, "  %-24s %-9s %-32s %s\n", rule->name.at, fct_class_name(param->class_), origin_text(param, out->pool),
                 fct_show_text_place(&rule->place, out->pool));
    if (!fct_bytes_is_absent(rule->auth_type)) {
        fct_show_text_reason(out, "only of a user who logged in by", fct_bytes_string(rule->auth_type, out->pool));
    }
    add_demands(out, param);
    fct_show_text_reasons(out, rule->when, rule->why, rule->assert, rule->control);
    fct_out_add_string(out, rule->trusts_client ? FCT_SHOW_TEXT_INDENT "taken as the client sent it\n" : "");
}

static void add_params(fct_out_t *out, const fct_plan_t *plan)
{
    apr_size_t i;

    fct_out_add_string(out, "\nParameters, in this order: name, class, source, rule\n");
    for (i = 0; i < plan->nparams; i++) {
        add_param(out, &plan->params[i]);
    }
    fct_out_add_string(out, "  CONTENT_TYPE, CONTENT_LENGTH  by the engine, where the request has a body\n");
}

/* --- header fields --- */

static void add_field(fct_out_t *out, const fct_plan_field_t *field)
{
    const fct_field_rule_t *rule = field->rule;
    const char *name = apr_pstrcat(out->pool, fct_bytes_string(rule->name, out->pool), rule->is_prefix ? "*" : "", NULL);

    fct_out_addf(out, "  %-34s %s%s%s\n", name, fct_show_text_place(&rule->place, out->pool), rule->passes_changed ? ", also changed by the server" : "",
                 rule->trusts_client ? ", trusted as the client sent it" : "");
    if (rule->max_length != FCT_DRAFT_FIELD_MAX_LENGTH) {
        fct_out_addf(out, FCT_SHOW_TEXT_INDENT "at most %" APR_SIZE_T_FMT " bytes\n", rule->max_length);
    }
    if (rule->max_count != FCT_DRAFT_FIELD_MAX_COUNT) {
        fct_out_addf(out, FCT_SHOW_TEXT_INDENT "at most %" APR_SIZE_T_FMT " fields\n", rule->max_count);
    }
    fct_show_text_reason(out, "cookies", rule->cookies);
    fct_show_text_reasons(out, rule->when, rule->why, rule->assert, rule->control);
}

static void add_fields(fct_out_t *out, const fct_plan_t *plan, fct_field_action_t action, const char *title)
{
    apr_size_t i;
    int is_first = 1;

    for (i = 0; i < plan->nfields; i++) {
        if (plan->fields[i].rule->action == action) {
            fct_out_add_string(out, is_first ? title : "");
            is_first = 0;
            add_field(out, &plan->fields[i]);
        }
    }
}

/* --- the trust anchor --- */

static void add_certificate(fct_out_t *out, const char *indent, const fct_certificate_t *certificate)
{
    fct_out_add_string(out, indent);
    fct_show_text_escaped(out, fct_bytes_of(certificate->subject));
}

static void add_anchor(fct_out_t *out, const fct_anchor_rule_t *anchor)
{
    int i;

    fct_out_add_string(out, "\nTrust anchor. " FCT_SHOW_PAGE_ANCHOR "\n");
    add_certificate(out, "  ", anchor->certificate);
    fct_out_addf(out, "  %s\n" FCT_SHOW_TEXT_INDENT "sha256:%s\n", fct_show_text_place(&anchor->place, out->pool), anchor->certificate->sha256);
    for (i = 0; anchor->intermediates && i < anchor->intermediates->nelts; i++) {
        const fct_certificate_t *intermediate = APR_ARRAY_IDX(anchor->intermediates, i, const fct_certificate_t *);

        add_certificate(out, FCT_SHOW_TEXT_INDENT "intermediate: ", intermediate);
        fct_out_addf(out, "\n" FCT_SHOW_TEXT_INDENT "  sha256:%s\n", intermediate->sha256);
    }
    fct_show_text_reasons(out, NULL, anchor->why, NULL, anchor->control);
}

/* --- limits --- */

static void add_path(fct_out_t *out, const char *label, fct_bytes_t path)
{
    if (!fct_bytes_is_absent(path)) {
        fct_out_addf(out, "\n  %s: ", label);
        fct_show_text_escaped(out, path);
    }
}

static void add_request(fct_out_t *out, const fct_policy_t *policy)
{
    const fct_request_rules_t *rules = &policy->request;
    static const char *const chunked[] = { "read whole first", "streamed", "refused" };

    fct_out_addf(out, "\nRequest\n  methods: %s\n  body: at most %s; without a length: %s\n  protocol switch: %s\n  encoded slash in the path: %s\n", rules->allow,
                 rules->max_body == FCT_BODY_UNLIMITED ? "any size" : fct_show_size(rules->max_body, out->pool), chunked[rules->chunked],
                 rules->refuse_upgrade ? "refused" : "ignored",
                 policy->backend.script.encoded_slash == FCT_ENCODED_SLASH_RAW ? "stays encoded" : "refused");
    fct_show_text_setting_reasons(out, policy->plan, FCT_ELEMENT_REQUEST);
}

static void add_response(fct_out_t *out, const fct_response_rules_t *rules)
{
    apr_size_t i;

    fct_out_addf(out,
                 "\nResponse\n  header: at most %s, %" APR_SIZE_T_FMT " fields, %u interim ones %s\n"
                 "  held back: %s, %d ms\n  stderr: at most %s logged\n"
                 "  no Content-Type: %s\n  local redirect: %s",
                 fct_show_size((apr_int64_t)rules->limits.head.max_bytes, out->pool), rules->limits.head.max_fields, rules->limits.max_interim,
                 rules->forward_interim ? "forwarded" : "dropped", fct_show_size((apr_int64_t)rules->hold, out->pool),
                 (int)apr_time_as_msec(rules->hold_time), fct_show_size((apr_int64_t)rules->max_stderr, out->pool),
                 rules->refuse_missing_content_type ? "refused" : "application/octet-stream", rules->follow_local_redirect ? "followed" : "refused");
    for (i = 0; i < rules->nhide; i++) {
        fct_out_addf(out, "%s%s", i ? " " : "\n  hidden: ", fct_bytes_string(rules->hide[i], out->pool));
    }
    add_path(out, "files that it may name are below", rules->sendfile);
    fct_out_add_string(out, "\n");
}

static void add_backend(fct_out_t *out, const fct_backend_rules_t *rules)
{
    static const char *const modes[] = { "the file httpd mapped, else split at .php", "the file httpd mapped", "split at .php", "the mapped prefix", "none" };
    apr_size_t i;

    fct_out_addf(out, "\nBackend\n  profile: %s\n  script: %s\n  addresses: %s", rules->profile, modes[rules->script.mode], rules->nworkers ? "" : "any");
    for (i = 0; i < rules->nworkers; i++) {
        fct_out_add_string(out, i ? " " : "");
        fct_show_text_escaped(out, rules->workers[i]);
    }
    add_path(out, "directory of scripts", rules->script.docroot);
    add_path(out, "script of a directory", rules->script.index);
    add_path(out, "script of every other path", rules->script.front_controller);
    add_path(out, "mounted at", rules->script.mount);
    fct_out_addf(out, "\n%s%s", rules->fixed_request_id ? "  request id: always 1\n" : "", rules->never_kept ? "  connections: never kept\n" : "");
}

void fct_show_text(const fct_policy_t *policy, fct_out_t *out)
{
    fct_out_addf(out, "Policy %s, version %s (", policy->name, policy->version);
    fct_show_text_escaped(out, fct_bytes_of(policy->file));
    fct_out_addf(out, ")\nsha256:%s\n", policy->digest);
    if (policy->description && *policy->description) {
        fct_show_text_escaped(out, fct_bytes_of(policy->description));
        fct_out_add_string(out, "\n");
    }
    add_params(out, policy->plan);
    add_fields(out, policy->plan, FCT_FIELD_PASS, "\nHeader fields that pass as HTTP_..., written by the client; every other is dropped\n");
    add_fields(out, policy->plan, FCT_FIELD_DROP, "\nHeader fields dropped though they restrict a request\n");
    add_fields(out, policy->plan, FCT_FIELD_REFUSE, "\nHeader fields for which a request is refused\n");
    fct_show_text_named(out, policy->plan);
    if (policy->plan->anchor) {
        add_anchor(out, policy->plan->anchor);
    }
    add_request(out, policy);
    fct_show_text_conditional(out, policy->plan);
    add_response(out, &policy->response);
    fct_show_text_setting_reasons(out, policy->plan, FCT_ELEMENT_RESPONSE);
    add_backend(out, &policy->backend);
    fct_show_text_setting_reasons(out, policy->plan, FCT_ELEMENT_BACKEND);
    fct_show_text_accepted(out, policy->plan);
}
