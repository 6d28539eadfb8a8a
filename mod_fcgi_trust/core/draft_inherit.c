/* <extends>, <without> and override (POLICY 6): what a policy inherits, and what it makes of it. */
#include <apr_strings.h>

#include "draft.h"
#include "draft_field.h"

/* One inherited rule and which parent it comes from. */
typedef struct inherited_t {
    const void *rule;
    apr_size_t parent;
} inherited_t;

static int is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static int has_rule(const apr_array_header_t *inherited, const void *rule)
{
    int i;

    for (i = 0; i < inherited->nelts; i++) {
        if (APR_ARRAY_IDX(inherited, i, inherited_t).rule == rule) {
            return 1;
        }
    }
    return 0;
}

static void push(apr_array_header_t *inherited, const void *rule, apr_size_t parent)
{
    APR_ARRAY_PUSH(inherited, inherited_t) = (inherited_t){ rule, parent };
}

static void report_disagreement(const fct_draft_t *draft, const char *what, fct_place_t a, fct_place_t b)
{
    fct_findings_add(draft->findings, FCT_FINDING_PARENTS_DISAGREE, draft->place.file, draft->place.line,
                     "%s is said differently in %s:%d and %s:%d; say it here, with override=\"yes\"", what, a.file, a.line,
                     b.file, b.line);
}

static void report_loss(const fct_draft_t *draft, fct_place_t place, const char *what, fct_place_t lost)
{
    fct_findings_add(draft->findings, FCT_FINDING_OVERRIDE_NEEDED, place.file, place.line,
                     "%s in %s:%d would be lost; say override=\"yes\" if that is meant", what, lost.file, lost.line);
}

/* --- parameters --- */

static int is_same_outcome(fct_outcome_t a, fct_outcome_t b)
{
    return a.is_set == b.is_set && (!a.is_set || a.status == b.status);
}

static int is_same_param(const fct_param_rule_t *a, const fct_param_rule_t *b)
{
    return fct_bytes_equal(a->name, b->name) && is_same_text(a->value, b->value) && is_same_text(a->from, b->from)
        && is_same_text(a->when, b->when) && a->is_required == b->is_required && a->type == b->type
        && a->max_length == b->max_length && is_same_outcome(a->on_missing, b->on_missing)
        && is_same_outcome(a->on_invalid, b->on_invalid);
}

/* This policy itself says what becomes of the name. */
static int decides_param(const fct_draft_t *draft, fct_bytes_t folded)
{
    int i;

    for (i = 0; i < draft->params->nelts; i++) {
        const fct_param_rule_t *own = APR_ARRAY_IDX(draft->params, i, const fct_param_rule_t *);

        if (own->overrides && fct_bytes_equal(own->folded, folded)) {
            return 1;
        }
    }
    for (i = 0; i < draft->withouts->nelts; i++) {
        const fct_without_rule_t *without = APR_ARRAY_IDX(draft->withouts, i, const fct_without_rule_t *);

        if (!without->is_header && without->overrides && fct_bytes_equal(without->folded, folded)) {
            return 1;
        }
    }
    return 0;
}

static void add_param(const fct_draft_t *draft, apr_array_header_t *inherited, const fct_param_rule_t *rule, apr_size_t parent)
{
    const fct_param_rule_t *rival = NULL;
    int i;

    for (i = 0; i < inherited->nelts; i++) {
        inherited_t *item = &APR_ARRAY_IDX(inherited, i, inherited_t);
        const fct_param_rule_t *other = item->rule;

        if (item->parent == parent || !fct_bytes_equal(other->folded, rule->folded)) {
            continue;
        }
        if (is_same_param(other, rule)) {
            return;
        }
        if (!fct_condition_is_disjoint(other->condition, rule->condition)) {
            rival = other;
        }
    }
    if (rival && !decides_param(draft, rule->folded)) {
        report_disagreement(draft, rule->name.at, rival->place, rule->place);
        return;
    }
    push(inherited, rule, parent);
}

static const fct_without_rule_t *find_without_param(const fct_draft_t *draft, fct_bytes_t folded, int *used)
{
    int i;

    for (i = 0; i < draft->withouts->nelts; i++) {
        const fct_without_rule_t *without = APR_ARRAY_IDX(draft->withouts, i, const fct_without_rule_t *);

        if (!without->is_header && fct_bytes_equal(without->folded, folded)) {
            used[i] = 1;
            return without;
        }
    }
    return NULL;
}

