/* Request facts: what this server knows of one request, each fact from the place where nobody else can have written it. */
#include "request_facts.h"

#include <apr_strings.h>
#include <apr_lib.h>
#include <ap_mmn.h>
#include <http_connection.h>
#include <http_core.h>
#include <http_ssl.h>

#include "authority.h"
#include "client_certificate.h"
#include "request_certificate.h"
#include "request_fields.h"
#include "request_mapping.h"

#define ADDRESS_LEN 64

static conn_rec *master_of(request_rec *r)
{
    return r->connection->master ? r->connection->master : r->connection;
}

static int is_http2(const request_rec *r)
{
    return r->connection->master != NULL;
}

/* --- server.*, as configured --- */

static fct_bytes_t number(request_rec *r, unsigned n)
{
    return fct_bytes_of(apr_itoa(r->pool, (int)n));
}

static fct_bytes_t server_port(request_rec *r)
{
    return number(r, r->server->port ? r->server->port : r->connection->local_addr->port);
}

static const char *https(request_rec *r)
{
    return ap_ssl_conn_is_ssl(r->connection) ? "on" : NULL;
}

static const char *server_scheme(request_rec *r)
{
    return r->server->server_scheme ? r->server->server_scheme : https(r) ? "https" : "http";
}

/* The exact ServerName or ServerAlias that the client named. A wildcard alias lets the client choose, so it gives the ServerName. */
static const char *matched_name(request_rec *r)
{
    int i;

    for (i = 0; r->hostname && r->server->names && i < r->server->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(r->server->names, i, const char *);

        if (name && ap_cstr_casecmp(name, r->hostname) == 0) {
            return name;
        }
    }
    return r->server->server_hostname;
}

/* --- connection.* --- */

/* The TCP peer. mod_remoteip's PROXY protocol replaces conn_rec.client_addr, and older modules conn_rec.client_ip alone, so the socket is asked. */
static apr_sockaddr_t *peer_address(request_rec *r)
{
    apr_socket_t *socket = ap_get_conn_socket(master_of(r));
    apr_sockaddr_t *address = NULL;

    if (socket && apr_socket_addr_get(&address, APR_REMOTE, socket) == APR_SUCCESS && address) {
        return address;
    }
    return master_of(r)->client_addr;
}

static fct_bytes_t address_text(request_rec *r, apr_sockaddr_t *address)
{
    char text[ADDRESS_LEN];              /* not in the address's own pool, which streams of one connection share */

    if (!address || apr_sockaddr_ip_getbuf(text, sizeof(text), address) != APR_SUCCESS) {
        return FCT_BYTES_ABSENT;
    }
    return fct_bytes_of(apr_pstrdup(r->pool, text));
}

fct_bytes_t fct_request_facts_peer(request_rec *r)
{
    return address_text(r, peer_address(r));
}

static fct_bytes_t client_port(request_rec *r)
{
    return (r->useragent_addr == peer_address(r)) ? number(r, r->useragent_addr->port) : FCT_BYTES_ABSENT;
}

static fct_bytes_t tls_variable(request_rec *r, const char *name)
{
    const char *value = https(r) ? ap_ssl_var_lookup(r->pool, r->server, r->connection, r, name) : NULL;

    return fct_bytes_of(value && *value ? value : NULL);
}

/* --- request.* --- */

/* What this server speaks on the connection; the version in a request line is the client's wish. A part of a page (SSI) has the name that
 * RFC 3875 §4.1.16 gives it. */
static const char *protocol(request_rec *r)
{
    if (r->main) {
        return "INCLUDED";
    }
    if (is_http2(r)) {
        return "HTTP/2.0";
    }
    return r->proto_num >= HTTP_VERSION(1, 1) ? "HTTP/1.1" : r->proto_num >= HTTP_VERSION(1, 0) ? "HTTP/1.0" : "HTTP/0.9";
}

