/* core/eval*.c: any request under one policy is refused with a status and a finding, or yields names and values that are fit to be sent;
 * no field of the client changes what a trusted name says.
 *
 * Input: one line a fact, "m method", "p path", "r raw path", "q query", "t content type", "u user", "l" (the upstream is the peer), "f name:value" (a field of the
 * client), "c name:value" (one the server changed), "s name:value" (one it set), "h name:value" (one that authentication made of the client's), "a type" (of
 * authentication), "k field=value" (of the client's verified certificate). */
#include "eval.h"
#include "crypto_openssl.h"
#include "reader.h"

#include "fuzz.h"
#include "name.h"

#include <apr_strings.h>

#define FIELDS_MAX 128

static const char policy_text[] =
    "<policy xmlns=\"urn:mod-fcgi-trust:policy:1\" name=\"f\" version=\"1\" language=\"1.0\">"
    "<param name=\"REMOTE_USER\" from=\"auth.user\"/><param name=\"QUERY_STRING\" from=\"request.query\"/>"
    "<param name=\"SCRIPT_NAME\" from=\"script.name\"/><param name=\"PATH_INFO\" from=\"script.path-info\"/>"
    "<param name=\"SCRIPT_FILENAME\" from=\"script.filename\"/><param name=\"PATH_TRANSLATED\" from=\"script.path-translated\"/>"
    "<param name=\"APP_READ\" from=\"header.X-Read cookie.sid\" trust=\"client\" max-length=\"20\" on-invalid=\"omit\"/>"
    "<param name=\"APP_SECRET\" value=\"trusted\"/><server-header name=\"X-Made\" from=\"auth.user\" on-invalid=\"omit\"/>"
    "<param name=\"SSL_CLIENT_S_DN\" from=\"tls.client.subject\" type=\"dn\" on-invalid=\"omit\"/>"
    "<param name=\"SSL_CLIENT_MAIL\" from=\"tls.client.san.email\" pick=\"matching\" pattern=\".*@x\" extract=\"(.*)@x\" case=\"lower\" on-invalid=\"omit\"/>"
    "<param name=\"SSL_CLIENT_UNITS\" from=\"tls.client.subject.OU\" split=\"/\" join=\"|\" max-items=\"3\" on-invalid=\"omit\"/>"
    "<param name=\"SSL_CLIENT_CERT\" from=\"tls.client.certificate.pem\" encode=\"none\" on-invalid=\"omit\"/>"
    "<param name=\"AUTH_TYPE\" value=\"ClientCert\" when=\"tls.client.verified\"/>"
    "<param name=\"REMOTE_REALM\" from=\"auth.user\" auth-type=\"Basic\" on-invalid=\"omit\"/>"
    "<param name=\"CLAIM_X\" from=\"auth.header.X-Claim\" on-invalid=\"omit\"/><param name=\"APP_SET\" from=\"set-header.X-Set\" assert=\"x\" on-invalid=\"omit\"/>"
    "<param name=\"SSL_CLIENT_EDGE\" from=\"upstream.u.client.subject\" assert=\"x\" on-invalid=\"omit\"/>"
    "<upstream name=\"u\" peers=\"10.0.0.1\" assert=\"x\" certificate=\"X-Cert\" format=\"rfc9440\"><field name=\"X-Up\" needs=\"X-Ok\"/><field name=\"X-Ok\" equals=\"y\"/></upstream>"
    "<map name=\"m\"><entry from=\"a\" to=\"b\"/><entry from=\"c\" omit=\"yes\"/></map>"
    "<param name=\"APP_UP\" from=\"upstream.u.X-Up\" assert=\"x\" on-invalid=\"omit\"/>"
    "<param name=\"APP_LIST\" from=\"header.X-List\" trust=\"client\" split=\",\" strip-suffix=\"@x\" extract=\"u([a-z]*)\" case=\"upper\" "
    "join=\"|\" max-items=\"3\" pattern=\"[A-Z|]+\" encode=\"percent\" on-invalid=\"omit\"/>"
    "<param name=\"APP_MAP\" from=\"header.X-Map\" trust=\"client\" split=\";\" map=\"m\" join=\",\"/>"
    "<header name=\"Host\"/><header name=\"Cookie\" cookies=\"sid a* !ab\"/><header name=\"X-App\"/><header name=\"X-App-*\" max-count=\"3\" max-length=\"30\"/>"
    "<header name=\"X-*\"/><header name=\"If-Match\" changed=\"yes\"/><header name=\"X-Late\" when=\"method:POST path:/late\"/>"
    "<refuse-header name=\"X-Evil*\"/><drop-header name=\"Depth\" assert=\"x\"/>"
    "<request methods=\"GET POST\"/><backend profile=\"php-fpm\" index=\"index.php\" front-controller=\"/app.php\"/></policy>";