/* The rule does not survive: it is taken away, or this policy has its own of the name. */
static int is_param_replaced(const fct_draft_t *draft, const fct_param_rule_t *rule, int *used)
{
    const fct_without_rule_t *without = find_without_param(draft, rule->folded, used);
    int i, is_replaced = without != NULL;

    if (without && rule->is_required && !without->overrides) {
        report_loss(draft, without->place, apr_psprintf(draft->p, "the required %s", rule->name.at), rule->place);
    }
    for (i = 0; i < draft->params->nelts; i++) {
        const fct_param_rule_t *own = APR_ARRAY_IDX(draft->params, i, const fct_param_rule_t *);

        if (!fct_bytes_equal(own->folded, rule->folded)) {
            continue;
        }
        is_replaced = 1;
        if (rule->is_required && !own->is_required && !own->overrides) {
            report_loss(draft, own->place, apr_psprintf(draft->p, "that %s is required", rule->name.at), rule->place);
        }
    }
    return is_replaced;
}

static void inherit_params(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int *used)
{
    apr_array_header_t *inherited = apr_array_make(draft->p, 32, sizeof(inherited_t));
    apr_array_header_t *effective = apr_array_make(draft->p, 32, sizeof(const fct_param_rule_t *));
    apr_size_t k;
    int i;

    for (k = 0; k < n; k++) {
        for (i = 0; i < parents[k]->params->nelts; i++) {
            const fct_param_rule_t *rule = APR_ARRAY_IDX(parents[k]->params, i, const fct_param_rule_t *);

            if (!has_rule(inherited, rule)) {
                add_param(draft, inherited, rule, k);
            }
        }
    }
    for (i = 0; i < inherited->nelts; i++) {
        const fct_param_rule_t *rule = APR_ARRAY_IDX(inherited, i, inherited_t).rule;

        if (!is_param_replaced(draft, rule, used)) {
            APR_ARRAY_PUSH(effective, const fct_param_rule_t *) = rule;
        }
    }
    apr_array_cat(effective, draft->params);
    draft->params = effective;
}

/* --- header fields --- */

static int is_same_key(const fct_field_rule_t *a, const fct_field_rule_t *b)
{
    return a->is_prefix == b->is_prefix && fct_bytes_equal(a->folded, b->folded);
}

static int is_same_field(const fct_field_rule_t *a, const fct_field_rule_t *b)
{
    return a->action == b->action && is_same_key(a, b) && fct_bytes_equal_nocase(a->name, b->name)
        && is_same_text(a->when, b->when) && a->max_length == b->max_length && a->max_count == b->max_count
        && a->passes_changed == b->passes_changed;
}

static int is_without_of(const fct_without_rule_t *without, const fct_field_rule_t *rule)
{
    return without->is_header && without->is_prefix == rule->is_prefix && fct_bytes_equal(without->folded, rule->folded);
}

static int decides_field(const fct_draft_t *draft, const fct_field_rule_t *rule)
{
    int i;

    for (i = 0; i < draft->fields->nelts; i++) {
        const fct_field_rule_t *own = APR_ARRAY_IDX(draft->fields, i, const fct_field_rule_t *);

        if (own->overrides && is_same_key(own, rule)) {
            return 1;
        }
    }
    for (i = 0; i < draft->withouts->nelts; i++) {
        const fct_without_rule_t *without = APR_ARRAY_IDX(draft->withouts, i, const fct_without_rule_t *);

        if (without->overrides && is_without_of(without, rule)) {
            return 1;
        }
    }
    return 0;
}

static void add_field(const fct_draft_t *draft, apr_array_header_t *inherited, const fct_field_rule_t *rule, apr_size_t parent)
{
    const fct_field_rule_t *rival = NULL;
    int i;

    for (i = 0; i < inherited->nelts; i++) {
        inherited_t *item = &APR_ARRAY_IDX(inherited, i, inherited_t);
        const fct_field_rule_t *other = item->rule;

        if (item->parent == parent || !is_same_key(other, rule)) {
            continue;
        }
        if (is_same_field(other, rule)) {
            return;
        }
        if (!fct_condition_is_disjoint(other->condition, rule->condition)) {
            rival = other;
        }
    }
    if (rival && !decides_field(draft, rule)) {
        report_disagreement(draft, fct_draft_field_text(rule, draft->p), rival->place, rule->place);
        return;
    }
    push(inherited, rule, parent);
}

static int is_field_removed(const fct_draft_t *draft, const fct_field_rule_t *rule, int *used)
{
    int i;

    for (i = 0; i < draft->withouts->nelts; i++) {
        const fct_without_rule_t *without = APR_ARRAY_IDX(draft->withouts, i, const fct_without_rule_t *);

        if (!is_without_of(without, rule)) {
            continue;
        }
        used[i] = 1;
        if (rule->action == FCT_FIELD_REFUSE && !without->overrides) {
            report_loss(draft, without->place, fct_draft_field_text(rule, draft->p), rule->place);
        }
        return 1;
    }
    return 0;
}

