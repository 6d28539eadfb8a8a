/* A stream of FastCGI bytes shown record by record, whatever is in it. */
#ifndef FCT_WIRE_H
#define FCT_WIRE_H

#include "out.h"
#include "record.h"
#include "rule_list.h"

#define FCT_WIRE_EXCERPT 60

/* One direction of a connection. */
typedef struct fct_wire_t {
    const char *arrow;                     /* "=>" sent, "<=" received */
    fct_out_t pairs;                       /* content of PARAMS, GET_VALUES and its result so far */
    apr_size_t pairs_shown;                /* so many of its bytes are pairs that were shown */
    const apr_array_header_t *secrets;     /* of fct_bytes_t: names of pairs whose values are not shown; NULL: none */
    unsigned long records;
    unsigned char header[FCT_RECORD_HEADER_LEN];
    apr_size_t header_len;
    apr_size_t content_left;
    apr_size_t padding_left;
    char excerpt[FCT_WIRE_EXCERPT];        /* of the content of the record at hand */
    apr_size_t excerpt_len;
} fct_wire_t;

/* p: lives as long as the connection. */
void fct_wire_init(fct_wire_t *wire, const char *arrow, apr_pool_t *p);

/* Adds a line for each record that ends in these bytes: type, id, lengths, and what is inside; the pairs that end in it follow, one a line. */
void fct_wire_show(fct_wire_t *wire, const char *at, apr_size_t len, fct_out_t *out);

/* Adds a line for a record that was cut off, if there is one. */
void fct_wire_show_rest(fct_wire_t *wire, fct_out_t *out);

#endif
