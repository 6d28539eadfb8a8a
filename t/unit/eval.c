/* core/eval*.c: what a request yields under a policy, and which requests are refused. */
#include "policy.h"
#include "request.h"

static apr_pool_t *pool;

/* --- parameters --- */

static void test_params(void)
{
    const fct_policy_t *policy = policy_must_load(
        "<param name=\"APP_TIER\" value=\"production\"/>\n"
        "<param name=\"REMOTE_USER\" from=\"auth.user\"/>\n"
        "<param name=\"QUERY_STRING\" from=\"request.query\"/>\n"
        "<param name=\"SCRIPT_NAME\" from=\"script.name\"/>\n"
        "<param name=\"PATH_INFO\" from=\"script.path-info\"/>\n"
        "<param name=\"APP_PATH\" from=\"script.path-info\" trust=\"client\"/>\n"
        "<param name=\"APP_FIRST\" from=\"config.A config.B\"/>\n"
        "<param name=\"APP_ON_TLS\" value=\"1\" when=\"tls\"/>\n"
        "<param name=\"App-x\" value=\"2\" exact-name=\"yes\"/>", pool);
    request_t *request = request_make("/a/b", pool);

    tap_is_str(request_run(request, policy), "APP_TIER=production\nQUERY_STRING=\nSCRIPT_NAME=\nPATH_INFO=/a/b\nAPP_PATH=/a/b\nApp-x=2\n",
               "absent values yield nothing, QUERY_STRING and SCRIPT_NAME go empty");
    request = request_make("/a", pool);
    request->facts.mapping.mount = FCT_BYTES_LITERAL("/a");
    request->facts.is_tls = 1;
    request_set(request, "auth.user", "anna");
    request_set(request, "request.query", "x=1");
    request_set(request, "config.B", "b");
    tap_is_str(request_run(request, policy), "APP_TIER=production\nREMOTE_USER=anna\nQUERY_STRING=x=1\nSCRIPT_NAME=/a\nPATH_INFO=\n"
               "APP_FIRST=b\nAPP_ON_TLS=1\nApp-x=2\n", "in the order of the rules; elsewhere an empty value is absent; the first present source wins");
    request = request_make("/a", pool);
    request_set(request, "auth.user", "");
    request_set(request, "config.A", "");
    request_set(request, "config.B", "b");
    tap_has(request_run(request, policy), "APP_FIRST=b\n", "an empty source is passed over");
}

static const char *run_param(const char *attributes, const char *source, const char *value)
{
    const fct_policy_t *policy = policy_must_load(apr_psprintf(pool, "<param %s/>", attributes), pool);
    request_t *request = request_make("/", pool);

    if (value) {
        request_set(request, source, value);
    }
    return request_run(request, policy);
}

