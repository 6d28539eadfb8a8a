/* core/condition*.c: when="…": what parses, what holds, what can be proven. */
#include "condition.h"

#include "request.h"

static apr_pool_t *pool;

static const fct_condition_t *parse(const char *text)
{
    fct_findings_t *findings = fct_findings_create(pool);
    fct_place_t place = { "t.xml", 3 };

    return fct_condition_parse(text, place, findings, pool);
}

static void test_texts(void)
{
    static const char *const good[] = {
        "tls", "!tls", " tls  authenticated ", "path:/", "path:/a/b/", "method:GET", "method:GET,POST", "!method:GET",
        "peer:10.0.0.0/8", "client:10.0.0.0/8,2001:db8::/32", "auth-type:Negotiate", "path:/a,b", "tls.client.verified", "!tls.client.verified",
    };
    static const char *const bad[] = {
        "", "  ", "!", "!!tls", "TLS", "tls:", "path:", "path:public", "method:", "method:GET,", "method:G T:", "peer:10.0.0.0/33",
        "peer:", "client:x", "auth-type:", "header:X-Debug", "authenticated:yes", "tls,authenticated", "tls.client", "tls.client.*", "verified",
    };
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        tap_ok(parse(good[i]) != NULL, "'%s' is a condition", good[i]);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        tap_ok(parse(bad[i]) == NULL, "'%s' is none", bad[i]);
    }
}

static void test_findings(void)
{
    fct_findings_t *findings = fct_findings_create(pool);
    fct_place_t place = { "t.xml", 3 };

    fct_condition_parse("path:x tls.client peer:y", place, findings, pool);
    tap_is_int(findings->errors, 3, "every fault of a condition is found at once");
    tap_is_int(APR_ARRAY_IDX(findings->items, 0, fct_finding_t).line, 3, "at the line of the rule");
}

static request_t *a_request(void)
{
    request_t *request = request_make("/public/x", pool);
    apr_sockaddr_t *peer, *client;

    apr_sockaddr_info_get(&peer, "10.1.2.3", APR_UNSPEC, 80, 0, pool);
    apr_sockaddr_info_get(&client, "2001:db8::9", APR_UNSPEC, 80, 0, pool);
    request->facts.peer = peer;
    request->facts.client = client;
    request->facts.is_tls = 1;
    request_set(request, "auth.user", "anna");
    request_set(request, "auth.type", "Basic");
    return request;
}

static const fct_client_certificate_t *no_certificate(void *context)
{
    (void)context;
    return NULL;
}

static void test_holds(void)
{
    static const struct {
        const char *text;
        int expected;
    } rows[] = {
        { "tls", 1 }, { "!tls", 0 }, { "authenticated", 1 }, { "!authenticated", 0 },
        { "auth-type:Basic", 1 }, { "auth-type:Negotiate", 0 }, { "auth-type:Negotiate,Basic", 1 }, { "auth-type:basic", 1 }, { "!auth-type:BASIC", 0 }, { "tls.client.verified", 0 }, { "!tls.client.verified", 1 },
        { "method:GET", 1 }, { "method:POST,GET", 1 }, { "method:POST", 0 }, { "!method:POST", 1 }, { "method:get", 0 },
        { "path:/", 1 }, { "path:/public", 1 }, { "path:/public/", 1 }, { "path:/publi", 0 }, { "path:/public/x", 1 },
        { "path:/public/x/", 1 }, { "path:/public/xy", 0 }, { "path:/PUBLIC", 0 }, { "!path:/private", 1 },
        { "peer:10.0.0.0/8", 1 }, { "peer:192.0.2.0/24,10.0.0.0/8", 1 }, { "peer:192.0.2.0/24", 0 },
        { "client:2001:db8::/32", 1 }, { "client:10.0.0.0/8", 0 }, { "!client:10.0.0.0/8", 1 },
        { "tls authenticated path:/public", 1 }, { "tls !authenticated", 0 }, { "method:POST tls", 0 },
    };
    request_t *request = a_request();
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_int(fct_condition_holds(parse(rows[i].text), &request->facts), rows[i].expected, "'%s' %s", rows[i].text,
                   rows[i].expected ? "holds" : "does not hold");
    }
    tap_ok(fct_condition_holds(NULL, &request->facts), "no condition holds always");
    request = request_make("/publicity", pool);
    tap_ok(!fct_condition_holds(parse("path:/public"), &request->facts), "/publicity is not below /public");
    tap_ok(!fct_condition_holds(parse("peer:0.0.0.0/0"), &request->facts), "without a peer no peer: holds");
    tap_ok(fct_condition_holds(parse("!peer:0.0.0.0/0"), &request->facts), "and every !peer: does");
    tap_ok(!fct_condition_holds(parse("authenticated"), &request->facts), "without a user nobody is authenticated");
    request = request_make("/public", pool);
    tap_ok(fct_condition_holds(parse("path:/public/"), &request->facts), "/public itself is of path:/public/");
    request_certify(request, NULL, NULL);
    tap_ok(fct_condition_holds(parse("tls.client.verified"), &request->facts), "with a verified certificate tls.client.verified holds");
    tap_ok(!fct_condition_holds(parse("!tls.client.verified"), &request->facts), "and !tls.client.verified does not");
    request->facts.certificate = no_certificate;
    tap_ok(!fct_condition_holds(parse("tls.client.verified"), &request->facts), "where the server is asked and has none, it does not hold");
}