typedef struct input_t {
    fct_facts_t facts;
    fct_received_t fields[FIELDS_MAX];
    fct_bytes_t query, type, user, auth_type;
    fct_client_certificate_t certificate;
    fct_certificate_value_t values[FIELDS_MAX];
    int has_by_auth;
    apr_sockaddr_t peer;
    unsigned char address[4];
} input_t;

static fct_bytes_t read_source(void *context, const fct_source_ref_t *ref)
{
    const input_t *input = context;

    switch (ref->id) {
    case FCT_SOURCE_REQUEST_QUERY:
        return input->query;
    case FCT_SOURCE_REQUEST_CONTENT_TYPE:
        return input->type;
    case FCT_SOURCE_REQUEST_AUTHORITY:
        return FCT_BYTES_LITERAL("www.example.com");
    case FCT_SOURCE_AUTH_USER:
        return input->user;
    case FCT_SOURCE_AUTH_TYPE:
        return input->auth_type;
    default:
        return FCT_BYTES_ABSENT;
    }
}

static const fct_client_certificate_t *read_certificate(void *context)
{
    const input_t *input = context;

    return input->certificate.values ? &input->certificate : NULL;
}

/* ":CN=a:" is a certificate of that subject. */
static const fct_client_certificate_t *decode_certificate(fct_bytes_t text, fct_certificate_format_t format, apr_pool_t *p)
{
    fct_client_certificate_t *certificate = apr_pcalloc(p, sizeof(*certificate));
    fct_certificate_value_t *value = apr_pcalloc(p, sizeof(*value));

    REQUIRE(format == FCT_CERTIFICATE_FORMAT_RFC9440 && text.len > 0);
    if (text.len < 2 || text.at[0] != ':' || text.at[text.len - 1] != ':') {
        return NULL;
    }
    value->id = FCT_CERTIFICATE_SUBJECT;
    value->value = fct_bytes_make(text.at + 1, text.len - 2);
    certificate->values = value;
    certificate->nvalues = 1;
    certificate->sha256 = "00";
    return certificate;
}

/* "san.email=a@x"; "!" before the value: it is no text. */
static void add_value(input_t *input, fct_bytes_t line)
{
    const char *equals = memchr(line.at, '=', line.len);
    apr_size_t len = equals ? (apr_size_t)(equals - line.at) : line.len;
    fct_certificate_field_t field;
    fct_certificate_value_t *value = &input->values[input->certificate.nvalues];

    input->certificate.values = input->values;
    input->certificate.sha256 = "00";
    if (!fct_certificate_field_parse(fct_bytes_make(line.at, len), &field) || input->certificate.nvalues == FIELDS_MAX) {
        return;
    }
    value->id = field.id;
    value->attribute = field.attribute;
    value->value = equals ? fct_bytes_from(line, len + 1) : fct_bytes_make(line.at, 0);
    value->is_invalid = value->value.len > 0 && value->value.at[0] == '!';
    input->certificate.nvalues++;
}

static void add_field(input_t *input, fct_bytes_t line, fct_field_origin_t origin)
{
    const char *colon = line.len ? memchr(line.at, ':', line.len) : NULL;
    apr_size_t len = colon ? (apr_size_t)(colon - line.at) : line.len;
    fct_received_t *field = &input->fields[input->facts.nfields];

    if (input->facts.nfields == FIELDS_MAX) {
        return;
    }
    field->name = fct_bytes_make(line.at, len);
    field->value = colon ? fct_bytes_from(line, len + 1) : fct_bytes_make(line.at, 0);
    field->origin = origin;
    input->facts.nfields++;
}