static void test_required(void)
{
    static const struct {
        const char *attributes, *source, *value, *expected;
    } rows[] = {
        { "name=\"REMOTE_USER\" from=\"auth.user\"", "auth.user", NULL, "" },
        { "name=\"REMOTE_USER\" from=\"auth.user\" required=\"yes\"", "auth.user", NULL, "403 2015 2" },
        { "name=\"REMOTE_USER\" from=\"auth.user\" required=\"yes\"", "auth.user", "", "403 2015 2" },
        { "name=\"REMOTE_USER\" from=\"auth.user\" required=\"yes\"", "auth.user", "anna", "REMOTE_USER=anna\n" },
        { "name=\"REMOTE_USER\" from=\"auth.user\" on-missing=\"refuse:404\"", "auth.user", NULL, "404 2015 2" },
        { "name=\"REMOTE_USER\" from=\"auth.user\" on-missing=\"refuse\"", "auth.user", NULL, "403 2015 2" },
        { "name=\"APP_X\" from=\"config.X\" required=\"yes\"", "config.X", NULL, "500 2015 2" },
        { "name=\"APP_X\" from=\"tls.sni\" trust=\"client\" required=\"yes\"", "tls.sni", NULL, "400 2015 2" },
        { "name=\"REMOTE_USER\" from=\"auth.user\"", "auth.user", "an\nna", "403 2016 2" },
        { "name=\"REMOTE_USER\" from=\"auth.user\"", "auth.user", "an\tna", "403 2016 2" },
        { "name=\"REMOTE_USER\" from=\"auth.user\" on-invalid=\"omit\"", "auth.user", "an\nna", "" },
        { "name=\"REMOTE_USER\" from=\"auth.user\" on-invalid=\"refuse:400\"", "auth.user", "an\nna", "400 2016 2" },
        { "name=\"REMOTE_USER\" from=\"auth.user\" type=\"email\"", "auth.user", "anna", "403 2016 2" },
        { "name=\"REMOTE_USER\" from=\"auth.user\" type=\"email\"", "auth.user", "a@b.c", "REMOTE_USER=a@b.c\n" },
        { "name=\"REMOTE_ADDR\" from=\"connection.peer.address\"", "connection.peer.address", "unknown", "403 2016 2" },
        { "name=\"SERVER_PORT\" from=\"server.port\"", "server.port", "0", "403 2016 2" },
        { "name=\"APP_X\" from=\"config.X\" type=\"integer\"", "config.X", "x", "500 2016 2" },
        { "name=\"APP_X\" from=\"tls.sni\" trust=\"client\" type=\"hostname\"", "tls.sni", "a b", "400 2016 2" },
        { "name=\"APP_X\" from=\"tls.sni\" trust=\"client\" max-length=\"3\"", "tls.sni", "abc", "APP_X=abc\n" },
        { "name=\"APP_X\" from=\"tls.sni\" trust=\"client\" max-length=\"3\"", "tls.sni", "abcd", "431 2017 2" },
        { "name=\"REMOTE_USER\" from=\"auth.user\" max-length=\"3\"", "auth.user", "anna", "403 2017 2" },
        { "name=\"APP_X\" from=\"tls.sni\" trust=\"client\" max-length=\"3\" on-invalid=\"omit\"", "tls.sni", "abcd", "" },
        { "name=\"APP_X\" from=\"tls.sni config.X\" trust=\"client\" type=\"integer\"", "tls.sni", "abcd", "400 2016 2" },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(run_param(rows[i].attributes, rows[i].source, rows[i].value), rows[i].expected, "<param %s> with %s '%s'",
                   rows[i].attributes, rows[i].source, rows[i].value ? rows[i].value : "(absent)");
    }
}

static void test_source_calls(void)
{
    const fct_policy_t *policy = policy_must_load(
        "<param name=\"APP_A\" from=\"config.A\" when=\"tls\"/>\n<param name=\"APP_B\" from=\"config.B\"/>", pool);
    request_t *request = request_make("/", pool);

    request_set(request, "config.A", "a");
    request_set(request, "config.B", "b");
    request_run(request, policy);
    tap_is_int(request->sources[0].calls, 0, "a source is not read where its rule's condition is false");
    tap_is_int(request->sources[1].calls, 1, "and once where it is");
}

static void test_header_sources(void)
{
    const fct_policy_t *policy = policy_must_load(
        "<param name=\"APP_H\" from=\"header.X-App\" trust=\"client\"/>\n<param name=\"APP_C\" from=\"cookie.sid\" trust=\"client\"/>", pool);
    request_t *request = request_make("/", pool);

    request_add(request, "x-app", "1");
    request_add(request, "Cookie", "a=b; sid=7; Sid=8");
    request_add(request, "X-APP", "2");
    tap_is_str(request_run(request, policy), "APP_H=1, 2\nAPP_C=7\n", "header.X is joined, cookie.X is found byte for byte");
    request_add(request, "X_App", "evil");
    tap_is_str(request_run(request, policy), "400 2010 0", "a name that folds to one that is read is refused");
    request = request_make("/", pool);
    request_add(request, "X_App", "evil");
    tap_is_str(request_run(request, policy), "", "a name that only folds to it is not read");
    request = request_make("/", pool);
    request_add(request, "Cookie", "sid=7; sid=8");
    tap_is_str(request_run(request, policy), "400 2016 3", "two cookies of one name are no value");
    request = request_make("/", pool);
    request_add_bytes(request, fct_bytes_of("X-App"), fct_bytes_of("1"), FCT_ORIGIN_SERVER);
    tap_is_str(request_run(request, policy), "", "what the server set is not what the client sent");
    request = request_make("/", pool);
    request_add_bytes(request, fct_bytes_of("X-App"), fct_bytes_of("1"), FCT_ORIGIN_CHANGED);
    tap_is_str(request_run(request, policy), "", "nor is what it changed");
    request = request_make("/", pool);
    request_add(request, "X-App", "1");
    request_add(request, "Connection", "close, x-app");
    tap_is_str(request_run(request, policy), "", "what the client nominates in Connection has no value");
}

