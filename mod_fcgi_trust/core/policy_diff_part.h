/* One comparison of two policies in progress; for policy_diff*.c alone. */
#ifndef FCT_POLICY_DIFF_PART_H
#define FCT_POLICY_DIFF_PART_H

#include "canonical.h"
#include "plan.h"
#include "policy_diff.h"

#define FCT_CHANGE_EITHER (FCT_CHANGE_WIDENED | FCT_CHANGE_NARROWED)

typedef struct fct_policy_diff_t {
    const fct_policy_t *was;
    const fct_policy_t *is;
    apr_array_header_t *changes;       /* of fct_policy_change_t */
    apr_pool_t *p;
} fct_policy_diff_t;

/* The lines that two policies have for one rule, and they differ; NULL: there is none. */
typedef struct fct_policy_diff_pair_t {
    const fct_canonical_line_t *was;
    const fct_canonical_line_t *is;
} fct_policy_diff_pair_t;

/* Adds a change at the places of the pair, unless it is of no kind. */
void fct_policy_diff_change_add(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair, const fct_policy_change_t *change);

/* The value that a line has for an attribute; NULL for none and for no line. */
const char *fct_policy_diff_change_text(const fct_canonical_line_t *line, const char *attribute);

/* Of which kinds it is that an attribute was one text and is another (NULL: it is not there); *effect says what that means. No kind: it
 * has been told already. */
typedef unsigned fct_policy_diff_judge_t(const void *context, const char *attribute, const char *was, const char *is, const char **effect);

/* Adds one change for every attribute of both lines that differs; why, control and assert are metadata without being judged. */
void fct_policy_diff_change_attributes(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair, const char *subject,
                                       fct_policy_diff_judge_t *judge, const void *context);

/* For attributes of which this version knows nothing: both, so that nothing is missed. */
fct_policy_diff_judge_t fct_policy_diff_change_unknown;

/* --- one function for each family of lines --- */

void fct_policy_diff_param(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair);       /* policy_diff_param.c */
void fct_policy_diff_field(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair);       /* policy_diff_field.c */
void fct_policy_diff_map(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair);         /* policy_diff_map.c */
void fct_policy_diff_entry(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair);
void fct_policy_diff_upstream(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair);    /* policy_diff_upstream.c */
void fct_policy_diff_upstream_field(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair);
void fct_policy_diff_anchor(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair);      /* policy_diff_anchor.c */
void fct_policy_diff_setting(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair);     /* policy_diff_setting.c */

/* One parameter under both policies. */
typedef struct fct_policy_diff_params_t {
    const fct_plan_param_t *was;
    const fct_plan_param_t *is;
} fct_policy_diff_params_t;

/* Judges an attribute of it; context: a fct_policy_diff_params_t. policy_diff_judge.c */
fct_policy_diff_judge_t fct_policy_diff_judge_param;

/* <request when>, where a line of one differs. policy_diff_request.c */
void fct_policy_diff_requests(fct_policy_diff_t *diff);

/* Of which kinds another text of a setting is. policy_diff_setting.c */
unsigned fct_policy_diff_setting_judge(const char *attribute, const char *was, const char *is, const char **effect);

/* policy_diff_demand.c */

/* Some request is refused by what the rule demands of a value: it is required, or has to pass a check that the rule states. */
int fct_policy_diff_demand_refuses(const fct_plan_param_t *param);

/* Where its source says nothing, some request passes that is refused for what the source says, or another source is asked. */
int fct_policy_diff_demand_passes_without(const fct_plan_param_t *param);

#endif
