/* core/eval_source.c, core/eval_param.c: what certificates, authentication, the environment and upstreams say, as a policy writes it.
 * A refusal is written as status, finding and line. */
#include "policy.h"
#include "request.h"

static apr_pool_t *pool;

static const char *run(request_t *request, const char *lines)
{
    return request_run(request, policy_must_load(lines, pool));
}

static request_t *certified(void)
{
    request_t *request = request_make("/", pool);

    request->facts.is_tls = 1;
    request_certify(request, "subject", "CN=Anna,OU=HR,OU=IT,O=Example");
    request_certify(request, "subject.CN", "Anna");
    request_certify(request, "subject.OU", "HR");
    request_certify(request, "subject.OU", "IT");
    request_certify(request, "san.email", "anna@other.example");
    request_certify(request, "san.email", "Anna@Corp.Example");
    request_certify(request, "san.uri", "urn:one");
    request_certify(request, "serial", "01AB");
    request_certify(request, "certificate.pem", "-----BEGIN\nAAAA\n-----END\n");
    request_certify(request, "subject.L", "");
    request_certify(request, "subject.ST", "");
    request_certify(request, "subject.ST", "BW");
    request_certify_bytes(request, "subject.title", FCT_BYTES_LITERAL("admin\0.evil"), 0);
    request_certify_bytes(request, "san.upn", FCT_BYTES_LITERAL("?"), 1);
    request_certify_bytes(request, "san.upn", FCT_BYTES_LITERAL("anna"), 0);
    request_certify(request, "san.dns", "a\r\n.example");
    return request;
}

/* --- tls.client.* --- */

#define USER(attributes) "<param name=\"REMOTE_USER\" " attributes "/>"
#define APP(attributes) "<param name=\"APP_X\" " attributes "/>"

