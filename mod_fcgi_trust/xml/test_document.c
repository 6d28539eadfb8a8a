/* Policy tests as XML → cases: the files, and what they include. */
#include "test_document.h"

#include <string.h>

#include <apr_strings.h>

#include "document.h"
#include "extends.h"
#include "test_case.h"
#include "test_element.h"

#define INCLUDES_MAX 8               /* deep */
#define CASES_MAX 10000

/* One file that is being read, and those that include it. */
typedef struct file_t {
    const char *path;
    const char *real_path;
    const struct file_t *by;         /* NULL: none */
} file_t;

typedef struct reader_t {
    apr_array_header_t *cases;
    fct_findings_t *findings;
    apr_pool_t *p;
} reader_t;

static const xmlNode *read_root(const reader_t *reader, const xmlDoc *doc, const char *path)
{
    const xmlNode *root = doc ? xmlDocGetRootElement((xmlDoc *)doc) : NULL;

    return root && fct_test_element_check(root, FCT_TEST_ELEMENT_NONE, path, reader->findings) == FCT_TEST_ELEMENT_TESTS ? root : NULL;
}

static void read_cases(const reader_t *reader, const xmlNode *root, const file_t *file, const apr_array_header_t *facts_before);

/* --- <include> --- */

static int is_open(const file_t *file, const char *real_path)
{
    for (; file; file = file->by) {
        if (strcmp(file->real_path, real_path) == 0) {
            return 1;
        }
    }
    return 0;
}

static int depth_of(const file_t *file)
{
    int depth = 0;

    for (; file; file = file->by) {
        depth++;
    }
    return depth;
}

static void include(const reader_t *reader, const xmlNode *node, const file_t *by, const apr_array_header_t *facts)
{
    const char *named = fct_test_element_required(node, "file", by->path, reader->findings, reader->p);
    const char *path = named ? fct_test_case_path(named, by->path, reader->p) : NULL;
    const file_t file = { path, path ? fct_extends_real_path(path, reader->p) : NULL, by };
    const xmlNode *root;

    if (!path) {
        return;
    }
    if (is_open(by, file.real_path) || depth_of(by) >= INCLUDES_MAX) {
        fct_findings_add(reader->findings, FCT_FINDING_TEST_INCLUDE, by->path, node->line, is_open(by, file.real_path)
                         ? "%s includes, in the end, this file again" : "%s: test files include each other too deep", named);
        return;
    }
    root = read_root(reader, fct_document_read(path, reader->findings, reader->p), path);
    if (root) {
        read_cases(reader, root, &file, facts);
    }
}

/* --- one file --- */

static void read_child(const reader_t *reader, const xmlNode *node, const file_t *file, apr_array_header_t *facts)
{
    switch (fct_test_element_check(node, FCT_TEST_ELEMENT_TESTS, file->path, reader->findings)) {
    case FCT_TEST_ELEMENT_INCLUDE:
        include(reader, node, file, facts);
        break;
    case FCT_TEST_ELEMENT_FACTS:
        fct_test_case_read_facts(node, file->path, facts, reader->findings, reader->p);
        break;
    case FCT_TEST_ELEMENT_CASE:
        fct_test_case_read(node, file->path, facts, reader->cases, reader->findings, reader->p);
        break;
    default:
        break;
    }
}

/* The facts of a file are for the cases that follow them in it, and in files that it includes after them. */
static void read_cases(const reader_t *reader, const xmlNode *root, const file_t *file, const apr_array_header_t *facts_before)
{
    apr_array_header_t *facts = apr_array_copy(reader->p, facts_before);
    const xmlNode *child;

    for (child = root->children; child; child = child->next) {
        if (child->type != XML_ELEMENT_NODE) {
            continue;
        }
        if (reader->cases->nelts >= CASES_MAX) {
            fct_findings_add(reader->findings, FCT_FINDING_TEST_FORM, file->path, child->line, "there are more than %d cases", CASES_MAX);
            return;
        }
        read_child(reader, child, file, facts);
    }
}

static void read_policy(const reader_t *reader, const xmlNode *root, fct_test_document_t *document)
{
    const char *policy = fct_test_element_attribute(root, "policy", reader->p);

    document->place.line = root->line;
    document->shipped = fct_test_element_attribute(root, "shipped", reader->p);
    document->policy = policy ? fct_test_case_path(policy, document->place.file, reader->p) : NULL;
    if ((policy != NULL) == (document->shipped != NULL)) {
        fct_findings_add(reader->findings, FCT_FINDING_TEST_CASE, document->place.file, root->line,
                         "<tests> names its policy: policy=\"FILE\", or shipped=\"NAME\"");
    }
    if (document->shipped && (!*document->shipped || document->shipped[strspn(document->shipped, "abcdefghijklmnopqrstuvwxyz0123456789-_")])) {
        fct_findings_add(reader->findings, FCT_FINDING_TEST_CASE, document->place.file, root->line,
                         "<tests>: shipped=\"...\" is the name of a shipped policy");
    }
}

static const fct_test_document_t *read_document(const xmlDoc *doc, const char *path, fct_findings_t *findings, apr_pool_t *p)
{
    fct_test_document_t *document = apr_pcalloc(p, sizeof(*document));
    const reader_t reader = { apr_array_make(p, 16, sizeof(fct_test_case_t)), findings, p };
    const file_t file = { path, fct_extends_real_path(path, p), NULL };
    int errors = findings->errors;
    const xmlNode *root = read_root(&reader, doc, path);

    document->place.file = path;
    document->cases = reader.cases;
    if (root) {
        read_policy(&reader, root, document);
        read_cases(&reader, root, &file, apr_array_make(p, 1, sizeof(fct_test_fact_t)));
        if (errors == findings->errors && reader.cases->nelts == 0) {
            fct_findings_add(findings, FCT_FINDING_TEST_CASE, path, root->line, "the file has no case");
        }
    }
    return root && errors == findings->errors ? document : NULL;
}

const fct_test_document_t *fct_test_document_read(const char *path, fct_findings_t *findings, apr_pool_t *p)
{
    const char *kept = apr_pstrdup(p, path);

    return read_document(fct_document_read(kept, findings, p), kept, findings, p);
}

const fct_test_document_t *fct_test_document_parse(fct_bytes_t text, const char *path, fct_findings_t *findings, apr_pool_t *p)
{
    const char *kept = apr_pstrdup(p, path);

    return read_document(fct_document_parse(text, kept, findings, p), kept, findings, p);
}
