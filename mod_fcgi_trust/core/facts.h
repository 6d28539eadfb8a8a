/* Facts: what one request is, as the policy sees it. The module fills them from a request_rec, the tool from a file. */
#ifndef FCT_FACTS_H
#define FCT_FACTS_H

#include <apr_network_io.h>

#include "bytes.h"
#include "certificate.h"
#include "head.h"
#include "script.h"
#include "source.h"

/* Who wrote the request header field that now stands in the server's table (SPEC 6). */
typedef enum fct_field_origin_t {
    FCT_ORIGIN_CLIENT,       /* what the client sent, unchanged */
    FCT_ORIGIN_CHANGED,      /* the client sent a field of this name; the server changed its value */
    FCT_ORIGIN_SERVER        /* the server set it and the client sent none of this name */
} fct_field_origin_t;

/* Whether the value holds more than one field of that name, joined by the server; fields that it kept apart are entries of their own. */
typedef enum fct_joined_t {
    FCT_JOINED_NOT,
    FCT_JOINED_PERHAPS,      /* the value looks like it, and nothing else tells */
    FCT_JOINED_CERTAINLY
} fct_joined_t;

typedef struct fct_received_t {
    fct_bytes_t name;
    fct_bytes_t value;
    fct_field_origin_t origin;
    fct_joined_t joined;
    int is_by_auth;          /* what stands there was set during the authentication and authorization phases of this request */
} fct_received_t;

typedef enum fct_body_kind_t {
    FCT_BODY_NONE,           /* no body can follow */
    FCT_BODY_LENGTH,         /* Content-Length: body_length */
    FCT_BODY_UNKNOWN         /* chunked, or HTTP/2 without a length, or changed by an input filter */
} fct_body_kind_t;

typedef struct fct_facts_t {
    fct_bytes_t method;
    fct_bytes_t path;                  /* decoded, normalised, as first received (POLICY 3, when path:) */
    const fct_received_t *fields;      /* request header fields as the server left them */
    apr_size_t nfields;
    fct_body_kind_t body;
    apr_off_t body_length;             /* with FCT_BODY_LENGTH */
    int is_upgrade;                    /* asks for a protocol switch (Upgrade, extended CONNECT) */
    int is_tls;
    fct_mapping_t mapping;             /* what httpd mapped the request to */
    apr_sockaddr_t *peer;              /* the TCP peer; NULL: none (a Unix socket) */
    apr_sockaddr_t *client;            /* the client as httpd sees it; mod_remoteip may have replaced the peer */

    /* The value of a source that is neither a header field (header.*, set-header.*, auth.header.*), a cookie, script.* nor of a
     * certificate; absent if there is none. auth.env.NAME and env.NAME: the argument is the name, byte for byte. Called only if a rule
     * or condition asks. The bytes live as long as the request. */
    fct_bytes_t (*source)(void *context, const fct_source_ref_t *ref);

    /* The client's certificate, verified for this connection (POLICY 1: tls.client.*); NULL: none. Called only if a rule or condition
     * asks, perhaps more than once; the answer is the same and lives as long as the request. NULL: there never is one. */
    const fct_client_certificate_t *(*certificate)(void *context);
    void *context;

    /* What an upstream wrote, as a certificate in p; NULL: it is none. Called at most once for each upstream. NULL: it never is one. */
    const fct_client_certificate_t *(*decode_certificate)(fct_bytes_t text, fct_certificate_format_t format, apr_pool_t *p);
} fct_facts_t;

#endif