/* --- header fields --- */

/* Fields: name, value, …, NULL. */
static request_t *with_fields(const char *const *fields)
{
    request_t *request = request_make("/", pool);

    for (; fields[0]; fields += 2) {
        request_add(request, fields[0], fields[1]);
    }
    return request;
}

#define FIELDS(...) with_fields((const char *const[]){ __VA_ARGS__, NULL, NULL })

static void test_fields(void)
{
    const fct_policy_t *policy = policy_must_load(
        "<header name=\"X-App\"/>\n<header name=\"X-App-*\" max-length=\"5\" max-count=\"2\"/>\n<header name=\"X-App-Long-*\"/>\n"
        "<header name=\"X_Under\"/>\n<header name=\"Cookie\"/>\n<header name=\"Y-*\"/>\n<header name=\"User-Agent\"/>", pool);
    request_t *request = FIELDS("x-app", "1", "X-App-B", "2", "Other", "3", "X-APP-LONG-C", "123456");

    tap_is_str(request_run(request, policy), "HTTP_X_APP=1\nHTTP_X_APP_B=2\nHTTP_X_APP_LONG_C=123456\n",
               "whole names, then the longest prefix, without regard to case");
    tap_is_str(request->dropped, "Other", "what no rule names is dropped and told");
    tap_is_str(request_run(FIELDS("X-App", "1", "X-app", "2"), policy), "HTTP_X_APP=1, 2\n", "repeated fields are joined");
    tap_is_str(request_run(FIELDS("Cookie", "a=1", "cookie", "b=2"), policy), "HTTP_COOKIE=a=1; b=2\n", "cookies with a semicolon");
    tap_is_str(request_run(FIELDS("User-Agent", "a", "User-Agent", "b"), policy), "400 2009 0", "a singleton twice is refused");
    tap_is_str(request_run(FIELDS("X-App", ""), policy), "HTTP_X_APP=\n", "an empty field is one");
    tap_is_str(request_run(FIELDS("X_App", "1"), policy), "", "another name that folds the same does not pass");
    tap_is_str(request_run(FIELDS("X-Under", "1"), policy), "", "in either direction");
    tap_is_str(request_run(FIELDS("X_Under", "1"), policy), "HTTP_X_UNDER=1\n", "the name written does");
    tap_is_str(request_run(FIELDS("X.App-B", "1"), policy), "", "a prefix is matched as it is written");
    tap_is_str(request_run(FIELDS("X-App-B", "12345"), policy), "HTTP_X_APP_B=12345\n", "as long as max-length");
    tap_is_str(request_run(FIELDS("X-App-B", "123456"), policy), "431 2007 3", "longer than max-length");
    tap_is_str(request_run(FIELDS("X-App-B", "1", "X-App-B", "234"), policy), "431 2007 3", "joined, it counts as a whole");
    tap_is_str(request_run(FIELDS("X-App-B", "1", "X-App-C", "2"), policy), "HTTP_X_APP_B=1\nHTTP_X_APP_C=2\n", "as many as max-count");
    tap_is_str(request_run(FIELDS("X-App-B", "1", "X-App-C", "2", "X-App-D", "3"), policy), "431 2008 3", "more than max-count");
    tap_is_str(request_run(FIELDS("X-App", "a\x01"), policy), "400 2006 2", "a control byte in a value that passes");
    tap_is_str(request_run(FIELDS("X-App", "a\x7f"), policy), "400 2006 2", "DEL too");
    tap_is_str(request_run(FIELDS("X-App", "a\tb\x80\xff"), policy), "HTTP_X_APP=a\tb\x80\xff\n", "HTAB and 80-FF pass");
    tap_is_str(request_run(FIELDS("X App", "1"), policy), "400 2005 0", "a name that is no token");
    tap_is_str(request_run(FIELDS("", "1"), policy), "400 2005 0", "no name");
    request = request_make("/", pool);
    request_add_bytes(request, fct_bytes_make("X\0App", 5), fct_bytes_of("1"), FCT_ORIGIN_CLIENT);
    tap_is_str(request_run(request, policy), "400 2005 0", "a NUL in a name");
    request = request_make("/", pool);
    request_add_bytes(request, fct_bytes_of("X-App"), fct_bytes_make("1\0002", 3), FCT_ORIGIN_CLIENT);
    tap_is_str(request_run(request, policy), "400 2006 2", "a NUL in a value");
    tap_is_str(request_run(FIELDS(apr_pstrcat(pool, "Y-", memset(apr_pcalloc(pool, 300), 'a', 299), NULL), "1"), policy), "431 2007 7",
               "a name of 301 bytes by a prefix");
}

