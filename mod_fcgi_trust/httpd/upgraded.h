/* The header fields of a request that HTTP/2 takes over by an upgrade: it runs a second time, with what modules made of it the first time. */
#ifndef FCT_UPGRADED_H
#define FCT_UPGRADED_H

#include "request.h"

/* Keeps what an HTTP/1.1 request that asks for h2c received, for the connection's first stream. Of any other request: nothing. */
void fct_upgraded_keep(request_rec *r, const fct_received_set_t *received);

/* What the request that r repeats received, with its entries and lines alone; NULL: r repeats none. Lives as long as the connection. */
const fct_received_set_t *fct_upgraded_received(request_rec *r);

#endif
