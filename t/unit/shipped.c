/* The shipped policies (policies/) load, say why on every rule, and let through what is theirs to let through: POLICY 8. */
#include "plan.h"

#include "policy.h"
#include "request.h"

#include <apr_file_info.h>

static apr_pool_t *pool;

static const fct_policy_t *load(const char *name)
{
    fct_reader_options_t options = { FCT_POLICY_DIR, NULL, &fct_crypto_openssl };
    fct_findings_t *findings = fct_findings_create(pool);
    const char *path = apr_psprintf(pool, "%s/%s.xml", FCT_POLICY_DIR, name);
    const fct_policy_t *policy = fct_reader_load(path, &options, findings, pool);

    if (!tap_ok(policy && findings->items->nelts == 0, "%s loads without a finding", name)) {
        policy_diag(findings, pool);
        exit(1);
    }
    tap_is_str(policy->name, name, "and is called what its file is");
    return policy;
}

static int is_unexplained(const char *what, const char *why, const char *control)
{
    if (why && control) {
        return 0;
    }
    tap_diag("%s says no why or no control", what);
    return 1;
}

static int count_unexplained_named(const apr_array_header_t *rules)
{
    int i, missing = 0;

    for (i = 0; i < rules->nelts; i++) {
        const fct_named_rule_t *rule = APR_ARRAY_IDX(rules, i, const fct_named_rule_t *);

        missing += is_unexplained(rule->name, rule->why, rule->control);
    }
    return missing;
}

static int count_unexplained_settings(const fct_setting_t *settings)
{
    int i, missing = 0;

    for (i = 0; i < FCT_ATTRIBUTE_COUNT; i++) {
        missing += settings[i].text && is_unexplained(fct_language_attribute_name((fct_attribute_t)i), settings[i].why, settings[i].control);
    }
    return missing;
}

static void check_reasons(const fct_policy_t *policy)
{
    const fct_plan_t *plan = policy->plan;
    apr_size_t i;
    int k, missing = count_unexplained_named(plan->maps) + count_unexplained_named(plan->upstreams)
        + count_unexplained_settings(plan->settings);

    for (i = 0; i < plan->nparams; i++) {
        missing += is_unexplained(plan->params[i].rule->name.at, plan->params[i].rule->why, plan->params[i].rule->control);
    }
    for (i = 0; i < plan->nfields; i++) {
        missing += is_unexplained(plan->fields[i].rule->name.at, plan->fields[i].rule->why, plan->fields[i].rule->control);
    }
    for (k = 0; k < plan->identities->nelts; k++) {
        const fct_identity_rule_t *rule = APR_ARRAY_IDX(plan->identities, k, const fct_identity_rule_t *);

        missing += is_unexplained(rule->pattern, rule->why, rule->control);
    }
    for (i = 0; i + 1 < plan->nrequests; i++) {
        missing += count_unexplained_settings(plan->requests[i].rule->settings);
    }
    tap_ok(missing == 0, "every rule of %s has why and control", policy->name);
}

/* Policies for one application or one kind of use: why on every rule, and the fields that prove what each is for. */
static void test_uses(void)
{
    static const struct {
        const char *policy, *method, *passes, *dropped;
    } uses[] = {
        { "wordpress", "GET", "X-WP-Nonce", "Authorization" },
        { "mediawiki", "GET", "Treat-as-Untrusted", "Authorization" },
        { "git", "GET", "Pragma", "Cookie" },
        { "api", "GET", "Authorization", "X-HTTP-Method-Override" },
        { "webhook", "POST", "X-Hub-Signature-256", "Cookie" },
        { "webdav", "GET", "Overwrite", "Authorization" },
        { "behind-balancer", "GET", "Cookie", "X-Forwarded-Proto" },
        { "from-mod_proxy_http", "GET", "X-Tenant", "X-Real-IP" },
    };
    size_t i;

    for (i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        const fct_policy_t *policy = load(uses[i].policy);
        request_t *request = request_make("/x.php", pool);

        check_reasons(policy);
        request->facts.method = fct_bytes_of(uses[i].method);
        request_add(request, uses[i].passes, "a-value");
        request_add(request, uses[i].dropped, "lost-value");
        tap_has(request_run(request, policy), "=a-value\n", "%s passes", uses[i].passes);
        tap_ok(strstr(request_run(request, policy), "lost-value") == NULL, "%s does not", uses[i].dropped);
    }
}

static const char *params_of(const fct_policy_t *policy)
{
    const char *text = "";
    apr_size_t i;

    for (i = 0; i < policy->plan->nparams; i++) {
        text = apr_pstrcat(pool, text, *text ? " " : "", policy->plan->params[i].rule->name.at, NULL);
    }
    return text;
}

/* Every word of a is one of b's. */
static int is_within(const char *a, const char *b)
{
    char *state, *word;
    const char *padded = apr_pstrcat(pool, " ", b, " ", NULL);

    for (word = apr_strtok(apr_pstrdup(pool, a), " ", &state); word; word = apr_strtok(NULL, " ", &state)) {
        if (!strstr(padded, apr_pstrcat(pool, " ", word, " ", NULL))) {
            tap_diag("%s is not among %s", word, b);
            return 0;
        }
    }
    return 1;
}