static void test_many(void)
{
    const fct_policy_t *policy = policy_must_load("<header name=\"X-A\" max-count=\"2000\"/>", pool);
    fct_received_t *fields = apr_pcalloc(pool, sizeof(*fields) * 1001);
    request_t *request = request_make("/", pool);
    int i;

    for (i = 0; i < 1001; i++) {
        fields[i] = (fct_received_t){ FCT_BYTES_LITERAL("X-A"), FCT_BYTES_LITERAL("1"), FCT_ORIGIN_CLIENT, FCT_JOINED_NOT, 0 };
    }
    request->facts.fields = fields;
    request->facts.nfields = 1000;
    tap_has(request_run(request, policy), "HTTP_X_A=1, 1", "a thousand fields are taken");
    request->facts.nfields = 1001;
    tap_is_str(request_run(request, policy), "431 2008 0", "one more is refused, whatever the rules say");
}

static void test_never(void)
{
    static const char *const names[] = { "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings",
                                         "Proxy-Connection", "Proxy-Authorization", "Proxy", "PROXY", "proxy", "Content-Length", "Content-Type" };
    static const char *const reserved[] = {
        "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "X-Client-Cert", "X-Client-IP", "X-Cluster-Client-IP",
        "True-Client-IP", "CF-Connecting-IP", "Fastly-Client-IP", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override",
        "X-HTTP-Method", "X-Method-Override", "X-Remote-User", "Remote-User", "X-User", "X-UserName", "X-Auth-Request-User",
        "X-AuthUser", "X-WebAuth-User", "X-SSL-Client-DN", "SSL-Client-Verify", "Client-Cert", "Client-Cert-Chain", "X-ARR-ClientCert",
        "X-MS-Client-Principal", "X-MS-Client-Principal-Name", "X-Goog-Authenticated-User-Email", "X-Amzn-OIDC-Data", "OIDC_CLAIM_sub",
        "OIDC-x", "Shib-Session-ID", "Shibboleth", "Mellon-x", "Front-End-Https", "X-Url-Scheme", "X-Accel-Redirect", "X-Sendfile-Type",
        "X-Sendfile", "X-Middleware-Subrequest", "Proxy-Foo", "ProxyUser", "X_Forwarded_For", "x.real.ip" };
    const fct_policy_t *all = policy_must_load("<header name=\"X*\"/><header name=\"P*\"/><header name=\"C*\"/><header name=\"T*\"/>"
        "<header name=\"K*\"/><header name=\"U*\"/><header name=\"H*\"/><header name=\"F*\"/><header name=\"R*\"/><header name=\"S*\"/>"
        "<header name=\"O*\"/><header name=\"M*\"/>", pool);
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        request_t *request = FIELDS(names[i], "x");

        tap_is_str(request_run(request, all), "", "%s never passes", names[i]);
        tap_ok(request->dropped == NULL, "and nothing would admit it");
    }
    for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        request_t *request = FIELDS(reserved[i], "x");

        tap_is_str(request_run(request, all), "", "no prefix lets %s through", reserved[i]);
        tap_is_str(request->dropped, reserved[i], "and its drop is told");
        if (!strchr(reserved[i], '.')) {
            tap_has(request_run(FIELDS(reserved[i], "x"), policy_must_load(apr_psprintf(pool, "<header name=\"%s\" trust=\"client\"/>",
                    reserved[i]), pool)), "=x\n", "an exact rule with trust does");
        }
    }
    tap_is_str(request_run(FIELDS("X-Other", "1", "Purple", "2"), all), "HTTP_X_OTHER=1\nHTTP_PURPLE=2\n", "other names pass by those prefixes");
}