static void add_fact(input_t *input, char kind, fct_bytes_t line)
{
    switch (kind) {
    case 'm': input->facts.method = line; break;
    case 'p': input->facts.path = input->facts.mapping.path = line; break;
    case 'r': input->facts.mapping.raw_path = line; break;
    case 'q': input->query = line; break;
    case 't': input->type = line; break;
    case 'u': input->user = line; break;
    case 'l': input->address[3] = 1; break;
    case 'f': add_field(input, line, FCT_ORIGIN_CLIENT); break;
    case 'c': add_field(input, line, FCT_ORIGIN_CHANGED); break;
    case 's': add_field(input, line, FCT_ORIGIN_SERVER); break;
    case 'h': add_field(input, line, FCT_ORIGIN_CHANGED); input->fields[input->facts.nfields - 1].is_by_auth = input->has_by_auth = 1; break;
    case 'a': input->auth_type = line; break;
    case 'k': add_value(input, line); break;
    default: break;
    }
}

static void read_input(input_t *input, fct_bytes_t data)
{
    memset(input, 0, sizeof(*input));
    input->facts.method = FCT_BYTES_LITERAL("GET");
    input->facts.path = input->facts.mapping.path = FCT_BYTES_LITERAL("/x.php");
    input->facts.mapping.document_root = FCT_BYTES_LITERAL("/srv");
    input->facts.fields = input->fields;
    input->facts.source = read_source;
    input->facts.context = input;
    input->facts.certificate = read_certificate;
    input->facts.decode_certificate = decode_certificate;
    memcpy(input->address, "\x0a\0\0\2", 4);
    input->peer.family = APR_INET;
    input->peer.ipaddr_ptr = input->address;
    input->peer.ipaddr_len = 4;
    input->facts.peer = &input->peer;
    while (data.len > 2) {
        const char *end = memchr(data.at, '\n', data.len);
        apr_size_t len = end ? (apr_size_t)(end - data.at) : data.len;

        if (len >= 2) {
            add_fact(input, data.at[0], fct_bytes_make(data.at + 2, len - 2));
        }
        data = fct_bytes_from(data, end ? len + 1 : len);
    }
}

/* The policy lives as long as the process. */
static const fct_policy_t *the_policy(void)
{
    static const fct_policy_t *policy;

    if (policy == NULL) {
        fct_reader_options_t options = { FCT_POLICY_DIR, NULL, &fct_crypto_openssl };
        apr_pool_t *p = fuzz_pool();
        fct_findings_t *findings = fct_findings_create(p);

        policy = fct_reader_load_bytes(fct_bytes_of(policy_text), "fuzz.xml", &options, findings, p);
        REQUIRE(policy != NULL && findings->errors == 0);
    }
    return policy;
}

static int is_name(fct_bytes_t name, const char *text)
{
    return fct_bytes_equal(name, fct_bytes_of(text));
}

static int is_known_param(fct_bytes_t name)
{
    static const char *const names[] = { "REMOTE_USER", "QUERY_STRING", "SCRIPT_NAME", "PATH_INFO", "SCRIPT_FILENAME", "PATH_TRANSLATED",
                                         "APP_READ", "APP_SECRET", "CONTENT_TYPE", "APP_UP", "APP_LIST", "APP_MAP", "SSL_CLIENT_S_DN", "SSL_CLIENT_MAIL", "SSL_CLIENT_UNITS",
                                         "SSL_CLIENT_CERT", "AUTH_TYPE", "REMOTE_REALM", "CLAIM_X", "APP_SET", "SSL_CLIENT_EDGE" };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (is_name(name, names[i])) {
            return 1;
        }
    }
    return 0;
}

static void check_path_value(fct_bytes_t value, int may_have_query)
{
    apr_size_t i;

    for (i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];

        REQUIRE(c >= 0x20 && c != 0x7f);
        REQUIRE(may_have_query || (c != '?' && c != '#' && c != '\\'));
    }
    for (i = 0; i + 3 <= value.len; i++) {
        REQUIRE(memcmp(value.at + i, "/..", 3) != 0 || (i + 3 < value.len && value.at[i + 3] != '/'));
    }
}