static void test_disjoint(void)
{
    static const struct {
        const char *a, *b;
        int expected;
    } rows[] = {
        { "tls", "!tls", 1 }, { "tls", "tls", 0 }, { "!tls", "!tls", 0 }, { "tls", "authenticated", 0 },
        { "tls path:/a", "path:/b !tls", 1 }, { "authenticated", "!authenticated", 1 },
        { "!authenticated", "auth-type:Basic", 1 }, { "authenticated", "!auth-type:Basic", 0 },
        { "tls.client.verified", "!tls.client.verified", 1 }, { "tls.client.verified", "!tls", 1 }, { "tls.client.verified", "tls", 0 },
        { "!tls.client.verified", "!tls", 0 }, { "!tls.client.verified", "tls", 0 }, { "tls.client.verified path:/a", "!tls path:/a", 1 },
        { "auth-type:Basic", "auth-type:basic", 0 }, { "auth-type:Basic", "!auth-type:BASIC", 1 },
        { "auth-type:Basic", "auth-type:Digest", 1 }, { "auth-type:Basic,Digest", "auth-type:Digest", 0 },
        { "method:GET", "method:POST", 1 }, { "method:GET,POST", "method:POST,PUT", 0 }, { "method:GET", "!method:GET", 1 },
        { "method:GET", "!method:GET,POST", 1 }, { "method:GET,PUT", "!method:GET,POST", 0 }, { "!method:GET", "!method:POST", 0 },
        { "path:/a", "path:/b", 1 }, { "path:/a", "path:/a/b", 0 }, { "path:/a/b", "path:/a/c", 1 }, { "path:/a", "path:/ab", 1 },
        { "path:/a/b", "!path:/a", 1 }, { "path:/a", "!path:/a/b", 0 }, { "path:/", "path:/a", 0 }, { "path:/a", "!path:/", 1 },
        { "peer:10.0.0.0/8", "peer:192.0.2.0/24", 1 }, { "peer:10.0.0.0/8", "peer:10.1.0.0/16", 0 },
        { "peer:10.1.0.0/16", "!peer:10.0.0.0/8", 1 }, { "peer:10.0.0.0/8", "client:192.0.2.0/24", 0 },
        { "peer:10.0.0.0/8", "peer:2001:db8::/32", 1 },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const fct_condition_t *a = parse(rows[i].a);
        const fct_condition_t *b = parse(rows[i].b);

        tap_ok(fct_condition_is_disjoint(a, b) == rows[i].expected && fct_condition_is_disjoint(b, a) == rows[i].expected,
               "'%s' and '%s' %s", rows[i].a, rows[i].b, rows[i].expected ? "exclude each other" : "may both hold");
    }
    tap_ok(!fct_condition_is_disjoint(NULL, parse("tls")) && !fct_condition_is_disjoint(NULL, NULL),
           "no condition excludes nothing");
    tap_ok(fct_condition_is_contradictory(parse("tls !tls")), "'tls !tls' never holds");
    tap_ok(fct_condition_is_contradictory(parse("path:/a path:/b")), "nor do two paths beside each other");
    tap_ok(!fct_condition_is_contradictory(parse("path:/a !path:/a/b")), "a hole in a path is no contradiction");
    tap_ok(fct_condition_entails_tls(parse("path:/a tls")), "'path:/a tls' is about TLS connections");
    tap_ok(fct_condition_is_contradictory(parse("tls.client.verified !tls")), "'tls.client.verified !tls' never holds");
    tap_ok(fct_condition_entails_tls(parse("tls.client.verified")) && !fct_condition_entails_tls(parse("!tls.client.verified")),
           "a verified certificate is about TLS connections, none is not");
    tap_ok(fct_condition_entails_verified(parse("path:/a tls.client.verified")) && !fct_condition_entails_verified(parse("!tls.client.verified"))
           && !fct_condition_entails_verified(parse("tls authenticated")) && !fct_condition_entails_verified(NULL),
           "nothing else is about a verified certificate");
    tap_ok(!fct_condition_entails_tls(parse("!tls")) && !fct_condition_entails_tls(NULL), "'!tls' and no condition are not");
    tap_ok(fct_condition_uses(parse("authenticated"), FCT_SOURCE_AUTH_USER)
           && !fct_condition_uses(parse("tls"), FCT_SOURCE_AUTH_USER)
           && fct_condition_uses(parse("!tls.client.verified"), FCT_SOURCE_TLS_CLIENT) && !fct_condition_uses(parse("tls"), FCT_SOURCE_TLS_CLIENT)
           && fct_condition_uses(parse("auth-type:Basic"), FCT_SOURCE_AUTH_TYPE), "a condition tells what it asks for");
}

