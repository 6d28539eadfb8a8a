/* The connection that a raw request is said to have come over: addresses, TLS, the client's certificate. */
#include "raw_connection.h"

#include <string.h>

#include <apr_base64.h>
#include <apr_file_io.h>
#include <apr_strings.h>

#include "address.h"
#include "client_certificate.h"
#include "plan.h"
#include "verify.h"

#define PEM_MAX (1024 * 1024)
#define CHAIN_MAX 20
#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END "-----END CERTIFICATE-----"

static int fail(fct_raw_refusal_t *refusal, apr_pool_t *p, const char *option, const char *value, const char *why)
{
    return fct_raw_request_refuse(refusal, 0, 0, apr_psprintf(p, "%s: '%s' %s", option, value, why));
}

/* --- addresses --- */

/* "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:443"; a port of 0 takes the default. */
static apr_sockaddr_t *read_address(const char *text, apr_port_t default_port, apr_pool_t *p)
{
    const char *bracket = text[0] == '[' ? strchr(text, ']') : NULL;
    const char *colon = strrchr(bracket ? bracket : text, ':');
    const char *host = bracket ? apr_pstrmemdup(p, text + 1, (apr_size_t)(bracket - text - 1)) : text;
    apr_int64_t port = default_port;
    apr_sockaddr_t *address;

    if (bracket && bracket[1] && bracket[1] != ':') {
        return NULL;
    }
    if (colon && (bracket || strchr(text, ':') == colon)) {
        if (fct_tool_number(colon + 1, 1, 65535, &port, p)) {
            return NULL;
        }
        host = bracket ? host : apr_pstrmemdup(p, text, (apr_size_t)(colon - text));
    }
    if (!fct_address_is_valid(fct_bytes_of(host))
        || apr_sockaddr_info_get(&address, host, APR_UNSPEC, (apr_port_t)port, 0, p) != APR_SUCCESS) {
        return NULL;
    }
    return address;
}

const char *fct_raw_connection_address(apr_sockaddr_t *address)
{
    char *text;

    return apr_sockaddr_ip_get(&text, address) == APR_SUCCESS ? text : NULL;
}

static int read_addresses(const fct_given_t *given, fct_raw_connection_t *connection, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    const struct {
        apr_sockaddr_t **to;
        const char *option, *text;
        apr_port_t port;
    } rows[] = {
        { &connection->peer, "peer", given->value[FCT_GIVEN_PEER] ? given->value[FCT_GIVEN_PEER] : "127.0.0.1", 49152 },
        { &connection->local, "local", given->value[FCT_GIVEN_LOCAL] ? given->value[FCT_GIVEN_LOCAL] : "127.0.0.1",
          connection->is_tls ? 443 : 80 },
        { &connection->client, "client", given->value[FCT_GIVEN_CLIENT], 0 },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        *rows[i].to = rows[i].text ? read_address(rows[i].text, rows[i].port, p) : connection->peer;
        if (!*rows[i].to) {
            return fail(refusal, p, rows[i].option, rows[i].text, "is no address, with :PORT perhaps");
        }
    }
    return 1;
}

/* --- TLS --- */

static const char *or_default(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

static int read_tls(const fct_given_t *given, fct_raw_connection_t *connection, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    static const fct_given_id_t of_tls[] = { FCT_GIVEN_CIPHER, FCT_GIVEN_SNI, FCT_GIVEN_SESSION };
    const char *tls = given->value[FCT_GIVEN_TLS];
    size_t i;

    connection->is_tls = tls != NULL || given->value[FCT_GIVEN_CERT] != NULL;
    if (tls && strncmp(tls, "TLSv1", 5) != 0) {
        return fail(refusal, p, "tls", tls, "is no version as httpd writes it: TLSv1.2, TLSv1.3");
    }
    for (i = 0; i < sizeof(of_tls) / sizeof(of_tls[0]) && !connection->is_tls; i++) {
        if (given->value[of_tls[i]]) {
            return fail(refusal, p, "tls", given->value[of_tls[i]], "belongs to TLS, and the connection is none: say which (TLSv1.3)");
        }
    }
    if (connection->is_tls) {
        connection->protocol = or_default(tls, "TLSv1.3");
        connection->cipher = or_default(given->value[FCT_GIVEN_CIPHER], "TLS_AES_256_GCM_SHA384");
        connection->sni = given->value[FCT_GIVEN_SNI];
        connection->session = given->value[FCT_GIVEN_SESSION];
    }
    return 1;
}

/* --- the certificate --- */

static const char *read_pem(const char *path, apr_pool_t *p)
{
    apr_size_t len = PEM_MAX;
    apr_file_t *file;
    apr_status_t rv;
    char *text;

    if (apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, APR_FPROT_OS_DEFAULT, p) != APR_SUCCESS) {
        return NULL;
    }
    text = apr_palloc(p, len + 1);
    rv = apr_file_read_full(file, text, len, &len);
    apr_file_close(file);
    text[len] = '\0';
    return APR_STATUS_IS_EOF(rv) ? text : NULL;
}

