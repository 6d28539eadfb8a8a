/* One case of a policy test, run: what was expected and is not so. */
#ifndef FCT_TEST_RUN_H
#define FCT_TEST_RUN_H

#include "explain.h"
#include "test_document.h"

/* One expectation that does not hold. */
typedef struct fct_test_difference_t {
    fct_place_t place;
    const char *what;                /* the name of the parameter or field; "verdict" */
    const char *expected;
    const char *actual;
} fct_test_difference_t;

typedef struct fct_test_result_t {
    const fct_test_case_t *test;
    fct_explained_t explained;
    apr_array_header_t *differences; /* of fct_test_difference_t; none: it passed */
} fct_test_result_t;

/* Runs a case under a policy; base: what the command line gives. Returns 1; 0 after adding findings where a fact or the request is none. */
int fct_test_run_case(const fct_test_case_t *test, const fct_policy_t *policy, const fct_given_t *base, fct_test_result_t *result,
                      fct_findings_t *findings, apr_pool_t *p);

#endif
