/* Where a FastCGI application listens: TCP or Unix socket, written as people write it. */
#ifndef FCT_ENDPOINT_H
#define FCT_ENDPOINT_H

#include <apr_network_io.h>
#include <apr_pools.h>

typedef struct fct_endpoint_t {
    const char *path;        /* of a Unix socket; NULL: TCP */
    const char *host;
    apr_port_t port;         /* 0: any free port */
} fct_endpoint_t;

/* "ADDR:PORT", "[ADDR6]:PORT", "unix:PATH", or a path with a slash in it. NULL, or why not. */
const char *fct_endpoint_parse(const char *text, fct_endpoint_t *endpoint, apr_pool_t *p);

/* A connected socket that does not block. NULL, or why not. */
const char *fct_endpoint_connect(const fct_endpoint_t *endpoint, apr_interval_time_t timeout, apr_socket_t **socket, apr_pool_t *p);

/* A socket that listens. */
typedef struct fct_endpoint_listener_t {
    apr_socket_t *socket;
    const char *name;        /* "127.0.0.1:9000" or "unix:/run/app.sock": what a client connects to */
    const char *path;        /* of the socket file, NULL for TCP */
    apr_uint64_t device;     /* the socket file that is ours to remove */
    apr_uint64_t inode;
} fct_endpoint_listener_t;

/* Listens without blocking in accept. A socket file that nobody listens on any more is replaced; anything else at that path, and a
 * socket somebody listens on, is left alone. `mode`: permissions of the socket file. NULL, or why not. */
const char *fct_endpoint_listen(const fct_endpoint_t *endpoint, int mode, fct_endpoint_listener_t *listener, apr_pool_t *p);

/* Closes it and removes the socket file if it is still the one that was made. */
void fct_endpoint_close(fct_endpoint_listener_t *listener);

#endif
