/* What the sources say of a raw request: request_facts.c of the module, from a file and options. */
#include "raw_source.h"

#include <string.h>

#include <apr_strings.h>

#include "raw_connection.h"

const char *fct_raw_source_given(const fct_raw_facts_t *made, fct_given_id_t id, const char *otherwise)
{
    return made->given->value[id] ? made->given->value[id] : otherwise;
}

/* --- sources: server.*, config.*, auth.*, env.* --- */

const char *fct_raw_source_scheme(const fct_raw_facts_t *made)
{
    return fct_raw_source_given(made, FCT_GIVEN_SERVER_SCHEME, made->connection->is_tls ? "https" : "http");
}

/* The alias that the client named, exactly; else the server's name. */
static const char *matched_name(const fct_raw_facts_t *made)
{
    char *names = apr_pstrdup(made->p, fct_raw_source_given(made, FCT_GIVEN_SERVER_ALIAS, "")), *last, *name;

    for (name = apr_strtok(names, " ", &last); name && made->target.host; name = apr_strtok(NULL, " ", &last)) {
        if (strcasecmp(name, made->target.host) == 0) {
            return name;
        }
    }
    return fct_raw_source_given(made, FCT_GIVEN_SERVER_NAME, "localhost");
}

/* Names are compared byte for byte, as in the module. */
static const char *pair(const fct_raw_facts_t *made, fct_given_pair_t id, fct_bytes_t name)
{
    const apr_array_header_t *pairs = made->given->pairs[id] ? apr_table_elts(made->given->pairs[id]) : NULL;
    int i;

    for (i = 0; pairs && i < pairs->nelts; i++) {
        const apr_table_entry_t *entry = &APR_ARRAY_IDX(pairs, i, apr_table_entry_t);

        if (fct_bytes_equal(fct_bytes_of(entry->key), name)) {
            return entry->val;
        }
    }
    return NULL;
}

static const char *config_value(const fct_raw_facts_t *made, fct_bytes_t name)
{
    apr_table_t *values = made->given->pairs[FCT_GIVEN_PAIR_SET];

    return values ? apr_table_get(values, fct_bytes_string(name, made->p)) : NULL;
}

static const char *server_source(const fct_raw_facts_t *made, const fct_source_ref_t *ref)
{
    switch (ref->id) {
    case FCT_SOURCE_CONFIG:
        return config_value(made, ref->argument);
    case FCT_SOURCE_SERVER_SOFTWARE:
        return fct_raw_source_given(made, FCT_GIVEN_SERVER_SOFTWARE, "Apache");
    case FCT_SOURCE_SERVER_ADMIN:
        return fct_raw_source_given(made, FCT_GIVEN_SERVER_ADMIN, "[no address given]");
    case FCT_SOURCE_SERVER_NAME:
        return fct_raw_source_given(made, FCT_GIVEN_SERVER_NAME, "localhost");
    case FCT_SOURCE_SERVER_MATCHED_NAME:
        return matched_name(made);
    case FCT_SOURCE_SERVER_PORT:
        return fct_raw_source_given(made, FCT_GIVEN_SERVER_PORT, apr_itoa(made->p, made->connection->local->port));
    case FCT_SOURCE_SERVER_SCHEME:
        return fct_raw_source_scheme(made);
    case FCT_SOURCE_REQUEST_ID:
        return fct_raw_source_given(made, FCT_GIVEN_REQUEST_ID, NULL);
    case FCT_SOURCE_AUTH_USER:
        return fct_raw_source_given(made, FCT_GIVEN_USER, NULL);
    case FCT_SOURCE_AUTH_TYPE:
        return fct_raw_source_given(made, FCT_GIVEN_USER, NULL) ? fct_raw_source_given(made, FCT_GIVEN_AUTH_TYPE, "Basic") : NULL;
    case FCT_SOURCE_AUTH_REALM:
        return fct_raw_source_given(made, FCT_GIVEN_USER, NULL) ? fct_raw_source_given(made, FCT_GIVEN_REALM, NULL) : NULL;
    case FCT_SOURCE_AUTH_ENV:
        return pair(made, FCT_GIVEN_PAIR_AUTH_ENV, ref->argument);
    case FCT_SOURCE_ENV:
        return pair(made, FCT_GIVEN_PAIR_ENV, ref->argument);
    default:
        return NULL;
    }
}

