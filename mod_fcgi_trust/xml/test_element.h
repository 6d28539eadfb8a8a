/* The elements of a test file: which may stand where, and with which attributes. For test_document*.c. */
#ifndef FCT_TEST_ELEMENT_H
#define FCT_TEST_ELEMENT_H

#include <libxml/tree.h>

#include "finding.h"

typedef enum fct_test_element_t {
    FCT_TEST_ELEMENT_NONE,
    FCT_TEST_ELEMENT_TESTS,
    FCT_TEST_ELEMENT_DESCRIPTION,
    FCT_TEST_ELEMENT_INCLUDE,
    FCT_TEST_ELEMENT_CASE,
    FCT_TEST_ELEMENT_REQUEST,
    FCT_TEST_ELEMENT_FACTS,
    FCT_TEST_ELEMENT_FACT,           /* any child of <facts>; the tool knows their names */
    FCT_TEST_ELEMENT_PARAM,
    FCT_TEST_ELEMENT_ABSENT,
    FCT_TEST_ELEMENT_DROPPED,
    FCT_TEST_ELEMENT_REFUSE
} fct_test_element_t;

/* Which element it is; NONE after adding a finding where it may not stand in `parent`. An attribute that it may not have, text that may
 * not be there, and what is neither element nor text, are findings too. */
fct_test_element_t fct_test_element_check(const xmlNode *node, fct_test_element_t parent, const char *file, fct_findings_t *findings);

/* The value of an attribute, in p; NULL: it is not there. */
const char *fct_test_element_attribute(const xmlNode *node, const char *name, apr_pool_t *p);

/* The same where it must be there: after adding a finding NULL. */
const char *fct_test_element_required(const xmlNode *node, const char *name, const char *file, fct_findings_t *findings, apr_pool_t *p);

#endif
