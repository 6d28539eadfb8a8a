/* The parts of the mirror: its settings, what it shows, how it answers, how it serves. */
#ifndef FCT_MIRROR_H
#define FCT_MIRROR_H

#include "endpoint.h"
#include "inbound.h"
#include "out.h"
#include "tool.h"

typedef enum fct_mirror_format_t {
    FCT_MIRROR_TEXT,
    FCT_MIRROR_JSON,
    FCT_MIRROR_HTML,
    FCT_MIRROR_AUTO              /* what Accept asks for, else text */
} fct_mirror_format_t;

/* How the mirror can answer wrongly when it plays a faulty application. */
typedef enum fct_mirror_lie_t {
    FCT_MIRROR_HONEST,
    FCT_MIRROR_SHORT_BODY,       /* Content-Length larger than the body */
    FCT_MIRROR_NO_END,           /* closes without END_REQUEST */
    FCT_MIRROR_BAD_HEADER,       /* a field line without a colon */
    FCT_MIRROR_WRONG_ID,         /* answers under another request id */
    FCT_MIRROR_OVERLOADED        /* END_REQUEST with OVERLOADED, nothing else */
} fct_mirror_lie_t;

typedef struct fct_mirror_settings_t {
    apr_array_header_t *listen;  /* of fct_endpoint_t */
    int socket_mode;
    int format;                  /* fct_mirror_format_t */
    int lie;                     /* fct_mirror_lie_t */
    const char *ready;           /* file that gets the addresses; NULL: none */
    fct_inbound_limits_t limits;
    apr_int64_t max_connections;
    apr_int64_t max_memory;      /* bytes of all requests and answers at hand together */
    apr_int64_t idle;            /* seconds */
    apr_int64_t count;           /* requests, 0: any number */
    apr_int64_t life;            /* seconds, 0: for ever */
} fct_mirror_settings_t;

/* Where a request came in. */
typedef struct fct_mirror_place_t {
    apr_uint64_t connection;     /* its number, from 1 */
    apr_uint64_t exchange;       /* of the request on its connection, from 1 */
} fct_mirror_place_t;

/* Adds the page about the request. */
void fct_mirror_page(fct_out_t *page, fct_mirror_format_t format, const fct_mirror_place_t *place,
                     const fct_inbound_request_t *request);

/* Adds the records that answer the request. Returns 1 if the connection is to be kept. */
int fct_mirror_answer(fct_out_t *out, const fct_mirror_settings_t *settings, const fct_mirror_place_t *place,
                      const fct_inbound_request_t *request);

/* Adds END_REQUEST. */
void fct_mirror_answer_end(fct_out_t *out, unsigned id, unsigned protocol_status);

/* Adds GET_VALUES_RESULT for the names asked for that are known. Returns 0 if they are malformed. */
int fct_mirror_answer_values(fct_out_t *out, fct_bytes_t names, apr_int64_t max_connections);

/* Adds FCGI_UNKNOWN_TYPE. */
void fct_mirror_answer_unknown(fct_out_t *out, unsigned type);

/* From here on SIGTERM, SIGINT and SIGHUP end serving instead of the process, so that no socket file is left behind. */
void fct_mirror_catch_signals(void);

/* Serves until told to stop, or the count or time is over. Returns the exit code. */
int fct_mirror_serve(const fct_tool_t *tool, const fct_mirror_settings_t *settings, fct_endpoint_listener_t *listeners, int nlisteners);

#endif