/* What only a certificate, authentication or an upstream can have said. */
static void check_identity(const input_t *input, fct_bytes_t name, fct_bytes_t value)
{
    if (is_name(name, "SSL_CLIENT_EDGE")) {
        REQUIRE(input->address[3] == 1);
    }
    else if (fct_bytes_starts_with(name, FCT_BYTES_LITERAL("SSL_CLIENT_")) || is_name(name, "AUTH_TYPE")) {
        REQUIRE(input->certificate.values != NULL);
    }
    REQUIRE(!is_name(name, "CLAIM_X") || input->has_by_auth);
    REQUIRE(!is_name(name, "REMOTE_REALM") || (fct_bytes_equal_nocase(input->auth_type, FCT_BYTES_LITERAL("Basic")) && fct_bytes_equal(value, input->user)));
}

static void check_pair(const input_t *input, fct_bytes_t name, fct_bytes_t value)
{
    if (fct_bytes_starts_with(name, FCT_BYTES_LITERAL("HTTP_"))) {
        REQUIRE(fct_name_is_folded(name) && !is_name(name, "HTTP_PROXY") && !is_name(name, "HTTP_DEPTH"));
        REQUIRE(!fct_bytes_starts_with(name, FCT_BYTES_LITERAL("HTTP_X_FORWARDED_"))
                && !fct_bytes_starts_with(name, FCT_BYTES_LITERAL("HTTP_X_REMOTE_"))
                && !fct_bytes_starts_with(name, FCT_BYTES_LITERAL("HTTP_X_EVIL")));
        REQUIRE(!is_name(name, "HTTP_HOST") || is_name(value, "www.example.com"));
        REQUIRE(!is_name(name, "HTTP_X_MADE") || fct_bytes_equal(value, input->user));
        REQUIRE(!is_name(name, "HTTP_X_UP") && !is_name(name, "HTTP_X_OK") && !is_name(name, "HTTP_X_CERT"));
        return;
    }
    REQUIRE(is_known_param(name));
    REQUIRE(!is_name(name, "REMOTE_USER") || fct_bytes_equal(value, input->user));
    REQUIRE(!is_name(name, "APP_SECRET") || is_name(value, "trusted"));
    REQUIRE(!is_name(name, "APP_UP") || input->address[3] == 1);
    check_identity(input, name, value);
    REQUIRE(!is_name(name, "QUERY_STRING") || fct_bytes_equal(value, input->query));
    if (is_name(name, "SCRIPT_FILENAME") || is_name(name, "PATH_TRANSLATED")) {
        REQUIRE(fct_bytes_starts_with(value, FCT_BYTES_LITERAL("/srv/")));
        check_path_value(value, 0);
    }
    if (is_name(name, "SCRIPT_NAME") || is_name(name, "PATH_INFO")) {
        check_path_value(value, is_name(name, "PATH_INFO"));
    }
}

static void check_pairs(const input_t *input, const fct_params_t *params)
{
    apr_size_t cookie = 0, other;
    fct_bytes_t name, value, name2, value2;
    apr_size_t i;

    while (fct_params_next(params, &cookie, &name, &value)) {
        REQUIRE(name.len > 0);
        for (i = 0; i < value.len; i++) {
            unsigned char c = (unsigned char)value.at[i];

            REQUIRE(c == '\t' || (c >= 0x20 && c != 0x7f) || (c == '\n' && is_name(name, "SSL_CLIENT_CERT")));
        }
        check_pair(input, name, value);
        other = cookie;
        while (fct_params_next(params, &other, &name2, &value2)) {
            REQUIRE(!fct_name_folds_equal(name, name2));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const fct_policy_t *policy = the_policy();
    apr_pool_t *p = fuzz_pool();
    fct_params_t *params = fct_params_create(256, 100000, p);
    input_t input;
    fct_verdict_t verdict;

    read_input(&input, fct_bytes_make((const char *)data, size));
    verdict = fct_eval_request(policy, &input.facts, params, NULL, p);
    REQUIRE(verdict.status == 0 || (verdict.status >= 400 && verdict.status <= 599));
    REQUIRE((verdict.status != 0) == (verdict.finding != FCT_FINDING_NONE));
    REQUIRE((verdict.status != 0) == (verdict.detail != NULL));
    if (verdict.detail) {
        const char *at;

        for (at = verdict.detail; *at; at++) {
            REQUIRE((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x7f);
        }
    }
    else {
        check_pairs(&input, params);
    }
    apr_pool_destroy(p);
    return 0;
}
