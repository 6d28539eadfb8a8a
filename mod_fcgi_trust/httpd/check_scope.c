/* Where a policy is in force, as far as the parsed configuration shows. */
#include "check_scope.h"

#include <apr_strings.h>

#include "conftree.h"

static int some_meets(const apr_array_header_t *uses, const ap_directive_t *d)
{
    int i;

    for (i = 0; i < uses->nelts; i++) {
        if (fct_conftree_meet(APR_ARRAY_IDX(uses, i, const ap_directive_t *), d)) {
            return 1;
        }
    }
    return 0;
}

/* A candidate is held to what holds for a policy: it is to become one. */
int fct_check_scope_reaches(const fct_policy_slot_t *slot, const ap_directive_t *d)
{
    return some_meets(slot->uses, d) || some_meets(slot->candidacies, d);
}

/* The section around a directive that requests meet or not by more than their path; NULL: none. */
static const char *open_section_of(const ap_directive_t *d)
{
    static const char *const open[] = { "<If", "<ElseIf", "<Else", "<LocationMatch", "<DirectoryMatch", "<FilesMatch", "<Files", NULL };
    int i;

    for (d = d->parent; d; d = d->parent) {
        for (i = 0; open[i]; i++) {
            if (fct_conftree_is(d, open[i])) {
                return open[i];
            }
        }
    }
    return NULL;
}

const char *fct_check_scope_line(const ap_directive_t *d, apr_pool_t *p)
{
    const char *section = open_section_of(d);

    if (ap_cstr_casecmpn(d->directive, "AllowOverride", 13) == 0) {
        return apr_psprintf(p, "%s:%d (%s; what a .htaccess says is not known here)", d->filename, d->line_num, d->directive);
    }
    return section ? apr_psprintf(p, "%s:%d (%s; which requests meet its %s> is not known here)", d->filename, d->line_num, d->directive, section)
                   : apr_psprintf(p, "%s:%d (%s)", d->filename, d->line_num, d->directive);
}