fct_bytes_t fct_request_facts_authority(request_rec *r, int *valid)
{
    request_rec *initial = fct_request_initial_of(r);
    const char *text = initial->parsed_uri.hostinfo ? initial->parsed_uri.hostinfo : apr_table_get(initial->headers_in, "Host");
    fct_bytes_t authority = fct_bytes_of(text);

    *valid = fct_bytes_is_empty(authority) || fct_authority_is_valid(authority);
    if (fct_bytes_is_empty(authority)) {
        return FCT_BYTES_ABSENT;
    }
    return *valid ? authority : FCT_BYTES_ABSENT;
}

static fct_bytes_t authority(request_rec *r)
{
    int valid;

    return fct_request_facts_authority(r, &valid);
}

static fct_bytes_t redirect_fact(request_rec *r, fct_source_id_t id)
{
    switch (r->prev ? id : FCT_SOURCE_NONE) {
    case FCT_SOURCE_REQUEST_REDIRECT_STATUS:
        return number(r, (unsigned)r->prev->status);
    case FCT_SOURCE_REQUEST_REDIRECT_URL:
        return fct_bytes_of(r->prev->uri);
    case FCT_SOURCE_REQUEST_REDIRECT_QUERY:
        return fct_bytes_of(r->prev->args);
    default:
        return FCT_BYTES_ABSENT;
    }
}

/* --- the table of sources --- */

static fct_bytes_t request_fact(request_rec *r, fct_source_id_t id)
{
    switch (id) {
    case FCT_SOURCE_REQUEST_METHOD:
        return fct_bytes_of(r->method);
    case FCT_SOURCE_REQUEST_URI:
        return fct_bytes_of(fct_request_initial_of(r)->unparsed_uri);
    case FCT_SOURCE_REQUEST_PATH:
        return fct_bytes_of(fct_request_mapping_path(r));
    case FCT_SOURCE_REQUEST_QUERY:
        return fct_bytes_of(r->args ? r->args : "");
    case FCT_SOURCE_REQUEST_PROTOCOL:
        return fct_bytes_of(protocol(r));
    case FCT_SOURCE_REQUEST_SCHEME:
        return fct_bytes_of(r->parsed_uri.scheme ? r->parsed_uri.scheme : server_scheme(r));
    case FCT_SOURCE_REQUEST_AUTHORITY:
        return authority(r);
    case FCT_SOURCE_REQUEST_CONTENT_TYPE:
        return fct_bytes_of(apr_table_get(r->headers_in, "Content-Type"));
    case FCT_SOURCE_REQUEST_CONTENT_LENGTH:
        return fct_bytes_of(apr_table_get(r->headers_in, "Content-Length"));
    case FCT_SOURCE_REQUEST_ID:
        return fct_bytes_of(fct_request_of(r)->received->unique_id);
    default:
        return redirect_fact(r, id);
    }
}

static fct_bytes_t connection_fact(request_rec *r, fct_source_id_t id)
{
    switch (id) {
    case FCT_SOURCE_CONNECTION_PEER_ADDRESS:
        return address_text(r, peer_address(r));
    case FCT_SOURCE_CONNECTION_PEER_PORT:
        return number(r, peer_address(r)->port);
    case FCT_SOURCE_CONNECTION_LOCAL_ADDRESS:
    case FCT_SOURCE_SERVER_ADDRESS:
        return fct_bytes_of(r->connection->local_ip);
    case FCT_SOURCE_CONNECTION_LOCAL_PORT:
        return number(r, r->connection->local_addr->port);
    case FCT_SOURCE_CONNECTION_CLIENT_ADDRESS:
        return fct_bytes_of(r->useragent_ip);
    case FCT_SOURCE_CONNECTION_CLIENT_PORT:
        return client_port(r);
    case FCT_SOURCE_CONNECTION_TLS:
    case FCT_SOURCE_TLS_HTTPS:
        return fct_bytes_of(https(r));
    case FCT_SOURCE_TLS_PROTOCOL:
        return tls_variable(r, "SSL_PROTOCOL");
    case FCT_SOURCE_TLS_CIPHER:
        return tls_variable(r, "SSL_CIPHER");
    case FCT_SOURCE_TLS_SNI:
        return tls_variable(r, "SSL_TLS_SNI");
    case FCT_SOURCE_TLS_SESSION_ID:
        return tls_variable(r, "SSL_SESSION_ID");
    default:
        return FCT_BYTES_ABSENT;
    }
}