static void test_aliases(void)
{
    static const struct {
        const char *about, *a, *b, *expected;
    } rows[] = {
        { "a name that is let through", "X-App", "X_App", "400 2010 0" },
        { "in the other order", "X_App", "X-App", "400 2010 0" },
        { "with a dot", "X-App", "X.App", "400 2010 0" },
        { "names of which a prefix lets one through", "Y_Z-A", "Y-Z-A", "400 2010 0" },
        { "in the other order", "Y-Z-A", "Y_Z-A", "400 2010 0" },
        { "reserved names", "X-Forwarded-For", "X_Forwarded_For", "400 2010 0" },
        { "Host", "Host", "HOST_", "" },
        { "hop-by-hop names", "Transfer-Encoding", "Transfer_Encoding", "400 2010 0" },
        { "Content-Length", "Content-Length", "Content_Length", "400 2010 0" },
        { "restricting names", "If-Match", "If_Match", "400 2010 0" },
        { "names nobody knows", "Foo-Bar", "Foo_Bar", "" },
        { "one name in two cases", "X-App", "x-aPP", "HTTP_X_APP=1, 2\n" },
    };
    const fct_policy_t *policy = policy_must_load("<header name=\"X-App\"/><header name=\"Y-Z-*\"/><header name=\"If-Match\"/>", pool);
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(request_run(FIELDS(rows[i].a, "1", rows[i].b, "2"), policy), rows[i].expected, "%s: %s beside %s", rows[i].about,
                   rows[i].a, rows[i].b);
    }
}

static void test_refusals(void)
{
    const fct_policy_t *policy = policy_must_load(
        "<header name=\"X-A-*\"/>\n<refuse-header name=\"X-Debug\"/>\n<refuse-header name=\"X-A-Evil*\"/>\n"
        "<refuse-header name=\"X-Late\" when=\"method:POST\"/>\n<header name=\"X-Late\"/>", pool);
    request_t *request = FIELDS("X-Late", "1");

    tap_is_str(request_run(FIELDS("X-Debug", ""), policy), "400 2011 3", "a refused header");
    tap_is_str(request_run(FIELDS("x_debug", "1"), policy), "400 2011 3", "whatever folds to it");
    tap_is_str(request_run(FIELDS("X-A-EvilOne", "1"), policy), "400 2011 4", "a refused prefix before a prefix that passes");
    tap_is_str(request_run(FIELDS("X_A_Evil", "1"), policy), "400 2011 4", "whatever folds to it");
    tap_is_str(request_run(FIELDS("X-A-Good", "1"), policy), "HTTP_X_A_GOOD=1\n", "others pass");
    tap_is_str(request_run(request, policy), "HTTP_X_LATE=1\n", "a refusal whose condition is false yields nothing");
    request->facts.method = FCT_BYTES_LITERAL("POST");
    tap_is_str(request_run(request, policy), "400 2011 5", "one whose condition is true comes first");
    policy = policy_must_load("<refuse-header name=\"X-A-B-*\" when=\"path:/p\"/>\n<refuse-header name=\"X-*\" when=\"method:PUT\"/>\n"
                              "<refuse-header name=\"X-A-*\" when=\"!tls\"/>", pool);
    request = FIELDS("X-A-B-C", "1");
    tap_is_str(request_run(request, policy), "400 2011 4", "a refused prefix whose condition is true, between others whose conditions are false");
    request->facts.path = FCT_BYTES_LITERAL("/p");
    tap_is_str(request_run(request, policy), "400 2011 2", "the longest whose condition is true");
    request->facts.is_tls = 1;
    request->facts.path = FCT_BYTES_LITERAL("/q");
    tap_is_str(request_run(request, policy), "", "and none where none holds");
    request->facts.method = FCT_BYTES_LITERAL("POST");
    request_add(request, "X-B", "1");
    tap_is_str(request_run(request, policy), "", "whatever the fields");
}