static fct_bytes_t decode_base64(const char *text, apr_pool_t *p)
{
    unsigned char *der = apr_palloc(p, (apr_size_t)apr_base64_decode_len(text) + 1);
    int len = apr_base64_decode_binary(der, text);

    return fct_bytes_make((const char *)der, len > 0 ? (apr_size_t)len : 0);
}

/* The certificates in a PEM text, as DER; how many, or -1 where one of them has no end or they are too many. */
static int read_certificates(const char *text, fct_bytes_t der[CHAIN_MAX], apr_pool_t *p)
{
    int n = 0;

    while ((text = strstr(text, PEM_BEGIN)) != NULL) {
        const char *from = text + strlen(PEM_BEGIN);
        const char *end = strstr(from, PEM_END);
        char *base64, *to;

        if (!end || n == CHAIN_MAX) {
            return -1;
        }
        base64 = to = apr_palloc(p, (apr_size_t)(end - from) + 1);
        for (; from < end; from++) {
            if (!strchr(" \t\r\n", *from)) {
                *to++ = *from;
            }
        }
        *to = '\0';
        der[n++] = decode_base64(base64, p);
        text = end + strlen(PEM_END);
    }
    return n;
}

/* The time is written so, digit for digit: there is no 31st of February, and no hour 24. */
static int is_written(const char *text, apr_time_t at)
{
    char written[32];
    apr_time_exp_t exploded;

    apr_time_exp_gmt(&exploded, at);
    apr_snprintf(written, sizeof(written), "%04d-%02d-%02dT%02d:%02d:%02dZ", exploded.tm_year + 1900, exploded.tm_mon + 1, exploded.tm_mday,
                 exploded.tm_hour, exploded.tm_min, exploded.tm_sec);
    return strcmp(text, written) == 0 || (strlen(text) == strlen("2026-01-31") && strncmp(text, written, strlen(text)) == 0);
}

/* "2026-01-31T12:00:00Z", or the day alone. 0: no such time. */
static apr_time_t read_time(const char *text)
{
    apr_time_exp_t exploded;
    apr_time_t at;
    int y, m, d, hour = 0, minute = 0, second = 0;

    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &y, &m, &d, &hour, &minute, &second) < 3 || y < 1970 || m < 1 || m > 12) {
        return 0;
    }
    memset(&exploded, 0, sizeof(exploded));
    exploded.tm_year = y - 1900;
    exploded.tm_mon = m - 1;
    exploded.tm_mday = d;
    exploded.tm_hour = hour;
    exploded.tm_min = minute;
    exploded.tm_sec = second;
    return apr_time_exp_gmt_get(&at, &exploded) == APR_SUCCESS && is_written(text, at) ? at : 0;
}

/* Why the policy's anchor does not vouch for it; NULL: it does, or there is none. */
static const char *fault_of_anchor(const fct_policy_t *policy, const fct_bytes_t *der, int n, apr_time_t at, apr_pool_t *p)
{
    const fct_anchor_rule_t *anchor = policy ? policy->plan->anchor : NULL;
    const char *reason = anchor ? fct_verify_client(anchor, der[0], der + 1, (apr_size_t)(n - 1), at, p).reason : NULL;

    return reason ? apr_psprintf(p, "the policy's trust anchor does not verify it: %s", reason) : NULL;
}

static int read_certificate(const fct_given_t *given, const fct_policy_t *policy, fct_raw_connection_t *connection,
                            fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    const char *path = given->value[FCT_GIVEN_CERT], *text = path ? read_pem(path, p) : NULL;
    const char *verified = or_default(given->value[FCT_GIVEN_CERT_VERIFIED], "yes");
    apr_time_t at = given->value[FCT_GIVEN_AT] ? read_time(given->value[FCT_GIVEN_AT]) : apr_time_now();
    fct_bytes_t der[CHAIN_MAX];
    int n = text ? read_certificates(text, der, p) : 0;

    if (at == 0) {
        return fail(refusal, p, "at", given->value[FCT_GIVEN_AT], "is no time like 2026-01-31T12:00:00Z");
    }
    if (strcmp(verified, "yes") != 0 && strcmp(verified, "no") != 0) {
        return fail(refusal, p, "cert-verified", verified, "is not one of yes, no");
    }
    if (!path) {
        return 1;
    }
    if (n > 0) {
        connection->certificate = fct_client_certificate_from_der(der[0], der + 1, (apr_size_t)(n - 1), p);
    }
    if (!connection->certificate) {
        return fail(refusal, p, "cert", path, text ? "has no certificate in PEM first, or one that is none" : "cannot be read");
    }
    connection->cert_fault = strcmp(verified, "no") == 0 ? "httpd did not verify it" : fault_of_anchor(policy, der, n, at, p);
    if (connection->cert_fault) {
        connection->certificate = NULL;
    }
    return 1;
}

int fct_raw_connection_make(const fct_given_t *given, const fct_policy_t *policy, fct_raw_connection_t *connection,
                            fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    memset(connection, 0, sizeof(*connection));
    return read_tls(given, connection, refusal, p) && read_addresses(given, connection, refusal, p)
        && read_certificate(given, policy, connection, refusal, p);
}
