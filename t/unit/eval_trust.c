/* core/eval*.c: server headers, upstreams and the cookie filter: what nobody but the server, or the proxy in front, may say.
 * A refusal is written as status, finding and line. */
#include "policy.h"
#include "request.h"

static apr_pool_t *pool;

static request_t *with_fields(const char *const *fields)
{
    request_t *request = request_make("/", pool);

    for (; fields[0]; fields += 2) {
        request_add(request, fields[0], fields[1]);
    }
    return request;
}

#define FIELDS(...) with_fields((const char *const[]){ __VA_ARGS__, NULL, NULL })

static void test_server_headers(void)
{
    const fct_policy_t *policy = policy_must_load(
        "<server-header name=\"X-Remote-User\" from=\"auth.user\" case=\"lower\"/>\n<server-header name=\"X-Tls\" from=\"tls.protocol\" when=\"tls\"/>\n"
        "<header name=\"X-*\"/>", pool);
    request_t *request = FIELDS("X-Other", "1");

    tap_is_str(request_run(request, policy), "HTTP_X_OTHER=1\n", "without a value there is no header");
    request_set(request, "auth.user", "Anna");
    request_set(request, "tls.protocol", "TLSv1.3");
    request->facts.is_tls = 1;
    tap_is_str(request_run(request, policy), "HTTP_X_REMOTE_USER=anna\nHTTP_X_TLS=TLSv1.3\nHTTP_X_OTHER=1\n", "with one, it is the server's");
    tap_is_str(request_run(FIELDS("X-Remote-User", "admin"), policy), "400 2019 2", "a client that sends it is refused, also where the server has none");
    tap_is_str(request_run(FIELDS("x_remote.user", "admin"), policy), "400 2019 2", "whatever folds to it");
    tap_is_str(request_run(FIELDS("X_Tls", ""), policy), "400 2019 3", "also where the rule's condition is false");
    tap_is_str(request_run(FIELDS("X-Remote-User", "admin", "Connection", "X-Remote-User"), policy), "400 2019 2", "nominated too");
    request = request_make("/", pool);
    request_set(request, "auth.user", "anna");
    request_add(request, "Connection", "close, X-Remote-User");
    request_add_bytes(request, fct_bytes_of("X-Remote-User"), fct_bytes_of("other"), FCT_ORIGIN_SERVER);
    tap_is_str(request_run(request, policy), "HTTP_X_REMOTE_USER=anna\n", "nomination takes nothing away that the server made, and RequestHeader adds nothing");
}

static request_t *from_peer(const char *peer, const char *const *fields)
{
    request_t *request = with_fields(fields);
    apr_sockaddr_t *address = NULL;

    if (peer && apr_sockaddr_info_get(&address, peer, APR_UNSPEC, 80, 0, pool) != APR_SUCCESS) {
        tap_ok(0, "%s is an address", peer);
    }
    request->facts.peer = address;
    return request;
}

#define FROM(peer, ...) from_peer(peer, (const char *const[]){ __VA_ARGS__, NULL, NULL })

static void test_upstreams(void)
{
    const fct_policy_t *policy = policy_must_load(
        "<upstream name=\"lb\" peers=\"10.0.0.0/8 2001:db8::/32\" assert=\"ours\">\n<field name=\"X-User\" needs=\"X-Verify\"/>\n"
        "<field name=\"X-Verify\" equals=\"SUCCESS\"/></upstream>\n"
        "<param name=\"REMOTE_USER\" from=\"upstream.lb.X-User\" assert=\"x\" type=\"email\"/><param name=\"APP_V\" from=\"upstream.lb.x-verify\" assert=\"x\"/>"
        "<header name=\"X-*\"/>", pool);
    request_t *request;

    tap_is_str(request_run(FROM("10.1.2.3", "X-User", "a@b.c", "X-Verify", "SUCCESS"), policy), "REMOTE_USER=a@b.c\nAPP_V=SUCCESS\n",
               "the upstream's fields have values, and do not pass as headers");
    tap_is_str(request_run(FROM("2001:db8::1", "X-User", "a@b.c", "X-Verify", "SUCCESS"), policy), "REMOTE_USER=a@b.c\nAPP_V=SUCCESS\n", "over IPv6 too");
    tap_is_str(request_run(FROM("10.1.2.3", "X-User", "a@b.c", "X-Verify", "FAILED"), policy), "", "one that is not what it must equal has none");
    tap_is_str(request_run(FROM("10.1.2.3", "X-User", "a@b.c"), policy), "", "nor one whose need is not there");
    tap_is_str(request_run(FROM("10.1.2.3", "X-User", "a", "X-Verify", "SUCCESS"), policy), "403 2016 5", "values are checked as others are");
    tap_is_str(request_run(FROM("10.1.2.3", "Other", "1"), policy), "", "none need come");
    tap_is_str(request_run(FROM("192.0.2.1", "X-User", "a@b.c", "X-Verify", "SUCCESS"), policy), "400 2018 3", "from anyone else they are refused");
    tap_is_str(request_run(FROM("192.0.2.1", "X-Verify", ""), policy), "400 2018 4", "each of them");
    tap_is_str(request_run(FROM(NULL, "X-User", "a@b.c"), policy), "400 2018 3", "from nobody too");
    tap_is_str(request_run(FROM("10.1.2.3", "X-User", "a@b.c", "X-User", "a@b.c", "X-Verify", "SUCCESS"), policy), "400 2018 3", "repeated they are refused");
    tap_is_str(request_run(FROM("10.1.2.3", "X_User", "a@b.c", "X-Verify", "SUCCESS"), policy), "400 2018 3", "by another name");
    tap_is_str(request_run(FROM("10.1.2.3", "X-User", "a@b.c", "X_User", "x@b.c", "X-Verify", "SUCCESS"), policy), "400 2018 3", "by two names");
    tap_is_str(request_run(FROM("10.1.2.3", "X-User", "a@b.c", "X-Verify", "SUCCESS", "Connection", "x-user"), policy), "400 2018 3", "nominated in Connection");
    request = FROM("10.1.2.3", "X-Verify", "SUCCESS", "X-User", "a@b.c");
    request->fields[1].joined = FCT_JOINED_CERTAINLY;
    tap_is_str(request_run(request, policy), "400 2018 3", "repeated and joined by the server");
    request->fields[1].joined = FCT_JOINED_PERHAPS;
    tap_is_str(request_run(request, policy), "400 2018 3", "and where that cannot be told");
    request = FROM("10.1.2.3", "X-Verify", "SUCCESS");
    request_add_bytes(request, fct_bytes_of("X-User"), fct_bytes_of("a@b.c"), FCT_ORIGIN_CHANGED);
    tap_is_str(request_run(request, policy), "APP_V=SUCCESS\n", "one that a module changed has no value");
    request = FROM("192.0.2.1", "Other", "1");
    apr_sockaddr_info_get(&request->facts.client, "10.1.2.3", APR_UNSPEC, 80, 0, pool);
    request_add(request, "X-User", "a@b.c");
    tap_is_str(request_run(request, policy), "400 2018 3", "it is the TCP peer that counts, not the client's address");
}