static void test_entails(void)
{
    static const struct {
        const char *a, *b;
        int expected;
    } rows[] = {
        { "tls", "tls", 1 }, { "tls path:/a", "tls", 1 }, { "tls", "tls path:/a", 0 }, { "tls", "!tls", 0 }, { "!tls", "tls", 0 },
        { "path:/a/b", "path:/a", 1 }, { "path:/a", "path:/a/b", 0 }, { "path:/a", "!path:/b", 1 }, { "path:/a", "!path:/a/b", 0 },
        { "!path:/a", "!path:/a/b", 1 }, { "!path:/a/b", "!path:/a", 0 }, { "!path:/a", "path:/b", 0 },
        { "method:GET", "method:POST,GET", 1 }, { "method:GET,PUT", "method:POST,GET", 0 }, { "!method:GET,POST", "!method:GET", 1 },
        { "!method:GET", "!method:GET,POST", 0 }, { "method:GET", "!method:POST", 1 }, { "method:GET,POST", "!method:POST", 0 },
        { "peer:10.1.0.0/16", "peer:10.0.0.0/8", 1 }, { "peer:10.0.0.0/8", "peer:10.1.0.0/16", 0 }, { "peer:10.0.0.0/8", "client:10.0.0.0/8", 0 },
        { "peer:10.0.0.0/8", "!peer:192.0.2.0/24,::1", 1 }, { "!peer:10.0.0.0/8", "!peer:10.1.0.0/16", 1 },
        { "tls.client.verified", "tls", 1 }, { "tls", "tls.client.verified", 0 }, { "!tls", "!tls.client.verified", 1 },
        { "!tls.client.verified", "!tls", 0 }, { "tls.client.verified", "!tls", 0 }, { "auth-type:basic", "auth-type:Basic,Digest", 1 },
        { "auth-type:Basic", "authenticated", 1 }, { "authenticated", "auth-type:Basic", 0 }, { "!auth-type:Basic", "authenticated", 0 },
        { "!authenticated", "!auth-type:Basic", 1 }, { "!auth-type:Basic", "!authenticated", 0 },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_int(fct_condition_entails(parse(rows[i].a), parse(rows[i].b)), rows[i].expected, "where '%s' holds, '%s' %s", rows[i].a,
                   rows[i].b, rows[i].expected ? "does" : "may not");
    }
    tap_ok(fct_condition_entails(parse("tls"), NULL) && fct_condition_entails(NULL, NULL), "no condition follows from every other");
    tap_ok(!fct_condition_entails(NULL, parse("tls")), "and none follows from it");
}

int main(void)
{
    pool = tap_begin();
    test_texts();
    test_findings();
    test_holds();
    test_disjoint();
    test_entails();
    return tap_end();
}