static fct_bytes_t server_fact(request_rec *r, const fct_source_ref_t *ref)
{
    const fct_config_t *config = fct_config_of(r);

    switch (ref->id) {
    case FCT_SOURCE_CONFIG:
        return fct_bytes_of(config->values ? apr_table_get(config->values, fct_bytes_string(ref->argument, r->pool)) : NULL);
    case FCT_SOURCE_SERVER_SOFTWARE:
        return fct_bytes_of(ap_get_server_banner());
    case FCT_SOURCE_SERVER_ADMIN:
        return fct_bytes_of(r->server->server_admin);
    case FCT_SOURCE_SERVER_NAME:
        return fct_bytes_of(r->server->server_hostname);
    case FCT_SOURCE_SERVER_MATCHED_NAME:
        return fct_bytes_of(matched_name(r));
    case FCT_SOURCE_SERVER_PORT:
        return server_port(r);
    case FCT_SOURCE_SERVER_SCHEME:
        return fct_bytes_of(server_scheme(r));
    default:
        return FCT_BYTES_ABSENT;
    }
}

/* --- auth.*, env.* --- */

static fct_bytes_t auth_fact(request_rec *r, const fct_source_ref_t *ref)
{
    switch (ref->id) {
    case FCT_SOURCE_AUTH_USER:
        return fct_bytes_of(fct_provenance_user(r));
    case FCT_SOURCE_AUTH_TYPE:
        return fct_bytes_of(fct_provenance_type(r));
    case FCT_SOURCE_AUTH_REALM:
        return fct_bytes_of(fct_provenance_realm(r));
    case FCT_SOURCE_AUTH_ENV:
        return fct_bytes_of(fct_provenance_env(r, ref->argument));
    case FCT_SOURCE_ENV:
        return fct_bytes_of(apr_table_get(r->subprocess_env, fct_bytes_string(ref->argument, r->pool)));
    default:
        return FCT_BYTES_ABSENT;
    }
}

static fct_bytes_t source(void *context, const fct_source_ref_t *ref)
{
    request_rec *r = context;
    fct_bytes_t value = server_fact(r, ref);

    if (fct_bytes_is_absent(value)) {
        value = auth_fact(r, ref);
    }
    if (fct_bytes_is_absent(value)) {
        value = connection_fact(r, ref->id);
    }
    if (fct_bytes_is_absent(value)) {
        value = request_fact(r, ref->id);
    }
    return value;
}

static const fct_client_certificate_t *certificate(void *context)
{
    return fct_request_certificate(context);
}

static int asks_for_upgrade(request_rec *r)
{
    return apr_table_get(r->headers_in, "Upgrade") != NULL || r->method_number == M_CONNECT;
}

void fct_request_facts_fill(fct_facts_t *facts, request_rec *r)
{
    const fct_received_set_t *received = fct_request_of(r)->received;

    memset(facts, 0, sizeof(*facts));
    facts->method = fct_bytes_of(r->method);
    facts->path = fct_bytes_of(received->path ? received->path : fct_request_mapping_path(fct_request_initial_of(r)));
    facts->is_tls = https(r) != NULL;
    facts->is_upgrade = asks_for_upgrade(r);
    facts->peer = peer_address(r);
    facts->client = r->useragent_addr;
    facts->source = source;
    facts->certificate = certificate;
    facts->decode_certificate = fct_client_certificate_decode;
    facts->context = r;
    fct_request_fields_fill(facts, r);
    fct_request_mapping_fill(&facts->mapping, r);
}
