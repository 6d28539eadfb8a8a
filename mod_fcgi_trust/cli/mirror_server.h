/* The mirror while it serves; for mirror_serve.c and mirror_connection.c alone. */
#ifndef FCT_MIRROR_SERVER_H
#define FCT_MIRROR_SERVER_H

#include <apr_poll.h>

#include "mirror.h"

#define FCT_MIRROR_READ_SIZE 65536

typedef struct fct_mirror_server_t fct_mirror_server_t;

/* What a poll descriptor's client_data points to; that of listeners is NULL. */
typedef struct fct_mirror_connection_t fct_mirror_connection_t;

struct fct_mirror_connection_t {
    fct_mirror_connection_t *next;
    fct_mirror_connection_t *previous;
    apr_pool_t *pool;
    apr_socket_t *socket;
    apr_pollfd_t pollfd;
    fct_inbound_t *inbound;
    fct_mirror_place_t place;
    apr_pool_t *out_pool;                /* of what waits to be sent; NULL: nothing does */
    fct_out_t out;
    apr_size_t sent;
    apr_size_t held;                     /* bytes of its request and answer, as counted in the server's */
    int is_last;                         /* to be closed once everything is sent */
    apr_time_t active;
};

struct fct_mirror_server_t {
    const fct_tool_t *tool;
    const fct_mirror_settings_t *settings;
    fct_endpoint_listener_t *listeners;
    int nlisteners;
    int is_accepting;
    int is_full;                         /* as many connections as may be, or as the system can give */
    apr_pollset_t *pollset;
    fct_mirror_connection_t *connections; /* the newest first */
    apr_int64_t nconnections;
    apr_size_t held;                     /* bytes of all connections' requests and answers */
    apr_int64_t answered;
    apr_uint64_t accepted;
    char buf[FCT_MIRROR_READ_SIZE];
};

/* A connection that was accepted, which lives in its own pool. */
void fct_mirror_connection_open(fct_mirror_server_t *server, apr_socket_t *socket, apr_pool_t *pool);

/* Something can be read or written: does that, and closes the connection where it is over. */
void fct_mirror_connection_serve(fct_mirror_server_t *server, fct_mirror_connection_t *connection);

void fct_mirror_connection_close(fct_mirror_server_t *server, fct_mirror_connection_t *connection);

/* As many requests as --count says were answered. */
int fct_mirror_server_is_done(const fct_mirror_server_t *server);

#endif
