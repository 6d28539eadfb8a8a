/* <header>, <drop-header>, <refuse-header>: a declaration becomes a rule. */
#include "draft_field.h"

#include <apr_strings.h>

#include "field_name.h"
#include "name.h"

#define NAME_MAX_LEN 128

int fct_draft_field_split_prefix(fct_bytes_t *name)
{
    if (name->len == 0 || name->at[name->len - 1] != '*') {
        return 0;
    }
    name->len--;
    return 1;
}

const char *fct_draft_field_text(const fct_field_rule_t *rule, apr_pool_t *p)
{
    static const char *const elements[] = {
        [FCT_FIELD_PASS] = "header", [FCT_FIELD_DROP] = "drop-header", [FCT_FIELD_REFUSE] = "refuse-header",
    };

    return apr_psprintf(p, "<%s name=\"%.*s%s\">", elements[rule->action], (int)rule->name.len, rule->name.at,
                        rule->is_prefix ? "*" : "");
}

static void read_name(fct_draft_t *draft, const fct_declaration_t *d, fct_field_rule_t *rule)
{
    const char *text = d->value[FCT_ATTRIBUTE_NAME];
    apr_size_t max;

    rule->name = fct_bytes_of(text);
    rule->is_prefix = fct_draft_field_split_prefix(&rule->name);
    rule->folded = fct_name_fold(rule->name, draft->p);
    max = rule->is_prefix ? FCT_DRAFT_FIELD_MAX_PREFIX : NAME_MAX_LEN;
    if (!fct_name_is_token(rule->name) || memchr(rule->name.at, '*', rule->name.len) || rule->name.len > max) {
        fct_findings_add(draft->findings, FCT_FINDING_NAME_INVALID, d->place.file, d->place.line,
                         "'%s' is no header name; a prefix is written X-App-*, and no name is longer than %lu", text,
                         (unsigned long)max);
    }
    else if (rule->is_prefix && rule->action == FCT_FIELD_DROP) {
        fct_findings_add(draft->findings, FCT_FINDING_NAME_INVALID, d->place.file, d->place.line,
                         "<drop-header> takes whole names, not the prefix '%s'", text);
    }
}

static void read_cookies(fct_draft_t *draft, const fct_declaration_t *d, fct_field_rule_t *rule)
{
    rule->cookies = d->value[FCT_ATTRIBUTE_COOKIES];
    if (rule->cookies == NULL) {
        return;
    }
    rule->cookie_filter = fct_cookie_filter_parse(rule->cookies, draft->p);
    if (rule->is_prefix || !(fct_field_name_traits(rule->folded) & FCT_FIELD_COOKIE)) {
        fct_findings_add(draft->findings, FCT_FINDING_COOKIES_INVALID, d->place.file, d->place.line,
                         "cookies=\"...\" is for <header name=\"Cookie\"> alone");
    }
    else if (rule->cookie_filter == NULL) {
        fct_findings_add(draft->findings, FCT_FINDING_COOKIES_INVALID, d->place.file, d->place.line,
                         "cookies=\"%.100s\" is no list of names, as \"session wp-* !wp-admin-*\" is, that lets one through",
                         rule->cookies);
    }
}

static apr_size_t read_limit(const char *text, apr_size_t default_)
{
    return text ? (apr_size_t)fct_language_read_number(text) : default_;
}

static fct_field_action_t action_of(fct_element_t element)
{
    switch (element) {
    case FCT_ELEMENT_DROP_HEADER:
        return FCT_FIELD_DROP;
    case FCT_ELEMENT_REFUSE_HEADER:
        return FCT_FIELD_REFUSE;
    default:
        return FCT_FIELD_PASS;
    }
}

const fct_field_rule_t *fct_draft_field_read(fct_draft_t *draft, const fct_declaration_t *d)
{
    fct_field_rule_t *rule = apr_pcalloc(draft->p, sizeof(*rule));
    int errors = draft->findings->errors;

    rule->place = d->place;
    rule->action = action_of(d->element);
    rule->when = d->value[FCT_ATTRIBUTE_WHEN];
    rule->max_length = read_limit(d->value[FCT_ATTRIBUTE_MAX_LENGTH], FCT_DRAFT_FIELD_MAX_LENGTH);
    rule->max_count = read_limit(d->value[FCT_ATTRIBUTE_MAX_COUNT], FCT_DRAFT_FIELD_MAX_COUNT);
    rule->passes_changed = fct_language_is_yes(d->value[FCT_ATTRIBUTE_CHANGED]);
    rule->trusts_client = d->value[FCT_ATTRIBUTE_TRUST] != NULL;
    rule->overrides = fct_language_is_yes(d->value[FCT_ATTRIBUTE_OVERRIDE]);
    rule->assert = d->value[FCT_ATTRIBUTE_ASSERT];
    rule->why = d->value[FCT_ATTRIBUTE_WHY];
    rule->control = d->value[FCT_ATTRIBUTE_CONTROL];
    read_name(draft, d, rule);
    read_cookies(draft, d, rule);
    if (rule->when) {
        rule->condition = fct_condition_parse(rule->when, rule->place, draft->findings, draft->p);
    }
    return draft->findings->errors == errors ? rule : NULL;
}
