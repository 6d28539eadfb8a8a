/* One connection of a web server while it is taken apart; for inbound*.c alone. */
#ifndef FCT_INBOUND_STATE_H
#define FCT_INBOUND_STATE_H

#include <apr_tables.h>

#include "inbound.h"

#define FCT_INBOUND_BEGIN_LEN 8

/* Of the record at hand. */
typedef enum fct_inbound_part_t {
    FCT_INBOUND_PART_HEADER,
    FCT_INBOUND_PART_CONTENT,
    FCT_INBOUND_PART_PADDING,
    FCT_INBOUND_PART_FAULT
} fct_inbound_part_t;

/* Of the request at hand. */
typedef enum fct_inbound_phase_t {
    FCT_INBOUND_PHASE_IDLE,
    FCT_INBOUND_PHASE_PARAMS,
    FCT_INBOUND_PHASE_STDIN,
    FCT_INBOUND_PHASE_WHOLE
} fct_inbound_phase_t;

struct fct_inbound_t {
    fct_inbound_limits_t limits;
    apr_pool_t *pool;
    apr_uint64_t records;
    unsigned last_id;                  /* of the last request that ended, 0: none */
    unsigned rejected_id;              /* of the last one rejected while another was active */

    fct_inbound_part_t part;           /* of the record at hand */
    unsigned char header[FCT_RECORD_HEADER_LEN];
    unsigned header_len;
    unsigned char begin[FCT_INBOUND_BEGIN_LEN];
    unsigned begin_len;
    unsigned type;
    unsigned id;
    apr_size_t content_len;
    apr_size_t content_left;
    apr_size_t padding_left;
    int is_skipped;                    /* belongs to a request that is no more */

    fct_inbound_phase_t phase;         /* of the request at hand */
    fct_inbound_request_t request;
    fct_out_t params;
    apr_array_header_t *offsets;       /* of where pairs stand in params */
    apr_size_t scanned;                /* pairs are known up to here in params */
    apr_size_t split_at;               /* the pair counted as split last begins here */
    fct_out_t excerpt;
    apr_sha1_ctx_t sha1;
    fct_out_t names;                  /* of GET_VALUES */
};

/* inbound_check.c: may the record whose header is whole come now? NULL, or why not. One that belongs to a request that is no more is marked as
 * skipped. */
const char *fct_inbound_check(fct_inbound_t *in);

/* inbound_request.c: the request at hand. */
void fct_inbound_request_begin(fct_inbound_t *in);

/* Notes every pair that is there completely, and whether the one after them lies over the end of the record. Returns how many there are. */
int fct_inbound_request_scan(fct_inbound_t *in);

/* Counts and digests bytes of STDIN. */
void fct_inbound_request_take_stdin(fct_inbound_t *in, const char *at, apr_size_t len);

/* It is whole. */
void fct_inbound_request_finish(fct_inbound_t *in);

#endif
