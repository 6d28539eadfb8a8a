/* The effective policy held against POLICY 4: header rules by themselves and beside each other. */
#include "draft_check.h"

#include <apr_strings.h>

#include "draft_field.h"
#include "draft_nested.h"
#include "field_name.h"
#include "name.h"

/* --- one rule --- */

static void complain(const fct_draft_t *draft, fct_finding_id_t finding, const fct_field_rule_t *rule, const char *why)
{
    fct_findings_add(draft->findings, finding, rule->place.file, rule->place.line, "%s: %s",
                     fct_draft_field_text(rule, draft->p), why);
}

/* Some name that the rule lets through is declared an identity. */
static int makes_identity(const fct_draft_t *draft, const fct_field_rule_t *rule)
{
    fct_bytes_t emitted = fct_bytes_of(apr_pstrcat(draft->p, "HTTP_", rule->folded.at, NULL));
    int i;

    if (!rule->is_prefix) {
        return fct_draft_check_is_identity(draft, emitted);
    }
    for (i = 0; i < draft->identities->nelts; i++) {
        fct_bytes_t pattern = fct_bytes_of(APR_ARRAY_IDX(draft->identities, i, const fct_identity_rule_t *)->pattern);
        int is_prefix = fct_draft_field_split_prefix(&pattern);

        if (fct_bytes_starts_with(pattern, emitted) || (is_prefix && fct_bytes_starts_with(emitted, pattern))) {
            return 1;
        }
    }
    return 0;
}

static void check_pass(const fct_draft_t *draft, const fct_field_rule_t *rule)
{
    unsigned traits = rule->is_prefix ? 0 : fct_field_name_traits(rule->folded);
    int is_reserved = fct_field_name_is_reserved(rule->folded);

    if (traits & FCT_FIELD_NO_RULE) {
        complain(draft, FCT_FINDING_FLOW_HEADER_NEVER, rule, traits & FCT_FIELD_ENGINE
                 ? "the engine sends it under its own name, without HTTP_; leave the rule out"
                 : "it belongs to the connection or steers libraries, and never becomes a parameter");
    }
    else if (is_reserved && (rule->is_prefix || !rule->trusts_client)) {
        complain(draft, FCT_FINDING_FLOW_RESERVED, rule, rule->is_prefix
                 ? "a prefix never lets these names through; name each one, with trust=\"client\""
                 : "proxies and other software trust it; if the application knows that clients write it, say trust=\"client\"");
    }
    if (makes_identity(draft, rule)) {
        complain(draft, FCT_FINDING_FLOW_CLIENT, rule,
                 "it would let through, from the client, what an <identity> declares to be trusted");
    }
}

static void check_rule(const fct_draft_t *draft, const fct_field_rule_t *rule)
{
    if (rule->action == FCT_FIELD_PASS) {
        check_pass(draft, rule);
    }
    if (rule->action == FCT_FIELD_DROP && (fct_field_name_traits(rule->folded) & FCT_FIELD_NO_RULE)) {
        complain(draft, FCT_FINDING_RULE_SUPERFLUOUS, rule, "it never passes; leave the rule out");
    }
    if (fct_condition_is_contradictory(rule->condition)) {
        fct_findings_add(draft->findings, FCT_FINDING_WHEN_NEVER, rule->place.file, rule->place.line,
                         "%s: no request can satisfy when=\"%s\"", fct_draft_field_text(rule, draft->p), rule->when);
    }
}

/* --- two rules --- */

/* Everything that b is about begins, or is, what a is about, once names are folded. */
static int does_fold_cover(const fct_field_rule_t *a, const fct_field_rule_t *b)
{
    return a->is_prefix ? fct_bytes_starts_with(b->folded, a->folded)
                        : !b->is_prefix && fct_bytes_equal(a->folded, b->folded);
}

/* The same, as the names are written. */
static int does_name_cover(const fct_field_rule_t *a, const fct_field_rule_t *b)
{
    return b->name.len >= a->name.len && fct_bytes_equal_nocase(a->name, fct_bytes_make(b->name.at, a->name.len));
}

static int is_same_key(const fct_field_rule_t *a, const fct_field_rule_t *b)
{
    return a->is_prefix == b->is_prefix && fct_bytes_equal(a->folded, b->folded);
}

static void report_collision(const fct_draft_t *draft, const fct_field_rule_t *a, const fct_field_rule_t *b)
{
    fct_findings_add(draft->findings, FCT_FINDING_NAMES_COLLIDE, b->place.file, b->place.line,
                     "%s and %s of %s:%d are about names that an application takes for one",
                     fct_draft_field_text(b, draft->p), fct_draft_field_text(a, draft->p), a->place.file, a->place.line);
}

static void report_shadow(const fct_draft_t *draft, const fct_field_rule_t *refusal, const fct_field_rule_t *rule)
{
    fct_findings_add(draft->findings, FCT_FINDING_RULE_SHADOWED, rule->place.file, rule->place.line,
                     "%s can never act: %s in %s:%d comes first", fct_draft_field_text(rule, draft->p),
                     fct_draft_field_text(refusal, draft->p), refusal->place.file, refusal->place.line);
}

/* A collision between a prefix and what it covers exists only where the names are written differently: else the longer wins. */
static int does_collide(const fct_field_rule_t *a, const fct_field_rule_t *b)
{
    if (is_same_key(a, b)) {
        return 1;
    }
    return (does_fold_cover(a, b) && !does_name_cover(a, b)) || (does_fold_cover(b, a) && !does_name_cover(b, a));
}

