/* What the command test prints. */
#ifndef FCT_TEST_REPORT_H
#define FCT_TEST_REPORT_H

#include "coverage.h"
#include "test_run.h"

/* A case that failed: its name, and for each difference what was expected beside what is so. */
void fct_test_report_failure(const fct_test_result_t *result, int colour, fct_out_t *out);

/* How many rules were exercised, and each that was not. */
void fct_test_report_coverage(const fct_coverage_t *coverage, fct_out_t *out);

#endif