/* httpd joins repeated fields with ", ": a singleton's value shows it, unless such a value may have commas of its own. */
static void test_joined(void)
{
    static const struct {
        const char *name, *value;
        int passes;
    } rows[] = {
        { "Depth", "0", 1 }, { "Depth", "0, infinity", 0 }, { "Depth", "0, 0", 0 }, { "Depth", "0, ", 0 }, { "Depth", ", 0", 0 },
        { "Overwrite", "T, F", 0 }, { "Origin", "https://a, https://b", 0 }, { "Sec-Fetch-Site", "same-origin, cross-site", 0 },
        { "Destination", "http://a/b,c", 1 }, { "Destination", "http://a/b, http://a/c", 0 },
        { "Idempotency-Key", "\"a, b\"", 1 }, { "Idempotency-Key", "\"a\", \"b\"", 0 }, { "Idempotency-Key", "\"a\\\", b\"", 1 },
        { "If-Unmodified-Since", "Fri, 20 Nov 2026 00:00:00 GMT", 1 },
        { "If-Unmodified-Since", "Fri, 20 Nov 2026 00:00:00 GMT, Fri, 20 Nov 2026 00:00:00 GMT", 0 },
        { "If-Range", "\"a, b, c\"", 1 },
        { "Authorization", "Bearer abc=", 1 }, { "Authorization", "Bearer abc, Bearer abc", 0 }, { "Authorization", "Basic eA==, Basic eA==", 0 },
        { "Authorization", "Basic eA==, Negotiate", 0 }, { "Authorization", "Basic eA==, ", 0 },
        { "Authorization", "Digest username=\"a, Basic b\", realm=x, nc=00000001", 1 },
        { "Authorization", "Digest username=\"a\", realm=x, Digest username=\"b\"", 0 },
        { "User-Agent", "A (b, like c)", 1 }, { "Range", "bytes=0-1, 4-5", 1 }, { "X-App", "1, 2", 1 },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const fct_policy_t *policy = policy_must_load(apr_psprintf(pool, "<header name=\"%s\"/>", rows[i].name), pool);
        const char *shown = request_run(FIELDS(rows[i].name, rows[i].value), policy);

        if (rows[i].passes) {
            tap_has(shown, apr_psprintf(pool, "=%s\n", rows[i].value), "%s: %s is one", rows[i].name, rows[i].value);
        }
        else {
            tap_is_str(shown, "400 2009 0", "%s: %s is two", rows[i].name, rows[i].value);
        }
    }
}

static void test_restricting(void)
{
    static const char *const names[] = { "If-Match", "If-Unmodified-Since", "Content-Range", "Content-Encoding", "If", "Depth", "Overwrite",
                                         "Idempotency-Key", "Origin", "Sec-Fetch-Site" };
    const fct_policy_t *none = policy_must_load("<header name=\"X-A\" when=\"tls\"/>", pool);
    size_t i;
    request_t *request;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *header = apr_psprintf(pool, "<header name=\"%s\"/>", names[i]);
        const char *unless = apr_psprintf(pool, "<header name=\"%s\" when=\"tls\"/>", names[i]);
        const char *drop = apr_psprintf(pool, "<drop-header name=\"%s\" assert=\"x\"/>", names[i]);
        const char *read = apr_psprintf(pool, "<param name=\"APP_X\" from=\"header.%s\" trust=\"client\"/>", names[i]);

        tap_is_str(request_run(FIELDS(names[i], "x"), none), "400 2012 0", "%s that no rule names is refused", names[i]);
        tap_has(request_run(FIELDS(names[i], "x"), policy_must_load(header, pool)), "=x\n", "with <header> it passes");
        tap_is_str(request_run(FIELDS(names[i], "x"), policy_must_load(unless, pool)), "400 2012 0", "a false condition yields nothing");
        tap_is_str(request_run(FIELDS(names[i], "x"), policy_must_load(drop, pool)), "", "with <drop-header> it is dropped");
        tap_is_str(request_run(FIELDS(names[i], "x"), policy_must_load(read, pool)), "APP_X=x\n", "a <param> may read it instead");
        tap_is_str(request_run(FIELDS(names[i], "x", "Connection", names[i]), policy_must_load(header, pool)), "400 2012 0",
                   "nominated in Connection it is refused");
    }
    tap_is_str(request_run(FIELDS("If-None-Match", "x"), none), "", "If-None-Match of a GET can be dropped");
    request = FIELDS("If-None-Match", "*");
    request->facts.method = FCT_BYTES_LITERAL("POST");
    tap_is_str(request_run(request, none), "400 2012 0", "of a POST it cannot");
}