/* An own rule takes the place of inherited ones of its kind. A refusal without a condition takes that of all; one that is
 * inherited gives way only to override="yes". */
static int is_field_replaced_by(const fct_draft_t *draft, const fct_field_rule_t *own, const fct_field_rule_t *rule)
{
    int own_refuses = own->action == FCT_FIELD_REFUSE;
    int refuses = rule->action == FCT_FIELD_REFUSE;

    if (!is_same_key(own, rule)) {
        return 0;
    }
    if (own_refuses == refuses) {
        if (refuses && own->condition && !own->overrides) {
            report_loss(draft, own->place, fct_draft_field_text(rule, draft->p), rule->place);
        }
        return 1;
    }
    if (own_refuses) {
        return own->condition == NULL;
    }
    if (rule->condition == NULL && !own->overrides) {
        report_loss(draft, own->place, fct_draft_field_text(rule, draft->p), rule->place);
    }
    return rule->condition == NULL || own->overrides;
}

static int is_field_replaced(const fct_draft_t *draft, const fct_field_rule_t *rule, int *used)
{
    int i, is_replaced = is_field_removed(draft, rule, used);

    for (i = 0; i < draft->fields->nelts && !is_replaced; i++) {
        is_replaced = is_field_replaced_by(draft, APR_ARRAY_IDX(draft->fields, i, const fct_field_rule_t *), rule);
    }
    return is_replaced;
}

static void inherit_fields(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int *used)
{
    apr_array_header_t *inherited = apr_array_make(draft->p, 64, sizeof(inherited_t));
    apr_array_header_t *effective = apr_array_make(draft->p, 64, sizeof(const fct_field_rule_t *));
    apr_size_t k;
    int i;

    for (k = 0; k < n; k++) {
        for (i = 0; i < parents[k]->fields->nelts; i++) {
            const fct_field_rule_t *rule = APR_ARRAY_IDX(parents[k]->fields, i, const fct_field_rule_t *);

            if (!has_rule(inherited, rule)) {
                add_field(draft, inherited, rule, k);
            }
        }
    }
    for (i = 0; i < inherited->nelts; i++) {
        const fct_field_rule_t *rule = APR_ARRAY_IDX(inherited, i, inherited_t).rule;

        if (!is_field_replaced(draft, rule, used)) {
            APR_ARRAY_PUSH(effective, const fct_field_rule_t *) = rule;
        }
    }
    apr_array_cat(effective, draft->fields);
    draft->fields = effective;
}

/* --- identities and settings --- */

static void inherit_identities(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n)
{
    apr_size_t k;

    for (k = 0; k < n; k++) {
        apr_array_cat(draft->identities, parents[k]->identities);
    }
}

static void inherit_setting(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int attribute)
{
    fct_setting_t *own = &draft->settings[attribute];
    const fct_setting_t *first = NULL;
    apr_size_t k;

    for (k = 0; k < n; k++) {
        const fct_setting_t *theirs = &parents[k]->settings[attribute];

        if (first && theirs->text && strcmp(first->text, theirs->text) != 0 && !(own->text && own->overrides)) {
            report_disagreement(draft, fct_language_attribute_name((fct_attribute_t)attribute), first->place, theirs->place);
        }
        if (!first && theirs->text) {
            first = theirs;
        }
    }
    if (!own->text && first) {
        *own = *first;
    }
}

void fct_draft_inherit(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n)
{
    int *used = apr_pcalloc(draft->p, sizeof(int) * ((apr_size_t)draft->withouts->nelts + 1));
    int i;

    inherit_params(draft, parents, n, used);
    inherit_fields(draft, parents, n, used);
    inherit_identities(draft, parents, n);
    for (i = 0; i < FCT_ATTRIBUTE_COUNT; i++) {
        inherit_setting(draft, parents, n, i);
    }
    for (i = 0; i < draft->withouts->nelts; i++) {
        const fct_without_rule_t *without = APR_ARRAY_IDX(draft->withouts, i, const fct_without_rule_t *);

        if (!used[i]) {
            fct_findings_add(draft->findings, FCT_FINDING_WITHOUT_NOTHING, without->place.file, without->place.line,
                             "there is no inherited %s %.*s%s to do without", without->is_header ? "header" : "param",
                             (int)without->name.len, without->name.at, without->is_prefix ? "*" : "");
        }
    }
}