static void check_pair(const fct_draft_t *draft, const fct_field_rule_t *a, const fct_field_rule_t *b)
{
    int a_refuses = a->action == FCT_FIELD_REFUSE;
    int b_refuses = b->action == FCT_FIELD_REFUSE;

    if (a_refuses && does_fold_cover(a, b) && a->condition == NULL) {
        report_shadow(draft, a, b);
    }
    else if (b_refuses && does_fold_cover(b, a) && b->condition == NULL) {
        report_shadow(draft, b, a);
    }
    else if (!a_refuses && !b_refuses && does_collide(a, b) && !fct_condition_is_disjoint(a->condition, b->condition)) {
        report_collision(draft, a, b);
    }
}

/* --- beside what comes from elsewhere: names that the server makes, names that an upstream alone may send --- */

static void check_against(const fct_draft_t *draft, const fct_field_rule_t *rule, fct_bytes_t folded, const char *what, fct_place_t place)
{
    if (!rule->is_prefix && rule->action != FCT_FIELD_REFUSE && fct_bytes_equal(rule->folded, folded)) {
        fct_findings_add(draft->findings, FCT_FINDING_NAMES_COLLIDE, rule->place.file, rule->place.line,
                         "%s: %s in %s:%d has that name", fct_draft_field_text(rule, draft->p), what, place.file, place.line);
    }
}

static void check_against_made(const fct_draft_t *draft, const fct_field_rule_t *rule)
{
    int i;

    for (i = 0; i < draft->params->nelts; i++) {
        const fct_param_rule_t *param = APR_ARRAY_IDX(draft->params, i, const fct_param_rule_t *);

        if (!fct_bytes_is_absent(param->header)) {
            check_against(draft, rule, fct_bytes_from(param->folded, strlen("HTTP_")), "<server-header>", param->place);
        }
    }
}

/* A refusal comes first, also for the upstream. */
static void check_refused_field(const fct_draft_t *draft, const fct_field_rule_t *rule, const fct_upstream_field_t *field)
{
    int covers = rule->is_prefix ? fct_bytes_starts_with(field->folded, rule->folded) : fct_bytes_equal(field->folded, rule->folded);

    if (rule->action == FCT_FIELD_REFUSE && rule->condition == NULL && covers) {
        fct_findings_add(draft->findings, FCT_FINDING_RULE_SHADOWED, field->place.file, field->place.line,
                         "<field name=\"%s\"> can never act: %s in %s:%d comes first", field->name.at, fct_draft_field_text(rule, draft->p),
                         rule->place.file, rule->place.line);
    }
}

static void check_against_upstreams(const fct_draft_t *draft, const fct_field_rule_t *rule)
{
    int i, k;

    for (i = 0; i < draft->upstreams->nelts; i++) {
        const fct_upstream_rule_t *upstream = APR_ARRAY_IDX(draft->upstreams, i, void *);

        for (k = 0; k < upstream->fields->nelts; k++) {
            const fct_upstream_field_t *field = APR_ARRAY_IDX(upstream->fields, k, const fct_upstream_field_t *);

            check_against(draft, rule, field->folded, "<field>", field->place);
            check_refused_field(draft, rule, field);
        }
    }
}

/* One name is one upstream's, and no server header's. */
static void check_upstream_field(const fct_draft_t *draft, const fct_upstream_field_t *field)
{
    const fct_upstream_field_t *other = fct_draft_nested_find_folded(draft, field->folded);
    int i;

    if (other != field && other->upstream != field->upstream) {
        fct_findings_add(draft->findings, FCT_FINDING_NAMES_COLLIDE, field->place.file, field->place.line,
                         "%s is a field of another <upstream> in %s:%d", field->name.at, other->place.file, other->place.line);
    }
    for (i = 0; i < draft->params->nelts; i++) {
        const fct_param_rule_t *param = APR_ARRAY_IDX(draft->params, i, const fct_param_rule_t *);

        if (!fct_bytes_is_absent(param->header) && fct_bytes_equal(fct_bytes_from(param->folded, strlen("HTTP_")), field->folded)) {
            fct_findings_add(draft->findings, FCT_FINDING_NAMES_COLLIDE, field->place.file, field->place.line,
                             "%s is made by <server-header> in %s:%d", field->name.at, param->place.file, param->place.line);
        }
    }
}

static void check_upstreams(const fct_draft_t *draft)
{
    int i, k;

    for (i = 0; i < draft->upstreams->nelts; i++) {
        const fct_upstream_rule_t *upstream = APR_ARRAY_IDX(draft->upstreams, i, void *);

        for (k = 0; k < upstream->fields->nelts; k++) {
            check_upstream_field(draft, APR_ARRAY_IDX(upstream->fields, k, const fct_upstream_field_t *));
        }
    }
}

void fct_draft_check_fields(const fct_draft_t *draft)
{
    int i, k;

    check_upstreams(draft);
    for (i = 0; i < draft->fields->nelts; i++) {
        const fct_field_rule_t *rule = APR_ARRAY_IDX(draft->fields, i, const fct_field_rule_t *);

        check_rule(draft, rule);
        check_against_made(draft, rule);
        check_against_upstreams(draft, rule);
        for (k = 0; k < i; k++) {
            check_pair(draft, APR_ARRAY_IDX(draft->fields, k, const fct_field_rule_t *), rule);
        }
    }
}
