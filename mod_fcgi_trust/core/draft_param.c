/* <param> and <server-header>: a declaration becomes a rule. */
#include "draft_param.h"

#include <apr_strings.h>

#include "draft_chain.h"
#include "draft_source.h"
#include "field_name.h"
#include "name.h"
#include "params.h"

#define NAME_MAX_LEN 128

static void read_name(fct_draft_t *draft, const fct_declaration_t *d, fct_param_rule_t *rule)
{
    fct_bytes_t name = fct_bytes_of(d->value[FCT_ATTRIBUTE_NAME]);

    rule->name = name;
    rule->folded = fct_name_fold(name, draft->p);
    if (!fct_name_is_param(name) || name.len > NAME_MAX_LEN) {
        fct_findings_add(draft->findings, FCT_FINDING_NAME_INVALID, d->place.file, d->place.line,
                         "'%s' is no parameter name; it begins with a letter and goes on with letters, digits, _ and -, at "
                         "most %d in all", name.at, NAME_MAX_LEN);
    }
    else if (!fct_name_is_folded(name) && !fct_language_is_yes(d->value[FCT_ATTRIBUTE_EXACT_NAME])) {
        fct_findings_add(draft->findings, FCT_FINDING_NAME_NOT_FOLDED, d->place.file, d->place.line,
                         "%s is usually written %s; where the application needs it as it is, say exact-name=\"yes\"",
                         name.at, rule->folded.at);
    }
}

/* POLICY 4: what the server makes is no field that has a meaning of its own. */
static int can_be_made(fct_bytes_t folded)
{
    return !(fct_field_name_traits(folded) & (FCT_FIELD_NO_RULE | FCT_FIELD_AUTHORITY | FCT_FIELD_COOKIE))
        && !fct_bytes_starts_with(folded, FCT_BYTES_LITERAL("CONTENT_")) && !fct_bytes_starts_with(folded, FCT_BYTES_LITERAL("PROXY"));
}

static void read_header_name(fct_draft_t *draft, const fct_declaration_t *d, fct_param_rule_t *rule)
{
    fct_bytes_t header = fct_bytes_of(d->value[FCT_ATTRIBUTE_NAME]);
    fct_bytes_t folded = fct_name_fold(header, draft->p);

    rule->header = header;
    rule->name = rule->folded = fct_bytes_of(apr_pstrcat(draft->p, "HTTP_", folded.at, NULL));
    if (!fct_name_is_token(header) || memchr(header.at, '*', header.len) || header.len > NAME_MAX_LEN) {
        fct_findings_add(draft->findings, FCT_FINDING_NAME_INVALID, d->place.file, d->place.line,
                         "'%s' is no header name of at most %d bytes", header.at, NAME_MAX_LEN);
    }
    else if (!can_be_made(folded)) {
        fct_findings_add(draft->findings, FCT_FINDING_FLOW_HEADER_NEVER, d->place.file, d->place.line,
                         "<server-header name=\"%s\">: this field has a meaning of its own and is never made", header.at);
    }
}

/* auth-type="…" is about auth.* alone. */
static void read_auth_type(fct_draft_t *draft, const fct_declaration_t *d, fct_param_rule_t *rule)
{
    apr_size_t i;

    rule->auth_type = fct_bytes_of(d->value[FCT_ATTRIBUTE_AUTH_TYPE]);
    for (i = 0; i < rule->nsources; i++) {
        if (fct_source_is_auth(&rule->sources[i])) {
            return;
        }
    }
    if (!fct_bytes_is_absent(rule->auth_type)) {
        fct_findings_add(draft->findings, FCT_FINDING_CONTRADICTION, d->place.file, d->place.line,
                         "%s: auth-type=\"%s\" is about sources auth.*, and the rule has none; a condition is written when=\"auth-type:%s\"",
                         rule->name.at, rule->auth_type.at, rule->auth_type.at);
    }
}

static fct_outcome_t read_outcome(const char *text)
{
    fct_outcome_t outcome = { text != NULL, FCT_OUTCOME_REFUSE };

    if (text && strcmp(text, "omit") == 0) {
        outcome.status = FCT_OUTCOME_OMIT;
    }
    else if (text && text[strlen("refuse")] == ':') {
        outcome.status = fct_language_read_number(text + strlen("refuse:"));
    }
    return outcome;
}

