/* One <case> of a test file. */
#include "test_case.h"

#include <string.h>

#include <apr_strings.h>

#include "test_element.h"

typedef struct reading_t {
    const char *file;
    fct_findings_t *findings;
    apr_pool_t *p;
} reading_t;

static fct_place_t place_of(const xmlNode *node, const char *file)
{
    fct_place_t place = { file, node->line };

    return place;
}

const char *fct_test_case_path(const char *path, const char *file, apr_pool_t *p)
{
    const char *slash = strrchr(file, '/');

    return path[0] == '/' || !slash ? path : apr_pstrcat(p, apr_pstrmemdup(p, file, (apr_size_t)(slash + 1 - file)), path, NULL);
}

static void complain(const reading_t *reading, const xmlNode *node, const char *sentence)
{
    fct_findings_add(reading->findings, FCT_FINDING_TEST_CASE, reading->file, node->line, "%s", sentence);
}

/* --- facts --- */

/* Files are named relative to the test file. */
static void add_fact(const reading_t *reading, apr_array_header_t *facts, const xmlNode *node, const char *option, const char *name,
                     const char *value)
{
    fct_test_fact_t *fact = apr_array_push(facts);

    fact->place = place_of(node, reading->file);
    fact->option = option;
    fact->name = name;
    fact->value = strcmp(option, "cert") == 0 && !name ? fct_test_case_path(value, reading->file, reading->p) : value;
}

void fct_test_case_read_facts(const xmlNode *node, const char *file, apr_array_header_t *facts, fct_findings_t *findings, apr_pool_t *p)
{
    const reading_t reading = { file, findings, p };
    const xmlAttr *attribute;
    const xmlNode *child;

    for (attribute = node->properties; attribute; attribute = attribute->next) {
        const char *option = apr_pstrdup(p, (const char *)attribute->name);

        add_fact(&reading, facts, node, option, NULL, fct_test_element_attribute(node, option, p));
    }
    for (child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && fct_test_element_check(child, FCT_TEST_ELEMENT_FACTS, file, findings)) {
            const char *name = fct_test_element_required(child, "name", file, findings, p);
            const char *value = fct_test_element_attribute(child, "value", p);

            if (child->children) {
                complain(&reading, child, "a fact has a name and a value, and nothing in it");
            }
            add_fact(&reading, facts, child, apr_pstrdup(p, (const char *)child->name), name ? name : "", value ? value : "");
        }
    }
}

/* --- the request --- */

static apr_size_t count_blanks(const char *line)
{
    return strspn(line, " \t");
}

/* The indentation that all lines have which are not blank. */
static apr_size_t common_indentation(const char *text)
{
    apr_size_t common = (apr_size_t)-1;
    const char *line = text;

    while (*line) {
        apr_size_t blanks = count_blanks(line), len = strcspn(line, "\n");

        if (blanks < len && blanks < common) {
            common = blanks;
        }
        line += len + (line[len] == '\n');
    }
    return common == (apr_size_t)-1 ? 0 : common;
}

/* Lines with blanks alone are empty; so is the line of the end tag. */
static char *put_lines(char *to, const char *line, apr_size_t indentation)
{
    while (*line) {
        apr_size_t len = strcspn(line, "\n");
        int is_blank = count_blanks(line) >= len;

        if (!is_blank) {
            memcpy(to, line + indentation, len - indentation);
            to += len - indentation;
        }
        if (line[len] == '\n') {
            *to++ = '\n';
            len++;
        }
        line += len;
    }
    return to;
}

/* A first line that stands directly behind the tag has an indentation of its own. */
static fct_bytes_t without_indentation(const char *text, int is_behind_tag, apr_pool_t *p)
{
    char *copy = apr_palloc(p, strlen(text) + 1), *to = copy;

    if (is_behind_tag) {
        apr_size_t len = strcspn(text, "\n") + (strchr(text, '\n') != NULL), blanks = count_blanks(text);

        memcpy(to, text + blanks, len - blanks);
        to += len - blanks;
        text += len;
    }
    to = put_lines(to, text, common_indentation(text));
    *to = '\0';
    return fct_bytes_make(copy, (apr_size_t)(to - copy));
}

static void read_request(const reading_t *reading, const xmlNode *node, fct_test_case_t *test)
{
    const char *path = fct_test_element_attribute(node, "file", reading->p);
    xmlChar *content = xmlNodeGetContent(node);
    const char *text = content ? (const char *)content : "";
    int has_line = text[strspn(text, " \t")] == '\n';

    if (has_line) {
        text = strchr(text, '\n') + 1;
    }
    if (test->request_file || !fct_bytes_is_absent(test->request)) {
        complain(reading, node, "a case has one <request>");
    }
    if ((path != NULL) == (text[strspn(text, " \t\r\n")] != '\0')) {
        complain(reading, node, "<request> holds the request's text, or names a file that does");
    }
    test->request_file = path ? fct_test_case_path(path, reading->file, reading->p) : NULL;
    test->request = path ? FCT_BYTES_ABSENT : without_indentation(text, !has_line, reading->p);
    test->request_line = node->line + has_line;
    xmlFree(content);
}

/* --- expectations --- */

