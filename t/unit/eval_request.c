/* core/eval.c: the request as a whole: method, body, upgrade, path, Content-Type, and the limits that a condition changes. */
#include "policy.h"
#include "request.h"

static apr_pool_t *pool;

static void test_request(void)
{
    const fct_policy_t *policy = policy_must_load("<request methods=\"GET POST\" max-body=\"100\"/>", pool);
    const fct_policy_t *strict = policy_must_load("<request chunked=\"refuse\" upgrade=\"refuse\"/>", pool);
    const fct_policy_t *open = policy_must_load("<request max-body=\"unlimited\" chunked=\"stream\"/>", pool);
    request_t *request = request_make("/", pool);

    request->facts.method = FCT_BYTES_LITERAL("PUT");
    tap_is_str(request_run(request, policy), "405 2001 0", "a method that is not allowed");
    request->facts.method = FCT_BYTES_LITERAL("get");
    tap_is_str(request_run(request, policy), "405 2001 0", "methods have case");
    request->facts.method = FCT_BYTES_LITERAL("POST");
    request->facts.body = FCT_BODY_LENGTH;
    request->facts.body_length = 100;
    tap_is_str(request_run(request, policy), "", "a body as large as max-body");
    request->facts.body_length = 101;
    tap_is_str(request_run(request, policy), "413 2003 0", "a body one byte larger");
    tap_is_str(request_run(request, open), "", "any body where max-body is unlimited");
    request->facts.body = FCT_BODY_UNKNOWN;
    tap_is_str(request_run(request, policy), "", "a body without a length");
    tap_is_str(request_run(request, strict), "411 2004 0", "a body without a length where it is refused");
    request = request_make("/", pool);
    request->facts.is_upgrade = 1;
    request_add(request, "Upgrade", "h2c");
    tap_is_str(request_run(request, policy), "", "an upgrade is ignored");
    tap_is_str(request_run(request, strict), "501 2002 0", "or refused");
    request_add(request, "Upgrade", "WebSocket");
    tap_is_str(request_run(request, policy), "501 2002 0", "websocket always");
    request = request_make("/", pool);
    request->facts.is_upgrade = 1;
    request->facts.method = FCT_BYTES_LITERAL("CONNECT");
    tap_is_str(request_run(request, policy), "501 2002 0", "also as HTTP/2 has it");
    request = request_make("/a\nb", pool);
    tap_is_str(request_run(request, policy), "400 2201 0", "the path is checked though no rule asks for it");
    request = request_make("/a", pool);
    request->facts.mapping.mount = FCT_BYTES_LITERAL("/b");
    tap_is_str(request_run(request, policy), "", "but no script need be named then");
    tap_is_str(request_run(request, policy_must_load("<param name=\"PATH_INFO\" from=\"script.path-info\"/>", pool)), "500 2209 0",
               "where one asks it must be");
}

static void test_conditional_request(void)
{
    const fct_policy_t *policy = policy_must_load(
        "<request methods=\"GET\" max-body=\"10\"/><request when=\"path:/up/big\" max-body=\"1000\" methods=\"PUT\"/>"
        "<request when=\"path:/up\" methods=\"PUT\" chunked=\"refuse\" encoded-slash=\"raw\"/>", pool);
    request_t *request = request_make("/up/x", pool);
    fct_verdict_t verdict;

    tap_is_str(request_run(request, policy), "405 2001 0", "<request when> takes the place of <request>");
    verdict = fct_eval_request(policy, &request->facts, fct_params_create(100, 1000, pool), NULL, pool);
    tap_is_str(verdict.request->allow, "PUT", "and its methods are those to be allowed");
    request->facts.method = FCT_BYTES_LITERAL("PUT");
    request->facts.body = FCT_BODY_LENGTH;
    request->facts.body_length = 11;
    tap_is_str(request_run(request, policy), "413 2003 0", "what it does not say is as <request> says");
    request->facts.body = FCT_BODY_UNKNOWN;
    tap_is_str(request_run(request, policy), "411 2004 0", "what it says is not");
    request->facts.body = FCT_BODY_NONE;
    request->facts.mapping.raw_path = FCT_BYTES_LITERAL("/up/a%2fb");
    tap_is_str(request_run(request, policy), "", "encoded-slash too");
    request = request_make("/up/big", pool);
    request->facts.method = FCT_BYTES_LITERAL("PUT");
    request->facts.body = FCT_BODY_LENGTH;
    request->facts.body_length = 1000;
    tap_is_str(request_run(request, policy), "", "of several that hold the first counts");
    request->facts.mapping.raw_path = FCT_BYTES_LITERAL("/up/big%2fb");
    tap_is_str(request_run(request, policy), "400 2203 0", "alone");
    tap_is_str(request_run(request_make("/other", pool), policy), "", "elsewhere <request> holds");
    verdict = fct_eval_request(policy, &request_make("/", pool)->facts, fct_params_create(100, 1000, pool), NULL, pool);
    tap_is_int(verdict.request->max_body, 10, "with its own limits");
}

static void test_content_type(void)
{
    static const struct {
        const char *value, *expected;
    } rows[] = {
        { "text/plain", "CONTENT_TYPE=text/plain\n" }, { "text/plain; charset=utf-8", "CONTENT_TYPE=text/plain; charset=utf-8\n" },
        { "multipart/form-data; boundary=\"a,b\\\"\"", "CONTENT_TYPE=multipart/form-data; boundary=\"a,b\\\"\"\n" },
        { "", "" }, { NULL, "" }, { "text", "400 2013 0" }, { "text/", "400 2013 0" }, { "/plain", "400 2013 0" },
        { "text/plain, text/html", "400 2013 0" }, { "text/plain; a=\"b", "400 2013 0" }, { "text/pl\nain", "400 2013 0" },
        { "text/plain; a=\x01", "400 2013 0" }, { "te xt/plain", "400 2013 0" },
    };
    const fct_policy_t *policy = policy_must_load("", pool);
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        request_t *request = request_make("/", pool);

        if (rows[i].value) {
            request_set(request, "request.content-type", rows[i].value);
        }
        tap_is_str(request_run(request, policy), rows[i].expected, "Content-Type '%s'", rows[i].value ? rows[i].value : "(none)");
    }
}

int main(void)
{
    pool = tap_begin();
    test_request();
    test_conditional_request();
    test_content_type();
    return tap_end();
}
