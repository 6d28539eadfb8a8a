/* xml/test_*.c: any bytes as a test file are findings with a place, or cases that have all that running them takes.
 *
 * Input: the file. */
#include "test_document.h"

#include "fuzz.h"

static void check_facts(const apr_array_header_t *facts)
{
    int i;

    for (i = 0; i < facts->nelts; i++) {
        const fct_test_fact_t *fact = &APR_ARRAY_IDX(facts, i, fct_test_fact_t);

        REQUIRE(fact->option && *fact->option && fact->value && fact->place.file && fact->place.line > 0);
    }
}

static void check_expectations(const fct_test_case_t *test)
{
    int i;

    for (i = 0; i < test->expectations->nelts; i++) {
        const fct_test_expectation_t *expected = &APR_ARRAY_IDX(test->expectations, i, fct_test_expectation_t);

        REQUIRE(expected->place.file && expected->place.line > 0);
        REQUIRE(expected->kind == FCT_TEST_REFUSE ? expected->status >= 200 && expected->status <= 599 : expected->name && *expected->name);
        REQUIRE(expected->kind != FCT_TEST_REFUSE || (test->expectations->nelts == 1 && !test->is_exact));
        REQUIRE(!expected->is_by_httpd || expected->finding == FCT_FINDING_NONE);
    }
}

static void check_cases(const fct_test_document_t *document)
{
    int i;

    REQUIRE((document->policy != NULL) != (document->shipped != NULL));
    REQUIRE(document->cases->nelts > 0);
    for (i = 0; i < document->cases->nelts; i++) {
        const fct_test_case_t *test = &APR_ARRAY_IDX(document->cases, i, fct_test_case_t);

        REQUIRE(test->name && *test->name && test->place.line > 0);
        REQUIRE((test->request_file != NULL) != (test->request.at != NULL));
        REQUIRE(test->expectations->nelts > 0 || test->is_exact);
        check_facts(test->facts);
        check_expectations(test);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    fct_findings_t *findings = fct_findings_create(p);
    const fct_test_document_t *document = fct_test_document_parse(fct_bytes_make((const char *)data, size), "fuzz.test.xml", findings, p);
    int i;

    REQUIRE((document != NULL) == (findings->errors == 0));
    for (i = 0; i < findings->items->nelts; i++) {
        const fct_finding_t *finding = &APR_ARRAY_IDX(findings->items, i, fct_finding_t);

        REQUIRE(finding->file && finding->detail && *finding->detail);
    }
    if (document) {
        check_cases(document);
    }
    apr_pool_destroy(p);
    return 0;
}
