/* Where the configuration puts policies in force, and in which modes. */
#include <apr_strings.h>
#include <httpd.h>

#include "conftree.h"
#include "status.h"

/* --- the mode around a line --- */

/* The last one of this name beside d; NULL: none. */
static const ap_directive_t *last_beside(const ap_directive_t *d, const char *name)
{
    const ap_directive_t *found = NULL, *sibling;

    for (sibling = d->parent ? d->parent->first_child : ap_conftree; sibling; sibling = sibling->next) {
        if (fct_conftree_is(sibling, name)) {
            found = sibling;
        }
    }
    return found;
}

/* The mode that holds where d stands: FcgiTrustMode beside it or around it. */
static const char *mode_at(const ap_directive_t *d, apr_pool_t *p)
{
    for (; d; d = d->parent) {
        const ap_directive_t *mode = last_beside(d, "FcgiTrustMode");

        if (mode) {
            char *word = apr_pstrdup(p, fct_conftree_word(mode, 0, p));

            ap_str_tolower(word);
            return word;
        }
    }
    return "enforce";
}

static const char *section_of(const ap_directive_t *d, apr_pool_t *p)
{
    return d->parent ? apr_pstrcat(p, d->parent->directive, " ", d->parent->args, NULL) : "the main server";
}

static void add_use(apr_array_header_t *uses, const ap_directive_t *d, apr_pool_t *p)
{
    fct_status_use_t *use = apr_array_push(uses);

    use->place = apr_psprintf(p, "%s:%d", d->filename, d->line_num);
    use->section = section_of(d, p);
    use->mode = mode_at(d, p);
}

/* --- other modes where the policy is in force, too --- */

static int is_inside(const ap_directive_t *d, const ap_directive_t *section)
{
    for (; d && d->parent != section; d = d->parent) {
        /* further up */
    }
    return d != NULL;
}

/* d stands in a section below that of the policy, and no other policy between them replaces it. */
static int is_below(const ap_directive_t *d, const ap_directive_t *policy)
{
    if (!is_inside(d, policy->parent)) {
        return 0;
    }
    for (; d->parent != policy->parent; d = d->parent) {
        if (last_beside(d, "FcgiTrustPolicy")) {
            return 0;
        }
    }
    return 1;
}

/* A section of the main server holds in every virtual host, whose own mode reaches into it where the section says none. */
static int is_of_vhost_around(const ap_directive_t *d, const ap_directive_t *policy)
{
    if (!d->parent || !fct_conftree_is(d->parent, "<VirtualHost") || !policy->parent || fct_conftree_vhost(policy)) {
        return 0;
    }
    for (; policy->parent; policy = policy->parent) {
        if (last_beside(policy, "FcgiTrustMode")) {
            return 0;
        }
    }
    return 1;
}

/* This line says another mode for requests that the policy decides. */
static int is_other_mode(const ap_directive_t *d, const ap_directive_t *policy, apr_pool_t *p)
{
    return d->parent && d->parent != policy->parent && (is_below(d, policy) || is_of_vhost_around(d, policy))
           && last_beside(d, "FcgiTrustMode") == d && strcmp(mode_at(d, p), mode_at(d->parent, p)) != 0;
}

static void add_modes(apr_array_header_t *uses, const ap_directive_t *policy, apr_pool_t *p)
{
    const apr_array_header_t *modes = fct_directives_modes();
    int i;

    for (i = 0; i < modes->nelts; i++) {
        const ap_directive_t *d = APR_ARRAY_IDX(modes, i, const ap_directive_t *);

        if (is_other_mode(d, policy, p)) {
            add_use(uses, d, p);
        }
    }
}

/* --- lines about a policy --- */

apr_array_header_t *fct_status_uses(const fct_policy_slot_t *slot, apr_pool_t *p)
{
    apr_array_header_t *uses = apr_array_make(p, 2, sizeof(fct_status_use_t));
    int i;

    for (i = 0; i < slot->uses->nelts; i++) {
        const ap_directive_t *policy = APR_ARRAY_IDX(slot->uses, i, const ap_directive_t *);

        add_use(uses, policy, p);
        add_modes(uses, policy, p);
    }
    return uses;
}

apr_array_header_t *fct_status_candidacies(const fct_policy_slot_t *slot, apr_pool_t *p)
{
    apr_array_header_t *uses = apr_array_make(p, 2, sizeof(fct_status_use_t));
    int i;

    for (i = 0; i < slot->candidacies->nelts; i++) {
        add_use(uses, APR_ARRAY_IDX(slot->candidacies, i, const ap_directive_t *), p);
    }
    return uses;
}

int fct_status_is_off(const ap_directive_t *use, apr_pool_t *p)
{
    apr_array_header_t *uses = apr_array_make(p, 2, sizeof(fct_status_use_t));
    int i;

    add_use(uses, use, p);
    add_modes(uses, use, p);
    for (i = 0; i < uses->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(uses, i, fct_status_use_t).mode, "off") != 0) {
            return 0;
        }
    }
    return 1;
}

const char *fct_status_modes(const fct_policy_slot_t *slot, apr_pool_t *p)
{
    const apr_array_header_t *uses = fct_status_uses(slot, p);
    const char *modes = uses->nelts ? NULL : "candidate";
    int i;

    for (i = 0; i < uses->nelts; i++) {
        const char *mode = APR_ARRAY_IDX(uses, i, fct_status_use_t).mode;

        if (!modes || !ap_strstr_c(modes, mode)) {
            modes = modes ? apr_pstrcat(p, modes, ", ", mode, NULL) : mode;
        }
    }
    return modes;
}

/* The one of all with the same digest that the counters are shown with: the first that is in force. */
const fct_policy_slot_t *fct_status_twin(const fct_policy_slot_t *slot)
{
    const fct_policy_slot_t *found = NULL;
    int i;

    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        const fct_policy_slot_t *at = APR_ARRAY_IDX(fct_directives_slots(), i, const fct_policy_slot_t *);

        if (at->policy && strcmp(at->policy->digest, slot->policy->digest) == 0 && (!found || (at->uses->nelts && !found->uses->nelts))) {
            found = at;
        }
    }
    return found == slot ? NULL : found;
}