static const char generic_params[] =
    "GATEWAY_INTERFACE SERVER_SOFTWARE SERVER_NAME SERVER_PORT SERVER_ADDR SERVER_PROTOCOL REQUEST_METHOD REQUEST_URI QUERY_STRING "
    "SCRIPT_NAME PATH_INFO REMOTE_ADDR REMOTE_PORT HTTPS REQUEST_SCHEME UNIQUE_ID REMOTE_USER AUTH_TYPE";

static const char php_params[] =
    "SCRIPT_FILENAME DOCUMENT_ROOT PATH_TRANSLATED REDIRECT_STATUS REDIRECT_URL REDIRECT_QUERY_STRING";

static const char *const passing[] = {
    "Cookie", "User-Agent", "Referer", "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Origin",
    "Sec-Fetch-Site", "Sec-Fetch-Mode", "Access-Control-Request-Method", "Access-Control-Request-Headers", "If-Match", "If-None-Match",
    "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range", "Content-Encoding", "Content-Language", "Content-Disposition",
    "Content-Range", "Content-MD5", "Content-Digest", "Repr-Digest", "Digest", "Cache-Control", "Pragma", "Prefer",
    "Idempotency-Key", "Last-Event-ID", "Priority", "Early-Data", "X-Requested-With", "X-CSRF-Token", "X-CSRFToken", "X-XSRF-Token",
    "Upgrade-Insecure-Requests", "DNT", "Sec-GPC", "Sec-CH-UA", "Sec-CH-UA-Mobile", "Save-Data", "Sec-Purpose", "Purpose",
    "Service-Worker", "SOAPAction", "traceparent", "tracestate",
};

static const char *const dropped[] = {
    "Authorization", "X-API-Key", "X-HTTP-Method-Override", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP",
    "X-Request-ID", "Via", "From", "Max-Forwards", "X-Remote-User", "Proxy-Authorization", "Proxy", "X-Anything",
};

static void test_headers(const fct_policy_t *policy)
{
    size_t i;
    request_t *request;

    for (i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        request = request_make("/x.php", pool);
        request_add(request, passing[i], "a-value");
        tap_has(request_run(request, policy), "=a-value\n", "%s: %s passes", policy->name, passing[i]);
    }
    for (i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++) {
        request = request_make("/x.php", pool);
        request_add(request, dropped[i], "a-value");
        tap_ok(strstr(request_run(request, policy), "a-value") == NULL, "%s: %s does not", policy->name, dropped[i]);
    }
    request = request_make("/x.php", pool);
    request_set(request, "request.authority", "www.example.com");
    tap_has(request_run(request, policy), "HTTP_HOST=www.example.com\n", "%s: Host is the authority", policy->name);
}

static void test_restricting(const fct_policy_t *policy)
{
    static const char *const names[] = { "If-Match", "If-Unmodified-Since", "Content-Range", "Content-Encoding", "Idempotency-Key",
                                         "Origin", "Sec-Fetch-Site" };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        request_t *request = request_make("/", pool);

        request_add(request, names[i], "a-value");
        tap_has(request_run(request, policy), "=a-value\n", "%s: %s, which ordinary clients send, is not refused", policy->name, names[i]);
    }
}

/* Whatever else is shipped, add-ons included. */
static void test_all(void)
{
    apr_dir_t *dir;
    apr_finfo_t info;
    int n = 0;

    tap_ok(apr_dir_open(&dir, FCT_POLICY_DIR, pool) == APR_SUCCESS, "the shipped policies are there");
    while (apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        const char *dot = strchr(info.name, '.');

        if (dot && strcmp(dot, ".xml") == 0) {
            check_reasons(load(apr_pstrmemdup(pool, info.name, (apr_size_t)(dot - info.name))));
            n++;
        }
    }
    apr_dir_close(dir);
    tap_ok(n >= 5, "all %d were read", n);
}

int main(void)
{
    static const char *const names[] = { "rfc3875", "generic", "php-fpm", "go", "wsgi" };
    const fct_policy_t *policies[5];
    size_t i;

    pool = tap_begin();
    for (i = 0; i < 5; i++) {
        policies[i] = load(names[i]);
        tap_ok(policies[i]->plan->nparams > 10 && policies[i]->plan->nfields > 8, "and has rules");
    }
    test_all();
    tap_ok(is_within(params_of(policies[0]), generic_params), "rfc3875 has no parameter that generic has not");
    tap_ok(is_within(params_of(policies[1]), generic_params) && is_within(generic_params, params_of(policies[1])),
           "generic has the parameters of POLICY 8, no more and no fewer");
    tap_ok(is_within(php_params, params_of(policies[2])) && is_within(generic_params, params_of(policies[2]))
           && is_within(params_of(policies[2]), apr_pstrcat(pool, generic_params, " ", php_params, NULL)), "php-fpm adds six");
    tap_is_str(params_of(policies[3]), params_of(policies[1]), "go has generic's");
    tap_is_str(params_of(policies[4]), params_of(policies[1]), "wsgi has generic's");
    tap_is_int(policies[2]->backend.script.mode, FCT_SCRIPT_AUTO, "php-fpm runs the file that is mapped, or splits the path");
    tap_is_int(policies[3]->backend.script.mode, FCT_SCRIPT_MOUNT, "go is mounted");
    tap_is_int(policies[4]->backend.script.mode, FCT_SCRIPT_MOUNT, "wsgi is mounted");
    test_restricting(policies[0]);
    for (i = 1; i < 5; i++) {
        test_headers(policies[i]);
    }
    test_uses();
    return tap_end();
}
