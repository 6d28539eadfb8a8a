/* The parts of the command request: what is asked for, the parameters made of it, the exchange with the backend. */
#ifndef FCT_REQUEST_H
#define FCT_REQUEST_H

#include <apr_file_io.h>

#include "endpoint.h"
#include "given.h"
#include "params.h"
#include "response.h"
#include "rule_list.h"
#include "tool.h"
#include "wire.h"

typedef struct fct_request_pair_t {
    const char *name;
    const char *value;           /* NULL: the parameter is not to be sent */
    int is_secret;               /* its value is not shown */
} fct_request_pair_t;

typedef struct fct_request_settings_t {
    fct_given_t given;           /* first: its options are stored here; with a policy */
    const char *policy;          /* the file; NULL: none */
    const char *method;
    const char *docroot;         /* NULL: no file is named, the whole path is PATH_INFO */
    apr_array_header_t *headers; /* of fct_request_pair_t, names as in HTTP */
    apr_array_header_t *params;  /* of fct_request_pair_t: set last */
    const char *data;            /* the body; NULL: none */
    const char *data_file;       /* or the file that has it */
    apr_int64_t id;
    apr_int64_t timeout;         /* seconds without anything happening */
    int keep;
    int shows_wire;
    int shows_body_alone;
} fct_request_settings_t;

/* The body to be sent: in memory or in a file. */
typedef struct fct_request_body_t {
    apr_off_t len;               /* -1: there is none */
    const char *data;
    apr_file_t *file;
} fct_request_body_t;

/* "/path?query", "http://host:port/path", "https://…" */
typedef struct fct_request_url_t {
    const char *scheme;
    const char *authority;
    int has_authority;           /* else it is "localhost", because there must be one */
    const char *host;
    const char *port;
    int has_port;                /* else that of the scheme */
    const char *target;          /* path and query, as given */
    const char *path;            /* decoded; NULL where it is not well encoded */
    const char *query;           /* "" without one */
} fct_request_url_t;

/* NULL, or why it is no URL. Strings live in p or point into the text. */
const char *fct_request_url_parse(const char *text, fct_request_url_t *url, apr_pool_t *p);

/* The parameters that the policy yields for a request for the URL, as the module would send them: an array of fct_request_pair_t. NULL after a
 * sentence on stderr; *exit_code says whether the policy refused the request or something could not be read. */
apr_array_header_t *fct_request_policy(const fct_tool_t *tool, const fct_request_settings_t *settings, const char *url,
                                       const fct_request_body_t *body, int *exit_code);

/* The parameters of a request for the URL ("/path?query", "http://host/path", "https://…"), in the order they are sent: an array of
 * fct_request_pair_t in p. NULL and *why where the URL is none. */
apr_array_header_t *fct_request_params(const fct_request_settings_t *settings, const char *url, const fct_request_body_t *body,
                                       const char **why, apr_pool_t *p);

/* What came of an exchange, and when, in microseconds since it began; -1: never. */
typedef struct fct_request_outcome_t {
    apr_int64_t connected;
    apr_int64_t first_byte;
    apr_int64_t ended;
    apr_int64_t body_bytes;
    unsigned long records;       /* received */
    apr_uint32_t app_status;
    fct_finding_id_t finding;    /* what the backend did wrong */
    const char *detail;
    const char *failure;         /* no connection, time out, …: neither an answer nor the backend's fault */
} fct_request_outcome_t;

/* Who is told of what arrives; each is called as it arrives. */
typedef struct fct_request_watcher_t {
    void (*head)(void *context, const fct_head_t *head, int is_interim);
    void (*body)(void *context, fct_bytes_t bytes);
    void (*stderr_text)(void *context, fct_bytes_t bytes);
    void (*wire)(void *context, fct_bytes_t lines);          /* NULL: nobody wants to see records */
    const apr_array_header_t *secrets;                       /* of fct_bytes_t: parameters whose values records are shown without */
    void *context;
} fct_request_watcher_t;

/* What is printed as it comes. */
typedef struct fct_request_report_t {
    const fct_tool_t *tool;
    fct_request_watcher_t watcher;   /* to be handed to the exchange */
    int shows_body_alone;
    int is_line_open;                /* the last byte printed of the body was no newline */
} fct_request_report_t;

void fct_request_report_init(fct_request_report_t *report, const fct_tool_t *tool, int shows_body_alone, int shows_wire);

/* The parameters, of fct_request_pair_t, before the exchange; and what came of it, after. */
void fct_request_report_params(fct_request_report_t *report, const apr_array_header_t *pairs);
void fct_request_report_outcome(fct_request_report_t *report, const fct_request_outcome_t *outcome);

/* Sends the request and takes the answer. */
void fct_request_exchange(const fct_request_settings_t *settings, const fct_endpoint_t *endpoint, fct_params_t *params,
                          const fct_request_body_t *body, const fct_request_watcher_t *watcher, fct_request_outcome_t *outcome,
                          apr_pool_t *p);

#endif
