/* Findings: the one table of diagnostics, and the list a check collects them in. */
#ifndef FCT_FINDING_H
#define FCT_FINDING_H

#include <apr_tables.h>

#include "bytes.h"

/* How much a finding matters. An ERROR refuses (a start, a request, a reply); the others only tell. */
typedef enum fct_severity_t {
    FCT_SEVERITY_INFO,
    FCT_SEVERITY_WARNING,
    FCT_SEVERITY_ERROR
} fct_severity_t;

/* FCT_FINDING_<NAME> == its four digits; never reused. 0 is no finding. */
typedef enum fct_finding_id_t {
    FCT_FINDING_NONE = 0,
#define FCT_FINDING(number, name, area, severity, sentence) FCT_FINDING_##name = number,
#include "finding.def"
#undef FCT_FINDING
    FCT_FINDING_MAX = 9999
} fct_finding_id_t;

typedef struct fct_finding_info_t {
    fct_finding_id_t id;
    const char *area;        /* one word: record, response, head, request, body, xml, flow, ... */
    fct_severity_t severity;
    const char *sentence;    /* what is wrong and what to do, without the particulars */
} fct_finding_info_t;

/* The row of an id; never NULL for an id of the enum, NULL for any other number. */
const fct_finding_info_t *fct_finding_info(fct_finding_id_t id);

/* The rows in the order of their numbers; *n is set to their count. For the README's list and its test. */
const fct_finding_info_t *fct_finding_table(apr_size_t *n);

/* One finding at one place. Strings live as long as the pool of the list. */
typedef struct fct_finding_t {
    fct_finding_id_t id;
    const char *file;        /* NULL: no file is at fault */
    int line;                /* 0: no line is known */
    const char *detail;      /* the sentence with the particulars, never NULL */
} fct_finding_t;

/* Where a check puts what it finds: everything, so that all faults are named at once. */
typedef struct fct_findings_t {
    apr_pool_t *pool;
    apr_array_header_t *items;   /* of fct_finding_t */
    int errors;                  /* how many of them are FCT_SEVERITY_ERROR */
} fct_findings_t;

fct_findings_t *fct_findings_create(apr_pool_t *p);

/* Adds one. fmt == NULL uses the table's sentence as the detail. */
void fct_findings_add(fct_findings_t *list, fct_finding_id_t id, const char *file, int line,
                      const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Sorts by file, line and number; duplicates (same place, id and detail) are merged. */
void fct_findings_sort(fct_findings_t *list);

/* POLICY 7: "hr.xml:12: FCT3104 flow: …", "hr.xml: …" without a line, "FCT… area: …" without a file. Allocated in p. */
const char *fct_finding_text(const fct_finding_t *finding, apr_pool_t *p);

#endif