/* --- connection.*, tls.* --- */

static const char *connection_source(const fct_raw_facts_t *made, fct_source_id_t id)
{
    const fct_raw_connection_t *connection = made->connection;

    switch (id) {
    case FCT_SOURCE_CONNECTION_PEER_ADDRESS:
        return fct_raw_connection_address(connection->peer);
    case FCT_SOURCE_CONNECTION_PEER_PORT:
        return apr_itoa(made->p, connection->peer->port);
    case FCT_SOURCE_CONNECTION_LOCAL_ADDRESS:
    case FCT_SOURCE_SERVER_ADDRESS:
        return fct_raw_connection_address(connection->local);
    case FCT_SOURCE_CONNECTION_LOCAL_PORT:
        return apr_itoa(made->p, connection->local->port);
    case FCT_SOURCE_CONNECTION_CLIENT_ADDRESS:
        return fct_raw_connection_address(connection->client);
    case FCT_SOURCE_CONNECTION_CLIENT_PORT:
        return connection->client == connection->peer ? apr_itoa(made->p, connection->peer->port) : NULL;
    case FCT_SOURCE_CONNECTION_TLS:
    case FCT_SOURCE_TLS_HTTPS:
        return connection->is_tls ? "on" : NULL;
    case FCT_SOURCE_TLS_PROTOCOL:
        return connection->protocol;
    case FCT_SOURCE_TLS_CIPHER:
        return connection->cipher;
    case FCT_SOURCE_TLS_SNI:
        return connection->sni;
    case FCT_SOURCE_TLS_SESSION_ID:
        return connection->session;
    default:
        return NULL;
    }
}

/* --- request.* --- */

/* After an internal redirect the request has another path and query; what was before is request.redirect.*. */
static const char *redirect_query(const fct_raw_facts_t *made)
{
    const char *to = fct_raw_source_given(made, FCT_GIVEN_REDIRECT_TO, NULL);
    const char *query = to ? strchr(to, '?') : NULL;

    return query ? query + 1 : to ? NULL : made->target.query;
}

static const char *redirect_source(const fct_raw_facts_t *made, fct_source_id_t id)
{
    if (!fct_raw_source_given(made, FCT_GIVEN_REDIRECT_TO, NULL)) {
        return NULL;
    }
    switch (id) {
    case FCT_SOURCE_REQUEST_REDIRECT_STATUS:
        return fct_raw_source_given(made, FCT_GIVEN_REDIRECT_STATUS, "200");
    case FCT_SOURCE_REQUEST_REDIRECT_URL:
        return made->target.path;
    case FCT_SOURCE_REQUEST_REDIRECT_QUERY:
        return made->target.query;
    default:
        return NULL;
    }
}

static const char *request_source(const fct_raw_facts_t *made, fct_source_id_t id)
{
    static const char *const protocols[] = { "HTTP/0.9", "HTTP/1.0", "HTTP/1.1" };
    int version = made->request.version;

    switch (id) {
    case FCT_SOURCE_REQUEST_METHOD:
        return made->request.method;
    case FCT_SOURCE_REQUEST_URI:
        return made->request.target;
    case FCT_SOURCE_REQUEST_PATH:
        return made->facts.mapping.path.at;
    case FCT_SOURCE_REQUEST_QUERY:
        return redirect_query(made) ? redirect_query(made) : "";
    case FCT_SOURCE_REQUEST_PROTOCOL:
        return protocols[version >= 11 ? 2 : version - 9];
    case FCT_SOURCE_REQUEST_SCHEME:
        return made->target.scheme ? made->target.scheme : fct_raw_source_scheme(made);
    case FCT_SOURCE_REQUEST_AUTHORITY:
        return made->target.authority;
    case FCT_SOURCE_REQUEST_CONTENT_TYPE:
        return fct_raw_request_field(&made->request, "Content-Type", made->p);
    case FCT_SOURCE_REQUEST_CONTENT_LENGTH:
        return fct_raw_request_field(&made->request, "Content-Length", made->p);
    default:
        return redirect_source(made, id);
    }
}

fct_bytes_t fct_raw_source_read(void *context, const fct_source_ref_t *ref)
{
    const fct_raw_facts_t *made = context;
    const char *value = server_source(made, ref);

    if (!value) {
        value = connection_source(made, ref->id);
    }
    return fct_bytes_of(value ? value : request_source(made, ref->id));
}
