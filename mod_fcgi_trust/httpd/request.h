/* What the module remembers of a request, taken at the moments when it is still true. */
#ifndef FCT_REQUEST_H
#define FCT_REQUEST_H

#include "field_lines.h"
#include "provenance.h"

/* Remembered once on the initial request, ahead of every module, and shared by pointer with its sub-requests and internal
 * redirects (they share the header table). SPEC 6. */
typedef struct fct_received_set_t {
    const apr_table_entry_t *entries;   /* the header fields as httpd received them: pointers, not copies */
    int nentries;
    const fct_field_lines_t *lines;     /* which of them httpd joined from several; NULL: unknown (HTTP/2) */
    int te_with_length;                 /* HTTP/1.x: Transfer-Encoding came together with Content-Length */
    const char *unique_id;              /* mod_unique_id's value before anything could overwrite it; NULL: not loaded */
    const char *method;                 /* as received; an error document or a local redirect makes r->method GET */
    const char *path;                   /* the decoded, normalised path as first received; NULL: mapped early */
} fct_received_set_t;

typedef struct fct_gateway_t fct_gateway_t;

typedef struct fct_request_t {
    fct_received_set_t *received;
    const fct_field_lines_t *lines;     /* until received is made */
    fct_provenance_t *provenance;       /* what the authentication and authorization phases left (provenance.c) */
    int is_mapped_early;                /* by a ProxyPass with mapping=encoded or servlet, before httpd decodes the path */
    const char *file;                   /* what httpd mapped under SetHandler, before mod_proxy rewrites it; NULL: nothing */
    const char *path_info;
    int was_elsewhere;                  /* a balancer asked a member of another protocol first, whose module may have read of the body */
    struct fct_decision_t *decision;    /* what was decided about it; NULL: nothing yet (decision.h) */
    struct fct_certificate_answer_t *certificates;  /* what is known of the client's certificate (request_certificate.c) */
    int is_candidates_turn;             /* the candidate is being evaluated: its trust anchor says which certificate counts */
    fct_gateway_t *gateway;             /* evaluated parameters and body, kept over balancer attempts (gateway.h) */
    struct fct_outcome_t *outcome;      /* what came of it at its backends; NULL: none was asked for (outcome.h) */
} fct_request_t;

/* The memory of r; made on first use, inheriting what is shared. Never NULL. */
fct_request_t *fct_request_of(request_rec *r);

/* The request as it came, which internal redirects and sub-requests serve. */
static inline request_rec *fct_request_initial_of(request_rec *r)
{
    while (r->prev || r->main) {
        r = r->prev ? r->prev : r->main;
    }
    return r;
}

/* Registers the hooks that fill it. */
void fct_request_register_hooks(apr_pool_t *p);

/* An id for log lines: mod_unique_id's, else httpd's log id. Never NULL. */
const char *fct_request_id(request_rec *r);

#endif
