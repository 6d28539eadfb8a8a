/* All rules of a policy in one list, each as a reader of the policy would name it. */
#ifndef FCT_RULE_LIST_H
#define FCT_RULE_LIST_H

#include "plan.h"

#define FCT_RULE_LIST_SECRET "(a secret literal)"

typedef struct fct_rule_listed_t {
    const fct_place_t *place;              /* its address says which rule it is (eval.h) */
    const char *text;                      /* <param name="REMOTE_USER"> */
    const fct_plan_param_t *param;         /* <param>, <server-header>; else NULL */
    const fct_plan_field_t *field;         /* <header>, <drop-header>, <refuse-header>; else NULL */
    const fct_upstream_field_t *upstream;  /* <field> of an <upstream>; else NULL */
    const char *when;                      /* NULL: always */
} fct_rule_listed_t;

/* Of fct_rule_listed_t, sorted by file and line. */
apr_array_header_t *fct_rule_list_of(const fct_policy_t *policy, apr_pool_t *p);

/* The rule that holds this place; NULL: none. */
const fct_rule_listed_t *fct_rule_list_find(const apr_array_header_t *rules, const fct_place_t *place);

/* A parameter of this name may be a literal with sensitive="yes", which is never printed: FCT_RULE_LIST_SECRET stands in its place. */
int fct_rule_list_is_secret(const apr_array_header_t *rules, fct_bytes_t name);

/* "generic.xml:12": the file without its directory; "built in" without a file. */
const char *fct_rule_list_place(const fct_place_t *place, apr_pool_t *p);

#endif
