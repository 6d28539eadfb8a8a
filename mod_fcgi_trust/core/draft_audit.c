/* <audit>: the parameters whose values may stand in a log. */
#include "draft_audit.h"

#include <apr_strings.h>

#include "field_name.h"
#include "name.h"

#define HTTP_PREFIX FCT_BYTES_LITERAL("HTTP_")

/* What the policy says of a name. */
typedef enum audited_t {
    AUDITED_UNKNOWN,
    AUDITED_SENT,
    AUDITED_SECRET
} audited_t;

static int is_credential(fct_bytes_t field)
{
    return (fct_field_name_traits(field) & (FCT_FIELD_COOKIE | FCT_FIELD_CREDENTIALS)) != 0;
}

/* A literal that is told to be one, or the whole of a field that is. */
static int is_secret(const fct_draft_t *draft, const fct_param_rule_t *rule)
{
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        if (rule->sources[i].id == FCT_SOURCE_HEADER && is_credential(fct_name_fold(rule->sources[i].argument, draft->p))) {
            return 1;
        }
    }
    return rule->is_sensitive;
}

static audited_t find_param(const fct_draft_t *draft, fct_bytes_t folded)
{
    audited_t found = AUDITED_UNKNOWN;
    int i;

    for (i = 0; i < draft->params->nelts; i++) {
        const fct_param_rule_t *rule = APR_ARRAY_IDX(draft->params, i, const fct_param_rule_t *);

        if (fct_bytes_equal(rule->folded, folded)) {
            found = is_secret(draft, rule) || found == AUDITED_SECRET ? AUDITED_SECRET : AUDITED_SENT;
        }
    }
    return found;
}

/* A field that a <header> lets through, perhaps by a prefix. */
static audited_t find_field(const fct_draft_t *draft, fct_bytes_t field)
{
    int i;

    for (i = 0; i < draft->fields->nelts; i++) {
        const fct_field_rule_t *rule = APR_ARRAY_IDX(draft->fields, i, const fct_field_rule_t *);

        if (rule->action == FCT_FIELD_PASS
            && (rule->is_prefix ? fct_bytes_starts_with(field, rule->folded) : fct_bytes_equal(field, rule->folded))) {
            return is_credential(field) ? AUDITED_SECRET : AUDITED_SENT;
        }
    }
    return AUDITED_UNKNOWN;
}

static audited_t find(const fct_draft_t *draft, fct_bytes_t folded)
{
    audited_t found = find_param(draft, folded);

    if (found == AUDITED_UNKNOWN && fct_bytes_starts_with(folded, HTTP_PREFIX)) {
        found = find_field(draft, fct_bytes_from(folded, HTTP_PREFIX.len));
    }
    if (fct_bytes_equal(folded, FCT_BYTES_LITERAL("CONTENT_LENGTH")) || fct_bytes_equal(folded, FCT_BYTES_LITERAL("CONTENT_TYPE"))) {
        found = AUDITED_SENT;
    }
    return found;
}

static void complain(const fct_draft_t *draft, const char *name, const char *why)
{
    const fct_setting_t *setting = &draft->settings[FCT_ATTRIBUTE_VALUES];

    fct_findings_add(draft->findings, FCT_FINDING_AUDIT_INVALID, setting->place.file, setting->place.line, "%.128s %s", name, why);
}

static void check_name(const fct_draft_t *draft, const char *name, int is_inherited)
{
    switch (find(draft, fct_name_fold(fct_bytes_of(name), draft->p))) {
    case AUDITED_UNKNOWN:
        if (!is_inherited && !draft->is_incomplete && !draft->has_faults) {
            complain(draft, name, "is no parameter that this policy sends; a header field is named as the application sees it: HTTP_USER_AGENT");
        }
        break;
    case AUDITED_SECRET:
        complain(draft, name, "is a secret, and no log has its value");
        break;
    case AUDITED_SENT:
        break;
    }
}

/* What is inherited was checked in its own file, but its parameter can be a secret here; a name that this policy does without is never logged. */
void fct_draft_audit_check(const fct_draft_t *draft)
{
    const fct_setting_t *setting = &draft->settings[FCT_ATTRIBUTE_VALUES];
    char *state = NULL;
    char *word;

    if (setting->text == NULL) {
        return;
    }
    word = apr_strtok(apr_pstrdup(draft->p, setting->text), FCT_DRAFT_BLANKS, &state);
    if (word == NULL) {
        complain(draft, "values=\"...\"", "names nothing");
    }
    for (; word; word = apr_strtok(NULL, FCT_DRAFT_BLANKS, &state)) {
        check_name(draft, word, strcmp(setting->place.file, draft->place.file) != 0);
    }
}