static void test_refused_upstreams(void)
{
    const fct_policy_t *policy = policy_must_load(
        "<upstream name=\"lb\" peers=\"10.0.0.0/8\" assert=\"ours\"><field name=\"X-User\"/><field name=\"X-Org\"/></upstream>\n"
        "<param name=\"REMOTE_USER\" from=\"upstream.lb.X-User\" assert=\"x\"/>\n<param name=\"APP_O\" from=\"upstream.lb.X-Org\" assert=\"x\"/>\n"
        "<refuse-header name=\"X-User\" when=\"!peer:10.7.0.0/16\"/>\n<refuse-header name=\"X-O*\" when=\"method:GET\"/>", pool);

    tap_is_str(request_run(FROM("10.7.2.3", "X-User", "a"), policy), "REMOTE_USER=a\n", "an upstream's field, where the condition of its refusal does not hold");
    tap_is_str(request_run(FROM("10.1.2.3", "X-User", "a"), policy), "400 2011 5", "a refusal comes first, also for the upstream");
    tap_is_str(request_run(FROM("10.7.2.3", "X-Org", "a"), policy), "400 2011 6", "that of a prefix, too");
    tap_is_str(request_run(FROM("192.0.2.1", "X_Org", "a"), policy), "400 2011 6", "and whatever folds to it");
}

static void test_cookies(void)
{
    const fct_policy_t *policy = policy_must_load("<header name=\"Cookie\" cookies=\"session wp-* !wp-admin-* a.b\" max-length=\"40\"/>", pool);
    static const struct {
        const char *value, *expected;
    } rows[] = {
        { "session=1", "HTTP_COOKIE=session=1\n" }, { "session=1; other=2; wp-x=3", "HTTP_COOKIE=session=1; wp-x=3\n" },
        { " session = 1", "" }, { "Session=1", "" }, { "session", "" }, { "session=", "HTTP_COOKIE=session=\n" }, { "wp-=1", "HTTP_COOKIE=wp-=1\n" },
        { "wp_x=1", "" }, { "wp-admin-x=1; wp-a=2", "HTTP_COOKIE=wp-a=2\n" }, { "a_b=1", "" }, { "a.b=1", "HTTP_COOKIE=a.b=1\n" }, { "other=1", "" }, { "", "" },
        { "other=a-value-that-is-longer-than-forty-bytes-in-all; session=1", "HTTP_COOKIE=session=1\n" },
        { "session=a-value-that-is-longer-than-forty-bytes-in-all", "431 2007 2" }, { "session=a,b; x=y", "HTTP_COOKIE=session=a,b\n" },
        { "session=1; session=2", "HTTP_COOKIE=session=1; session=2\n" },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(request_run(FIELDS("Cookie", rows[i].value), policy), rows[i].expected, "Cookie: %s", rows[i].value);
    }
    tap_is_str(request_run(FIELDS("Cookie", "session=1", "Cookie", "x=1", "cookie", "wp-y=2"), policy), "HTTP_COOKIE=session=1; wp-y=2\n", "over several fields");
}

int main(void)
{
    pool = tap_begin();
    test_server_headers();
    test_upstreams();
    test_refused_upstreams();
    test_cookies();
    return tap_end();
}
