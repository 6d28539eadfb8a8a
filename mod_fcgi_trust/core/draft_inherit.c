/* <extends>, <without> and override (POLICY 6): what a policy inherits, and what it makes of it. */
#include "draft_inherit.h"

#include "draft_anchor.h"
#include "draft_nested.h"

static const fct_draft_replaced_t *find_replaced(const apr_array_header_t *replaced, const void *rule)
{
    const fct_draft_replaced_t *found = NULL;
    int i;

    for (i = 0; i < replaced->nelts && (found == NULL || !found->is_loss); i++) {
        if (APR_ARRAY_IDX(replaced, i, fct_draft_replaced_t).rule == rule) {
            found = &APR_ARRAY_IDX(replaced, i, fct_draft_replaced_t);
        }
    }
    return found;
}

const fct_draft_replaced_t *fct_draft_inherit_find_replaced(const fct_draft_t *const *parents, apr_size_t n, const void *rule)
{
    const fct_draft_replaced_t *found = NULL;
    apr_size_t k;

    for (k = 0; k < n && (found == NULL || !found->is_loss); k++) {
        const fct_draft_replaced_t *theirs = find_replaced(parents[k]->replaced, rule);

        found = theirs ? theirs : found;
    }
    return found;
}

void fct_draft_inherit_note_replaced(const fct_draft_t *draft, const void *rule, fct_place_t place, int is_loss)
{
    APR_ARRAY_PUSH(draft->replaced, fct_draft_replaced_t) = (fct_draft_replaced_t){ rule, place, is_loss };
}

void fct_draft_inherit_report_disagreement(const fct_draft_t *draft, const char *what, fct_place_t a, fct_place_t b)
{
    fct_findings_add(draft->findings, FCT_FINDING_PARENTS_DISAGREE, draft->place.file, draft->place.line,
                     "%s is said differently in %s:%d and %s:%d; say it here, with override=\"yes\"", what, a.file, a.line,
                     b.file, b.line);
}

void fct_draft_inherit_report_loss(const fct_draft_t *draft, fct_place_t place, const char *what, fct_place_t lost)
{
    fct_findings_add(draft->findings, FCT_FINDING_OVERRIDE_NEEDED, place.file, place.line,
                     "%s in %s:%d would be lost; say override=\"yes\" if that is meant", what, lost.file, lost.line);
}

/* --- what several parents have from one that they all extend stands once --- */

/* Lists of rules. */
static void add_rules(apr_array_header_t *rules, const apr_array_header_t *theirs)
{
    int n = rules->nelts;
    int i, k;

    for (i = 0; i < theirs->nelts; i++) {
        const void *rule = APR_ARRAY_IDX(theirs, i, const void *);

        for (k = 0; k < n && APR_ARRAY_IDX(rules, k, const void *) != rule; k++) {
            /* another one */
        }
        if (k == n) {
            APR_ARRAY_PUSH(rules, const void *) = rule;
        }
    }
}

static int is_same_replaced(const fct_draft_replaced_t *a, const fct_draft_replaced_t *b)
{
    return a->rule == b->rule && a->place.file == b->place.file && a->place.line == b->place.line && a->is_loss == b->is_loss;
}

static void add_replaced(apr_array_header_t *replaced, const apr_array_header_t *theirs)
{
    int n = replaced->nelts;
    int i, k;

    for (i = 0; i < theirs->nelts; i++) {
        const fct_draft_replaced_t *one = &APR_ARRAY_IDX(theirs, i, fct_draft_replaced_t);

        for (k = 0; k < n && !is_same_replaced(&APR_ARRAY_IDX(replaced, k, fct_draft_replaced_t), one); k++) {
            /* another one */
        }
        if (k == n) {
            APR_ARRAY_PUSH(replaced, fct_draft_replaced_t) = *one;
        }
    }
}

/* --- maps and upstreams, by name --- */

static fct_named_rule_t *find_named(const apr_array_header_t *rules, const char *name, int *index)
{
    for (*index = 0; *index < rules->nelts; ++*index) {
        fct_named_rule_t *rule = APR_ARRAY_IDX(rules, *index, fct_named_rule_t *);

        if (strcmp(rule->name, name) == 0) {
            return rule;
        }
    }
    return NULL;
}

/* Rules by name that a policy extends, maps or upstreams. */
typedef struct named_t {
    fct_draft_t *draft;
    apr_array_header_t *rules;         /* the first nown are this policy's own: they take the place of inherited ones */
    int nown;
    int demands;                       /* what replaces one needs override="yes" */
    int (*is_same)(const fct_named_rule_t *a, const fct_named_rule_t *b);
} named_t;

/* A parent did away with it; *own is this policy's word on the name. */
static void settle_named(const named_t *named, const fct_named_rule_t *rule, const fct_draft_replaced_t *replaced, const fct_named_rule_t *own)
{
    if (replaced->is_loss && !(own && own->overrides)) {
        fct_draft_inherit_report_disagreement(named->draft, rule->name, replaced->place, rule->place);
    }
}