static void test_origins(void)
{
    const fct_policy_t *policy = policy_must_load("<header name=\"X-A\"/>\n<header name=\"X-B\" changed=\"yes\"/>\n<header name=\"If-Match\"/>", pool);
    request_t *request = request_make("/", pool);

    request_add_bytes(request, fct_bytes_of("X-A"), fct_bytes_of("1"), FCT_ORIGIN_CHANGED);
    request_add_bytes(request, fct_bytes_of("X-B"), fct_bytes_of("2"), FCT_ORIGIN_CHANGED);
    tap_is_str(request_run(request, policy), "HTTP_X_B=2\n", "a changed field passes only with changed=\"yes\"");
    tap_is_str(request->dropped, "X-A", "else it is dropped");
    request = request_make("/", pool);
    request_add_bytes(request, fct_bytes_of("X-A"), fct_bytes_of("1"), FCT_ORIGIN_SERVER);
    request_add_bytes(request, fct_bytes_of("X-B"), fct_bytes_of("2"), FCT_ORIGIN_SERVER);
    tap_is_str(request_run(request, policy), "", "what the server set never passes");
    request_add(request, "X_A", "3");
    tap_is_str(request_run(request, policy), "", "nor does it collide with what the client sent");
    request = request_make("/", pool);
    request_add_bytes(request, fct_bytes_of("If-Match"), fct_bytes_of("1"), FCT_ORIGIN_CHANGED);
    tap_is_str(request_run(request, policy), "500 2014 4", "a changed field that restricts cannot be dropped");
    request = FIELDS("X-A", "1", "X-B", "2", "Connection", "close,\tX-a ,X-C");
    tap_is_str(request_run(request, policy), "HTTP_X_B=2\n", "what the client nominates in Connection does not pass");
}

static void test_host(void)
{
    const fct_policy_t *policy = policy_must_load("<header name=\"Host\"/>\n<header name=\"X-A\"/>", pool);
    const fct_policy_t *none = policy_must_load("<header name=\"X-A\"/>", pool);
    request_t *request = FIELDS("X-A", "1", "Host", "evil.example");

    request_set(request, "request.authority", "www.example.com");
    tap_is_str(request_run(request, policy), "HTTP_HOST=www.example.com\nHTTP_X_A=1\n", "HTTP_HOST is the request's authority");
    tap_is_str(request_run(request, none), "HTTP_X_A=1\n", "and goes only where a rule names Host");
    request = request_make("/", pool);
    tap_is_str(request_run(request, policy), "", "without an authority there is none");
    request_set(request, "request.authority", "www.example.com");
    tap_is_str(request_run(request, policy), "HTTP_HOST=www.example.com\n", "also where no Host field came");
    tap_is_str(request_run(FIELDS("Host", "a", "Host", "b"), policy), "400 2009 0", "two Host fields are refused");
    tap_is_str(request_run(FIELDS("Host", "a", "Host", "b"), none), "400 2009 0", "whatever the policy says");
    request = request_make("/", pool);
    request_set(request, "request.authority", "a\nb");
    tap_is_str(request_run(request, policy), "400 2006 2", "a control byte in the authority");
}

