/* One case of a policy test, run: what was expected and is not so. */
#include "test_run.h"

#include <string.h>

#include <apr_strings.h>

#include "name.h"
#include "text_file.h"

static void differ(fct_test_result_t *result, fct_place_t place, const char *what, const char *expected, const char *actual)
{
    fct_test_difference_t *difference = apr_array_push(result->differences);

    difference->place = place;
    difference->what = what;
    difference->expected = expected;
    difference->actual = actual;
}

/* "value" as it is shown: quoted, in one line. */
static const char *quoted(fct_bytes_t value, apr_pool_t *p)
{
    fct_out_t out;

    fct_out_init(&out, p);
    fct_out_add_string(&out, "\"");
    fct_out_add_line_escaped(&out, value, "\"");
    fct_out_add(&out, "\"", 2);
    return out.at;
}

/* What the case got, as it may be shown. */
static const char *actual(const fct_explained_t *explained, fct_bytes_t name, fct_bytes_t value)
{
    return fct_rule_list_is_secret(explained->rules, name) ? FCT_RULE_LIST_SECRET : quoted(value, explained->p);
}

/* --- facts --- */

static int give(const fct_test_case_t *test, fct_given_t *given, fct_findings_t *findings, apr_pool_t *p)
{
    int i, errors = findings->errors;

    for (i = 0; i < test->facts->nelts; i++) {
        const fct_test_fact_t *fact = &APR_ARRAY_IDX(test->facts, i, fct_test_fact_t);
        const char *why = fct_given_set(given, fact->option, fact->name, fact->value, p);

        if (why) {
            fct_findings_add(findings, FCT_FINDING_TEST_FACT, fact->place.file, fact->place.line, "<facts>: %s", why);
        }
    }
    return errors == findings->errors;
}

static int read_request(const fct_test_case_t *test, fct_bytes_t *text, fct_findings_t *findings, apr_pool_t *p)
{
    const char *why;

    *text = test->request;
    if (!test->request_file) {
        return 1;
    }
    why = fct_text_file_read(test->request_file, text, p);
    if (why) {
        fct_findings_add(findings, FCT_FINDING_TEST_FACT, test->place.file, test->place.line, "%s: %s", test->request_file, why);
    }
    return why == NULL;
}

/* --- the verdict --- */

static const char *verdict_text(int is_by_httpd, int status, fct_finding_id_t finding, apr_pool_t *p)
{
    if (status == 0) {
        return "served";
    }
    return finding ? apr_psprintf(p, "refused with %d, FCT%04d", status, finding)
                   : apr_psprintf(p, "refused with %d%s", status, is_by_httpd ? " by httpd" : "");
}

static const char *actual_verdict(const fct_explained_t *explained)
{
    const fct_raw_outcome_t *outcome = &explained->outcome;
    const char *text = verdict_text(outcome->is_by_httpd, outcome->status, outcome->finding, explained->p);
    fct_place_t place = { outcome->file, outcome->line };

    return outcome->status == 0 ? text
        : apr_psprintf(explained->p, "%s: %s%s%s", text, outcome->why, outcome->file ? ", " : "", outcome->file ? fct_rule_list_place(&place, explained->p) : "");
}

static void check_refusal(fct_test_result_t *result, const fct_test_expectation_t *expected)
{
    const fct_explained_t *explained = &result->explained;
    const fct_raw_outcome_t *outcome = &explained->outcome;

    if (outcome->status != expected->status || outcome->is_by_httpd != expected->is_by_httpd
        || (expected->finding && outcome->finding != expected->finding)) {
        differ(result, expected->place, "verdict", verdict_text(expected->is_by_httpd, expected->status, expected->finding, explained->p),
               actual_verdict(explained));
    }
}

static int wants_refusal(const fct_test_case_t *test)
{
    return test->expectations->nelts == 1 && APR_ARRAY_IDX(test->expectations, 0, fct_test_expectation_t).kind == FCT_TEST_REFUSE;
}

/* --- parameters --- */

static int find_value(const fct_explained_t *explained, const char *name, fct_bytes_t *value)
{
    apr_size_t cookie = 0;
    fct_bytes_t found;

    while (fct_params_next(explained->outcome.params, &cookie, &found, value)) {
        if (fct_bytes_equal(found, fct_bytes_of(name))) {
            return 1;
        }
    }
    return 0;
}

/* "not sent: generic.xml:12: auth.user has no value" */
static const char *why_not(const fct_explained_t *explained, const char *name)
{
    const apr_array_header_t *candidates = fct_explain_candidates(explained, fct_bytes_of(name));
    const fct_explained_rule_t *rule = candidates->nelts ? &APR_ARRAY_IDX(candidates, 0, fct_explained_rule_t) : NULL;

    return rule ? apr_psprintf(explained->p, "not sent: %s: %s", fct_rule_list_place(rule->rule->place, explained->p), rule->what)
                : apr_psprintf(explained->p, "not sent: %s", fct_explain_advice(explained, fct_bytes_of(name)));
}