static const struct {
    const char *about, *lines, *expected;
} rows[] = {
    { "a field with one value", USER("from=\"tls.client.subject.CN\""), "REMOTE_USER=Anna\n" },
    { "a field that can have several and has one", USER("from=\"tls.client.san.uri\""), "REMOTE_USER=urn:one\n" },
    { "several values are no value", USER("from=\"tls.client.san.email\""), "403 2016 2" },
    { "several values are no value under other names", APP("from=\"tls.client.san.email\""), "500 2016 2" },
    { "several values that a rule omits", USER("from=\"tls.client.san.email\" on-invalid=\"omit\""), "" },
    { "several values never fall through", APP("from=\"tls.client.san.email config.X\""), "500 2016 2" },
    { "several values with steps but no pick", USER("from=\"tls.client.san.email\" case=\"lower\""), "403 2016 2" },
    { "an index", USER("from=\"tls.client.san.email[1]\""), "REMOTE_USER=Anna@Corp.Example\n" },
    { "an index behind the last", USER("from=\"tls.client.san.email[2]\""), "" },
    { "an index behind the last, required", USER("from=\"tls.client.san.email[2]\" required=\"yes\""), "403 2015 2" },
    { "an index behind the last is absent: the next source counts", APP("from=\"tls.client.san.email[2] tls.client.serial\""), "APP_X=01AB\n" },
    { "pick by index", USER("from=\"tls.client.san.email\" pick=\"0\""), "REMOTE_USER=anna@other.example\n" },
    { "pick of the only one", USER("from=\"tls.client.san.email\" pick=\"only\""), "403 2016 2" },
    { "pick of the only one where there is one", USER("from=\"tls.client.san.uri\" pick=\"only\""), "REMOTE_USER=urn:one\n" },
    { "pick of the matching one", USER("from=\"tls.client.san.email\" pick=\"matching\" pattern=\"[^@]+@Corp\\.Example\" case=\"lower\""),
      "REMOTE_USER=anna@corp.example\n" },
    { "pick where several match", USER("from=\"tls.client.san.email\" pick=\"matching\" pattern=\".*\""), "403 2016 2" },
    { "pick where none matches", USER("from=\"tls.client.san.email\" pick=\"matching\" pattern=\"x\" required=\"yes\""), "403 2015 2" },
    { "join", APP("from=\"tls.client.subject.OU\" join=\";\""), "APP_X=HR;IT\n" },
    { "join of one", APP("from=\"tls.client.subject.CN\" join=\";\""), "APP_X=Anna\n" },
    { "join with too many", APP("from=\"tls.client.subject.OU\" join=\";\" max-items=\"1\""), "500 2016 2" },
    { "join of items that hold the separator", APP("from=\"tls.client.san.email\" join=\"@\""), "500 2016 2" },
    { "split of each", APP("from=\"tls.client.san.email\" split=\"@\" join=\"|\""), "APP_X=anna|other.example|Anna|Corp.Example\n" },
    { "split of each, then pick", APP("from=\"tls.client.san.email\" split=\"@\" pick=\"3\""), "APP_X=Corp.Example\n" },
    { "a map drops from a list", "<map name=\"m\"><entry from=\"HR\" to=\"hr\"/></map>" APP("from=\"tls.client.subject.OU\" map=\"m\" join=\",\""), "APP_X=hr\n" },
    { "a map drops from no list", "<map name=\"m\"><entry from=\"HR\" to=\"hr\"/></map>" APP("from=\"tls.client.subject.CN\" map=\"m\""), "500 2016 2" },
    { "a map makes no single value of several", "<map name=\"m\"><entry from=\"HR\" to=\"hr\"/></map>" APP("from=\"tls.client.subject.OU\" map=\"m\""), "500 2016 2" },
    { "a map after pick has no list", "<map name=\"m\"><entry from=\"HR\" to=\"hr\"/></map>" APP("from=\"tls.client.subject.OU\" pick=\"1\" map=\"m\""), "500 2016 2" },
    { "what the certificate does not have", USER("from=\"tls.client.issuer\""), "" },
    { "what it does not have: the next source counts", APP("from=\"tls.client.issuer tls.client.serial\""), "APP_X=01AB\n" },
    { "an empty value is absent", APP("from=\"tls.client.subject.L tls.client.serial\""), "APP_X=01AB\n" },
    { "an empty value among others is none", APP("from=\"tls.client.subject.ST\""), "APP_X=BW\n" },
    { "NUL", USER("from=\"tls.client.subject.title\""), "403 2016 2" },
    { "NUL that a step would take away", APP("from=\"tls.client.subject.title\" extract=\"([a-z]+)[^a-z]+evil\""), "500 2016 2" },
    { "CR and LF", USER("from=\"tls.client.san.dns\""), "403 2016 2" },
    { "CR and LF that split would take away", APP("from=\"tls.client.san.dns\" split=\".\" pick=\"1\""), "500 2016 2" },
    { "one value that is no text", USER("from=\"tls.client.san.upn\" pick=\"1\""), "403 2016 2" },
    { "its good neighbour by its index", USER("from=\"tls.client.san.upn[1]\""), "REMOTE_USER=anna\n" },
    { "a certificate that is no text never falls through", APP("from=\"tls.client.san.upn config.X\""), "500 2016 2" },
    { "verify", "<param name=\"SSL_CLIENT_VERIFY\" from=\"tls.client.verify\"/>", "SSL_CLIENT_VERIFY=SUCCESS\n" },
    { "PEM as it is", APP("from=\"tls.client.certificate.pem\" encode=\"none\""), "APP_X=-----BEGIN\nAAAA\n-----END\n\n" },
    { "PEM, percent-encoded", APP("from=\"tls.client.certificate.pem\" encode=\"percent\""), "APP_X=-----BEGIN%0AAAAA%0A-----END%0A\n" },
    { "PEM in base64", APP("from=\"tls.client.certificate.pem\" encode=\"base64\""), "APP_X=LS0tLS1CRUdJTgpBQUFBCi0tLS0tRU5ECg==\n" },
    { "PEM in a header", "<server-header name=\"X-Cert\" from=\"tls.client.certificate.pem\" encode=\"percent\"/>", "HTTP_X_CERT=-----BEGIN%0AAAAA%0A-----END%0A\n" },
    { "a condition", "<param name=\"AUTH_TYPE\" value=\"ClientCert\" when=\"tls.client.verified\"/>" APP("value=\"no\" when=\"!tls.client.verified\""), "AUTH_TYPE=ClientCert\n" },
};

static const fct_client_certificate_t *none(void *context)
{
    (void)context;
    return NULL;
}

