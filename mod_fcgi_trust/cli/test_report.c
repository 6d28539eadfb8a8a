/* What the command test prints. */
#include "test_report.h"

#include <string.h>

#include <apr_strings.h>

#define RED "\033[31m"
#define PLAIN "\033[0m"
#define COLUMN_MAX 48

static int width_of(const apr_array_header_t *differences, int is_expected)
{
    int i, width = 8;

    for (i = 0; i < differences->nelts; i++) {
        const fct_test_difference_t *difference = &APR_ARRAY_IDX(differences, i, fct_test_difference_t);
        int len = (int)strlen(is_expected ? difference->expected : difference->what);

        width = len > width ? len : width;
    }
    return width < COLUMN_MAX ? width : COLUMN_MAX;
}

static void add_line(fct_out_t *out, const char *line)
{
    fct_out_add_visible(out, fct_bytes_of(line));
    fct_out_add_string(out, "\n");
}

void fct_test_report_failure(const fct_test_result_t *result, int colour, fct_out_t *out)
{
    const fct_test_case_t *test = result->test;
    int what = width_of(result->differences, 0), expected = width_of(result->differences, 1);
    int i;

    fct_out_addf(out, "%sFAILED%s ", colour ? RED : "", colour ? PLAIN : "");
    add_line(out, apr_psprintf(out->pool, "%s:%d: %s", test->place.file, test->place.line, test->name));
    fct_out_addf(out, "  line  %-*s  %-*s  actual\n", what, "what", expected, "expected");
    for (i = 0; i < result->differences->nelts; i++) {
        const fct_test_difference_t *difference = &APR_ARRAY_IDX(result->differences, i, fct_test_difference_t);

        add_line(out, apr_psprintf(out->pool, "  %4d  %-*s  %-*s  %s", difference->place.line, what, difference->what, expected,
                                   difference->expected, difference->actual));
    }
}

void fct_test_report_coverage(const fct_coverage_t *coverage, fct_out_t *out)
{
    int exercised, percent = fct_coverage_percent(coverage, &exercised);
    int i;

    fct_out_addf(out, "%s: %d of %d rules exercised, %d %%\n", coverage->policy->name, exercised, coverage->rules->nelts, percent);
    for (i = 0; i < coverage->rules->nelts; i++) {
        const fct_rule_listed_t *rule = &APR_ARRAY_IDX(coverage->rules, i, fct_rule_listed_t);

        if (!fct_coverage_is_exercised(coverage, rule)) {
            add_line(out, apr_psprintf(out->pool, "  %s:%d: %s%s%s was never exercised", rule->place->file, rule->place->line, rule->text,
                                       rule->when ? " when " : "", rule->when ? rule->when : ""));
        }
    }
}