static int read_status(const char *text)
{
    return text && strlen(text) == 3 && strspn(text, "0123456789") == 3 && text[0] >= '2' && text[0] <= '5'
        ? (text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0' : 0;
}

/* "FCT2012" */
static fct_finding_id_t read_finding(const char *text)
{
    int number = 0, i;

    for (i = 3; i < 7 && strlen(text) == 7 && text[i] >= '0' && text[i] <= '9'; i++) {
        number = number * 10 + text[i] - '0';
    }
    return i == 7 && strncmp(text, "FCT", 3) == 0 && fct_finding_info((fct_finding_id_t)number) ? (fct_finding_id_t)number : FCT_FINDING_NONE;
}

static void read_refusal(const reading_t *reading, const xmlNode *node, fct_test_expectation_t *expectation)
{
    const char *finding = fct_test_element_attribute(node, "finding", reading->p);
    const char *by = fct_test_element_attribute(node, "by", reading->p);

    expectation->status = read_status(fct_test_element_attribute(node, "status", reading->p));
    if (!expectation->status) {
        complain(reading, node, "<refuse> needs status=\"...\", a number from 200 to 599");
    }
    expectation->finding = finding ? read_finding(finding) : FCT_FINDING_NONE;
    if (finding && !expectation->finding) {
        complain(reading, node, "<refuse>: finding=\"...\" is a finding's tag, as FCT2012 is");
    }
    if (by && strcmp(by, "httpd") != 0 && strcmp(by, "module") != 0) {
        complain(reading, node, "<refuse>: by=\"...\" is httpd or module");
    }
    expectation->is_by_httpd = by && strcmp(by, "httpd") == 0;
    if (expectation->is_by_httpd && finding) {
        complain(reading, node, "<refuse>: what httpd refuses has no finding");
    }
}

static void read_expectation(const reading_t *reading, const xmlNode *node, fct_test_element_t element, fct_test_case_t *test)
{
    fct_test_expectation_t *expectation = apr_array_push(test->expectations);
    apr_pool_t *p = reading->p;

    memset(expectation, 0, sizeof(*expectation));
    expectation->place = place_of(node, reading->file);
    expectation->kind = (fct_test_expected_t)(FCT_TEST_PARAM + (int)(element - FCT_TEST_ELEMENT_PARAM));
    if (expectation->kind == FCT_TEST_REFUSE) {
        read_refusal(reading, node, expectation);
        return;
    }
    expectation->name = fct_test_element_required(node, expectation->kind == FCT_TEST_DROPPED ? "header" : "name", reading->file,
                                                  reading->findings, p);
    expectation->value = fct_test_element_attribute(node, "value", p);
    expectation->source = fct_test_element_attribute(node, "source", p);
    expectation->trust = fct_test_element_attribute(node, "class", p);
    if (expectation->trust && !strstr(" server verified asserted client ", apr_pstrcat(p, " ", expectation->trust, " ", NULL))) {
        complain(reading, node, "<param>: class=\"...\" is one of server, verified, asserted, client");
    }
}

/* --- the case --- */

static void check_case(const reading_t *reading, const xmlNode *node, const fct_test_case_t *test)
{
    int i, refusals = 0;

    for (i = 0; i < test->expectations->nelts; i++) {
        refusals += APR_ARRAY_IDX(test->expectations, i, fct_test_expectation_t).kind == FCT_TEST_REFUSE;
    }
    if (!test->request_file && fct_bytes_is_absent(test->request)) {
        complain(reading, node, "a case has one <request>");
    }
    if (test->expectations->nelts == 0 && !test->is_exact) {
        complain(reading, node, "a case expects something: <param>, <absent>, <dropped> or <refuse>");
    }
    if (refusals && (test->expectations->nelts > 1 || test->is_exact)) {
        complain(reading, node, "a request that is refused is told to nobody: <refuse> stands alone");
    }
}

static void read_child(const reading_t *reading, const xmlNode *node, fct_test_case_t *test)
{
    fct_test_element_t element = fct_test_element_check(node, FCT_TEST_ELEMENT_CASE, reading->file, reading->findings);

    switch (element) {
    case FCT_TEST_ELEMENT_REQUEST:
        read_request(reading, node, test);
        break;
    case FCT_TEST_ELEMENT_FACTS:
        fct_test_case_read_facts(node, reading->file, test->facts, reading->findings, reading->p);
        break;
    case FCT_TEST_ELEMENT_PARAM:
    case FCT_TEST_ELEMENT_ABSENT:
    case FCT_TEST_ELEMENT_DROPPED:
    case FCT_TEST_ELEMENT_REFUSE:
        read_expectation(reading, node, element, test);
        break;
    default:
        break;
    }
}

void fct_test_case_read(const xmlNode *node, const char *file, const apr_array_header_t *facts, apr_array_header_t *cases,
                        fct_findings_t *findings, apr_pool_t *p)
{
    const reading_t reading = { file, findings, p };
    const char *exactly = fct_test_element_attribute(node, "params", p);
    int errors = findings->errors;
    const xmlNode *child;
    fct_test_case_t test;

    memset(&test, 0, sizeof(test));
    test.place = place_of(node, file);
    test.name = fct_test_element_required(node, "name", file, findings, p);
    test.is_exact = exactly && strcmp(exactly, "exactly") == 0;
    test.facts = apr_array_copy(p, facts);
    test.expectations = apr_array_make(p, 4, sizeof(fct_test_expectation_t));
    if (exactly && !test.is_exact) {
        complain(&reading, node, "<case>: params=\"...\" is exactly, or not there");
    }
    for (child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE) {
            read_child(&reading, child, &test);
        }
    }
    if (errors == findings->errors) {
        check_case(&reading, node, &test);
    }
    if (errors == findings->errors) {
        APR_ARRAY_PUSH(cases, fct_test_case_t) = test;
    }
}