static void test_certificate(void)
{
    request_t *request;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(run(certified(), rows[i].lines), rows[i].expected, "%s", rows[i].about);
    }
    request = request_make("/", pool);
    tap_is_str(run(request, APP("from=\"tls.client.subject.CN tls.client.verify\"")), "", "without a certificate nothing of it has a value");
    tap_is_str(run(request, USER("from=\"tls.client.subject.CN\" required=\"yes\"")), "403 2015 2", "and what is required is missing");
    request->facts.certificate = none;
    tap_is_str(run(request, APP("from=\"tls.client.verify\"")), "", "nor where the server is asked and has none");
    request = certified();
    request_certify(request, "issuer.OU", "a\rb");
    tap_is_str(run(request, APP("from=\"tls.client.issuer.OU\" encode=\"base64\"")), "500 2016 2", "no encoding lets control bytes pass that do not belong there");
    request = certified();
    request_certify(request, "chain", "one\r\n");
    tap_is_str(run(request, APP("from=\"tls.client.chain\" encode=\"percent\"")), "500 2016 2", "CR belongs to nothing");
}

static void test_many_values(void)
{
    request_t *request = certified();
    int i;

    for (i = 0; i < 1000; i++) {
        request_certify(request, "issuer.OU", "x");
    }
    tap_ok(strncmp(run(request, APP("from=\"tls.client.issuer.OU\" join=\",\"")), "APP_X=x,x,", 10) == 0, "a thousand values are a list");
    request_certify(request, "issuer.OU", "x");
    tap_is_str(run(request, APP("from=\"tls.client.issuer.OU\" join=\",\"")), "500 2016 2", "more are invalid");
    tap_is_str(run(request, APP("from=\"tls.client.issuer.OU[999]\"")), "APP_X=x\n", "an index finds one among many");
}

/* --- auth.* --- */

static request_t *authenticated(const char *type)
{
    request_t *request = request_make("/", pool);

    request_set(request, "auth.user", "anna");
    request_set(request, "auth.type", type);
    request_set(request, "auth.realm", "here");
    request_set(request, "auth.env.memberOf", "a; b");
    request_set(request, "env.X", "y");
    return request;
}

static void test_mechanism(void)
{
    static const char pinned[] = USER("from=\"auth.user\" auth-type=\"Negotiate\" required=\"yes\"");
    static const char either[] = APP("from=\"auth.user env.X\" auth-type=\"Negotiate\" assert=\"x\"");

    tap_is_str(run(authenticated("Negotiate"), pinned), "REMOTE_USER=anna\n", "the mechanism that a rule pins");
    tap_is_str(run(authenticated("negotiate"), pinned), "REMOTE_USER=anna\n", "in whatever case: httpd compares its names so");
    tap_is_str(run(authenticated("Basic"), pinned), "403 2015 2", "by another, the rule has no value");
    tap_is_str(run(authenticated("Negotiate2"), pinned), "403 2015 2", "nor by one that begins like it");
    tap_is_str(run(authenticated(NULL), pinned), "403 2015 2", "nor by none");
    tap_is_str(run(authenticated("Negotiate"), either), "APP_X=anna\n", "of several sources it pins auth.*");
    tap_is_str(run(authenticated("Basic"), either), "APP_X=y\n", "and no other");
    tap_is_str(run(authenticated("Basic"), "<param name=\"AUTH_TYPE\" from=\"auth.type\" auth-type=\"Negotiate\"/>"), "", "auth.type, too");
    tap_is_str(run(authenticated("Basic"), "<param name=\"REMOTE_REALM\" from=\"auth.realm\"/><param name=\"REMOTE_GROUPS\" from=\"auth.env.memberOf\" split=\"; \" join=\",\"/>"),
               "REMOTE_REALM=here\nREMOTE_GROUPS=a,b\n", "what authentication says besides");
}

/* --- what the server put among the fields --- */

