/* FastCGI records on the wire: encoding of headers, and a decoder for what a backend may send.
 *
 *   0       1      2            4                6               7
 *   version type   requestId    contentLength    paddingLength   reserved   then content, then padding
 *   1 byte  1      2, big end.  2, big endian    1               1
 */
#ifndef FCT_RECORD_H
#define FCT_RECORD_H

#include "bytes.h"
#include "finding.h"

#define FCT_RECORD_VERSION 1
#define FCT_RECORD_HEADER_LEN 8
#define FCT_RECORD_CONTENT_MAX 65535
#define FCT_RECORD_BEGIN_LEN 16          /* header and body of BEGIN_REQUEST */
#define FCT_RECORD_END_BODY_LEN 8

typedef enum fct_record_type_t {          /* FastCGI 1.0, section 8 */
    FCT_RECORD_BEGIN_REQUEST = 1,
    FCT_RECORD_ABORT_REQUEST = 2,
    FCT_RECORD_END_REQUEST = 3,
    FCT_RECORD_PARAMS = 4,
    FCT_RECORD_STDIN = 5,
    FCT_RECORD_STDOUT = 6,
    FCT_RECORD_STDERR = 7,
    FCT_RECORD_DATA = 8,
    FCT_RECORD_GET_VALUES = 9,
    FCT_RECORD_GET_VALUES_RESULT = 10,
    FCT_RECORD_UNKNOWN_TYPE = 11
} fct_record_type_t;

/* Writes the eight header bytes, padding 0, reserved 0. The one place where a content length is checked:
 * content_len over FCT_RECORD_CONTENT_MAX or request_id outside 1..65535 aborts the process (a caller's defect). */
void fct_record_put_header(unsigned char out[FCT_RECORD_HEADER_LEN], fct_record_type_t type,
                           unsigned request_id, apr_size_t content_len);

/* Writes a whole BEGIN_REQUEST record: role RESPONDER, FCGI_KEEP_CONN if keep_conn, reserved bytes 0. */
void fct_record_put_begin(unsigned char out[FCT_RECORD_BEGIN_LEN], unsigned request_id, int keep_conn);

/* What the decoder met. */
typedef enum fct_record_event_kind_t {
    FCT_RECORD_NEED_MORE,     /* everything was consumed, nothing to report */
    FCT_RECORD_CONTENT,       /* `content`: the next bytes of a STDOUT or STDERR record, not empty */
    FCT_RECORD_STREAM_END,    /* an empty STDOUT or STDERR record */
    FCT_RECORD_END,           /* a whole END_REQUEST: app_status, protocol_status */
    FCT_RECORD_FAULT          /* `finding`; the decoder stays in fault */
} fct_record_event_kind_t;

typedef struct fct_record_event_t {
    fct_record_event_kind_t kind;
    fct_record_type_t type;          /* of the record at hand */
    fct_bytes_t content;             /* points into the caller's buffer */
    apr_uint32_t app_status;
    unsigned protocol_status;        /* 0 COMPLETE, 1 CANT_MPX_CONN, 2 OVERLOADED, 3 UNKNOWN_ROLE, else unknown */
    fct_finding_id_t finding;
} fct_record_event_t;

/* A decoder of one connection's bytes; callers allocate it. It holds no content, only 8 bytes of a split header or END_REQUEST.
 * Callers may read it, for messages; only fct_record_* writes it. */
typedef struct fct_record_decoder_t {
    unsigned request_id;             /* the only id that may appear */
    unsigned char part[8];           /* of a header, or of END_REQUEST's content */
    unsigned part_len;
    unsigned version;                /* the record at hand, as received (also after a fault): */
    unsigned type;
    unsigned received_id;
    apr_size_t content_len;
    apr_size_t content_left;         /* content still to come; once 0, */
    apr_size_t padding_left;         /* padding still to come; once 0 too, the next header */
    apr_uint64_t records;            /* complete headers seen: the ordinal of the record at hand, from 1 */
    fct_finding_id_t fault;          /* FCT_FINDING_NONE until there was one */
} fct_record_decoder_t;

void fct_record_decoder_init(fct_record_decoder_t *d, unsigned request_id);

/* Consumes bytes up to and including the first event. Returns how many were consumed (0..len); `event` is always
 * set. A fault (SPEC 5, first row: version, type, id, length of END_REQUEST) is reported with the eighth byte of the header, and
 * nothing is consumed after it. The reserved byte is ignored. Padding is consumed silently, before the next header; a record with
 * padding is complete only after it: fct_record_decoder_is_between tells. FastCGI 1.0 §3.3. */
apr_size_t fct_record_decode(fct_record_decoder_t *d, const char *buf, apr_size_t len, fct_record_event_t *event);

/* Takes back the last n bytes of the CONTENT event just reported: the caller passes them again. n must not exceed its content. */
void fct_record_decoder_unread(fct_record_decoder_t *d, apr_size_t n);

/* True where a record may begin: nothing of a header, content or padding is outstanding. */
int fct_record_decoder_is_between(const fct_record_decoder_t *d);

/* The record at hand, for a message: "record 7 (STDOUT, id 3, 120 bytes)", or that there was none. In p. */
const char *fct_record_decoder_place(const fct_record_decoder_t *d, apr_pool_t *p);

/* Where the input stands, for a message about its end: "where a record may begin", or what is missing. In p. */
const char *fct_record_decoder_place_of_end(const fct_record_decoder_t *d, apr_pool_t *p);

/* The type's name as in the specification ("STDOUT"), "unknown type" for others. */
const char *fct_record_type_name(unsigned type);

#endif
