/* cli/raw_*.c: any text as a request, with any facts beside it, is refused with a status, or told to be no request, or evaluated; what then is
 * sent is fit to be sent, and no byte of the text changes what a trusted name says.
 *
 * Input: lines "--option=value", as the tool takes them, and behind them the request. */
#include "raw_facts.h"

#include <apr_strings.h>

#include "fuzz.h"
#include "name.h"

#define GIVEN_MAX 16

static const char policy_text[] =
    "<policy xmlns=\"urn:mod-fcgi-trust:policy:1\" name=\"f\" version=\"1\" language=\"1.0\">"
    "<param name=\"REMOTE_USER\" from=\"auth.user\"/><param name=\"REMOTE_ADDR\" from=\"connection.peer.address\"/>"
    "<param name=\"SERVER_NAME\" from=\"server.matched-name\"/><param name=\"HTTPS\" from=\"tls.https\"/>"
    "<param name=\"REQUEST_METHOD\" from=\"request.method\"/><param name=\"REQUEST_URI\" from=\"request.uri\"/>"
    "<param name=\"QUERY_STRING\" from=\"request.query\"/><param name=\"SERVER_PROTOCOL\" from=\"request.protocol\"/>"
    "<param name=\"SCRIPT_NAME\" from=\"script.name\"/><param name=\"PATH_INFO\" from=\"script.path-info\"/>"
    "<param name=\"SCRIPT_FILENAME\" from=\"script.filename\"/><param name=\"REDIRECT_URL\" from=\"request.redirect.url\"/>"
    "<param name=\"APP_PATH\" from=\"request.path\" trust=\"client\"/><param name=\"APP_ENV\" from=\"env.APP_ENV\" assert=\"x\" on-invalid=\"omit\"/>"
    "<param name=\"APP_SET\" from=\"set-header.X-Set\" assert=\"x\" on-invalid=\"omit\"/><param name=\"APP_TIER\" from=\"config.TIER\" on-invalid=\"omit\"/>"
    "<param name=\"APP_READ\" from=\"header.X-Read cookie.sid\" trust=\"client\" max-length=\"20\" on-invalid=\"omit\"/>"
    "<param name=\"APP_SECRET\" value=\"trusted\"/><server-header name=\"X-Made\" from=\"auth.user\" on-invalid=\"omit\"/>"
    "<header name=\"Host\"/><header name=\"Cookie\" cookies=\"sid a*\"/><header name=\"X-*\"/><header name=\"Max-Forwards\" changed=\"yes\"/>"
    "<refuse-header name=\"X-Evil*\"/><request methods=\"GET POST PUT OPTIONS TRACE\" max-body=\"100\"/>"
    "<request when=\"path:/stream\" methods=\"POST\" chunked=\"refuse\"/><backend profile=\"php-fpm\" front-controller=\"/app.php\"/></policy>";

static const fct_policy_t *the_policy(void)
{
    static const fct_policy_t *policy;

    if (policy == NULL) {
        apr_pool_t *p = fuzz_pool();
        fct_findings_t *findings = fct_findings_create(p);
        fct_given_t given;

        fct_given_init(&given);
        policy = fct_reader_load_bytes(fct_bytes_of(policy_text), "fuzz.xml", &given.reader, findings, p);
        REQUIRE(policy != NULL && findings->errors == 0);
    }
    return policy;
}

/* Files are not read: their names would be the fuzzer's. */
static void give(fct_given_t *given, fct_bytes_t line, apr_pool_t *p)
{
    char *option = fct_bytes_string(fct_bytes_from(line, 2), p);
    char *value = strchr(option, '=');
    char *pair = value ? strchr(value + 1, '=') : NULL;

    if (!value || strncmp(option, "cert=", 5) == 0) {
        return;
    }
    *value++ = '\0';
    if (fct_given_set(given, option, NULL, value, p) != NULL && pair) {
        *pair++ = '\0';
        (void)fct_given_set(given, option, value, pair, p);
    }
}

static fct_bytes_t take_given(fct_given_t *given, fct_bytes_t data, apr_pool_t *p)
{
    int n = 0;

    fct_given_init(given);
    given->value[FCT_GIVEN_DOCUMENT_ROOT] = "/srv";
    while (data.len > 2 && memcmp(data.at, "--", 2) == 0 && n++ < GIVEN_MAX) {
        const char *end = memchr(data.at, '\n', data.len);
        apr_size_t len = end ? (apr_size_t)(end - data.at) : data.len;

        give(given, fct_bytes_make(data.at, len), p);
        data = fct_bytes_from(data, end ? len + 1 : len);
    }
    return data;
}