static void read_outcomes(fct_draft_t *draft, const fct_declaration_t *d, fct_param_rule_t *rule)
{
    const char *required = d->value[FCT_ATTRIBUTE_REQUIRED];

    rule->on_missing = read_outcome(d->value[FCT_ATTRIBUTE_ON_MISSING]);
    rule->on_invalid = read_outcome(d->value[FCT_ATTRIBUTE_ON_INVALID]);
    rule->is_required = fct_language_is_yes(required) || (rule->on_missing.is_set && rule->on_missing.status);
    if (required && rule->on_missing.is_set
        && fct_language_is_yes(required) == (rule->on_missing.status == FCT_OUTCOME_OMIT)) {
        fct_findings_add(draft->findings, FCT_FINDING_CONTRADICTION, d->place.file, d->place.line,
                         "%s: required=\"%s\" contradicts on-missing=\"%s\"; leave one out", rule->name.at, required,
                         d->value[FCT_ATTRIBUTE_ON_MISSING]);
    }
    if (rule->value && (rule->is_required || rule->on_missing.is_set || rule->on_invalid.is_set)) {
        fct_findings_add(draft->findings, FCT_FINDING_CONTRADICTION, d->place.file, d->place.line,
                         "%s: a literal is never missing or invalid; leave out required, on-missing and on-invalid",
                         rule->name.at);
    }
}

/* A literal is held against type, pattern and limit once, here. */
static void check_literal(fct_draft_t *draft, const fct_param_rule_t *rule)
{
    fct_bytes_t literal = fct_bytes_of(rule->value), value;
    fct_chain_input_t input = { &literal, 1, 0 };
    const char *why;

    if (rule->value && fct_chain_apply(&rule->chain, &input, &value, &why, draft->p) != FCT_CHAIN_VALUE) {
        fct_findings_add(draft->findings, FCT_FINDING_LITERAL_INVALID, rule->place.file, rule->place.line,
                         "%s: the literal cannot be sent: %s", rule->name.at, why);
    }
    else if (rule->value && !fct_params_fits(rule->name.len, literal.len)) {
        fct_findings_add(draft->findings, FCT_FINDING_LITERAL_INVALID, rule->place.file, rule->place.line,
                         "%s: the literal cannot be sent: with its name it does not fit into one FastCGI record of 65,535 bytes", rule->name.at);
    }
}

const fct_param_rule_t *fct_draft_param_read(fct_draft_t *draft, const fct_declaration_t *d)
{
    fct_param_rule_t *rule = apr_pcalloc(draft->p, sizeof(*rule));
    int errors = draft->findings->errors;

    rule->place = d->place;
    rule->value = d->value[FCT_ATTRIBUTE_VALUE];
    rule->when = d->value[FCT_ATTRIBUTE_WHEN];
    rule->trusts_client = d->value[FCT_ATTRIBUTE_TRUST] != NULL;
    rule->is_sensitive = fct_language_is_yes(d->value[FCT_ATTRIBUTE_SENSITIVE]);
    rule->overrides = fct_language_is_yes(d->value[FCT_ATTRIBUTE_OVERRIDE]);
    rule->assert = d->value[FCT_ATTRIBUTE_ASSERT];
    rule->why = d->value[FCT_ATTRIBUTE_WHY];
    rule->control = d->value[FCT_ATTRIBUTE_CONTROL];
    if (d->element == FCT_ELEMENT_SERVER_HEADER) {
        read_header_name(draft, d, rule);
    }
    else {
        read_name(draft, d, rule);
    }
    fct_draft_source_read(draft, d, rule);
    read_auth_type(draft, d, rule);
    read_outcomes(draft, d, rule);
    fct_draft_chain_read(draft, d, rule);
    if (draft->findings->errors == errors) {
        check_literal(draft, rule);
    }
    if (rule->when) {
        rule->condition = fct_condition_parse(rule->when, rule->place, draft->findings, draft->p);
    }
    return draft->findings->errors == errors ? rule : NULL;
}
