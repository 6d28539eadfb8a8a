/* One attempt to have a request answered by one backend. */
#ifndef FCT_ATTEMPT_H
#define FCT_ATTEMPT_H

#include <mod_proxy.h>

#include "exchange.h"
#include "gateway.h"

/* Takes a connection of the worker, runs the exchange over it, twice if the first met a kept connection that was closed, gives the
 * connection back and ends the request. Returns what the scheme handler must return: HTTP_SERVICE_UNAVAILABLE alone lets a balancer try its
 * next member, since no connection was ever established. */
int fct_attempt_run(fct_gateway_t *gateway, request_rec *r, proxy_worker *worker, proxy_server_conf *conf, char *url);

/* attempt_end.c: ends the request as the exchange ended: passes, refuses or aborts the reply. Returns what the scheme handler must return. */
int fct_attempt_end(fct_exchange_t *x);

#endif
