/* <extends>, <without> and override (POLICY 6): what a policy inherits, and what it makes of it. */
#include "draft_inherit.h"

#include "draft_anchor.h"
#include "draft_nested.h"

int fct_draft_inherit_is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

int fct_draft_inherit_has(const apr_array_header_t *inherited, const void *rule)
{
    int i;

    for (i = 0; i < inherited->nelts; i++) {
        if (APR_ARRAY_IDX(inherited, i, fct_draft_inherited_t).rule == rule) {
            return 1;
        }
    }
    return 0;
}

static int has_pointer(const apr_array_header_t *pointers, const void *pointer)
{
    int i;

    for (i = 0; i < pointers->nelts; i++) {
        if (APR_ARRAY_IDX(pointers, i, const void *) == pointer) {
            return 1;
        }
    }
    return 0;
}

int fct_draft_inherit_is_replaced(const fct_draft_t *const *parents, apr_size_t n, const void *rule)
{
    apr_size_t k;

    for (k = 0; k < n; k++) {
        if (has_pointer(parents[k]->replaced, rule)) {
            return 1;
        }
    }
    return 0;
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

/* --- identities and settings --- */

static void inherit_identities(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n)
{
    apr_size_t k;

    for (k = 0; k < n; k++) {
        apr_array_cat(draft->identities, parents[k]->identities);
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

/* The first nown of rules are this policy's own: they take the place of inherited ones. */
static void inherit_named(const fct_draft_t *draft, apr_array_header_t *rules, int nown, const fct_draft_t *const *parents,
                          apr_size_t n, const apr_array_header_t *inherited, int refuses)
{
    int i, index;

    for (i = 0; i < inherited->nelts; i++) {
        fct_named_rule_t *rule = APR_ARRAY_IDX(inherited, i, fct_named_rule_t *);
        fct_named_rule_t *other = find_named(rules, rule->name, &index);

        if (fct_draft_inherit_is_replaced(parents, n, rule)) {
            continue;
        }
        if (other && index < nown) {
            APR_ARRAY_PUSH(draft->replaced, const void *) = rule;
        }
        if (other == NULL) {
            APR_ARRAY_PUSH(rules, fct_named_rule_t *) = rule;
        }
        else if (index >= nown && other != rule) {
            fct_draft_inherit_report_disagreement(draft, rule->name, other->place, rule->place);
        }
        else if (index < nown && refuses && !other->overrides) {
            fct_draft_inherit_report_loss(draft, other->place, rule->name, rule->place);
        }
    }
}

static void inherit_all_named(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n)
{
    int nmaps = draft->maps->nelts, nupstreams = draft->upstreams->nelts;
    apr_size_t k;

    for (k = 0; k < n; k++) {
        inherit_named(draft, draft->maps, nmaps, parents, n, parents[k]->maps, 0);
        inherit_named(draft, draft->upstreams, nupstreams, parents, n, parents[k]->upstreams, 1);
    }
}

/* This policy's own come first. */
static void inherit_requests(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n)
{
    apr_size_t k;
    int i, m;

    for (k = 0; k < n; k++) {
        for (i = 0; i < parents[k]->requests->nelts; i++) {
            const fct_request_rule_t *rule = APR_ARRAY_IDX(parents[k]->requests, i, const fct_request_rule_t *);
            int is_there = 0;

            for (m = 0; m < draft->requests->nelts; m++) {
                is_there |= APR_ARRAY_IDX(draft->requests, m, const fct_request_rule_t *) == rule;
            }
            if (!is_there) {
                APR_ARRAY_PUSH(draft->requests, const fct_request_rule_t *) = rule;
            }
        }
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

        if (theirs->text == NULL || fct_draft_inherit_is_replaced(parents, n, theirs->text)) {
            continue;
        }
        if (own->text) {
            APR_ARRAY_PUSH(draft->replaced, const void *) = theirs->text;
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
    inherit_identities(draft, parents, n);
    fct_draft_nested_finish(draft);
    inherit_all_named(draft, parents, n);
    inherit_requests(draft, parents, n);
    fct_draft_anchor_inherit(draft, parents, n);
    check_limits(draft);
    apr_array_cat(draft->removals, draft->withouts);
    for (k = 0; k < n; k++) {
        apr_array_cat(draft->replaced, parents[k]->replaced);
        apr_array_cat(draft->removals, parents[k]->removals);
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
