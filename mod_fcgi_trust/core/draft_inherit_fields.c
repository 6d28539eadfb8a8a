/* <extends> and <without> for header fields (POLICY 6). */
#include "draft_field.h"
#include "draft_inherit.h"

static int is_same_key(const fct_field_rule_t *a, const fct_field_rule_t *b)
{
    return a->is_prefix == b->is_prefix && fct_bytes_equal(a->folded, b->folded);
}

static int is_same_field(const fct_field_rule_t *a, const fct_field_rule_t *b)
{
    return a->action == b->action && is_same_key(a, b) && fct_bytes_equal_nocase(a->name, b->name)
        && fct_draft_inherit_is_same_text(a->when, b->when) && a->max_length == b->max_length && a->max_count == b->max_count
        && a->passes_changed == b->passes_changed && fct_draft_inherit_is_same_text(a->cookies, b->cookies);
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

/* Another parent does without it. */
static const fct_without_rule_t *find_removal(const fct_draft_t *const *parents, apr_size_t n, apr_size_t parent,
                                              const fct_field_rule_t *rule)
{
    apr_size_t k;
    int i;

    for (k = 0; k < n; k++) {
        for (i = 0; k != parent && i < parents[k]->removals->nelts; i++) {
            const fct_without_rule_t *without = APR_ARRAY_IDX(parents[k]->removals, i, const fct_without_rule_t *);

            if (is_without_of(without, rule)) {
                return without;
            }
        }
    }
    return NULL;
}

static void add_field(const fct_draft_t *draft, apr_array_header_t *inherited, const fct_field_rule_t *rule, apr_size_t parent)
{
    const fct_field_rule_t *rival = NULL;
    int i;

    for (i = 0; i < inherited->nelts; i++) {
        fct_draft_inherited_t *item = &APR_ARRAY_IDX(inherited, i, fct_draft_inherited_t);
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
        fct_draft_inherit_report_disagreement(draft, fct_draft_field_text(rule, draft->p), rival->place, rule->place);
        return;
    }
    APR_ARRAY_PUSH(inherited, fct_draft_inherited_t) = (fct_draft_inherited_t){ rule, parent };
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
            fct_draft_inherit_report_loss(draft, without->place, fct_draft_field_text(rule, draft->p), rule->place);
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
            fct_draft_inherit_report_loss(draft, own->place, fct_draft_field_text(rule, draft->p), rule->place);
        }
        return 1;
    }
    if (own_refuses) {
        return own->condition == NULL;
    }
    if (rule->condition == NULL && !own->overrides) {
        fct_draft_inherit_report_loss(draft, own->place, fct_draft_field_text(rule, draft->p), rule->place);
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

void fct_draft_inherit_fields(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int *used)
{
    apr_array_header_t *inherited = apr_array_make(draft->p, 64, sizeof(fct_draft_inherited_t));
    apr_array_header_t *effective = apr_array_make(draft->p, 64, sizeof(const fct_field_rule_t *));
    apr_size_t k;
    int i;

    for (k = 0; k < n; k++) {
        for (i = 0; i < parents[k]->fields->nelts; i++) {
            const fct_field_rule_t *rule = APR_ARRAY_IDX(parents[k]->fields, i, const fct_field_rule_t *);

            const fct_without_rule_t *removal = find_removal(parents, n, k, rule);

            if (fct_draft_inherit_has(inherited, rule) || fct_draft_inherit_is_replaced(parents, n, rule)) {
                continue;
            }
            if (removal && !decides_field(draft, rule)) {
                fct_draft_inherit_report_disagreement(draft, fct_draft_field_text(rule, draft->p), removal->place, rule->place);
                continue;
            }
            add_field(draft, inherited, rule, k);
        }
    }
    for (i = 0; i < inherited->nelts; i++) {
        const fct_field_rule_t *rule = APR_ARRAY_IDX(inherited, i, fct_draft_inherited_t).rule;

        if (is_field_replaced(draft, rule, used)) {
            APR_ARRAY_PUSH(draft->replaced, const void *) = rule;
        }
        else {
            APR_ARRAY_PUSH(effective, const fct_field_rule_t *) = rule;
        }
    }
    apr_array_cat(effective, draft->fields);
    draft->fields = effective;
}
