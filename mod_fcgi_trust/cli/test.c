/* The command test: runs the cases of policy tests, and counts which rules they exercise. */
#include <string.h>

#include <apr_strings.h>

#include "option.h"
#include "policy_file.h"
#include "test_report.h"

typedef struct settings_t {
    fct_given_t given;                   /* first: --shipped is stored here */
    int wants_coverage;
    apr_int64_t least;                   /* percent; -1: any */
} settings_t;

FCT_OPTION_FLAG(set_coverage, settings_t, wants_coverage)
FCT_OPTION_NUMBER(set_least, settings_t, least, 0, 100)

static const fct_tool_option_t options[] = {
    { "coverage", NULL, "tell which rules no case exercises", set_coverage },
    { "fail-under", "PERCENT", "fail if fewer of a policy's rules are exercised", set_least },
    FCT_POLICY_FILE_SHIPPED,
    { NULL, NULL, NULL, NULL }
};

/* One run over all files. */
typedef struct run_t {
    const fct_tool_t *tool;
    const settings_t *settings;
    fct_findings_t *findings;
    apr_array_header_t *coverages;       /* of fct_coverage_t *, one for each policy */
    int is_failed;
} run_t;

/* Several test files may be about one policy, which is loaded once. NULL: it does not load. */
static fct_coverage_t *policy_of(const run_t *run, const fct_test_document_t *document)
{
    apr_pool_t *p = run->tool->pool;
    const char *path = document->policy ? document->policy
        : apr_pstrcat(p, run->settings->given.reader.shipped_dir, "/", document->shipped, ".xml", NULL);
    const fct_policy_t *policy;
    fct_coverage_t *coverage;
    int i;

    for (i = 0; i < run->coverages->nelts; i++) {
        coverage = APR_ARRAY_IDX(run->coverages, i, fct_coverage_t *);
        if (strcmp(coverage->policy->file, path) == 0) {
            return coverage;
        }
    }
    policy = fct_reader_load(path, &run->settings->given.reader, run->findings, p);
    if (!policy) {
        return NULL;
    }
    coverage = apr_palloc(p, sizeof(*coverage));
    fct_coverage_init(coverage, policy, p);
    APR_ARRAY_PUSH(run->coverages, fct_coverage_t *) = coverage;
    return coverage;
}

static void run_case(run_t *run, const fct_test_case_t *test, fct_coverage_t *coverage, int *failed)
{
    const fct_tool_t *tool = run->tool;
    fct_test_result_t result;
    fct_out_t out;

    if (!fct_test_run_case(test, coverage->policy, &run->settings->given, &result, run->findings, tool->pool)) {
        ++*failed;
        return;
    }
    fct_coverage_add(coverage, &result.explained);
    if (result.differences->nelts) {
        ++*failed;
        fct_out_init(&out, tool->pool);
        fct_test_report_failure(&result, tool->colour_out, &out);
        fct_out_print(&out, stdout);
    }
}

static void run_file(run_t *run, const char *path)
{
    const fct_test_document_t *document = fct_test_document_read(path, run->findings, run->tool->pool);
    fct_coverage_t *coverage = document ? policy_of(run, document) : NULL;
    int i, failed = 0;
    fct_out_t out;

    if (!coverage) {
        run->is_failed = 1;
        return;
    }
    for (i = 0; i < document->cases->nelts; i++) {
        run_case(run, &APR_ARRAY_IDX(document->cases, i, fct_test_case_t), coverage, &failed);
    }
    run->is_failed |= failed > 0;
    fct_out_init(&out, run->tool->pool);
    fct_out_add_visible(&out, fct_bytes_of(path));
    if (failed) {
        fct_out_addf(&out, ": %d of %d cases failed\n", failed, document->cases->nelts);
    }
    else {
        fct_out_addf(&out, ": %d case%s passed\n", document->cases->nelts, document->cases->nelts == 1 ? "" : "s");
    }
    fct_out_print(&out, stdout);
}

static void report_coverage(run_t *run)
{
    fct_out_t out;
    int i, exercised;

    fct_out_init(&out, run->tool->pool);
    for (i = 0; i < run->coverages->nelts; i++) {
        const fct_coverage_t *coverage = APR_ARRAY_IDX(run->coverages, i, fct_coverage_t *);

        run->is_failed |= fct_coverage_percent(coverage, &exercised) < run->settings->least;
        if (run->settings->wants_coverage || run->settings->least > 0) {
            fct_test_report_coverage(coverage, &out);
        }
    }
    fct_out_print(&out, stdout);
}

static int run(const fct_tool_t *tool, int argc, const char *const *argv)
{
    settings_t settings;
    run_t all = { tool, &settings, fct_findings_create(tool->pool), apr_array_make(tool->pool, 4, sizeof(fct_coverage_t *)), 0 };
    apr_array_header_t *paths;
    int exit_code, i;

    memset(&settings, 0, sizeof(settings));
    fct_given_init(&settings.given);
    settings.least = -1;
    if (!fct_tool_options(tool, argc, argv, &settings, &paths, &exit_code)) {
        return exit_code;
    }
    if (paths->nelts == 0) {
        return fct_tool_fail(tool, "no test file is named; 'fcgi-trust test --help' shows how");
    }
    if (!fct_policy_file_check(tool, paths)) {
        return FCT_TOOL_FAILED;
    }
    for (i = 0; i < paths->nelts; i++) {
        run_file(&all, APR_ARRAY_IDX(paths, i, const char *));
    }
    report_coverage(&all);
    fflush(stdout);
    fct_policy_file_print(tool, all.findings, stderr, tool->colour_err);
    return all.is_failed || all.findings->errors ? FCT_TOOL_FINDINGS : FCT_TOOL_CLEAN;
}

const fct_tool_command_t fct_test_command = {
    "test", "FILE...", "policy tests: requests, facts, and what is expected",
    "Runs each case of the test files under the policy that they name, with the module's own\n"
    "code, and prints for each that fails what was expected beside what is so. A case is a\n"
    "request as text, what is said about its connection (the options of explain, as\n"
    "attributes of <facts>), and the parameters, absences or the refusal that it ends with.\n"
    "Exit code 1 if a case fails or a file is faulty.\n"
    "\n"
    "  fcgi-trust test --coverage --fail-under 100 app.test.xml",
    options, run
};