static void test_own_headers(void)
{
    static const char set[] = APP("from=\"set-header.X-Own\" assert=\"x\"");
    static const char auth[] = APP("from=\"auth.header.X-Own\"");
    request_t *request = request_make("/", pool);

    request_add(request, "X-Own", "client's");
    tap_is_str(run(request, set), "", "what the client sent was not set by the server");
    tap_is_str(run(request, auth), "", "nor by authentication");
    request = request_make("/", pool);
    request_add_bytes(request, fct_bytes_of("X-Own"), fct_bytes_of("changed"), FCT_ORIGIN_CHANGED);
    tap_is_str(run(request, set), "", "nor what the server changed");
    tap_is_str(run(request, auth), "", "unless authentication did");
    request->fields[0].is_by_auth = 1;
    tap_is_str(run(request, auth), "APP_X=changed\n", "which then is its word");
    request = request_make("/", pool);
    request_add_bytes(request, fct_bytes_of("x-OWN"), fct_bytes_of("server's"), FCT_ORIGIN_SERVER);
    tap_is_str(run(request, set), "APP_X=server's\n", "what the server set, whatever the case of its name");
    tap_is_str(run(request, auth), "", "is not authentication's");
    tap_is_str(run(request, APP("from=\"set-header.X_Own\" assert=\"x\"")), "", "a name that only folds to it is another");
    request->fields[0].is_by_auth = 1;
    tap_is_str(run(request, auth), "APP_X=server's\n", "unless it was set then");
    tap_is_str(run(request, set), "APP_X=server's\n", "and it is the server's all the same");
    request_add_bytes(request, fct_bytes_of("X-Own"), fct_bytes_of("twice"), FCT_ORIGIN_SERVER);
    tap_is_str(run(request, set), "500 2016 2", "set twice it is no answer");
    tap_is_str(run(request, "<header name=\"X-Own\"/>"), "", "and the client's it is never");
}

/* --- upstream.NAME.client.* --- */

static int decoded;

static const fct_client_certificate_t *decode(fct_bytes_t text, fct_certificate_format_t format, apr_pool_t *p)
{
    fct_client_certificate_t *certificate = apr_pcalloc(p, sizeof(*certificate));
    fct_certificate_value_t *values = apr_pcalloc(p, sizeof(*values) * 3);

    decoded++;
    if (format != FCT_CERTIFICATE_FORMAT_RFC9440 || text.len < 3 || text.at[0] != ':') {
        return NULL;
    }
    values[0] = (fct_certificate_value_t){ FCT_CERTIFICATE_SUBJECT, FCT_BYTES_ABSENT, fct_bytes_make(text.at + 1, text.len - 2), 0 };
    values[1] = (fct_certificate_value_t){ FCT_CERTIFICATE_SAN_EMAIL, FCT_BYTES_ABSENT, FCT_BYTES_LITERAL("a@x"), 0 };
    values[2] = (fct_certificate_value_t){ FCT_CERTIFICATE_SAN_EMAIL, FCT_BYTES_ABSENT, FCT_BYTES_LITERAL("b@x"), 0 };
    certificate->values = values;
    certificate->nvalues = 3;
    certificate->sha256 = "00";
    return certificate;
}

static request_t *from_peer(const char *peer, const char *certificate)
{
    request_t *request = request_make("/", pool);
    apr_sockaddr_t *address = NULL;

    if (apr_sockaddr_info_get(&address, peer, APR_UNSPEC, 80, 0, pool) != APR_SUCCESS) {
        tap_ok(0, "%s is an address", peer);
    }
    request->facts.peer = address;
    request->facts.decode_certificate = decode;
    if (certificate) {
        request_add(request, "client-cert", certificate);
    }
    return request;
}