static void replace_named(const named_t *named, const fct_named_rule_t *rule, const fct_named_rule_t *own)
{
    int is_loss = named->demands && !named->is_same(own, rule);

    fct_draft_inherit_note_replaced(named->draft, rule, own->place, is_loss);
    if (is_loss && !own->overrides) {
        fct_draft_inherit_report_loss(named->draft, own->place, rule->name, rule->place);
    }
}

static void inherit_named(const named_t *named, const fct_draft_t *const *parents, apr_size_t n, const apr_array_header_t *inherited)
{
    int i, index;

    for (i = 0; i < inherited->nelts; i++) {
        fct_named_rule_t *rule = APR_ARRAY_IDX(inherited, i, fct_named_rule_t *);
        fct_named_rule_t *other = find_named(named->rules, rule->name, &index);
        const fct_draft_replaced_t *replaced = fct_draft_inherit_find_replaced(parents, n, rule);

        if (replaced) {
            settle_named(named, rule, replaced, other && index < named->nown ? other : NULL);
        }
        else if (other == NULL) {
            APR_ARRAY_PUSH(named->rules, fct_named_rule_t *) = rule;
        }
        else if (index < named->nown) {
            replace_named(named, rule, other);
        }
        else if (other != rule && !named->is_same(other, rule)) {
            fct_draft_inherit_report_disagreement(named->draft, rule->name, other->place, rule->place);
        }
    }
}

static void inherit_all_named(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n)
{
    named_t maps = { draft, draft->maps, draft->maps->nelts, 0, fct_draft_nested_is_same_map };
    named_t upstreams = { draft, draft->upstreams, draft->upstreams->nelts, 1, fct_draft_nested_is_same_upstream };
    apr_size_t k;

    for (k = 0; k < n; k++) {
        inherit_named(&maps, parents, n, parents[k]->maps);
        inherit_named(&upstreams, parents, n, parents[k]->upstreams);
    }
}

/* No more of a kind than one policy may have, whatever it is made of. */
static void check_limits(const fct_draft_t *draft)
{
    if (draft->params->nelts > FCT_DRAFT_MAX_RULES || draft->fields->nelts > FCT_DRAFT_MAX_RULES
        || draft->identities->nelts > FCT_DRAFT_MAX_RULES || draft->requests->nelts > FCT_DRAFT_MAX_REQUESTS) {
        fct_findings_add(draft->findings, FCT_FINDING_POLICY_TOO_MANY, draft->place.file, draft->place.line,
                         "with what it extends, the policy has more than %d rules of a kind, or more than %d <request when>",
                         FCT_DRAFT_MAX_RULES, FCT_DRAFT_MAX_REQUESTS);
    }
}

static void inherit_setting(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int attribute)
{
    fct_setting_t *own = &draft->settings[attribute];
    const fct_setting_t *first = NULL;
    apr_size_t k;

    for (k = 0; k < n; k++) {
        const fct_setting_t *theirs = &parents[k]->settings[attribute];

        if (theirs->text == NULL || fct_draft_inherit_find_replaced(parents, n, theirs->text)) {
            continue;
        }
        if (own->text) {
            fct_draft_inherit_note_replaced(draft, theirs->text, own->place, 0);
        }
        if (first && strcmp(first->text, theirs->text) != 0 && !(own->text && own->overrides)) {
            fct_draft_inherit_report_disagreement(draft, fct_language_attribute_name((fct_attribute_t)attribute), first->place, theirs->place);
        }
        if (!first) {
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
    apr_size_t k;
    int i;

    fct_draft_inherit_params(draft, parents, n, used);
    fct_draft_inherit_fields(draft, parents, n, used);
    for (k = 0; k < n; k++) {
        add_rules(draft->identities, parents[k]->identities);
    }
    fct_draft_nested_finish(draft);
    inherit_all_named(draft, parents, n);
    fct_draft_inherit_requests(draft, parents, n);
    fct_draft_anchor_inherit(draft, parents, n);
    check_limits(draft);
    apr_array_cat(draft->removals, draft->withouts);
    for (k = 0; k < n; k++) {
        add_replaced(draft->replaced, parents[k]->replaced);
        add_rules(draft->removals, parents[k]->removals);
    }
    for (i = 0; i < FCT_ATTRIBUTE_COUNT; i++) {
        inherit_setting(draft, parents, n, i);
    }
    for (i = 0; i < draft->withouts->nelts; i++) {
        const fct_without_rule_t *without = APR_ARRAY_IDX(draft->withouts, i, const fct_without_rule_t *);

        if (!used[i] && !draft->is_incomplete) {
            fct_findings_add(draft->findings, FCT_FINDING_WITHOUT_NOTHING, without->place.file, without->place.line,
                             "there is no inherited %s %.*s%s to do without", without->is_header ? "header" : "param",
                             (int)without->name.len, without->name.at, without->is_prefix ? "*" : "");
        }
    }
}