static void test_too_large(void)
{
    const fct_policy_t *policy = policy_must_load("<header name=\"X-A\" max-length=\"100000\"/>\n"
        "<param name=\"APP_X\" from=\"config.X\"/>\n<param name=\"APP_Y\" from=\"tls.sni\" trust=\"client\"/>", pool);
    char *large = memset(apr_pcalloc(pool, 70001), 'a', 70000);
    fct_params_t *small = fct_params_create(16, 16, pool);
    request_t *request = FIELDS("X-A", large);
    fct_verdict_t verdict;

    tap_is_str(request_run(request, policy), "431 2301 2", "a header that fits no record is refused, not left out");
    request = request_make("/", pool);
    request_set(request, "tls.sni", large);
    tap_is_str(request_run(request, policy), "431 2301 4", "a client's value too");
    request = request_make("/", pool);
    request_set(request, "config.X", large);
    tap_is_str(request_run(request, policy), "500 2301 3", "a server's value is a fault of the configuration");
    verdict = fct_eval_request(policy, &FIELDS("X-A", "0123456789")->facts, small, NULL, pool);
    tap_ok(verdict.status == 431 && verdict.finding == FCT_FINDING_PARAMS_TOO_LARGE, "all together over the limit are refused");
}

/* --- what is told --- */

static void note_emission(void *context, fct_bytes_t name, fct_bytes_t value, const char *source, fct_class_t class_, const fct_place_t *rule)
{
    const char **text = context;

    *text = apr_psprintf(pool, "%s%.*s=%.*s %s %s %s:%d\n", *text, (int)name.len, name.at, (int)value.len, value.at, source,
                         fct_class_name(class_), rule ? rule->file : "-", rule ? rule->line : 0);
}

static void keep_name(void *context, fct_bytes_t name, fct_bytes_t value, const char *source, fct_class_t class_, const fct_place_t *rule)
{
    (void)value;
    (void)source;
    (void)class_;
    (void)rule;
    APR_ARRAY_PUSH((apr_array_header_t *)context, fct_bytes_t) = name;
}

/* What an observer is told lives as long as the request. */
static void test_names_last(void)
{
    const fct_policy_t *policy = policy_must_load("<header name=\"X-*\"/>", pool);
    apr_array_header_t *names = apr_array_make(pool, 4, sizeof(fct_bytes_t));
    fct_observer_t observer = { keep_name, NULL, names, NULL };
    request_t *request = FIELDS("X-One", "1", "X-Other", "2");

    fct_eval_request(policy, &request->facts, fct_params_create(100, 1000, pool), &observer, pool);
    tap_is_int(names->nelts, 2, "each field that a prefix lets through is told");
    tap_is_str(fct_bytes_string(APR_ARRAY_IDX(names, 0, fct_bytes_t), pool), "HTTP_X_ONE", "by its own name");
    tap_is_str(fct_bytes_string(APR_ARRAY_IDX(names, 1, fct_bytes_t), pool), "HTTP_X_OTHER", "and so is the next");
}

static void test_observer(void)
{
    const fct_policy_t *policy = policy_must_load("<param name=\"APP_X\" from=\"auth.user config.X\"/>\n<header name=\"X-A\"/>", pool);
    const char *text = "";
    fct_observer_t observer = { note_emission, NULL, &text, NULL };
    request_t *request = FIELDS("X-A", "1", "X-A", "2", "Other", "3");

    request_set(request, "config.X", "x");
    request_set(request, "request.content-type", "a/b");
    fct_eval_request(policy, &request->facts, fct_params_create(100, 1000, pool), &observer, pool);
    tap_is_str(text, "APP_X=x auth.user config.X verified t.xml:2\nCONTENT_TYPE=a/b request.content-type client -:0\n"
               "HTTP_X_A=1, 2 header client t.xml:3\n", "an observer is told of each parameter with its source, class and rule");
}

int main(void)
{
    pool = tap_begin();
    test_params();
    test_required();
    test_source_calls();
    test_header_sources();
    test_fields();
    test_many();
    test_never();
    test_aliases();
    test_refusals();
    test_joined();
    test_restricting();
    test_origins();
    test_host();
    test_too_large();
    test_observer();
    test_names_last();
    return tap_end();
}
