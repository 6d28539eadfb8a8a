/* One <case> of a test file. For test_document.c. */
#ifndef FCT_TEST_CASE_H
#define FCT_TEST_CASE_H

#include <libxml/tree.h>

#include "test_document.h"

/* Reads a <case>, whose own form is checked; facts: those of the file, of fct_test_fact_t. Adds it to cases, unless findings were added. */
void fct_test_case_read(const xmlNode *node, const char *file, const apr_array_header_t *facts, apr_array_header_t *cases,
                        fct_findings_t *findings, apr_pool_t *p);

/* Reads <facts>, whose own form is checked: adds to facts. */
void fct_test_case_read_facts(const xmlNode *node, const char *file, apr_array_header_t *facts, fct_findings_t *findings, apr_pool_t *p);

/* A path in a file, relative to that file's directory. */
const char *fct_test_case_path(const char *path, const char *file, apr_pool_t *p);

#endif