static void test_upstream(void)
{
    static const char lines[] = "<upstream name=\"edge\" peers=\"10.0.0.0/8\" assert=\"ours\" certificate=\"Client-Cert\" format=\"rfc9440\">\n<field name=\"X-Ok\" equals=\"yes\"/></upstream>\n"
        "<param name=\"SSL_CLIENT_S_DN\" from=\"upstream.edge.client.subject\" assert=\"x\"/>\n"
        "<param name=\"REMOTE_USER\" from=\"upstream.edge.client.san.email\" pick=\"1\" assert=\"x\"/>\n"
        "<param name=\"SSL_CLIENT_SHA256\" from=\"upstream.edge.client.fingerprint.sha256\" assert=\"x\"/>";
    static const char needing[] = "<upstream name=\"edge\" peers=\"10.0.0.0/8\" assert=\"ours\" certificate=\"Client-Cert\" format=\"rfc9440\">\n"
        "<field name=\"Client-Cert\" needs=\"X-Ok\"/><field name=\"X-Ok\" equals=\"yes\"/></upstream>\n" USER("from=\"upstream.edge.client.subject\" assert=\"x\"");
    static const char raw[] = "<upstream name=\"edge\" peers=\"10.0.0.0/8\" assert=\"ours\" certificate=\"Client-Cert\" format=\"rfc9440\">\n</upstream>\n"
        APP("from=\"upstream.edge.Client-Cert\" assert=\"x\"");
    request_t *request;
    const char *said;

    decoded = 0;
    said = run(from_peer("10.1.2.3", ":CN=a:"), lines);
    tap_is_str(said, "SSL_CLIENT_S_DN=CN=a\nREMOTE_USER=b@x\nSSL_CLIENT_SHA256=00\n", "the fields of the certificate that an upstream passes on");
    tap_is_int(decoded, 1, "decoded once, however many rules ask");
    tap_is_str(run(from_peer("10.1.2.3", NULL), lines), "", "without it none has a value");
    tap_is_str(run(from_peer("10.1.2.3", ""), lines), "", "nor with an empty field");
    tap_is_str(run(from_peer("10.1.2.3", "CN=a"), lines), "403 2016 4", "what is no certificate is invalid");
    tap_is_str(run(from_peer("192.0.2.1", ":CN=a:"), lines), "400 2018 2", "from anyone else the field is refused");
    request = from_peer("10.1.2.3", ":CN=a:");
    request_add(request, "Client-Cert", ":CN=b:");
    tap_is_str(run(request, lines), "400 2018 2", "repeated it is refused, too");
    tap_is_str(run(from_peer("10.1.2.3", ":CN=a:"), needing), "", "a certificate whose need is not there has no value");
    request = from_peer("10.1.2.3", ":CN=a:");
    request_add(request, "X-Ok", "yes");
    tap_is_str(run(request, needing), "REMOTE_USER=CN=a\n", "and one whose need is");
    tap_is_str(run(from_peer("10.1.2.3", ":CN=a:"), raw), "APP_X=:CN=a:\n", "the field itself is a source, too");
    request = from_peer("10.1.2.3", ":CN=a:");
    request->facts.decode_certificate = NULL;
    tap_is_str(run(request, lines), "403 2016 4", "where nothing decodes, it is invalid");
}

/* --- references --- */

static void note(void *context, const fct_policy_reference_t *reference)
{
    const char **text = context;

    *text = apr_psprintf(pool, "%s%d:%s:%s%s%s ", *text, reference->place.line, reference->name ? reference->name : "-", fct_source_text(reference->ref, pool),
                         reference->is_required ? "!" : "", reference->when ? "?" : "");
}

static void test_references(void)
{
    const fct_policy_t *policy = policy_must_load(
        "<param name=\"APP_U\" from=\"tls.client.san.email tls.client.subject.CN\" required=\"yes\"/>\n"
        APP("from=\"auth.env.X\" auth-type=\"Basic\" when=\"tls.client.verified\"") "\n<header name=\"X-A\" when=\"authenticated\"/>\n"
        "<request when=\"auth-type:Basic\" methods=\"GET\"/>\n<param name=\"B\" value=\"1\"/><param name=\"C\" from=\"config.X tls.client.serial\" required=\"yes\"/>", pool);
    const char *text = "";

    fct_policy_visit_references(policy, note, &text);
    tap_is_str(text, "2:APP_U:tls.client.san.email! 2:APP_U:tls.client.subject.CN! 3:APP_X:auth.env.X? 3:APP_X:auth.type? 3:APP_X:tls.client.verified? "
               "6:C:config.X 6:C:tls.client.serial 4:-:auth.user? 5:-:auth.type? ", "every place that asks for a source is told, in the order of the rules");
    tap_ok(fct_policy_uses(policy, FCT_SOURCE_TLS_CLIENT) && fct_policy_uses(policy, FCT_SOURCE_AUTH_ENV) && fct_policy_uses(policy, FCT_SOURCE_AUTH_USER)
           && fct_policy_uses(policy, FCT_SOURCE_AUTH_TYPE) && !fct_policy_uses(policy, FCT_SOURCE_ENV) && !fct_policy_uses(policy, FCT_SOURCE_AUTH_REALM),
           "and which sources a policy uses at all");
    policy = policy_must_load("<param name=\"AUTH_TYPE\" value=\"ClientCert\" when=\"tls.client.verified\"/>", pool);
    tap_ok(fct_policy_uses(policy, FCT_SOURCE_TLS_CLIENT), "a condition asks for the certificate, too");
}

int main(void)
{
    pool = tap_begin();
    test_certificate();
    test_many_values();
    test_mechanism();
    test_own_headers();
    test_upstream();
    test_references();
    return tap_end();
}