static void check_origin(fct_test_result_t *result, const fct_test_expectation_t *expected)
{
    const fct_explained_t *explained = &result->explained;
    const fct_trail_param_t *param = fct_trail_find_param(&explained->trail, fct_bytes_of(expected->name));
    const char *source = param ? param->source : "the body";
    const char *trust = fct_class_name(param ? param->class_ : FCT_CLASS_SERVER);

    if (expected->source && strcmp(expected->source, source) != 0) {
        differ(result, expected->place, expected->name, apr_pstrcat(explained->p, "from ", expected->source, NULL),
               apr_pstrcat(explained->p, "from ", source, NULL));
    }
    if (expected->trust && strcmp(expected->trust, trust) != 0) {
        differ(result, expected->place, expected->name, apr_pstrcat(explained->p, "class ", expected->trust, NULL),
               apr_pstrcat(explained->p, "class ", trust, NULL));
    }
}

static void check_param(fct_test_result_t *result, const fct_test_expectation_t *expected)
{
    const fct_explained_t *explained = &result->explained;
    const char *wanted = expected->value ? quoted(fct_bytes_of(expected->value), explained->p) : "sent";
    fct_bytes_t value;

    if (!find_value(explained, expected->name, &value)) {
        differ(result, expected->place, expected->name, wanted, why_not(explained, expected->name));
        return;
    }
    if (expected->value && !fct_bytes_equal(value, fct_bytes_of(expected->value))) {
        differ(result, expected->place, expected->name, wanted, actual(explained, fct_bytes_of(expected->name), value));
        return;
    }
    check_origin(result, expected);
}

static void check_absent(fct_test_result_t *result, const fct_test_expectation_t *expected)
{
    fct_bytes_t value;

    if (find_value(&result->explained, expected->name, &value)) {
        differ(result, expected->place, expected->name, "not sent", actual(&result->explained, fct_bytes_of(expected->name), value));
    }
}

/* A field that does not pass; rules of parameters have conditions, too. */
static int is_drop(const fct_explained_t *explained, const fct_trail_ruling_t *ruling)
{
    const fct_rule_listed_t *rule = fct_rule_list_find(explained->rules, ruling->rule);

    return ruling->ruling >= FCT_RULING_APPLIES || (ruling->ruling == FCT_RULING_CONDITION && rule && rule->field);
}

/* The client's field came, and no rule let it through. */
static void check_dropped(fct_test_result_t *result, const fct_test_expectation_t *expected)
{
    const fct_explained_t *explained = &result->explained;
    int i;

    for (i = 0; i < explained->trail.rulings->nelts; i++) {
        const fct_trail_ruling_t *ruling = &APR_ARRAY_IDX(explained->trail.rulings, i, fct_trail_ruling_t);

        if (is_drop(explained, ruling) && fct_bytes_equal_nocase(ruling->name, fct_bytes_of(expected->name))) {
            return;
        }
    }
    for (i = 0; i < (int)explained->made.facts.nfields; i++) {
        if (fct_bytes_equal_nocase(explained->made.facts.fields[i].name, fct_bytes_of(expected->name))) {
            differ(result, expected->place, expected->name, "dropped", "it passes");
            return;
        }
    }
    differ(result, expected->place, expected->name, "dropped", "the request has no such field");
}

static int is_expected(const fct_test_case_t *test, fct_bytes_t name)
{
    int i;

    for (i = 0; i < test->expectations->nelts; i++) {
        const fct_test_expectation_t *expected = &APR_ARRAY_IDX(test->expectations, i, fct_test_expectation_t);

        if (expected->kind == FCT_TEST_PARAM && fct_bytes_equal(fct_bytes_of(expected->name), name)) {
            return 1;
        }
    }
    return 0;
}

static void check_others(fct_test_result_t *result)
{
    const fct_explained_t *explained = &result->explained;
    fct_bytes_t name, value;
    apr_size_t cookie = 0;

    while (result->test->is_exact && fct_params_next(explained->outcome.params, &cookie, &name, &value)) {
        if (!is_expected(result->test, name)) {
            differ(result, result->test->place, fct_bytes_string(name, explained->p), "not sent", actual(explained, name, value));
        }
    }
}

static void check_expectations(fct_test_result_t *result)
{
    static void (*const checks[])(fct_test_result_t *, const fct_test_expectation_t *) = { check_param, check_absent, check_dropped, check_refusal };
    const fct_test_case_t *test = result->test;
    int i;

    if (!wants_refusal(test) && result->explained.outcome.status) {
        differ(result, test->place, "verdict", "served", actual_verdict(&result->explained));
        return;
    }
    for (i = 0; i < test->expectations->nelts; i++) {
        const fct_test_expectation_t *expected = &APR_ARRAY_IDX(test->expectations, i, fct_test_expectation_t);

        checks[expected->kind](result, expected);
    }
    if (!wants_refusal(test)) {
        check_others(result);
    }
}

int fct_test_run_case(const fct_test_case_t *test, const fct_policy_t *policy, const fct_given_t *base, fct_test_result_t *result,
                      fct_findings_t *findings, apr_pool_t *p)
{
    fct_given_t *given = fct_given_copy(base, p);
    fct_raw_refusal_t refusal;
    fct_bytes_t text;

    memset(result, 0, sizeof(*result));
    result->test = test;
    result->differences = apr_array_make(p, 4, sizeof(fct_test_difference_t));
    if (!give(test, given, findings, p) || !read_request(test, &text, findings, p)) {
        return 0;
    }
    if (!fct_explain_run(&result->explained, policy, text, given, &refusal, p)) {
        int line = refusal.line && !test->request_file ? test->request_line + refusal.line - 1 : test->place.line;

        fct_findings_add(findings, FCT_FINDING_TEST_FACT, test->place.file, line, "%s: %s", test->name, refusal.why);
        return 0;
    }
    check_expectations(result);
    return 1;
}
