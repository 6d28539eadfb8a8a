/* <trust-anchor> with <intermediates>: the CA that client certificates are held against. */
#include "draft_anchor.h"

#include "draft_inherit.h"

int fct_draft_anchor_max(fct_element_t element)
{
    return element == FCT_ELEMENT_TRUST_ANCHOR ? 1 : FCT_DRAFT_ANCHOR_MAX_INTERMEDIATES;
}

static fct_anchor_rule_t *read_anchor(const fct_draft_t *draft, const fct_declaration_t *d)
{
    fct_anchor_rule_t *rule = apr_pcalloc(draft->p, sizeof(*rule));

    rule->place = d->place;
    rule->overrides = fct_language_is_yes(d->value[FCT_ATTRIBUTE_OVERRIDE]);
    rule->why = d->value[FCT_ATTRIBUTE_WHY];
    rule->control = d->value[FCT_ATTRIBUTE_CONTROL];
    return rule;
}

void fct_draft_anchor_declare(fct_draft_t *draft, const fct_declaration_t *d, const apr_array_header_t *certificates)
{
    if (d->element == FCT_ELEMENT_TRUST_ANCHOR) {
        draft->own_anchor = read_anchor(draft, d);
        draft->own_anchor->certificate = certificates ? APR_ARRAY_IDX(certificates, 0, const fct_certificate_t *) : NULL;
        draft->anchor = draft->own_anchor;
    }
    else {
        draft->own_anchor->intermediates = certificates;
    }
}

/* --- composition (POLICY 6) --- */

static int is_same_certificate(const fct_certificate_t *a, const fct_certificate_t *b)
{
    return strcmp(a->sha256, b->sha256) == 0;
}

static int have_same_certificates(const apr_array_header_t *a, const apr_array_header_t *b)
{
    int i, n = a ? a->nelts : 0;

    if (n != (b ? b->nelts : 0)) {
        return 0;
    }
    for (i = 0; i < n; i++) {
        if (!is_same_certificate(APR_ARRAY_IDX(a, i, const fct_certificate_t *), APR_ARRAY_IDX(b, i, const fct_certificate_t *))) {
            return 0;
        }
    }
    return 1;
}

/* Where a file could not be read, that alone is told. */
static int have_same_anchor(const fct_anchor_rule_t *a, const fct_anchor_rule_t *b)
{
    return a->certificate == NULL || b->certificate == NULL || is_same_certificate(a->certificate, b->certificate);
}

static void replace(const fct_draft_t *draft, const fct_anchor_rule_t *theirs)
{
    int is_loss = !have_same_anchor(draft->own_anchor, theirs);

    fct_draft_inherit_note_replaced(draft, theirs, draft->own_anchor->place, is_loss);
    if (is_loss && !draft->own_anchor->overrides) {
        fct_draft_inherit_report_loss(draft, draft->own_anchor->place, "the trust anchor", theirs->place);
    }
}

/* A parent has another anchor in the place of the one that this parent has: that is for the child to say. */
static void settle(const fct_draft_t *draft, const fct_anchor_rule_t *theirs, const fct_draft_replaced_t *replaced)
{
    if (replaced->is_loss && !(draft->own_anchor && draft->own_anchor->overrides)) {
        fct_draft_inherit_report_disagreement(draft, "the trust anchor", replaced->place, theirs->place);
    }
}

void fct_draft_anchor_inherit(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n)
{
    apr_size_t k;

    for (k = 0; k < n; k++) {
        const fct_anchor_rule_t *theirs = parents[k]->anchor;
        const fct_draft_replaced_t *replaced = theirs ? fct_draft_inherit_find_replaced(parents, n, theirs) : NULL;

        if (theirs == NULL) {
            continue;
        }
        if (replaced) {
            settle(draft, theirs, replaced);
        }
        else if (draft->own_anchor) {
            replace(draft, theirs);
        }
        else if (draft->anchor == NULL) {
            draft->anchor = theirs;
        }
        else if (!have_same_anchor(draft->anchor, theirs) || !have_same_certificates(draft->anchor->intermediates, theirs->intermediates)) {
            fct_draft_inherit_report_disagreement(draft, "the trust anchor", draft->anchor->place, theirs->place);
        }
    }
}
