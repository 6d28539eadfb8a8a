/* Policy tests as XML → cases: a request, facts, and what is expected of it. */
#ifndef FCT_TEST_DOCUMENT_H
#define FCT_TEST_DOCUMENT_H

#include "finding.h"
#include "place.h"

#define FCT_TEST_DOCUMENT_NAMESPACE "urn:mod-fcgi-trust:test:1"

/* One attribute of <facts>, or one of its children: what the tool's options say on the command line. */
typedef struct fct_test_fact_t {
    fct_place_t place;
    const char *option;              /* "user"; of a child: "env" */
    const char *name;                /* of a child: its name; NULL: an attribute */
    const char *value;
} fct_test_fact_t;

typedef enum fct_test_expected_t {
    FCT_TEST_PARAM,                  /* <param>: it is sent */
    FCT_TEST_ABSENT,                 /* <absent>: it is not */
    FCT_TEST_DROPPED,                /* <dropped>: this field came, and does not pass */
    FCT_TEST_REFUSE                  /* <refuse>: the request ends here */
} fct_test_expected_t;

typedef struct fct_test_expectation_t {
    fct_place_t place;
    fct_test_expected_t kind;
    const char *name;                /* of the parameter or field */
    const char *value;               /* NULL: any */
    const char *source;              /* NULL: any */
    const char *trust;               /* the class; NULL: any */
    int status;                      /* of <refuse> */
    fct_finding_id_t finding;        /* of <refuse>; none: any */
    int is_by_httpd;                 /* of <refuse>: httpd does it, before the module */
} fct_test_expectation_t;

typedef struct fct_test_case_t {
    fct_place_t place;
    const char *name;
    fct_bytes_t request;             /* its text; absent: in a file */
    const char *request_file;        /* its path; NULL: there is a text */
    int request_line;                /* the line of the file in which the text begins */
    int is_exact;                    /* params="exactly": no other parameters are sent */
    apr_array_header_t *facts;       /* of fct_test_fact_t: those of the file, then its own */
    apr_array_header_t *expectations;    /* of fct_test_expectation_t, at least one */
} fct_test_case_t;

typedef struct fct_test_document_t {
    fct_place_t place;
    const char *policy;              /* a path; NULL: a shipped one */
    const char *shipped;             /* its name; NULL: there is a path */
    apr_array_header_t *cases;       /* of fct_test_case_t, those of included files too */
} fct_test_document_t;

/* Reads a test file and what it includes. Paths in it are relative to its directory. NULL after adding findings: every fault of every
 * file at once. As strict as the policy reader: no document type, no entities, capped size and counts. All in p. */
const fct_test_document_t *fct_test_document_read(const char *path, fct_findings_t *findings, apr_pool_t *p);

/* The same for a text at hand. */
const fct_test_document_t *fct_test_document_parse(fct_bytes_t text, const char *path, fct_findings_t *findings, apr_pool_t *p);

#endif
