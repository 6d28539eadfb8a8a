/* The elements of a test file: which may stand where, and with which attributes. */
#include "test_element.h"

#include <string.h>

#include <apr_strings.h>

#include "test_document.h"

typedef struct row_t {
    const char *name;
    fct_test_element_t element;
    fct_test_element_t parent;
    const char *attributes;          /* words; NULL: any */
    int has_text;
} row_t;

static const row_t rows[] = {
    { "tests", FCT_TEST_ELEMENT_TESTS, FCT_TEST_ELEMENT_NONE, " policy shipped ", 0 },
    { "description", FCT_TEST_ELEMENT_DESCRIPTION, FCT_TEST_ELEMENT_TESTS, " ", 1 },
    { "include", FCT_TEST_ELEMENT_INCLUDE, FCT_TEST_ELEMENT_TESTS, " file ", 0 },
    { "facts", FCT_TEST_ELEMENT_FACTS, FCT_TEST_ELEMENT_TESTS, NULL, 0 },
    { "case", FCT_TEST_ELEMENT_CASE, FCT_TEST_ELEMENT_TESTS, " name params ", 0 },
    { "request", FCT_TEST_ELEMENT_REQUEST, FCT_TEST_ELEMENT_CASE, " file ", 1 },
    { "facts", FCT_TEST_ELEMENT_FACTS, FCT_TEST_ELEMENT_CASE, NULL, 0 },
    { "param", FCT_TEST_ELEMENT_PARAM, FCT_TEST_ELEMENT_CASE, " name value source class ", 0 },
    { "absent", FCT_TEST_ELEMENT_ABSENT, FCT_TEST_ELEMENT_CASE, " name ", 0 },
    { "dropped", FCT_TEST_ELEMENT_DROPPED, FCT_TEST_ELEMENT_CASE, " header ", 0 },
    { "refuse", FCT_TEST_ELEMENT_REFUSE, FCT_TEST_ELEMENT_CASE, " status finding by ", 0 },
    { NULL, FCT_TEST_ELEMENT_FACT, FCT_TEST_ELEMENT_FACTS, " name value ", 0 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char *name_of(const xmlNode *node)
{
    return (const char *)node->name;
}

static const row_t *find_row(const xmlNode *node, fct_test_element_t parent)
{
    size_t i;

    for (i = 0; i < ROWS; i++) {
        if (rows[i].parent == parent && (!rows[i].name || strcmp(rows[i].name, name_of(node)) == 0)) {
            return &rows[i];
        }
    }
    return NULL;
}

static const char *names_in(fct_test_element_t parent, apr_pool_t *p)
{
    const char *names = "";
    size_t i;

    for (i = 0; i < ROWS; i++) {
        if (rows[i].parent == parent && rows[i].name) {
            names = apr_pstrcat(p, names, *names ? ", <" : "<", rows[i].name, ">", NULL);
        }
    }
    return names;
}

static int has_word(const char *words, const char *word, apr_pool_t *p)
{
    return strstr(words, apr_pstrcat(p, " ", word, " ", NULL)) != NULL;
}

static void check_attributes(const xmlNode *node, const row_t *row, const char *file, fct_findings_t *findings)
{
    const xmlAttr *attribute;

    for (attribute = node->properties; attribute; attribute = attribute->next) {
        const char *name = (const char *)attribute->name;

        if (attribute->ns || (row->attributes && !has_word(row->attributes, name, findings->pool))) {
            fct_findings_add(findings, FCT_FINDING_TEST_FORM, file, node->line, "<%.64s> has no attribute %.64s", name_of(node), name);
        }
    }
}

static void check_content(const xmlNode *node, const row_t *row, const char *file, fct_findings_t *findings)
{
    const xmlNode *child;

    for (child = node->children; child; child = child->next) {
        int is_text = child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE;

        if (is_text && !row->has_text && !xmlIsBlankNode(child)) {
            fct_findings_add(findings, FCT_FINDING_TEST_FORM, file, node->line, "<%.64s> holds no text", name_of(node));
        }
        if (!is_text && child->type != XML_ELEMENT_NODE && child->type != XML_COMMENT_NODE) {
            fct_findings_add(findings, FCT_FINDING_TEST_FORM, file, node->line, "<%.64s> holds something that is neither element nor text",
                             name_of(node));
        }
        if (child->type == XML_ELEMENT_NODE && row->has_text) {
            fct_findings_add(findings, FCT_FINDING_TEST_FORM, file, child->line, "<%.64s> holds text alone", name_of(node));
        }
    }
}

fct_test_element_t fct_test_element_check(const xmlNode *node, fct_test_element_t parent, const char *file, fct_findings_t *findings)
{
    const row_t *row = find_row(node, parent);
    int is_ours = node->ns && node->ns->href && strcmp((const char *)node->ns->href, FCT_TEST_DOCUMENT_NAMESPACE) == 0;

    if (!is_ours && parent == FCT_TEST_ELEMENT_NONE && strcmp((const char *)node->name, "policy") == 0) {
        fct_findings_add(findings, FCT_FINDING_TEST_FORM, file, node->line, "this is a policy; its tests stand in a file of their own, which "
                         "names it: <tests xmlns=\"" FCT_TEST_DOCUMENT_NAMESPACE "\" policy=\"...\">");
        return FCT_TEST_ELEMENT_NONE;
    }
    if (!is_ours) {
        fct_findings_add(findings, FCT_FINDING_TEST_FORM, file, node->line, "<%.64s> is not of the namespace %s", name_of(node),
                         FCT_TEST_DOCUMENT_NAMESPACE);
        return FCT_TEST_ELEMENT_NONE;
    }
    if (!row) {
        const char *names = names_in(parent, findings->pool);

        fct_findings_add(findings, FCT_FINDING_TEST_FORM, file, node->line, *names ? "<%.64s> has no place here; what has is %s"
                         : "<%.64s> has no place here: no element has%s", name_of(node), names);
        return FCT_TEST_ELEMENT_NONE;
    }
    check_attributes(node, row, file, findings);
    check_content(node, row, file, findings);
    return row->element;
}

const char *fct_test_element_attribute(const xmlNode *node, const char *name, apr_pool_t *p)
{
    xmlChar *value = xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)name);
    const char *copy = value ? apr_pstrdup(p, (const char *)value) : NULL;

    xmlFree(value);
    return copy;
}

const char *fct_test_element_required(const xmlNode *node, const char *name, const char *file, fct_findings_t *findings, apr_pool_t *p)
{
    const char *value = fct_test_element_attribute(node, name, p);

    if (!value || !*value) {
        fct_findings_add(findings, FCT_FINDING_TEST_CASE, file, node->line, "<%.64s> needs %s=\"...\"", name_of(node), name);
        return NULL;
    }
    return value;
}