static int is_name(fct_bytes_t name, const char *text)
{
    return fct_bytes_equal(name, fct_bytes_of(text));
}

static void check_text(const char *text)
{
    REQUIRE(text != NULL && *text);
    for (; *text; text++) {
        REQUIRE((unsigned char)*text >= 0x20 && *text != 0x7f);
    }
}

/* Decoded, below the root, without a way out. A mapping that was given is the user's own. */
static void check_path(const fct_raw_facts_t *made, fct_bytes_t path)
{
    apr_size_t i;

    REQUIRE(path.len > 0 && path.at[0] == '/');
    for (i = 0; i + 3 <= path.len; i++) {
        REQUIRE(memcmp(path.at + i, "/..", 3) != 0 || (i + 3 < path.len && path.at[i + 3] != '/') || made->given->value[FCT_GIVEN_REDIRECT_TO]);
    }
}

static void check_pair(const fct_raw_facts_t *made, fct_bytes_t name, fct_bytes_t value)
{
    const char *user = made->given->value[FCT_GIVEN_USER];
    apr_size_t i;

    for (i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];

        REQUIRE(c == '\t' || (c >= 0x20 && c != 0x7f));
    }
    REQUIRE(!is_name(name, "REMOTE_USER") || (user && is_name(value, user)));
    REQUIRE(!is_name(name, "HTTP_X_MADE") || (user && is_name(value, user)));
    REQUIRE(!is_name(name, "APP_SECRET") || is_name(value, "trusted"));
    REQUIRE(!is_name(name, "HTTPS") || (is_name(value, "on") && made->facts.is_tls));
    REQUIRE(!is_name(name, "HTTP_HOST") || is_name(value, made->target.authority));
    REQUIRE(!is_name(name, "REQUEST_URI") || is_name(value, made->request.target));
    REQUIRE(!is_name(name, "HTTP_PROXY") && !fct_bytes_starts_with(name, FCT_BYTES_LITERAL("HTTP_X_FORWARDED_"))
            && !fct_bytes_starts_with(name, FCT_BYTES_LITERAL("HTTP_X_EVIL")));
    if (is_name(name, "SCRIPT_FILENAME") && !made->given->value[FCT_GIVEN_FILE] && is_name(made->facts.mapping.document_root, "/srv")) {
        REQUIRE(fct_bytes_starts_with(value, FCT_BYTES_LITERAL("/srv/")));
        check_path(made, value);
    }
}

static void check_params(const fct_raw_facts_t *made, const fct_raw_outcome_t *outcome)
{
    apr_size_t cookie = 0, other;
    fct_bytes_t name, value, name2, value2;

    while (fct_params_next(outcome->params, &cookie, &name, &value)) {
        check_pair(made, name, value);
        if (is_name(name, "CONTENT_LENGTH") && !fct_bytes_is_absent(outcome->body)) {
            REQUIRE(is_name(value, apr_psprintf(made->p, "%" APR_SIZE_T_FMT, outcome->body.len)));
        }
        other = cookie;
        while (fct_params_next(outcome->params, &other, &name2, &value2)) {
            REQUIRE(!fct_name_folds_equal(name, name2));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    fct_raw_refusal_t refusal = { -1, 0, NULL };
    fct_raw_outcome_t outcome;
    fct_raw_facts_t made;
    fct_given_t given;
    fct_bytes_t text = take_given(&given, fct_bytes_make((const char *)data, size), p);

    if (!fct_raw_facts_run(text, &given, the_policy(), NULL, &made, &outcome, &refusal, p)) {
        REQUIRE(refusal.status == 0);
        REQUIRE(refusal.why != NULL);
    }
    else if (outcome.status) {
        REQUIRE(outcome.status == 200 || (outcome.status >= 400 && outcome.status <= 599));
        REQUIRE(outcome.is_by_httpd == (outcome.finding == FCT_FINDING_NONE) && outcome.params == NULL);
        check_text(outcome.why);
    }
    else {
        REQUIRE(outcome.params != NULL && outcome.finding == FCT_FINDING_NONE);
        check_path(&made, made.facts.path);
        check_params(&made, &outcome);
    }
    apr_pool_destroy(p);
    return 0;
}
