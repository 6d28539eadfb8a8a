/* core/flow.c: the flow rule as POLICY 2 has it, every group of names against every source of the language, through the loader. */
#include "flow.h"

#include "policy.h"

/* What POLICY 2 demands, written down here once more. */
typedef enum demand_t { FREE, ASSERT, TRUST, OWN, LITERAL, NEVER } demand_t;

typedef struct group_t {
    const char *about;
    demand_t of[4];                       /* by class: client, asserted, verified, server */
    fct_finding_id_t finding[4];          /* where the demand is not met */
    const char *names[48];
} group_t;

#define ALL(x) { x, x, x, x }

static const group_t groups[] = {
    { "identity", { NEVER, ASSERT, FREE, FREE },
      { FCT_FINDING_FLOW_CLIENT, FCT_FINDING_FLOW_ASSERT, FCT_FINDING_NONE, FCT_FINDING_NONE },
      { "REMOTE_USER", "REMOTE_IDENT", "REMOTE_REALM", "REMOTE_GROUPS", "AUTH_TYPE", "SSL_CLIENT_S_DN", "TLS_X", "CLIENT_CERT",
        "CLIENT_CERTIFICATE", "HTTPS", "REQUEST_SCHEME", "REMOTE_ADDR", "REMOTE_PORT", "REMOTE_HOST", "SERVER_ADDR",
        "SERVER_PORT", "SERVER_NAME", "SERVER_SOFTWARE", "GATEWAY_INTERFACE", "AUTHENTICATE_CN", "AUTHORIZE_MEMBEROF",
        "OIDC_CLAIM_SUB", "MELLON_NAME", "SHIB_SESSION", "GSS_NAME", "KRB5CCNAME", "CLAIM_EMAIL", "PHP_AUTH_USER", "UNIQUE_ID",
        "GEOIP_COUNTRY", "MM_X", "MMDB_X", "SSL_TLS_SNI" } },
    { "runtime", ALL(LITERAL), ALL(FCT_FINDING_FLOW_LITERAL),
      { "PATH", "LD_PRELOAD", "DYLD_INSERT", "IFS", "ENV", "BASH_ENV", "SHELL", "HOME", "TMPDIR", "PYTHONPATH", "PERL5LIB",
        "RUBYOPT", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "GIT_DIR", "UWSGI_FILE", "PHP_VALUE", "PHP_ADMIN_VALUE" } },
    { "never", ALL(NEVER), ALL(FCT_FINDING_FLOW_NEVER),
      { "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FCGI_ROLE" } },
    { "engine", ALL(NEVER), ALL(FCT_FINDING_FLOW_ENGINE), { "CONTENT_LENGTH", "CONTENT_TYPE" } },
    { "HTTP_", ALL(NEVER), ALL(FCT_FINDING_FLOW_HTTP), { "HTTP_X_USER", "HTTP_HOST", "HTTP_" } },
    { "other", { TRUST, ASSERT, FREE, FREE },
      { FCT_FINDING_FLOW_TRUST, FCT_FINDING_FLOW_ASSERT, FCT_FINDING_NONE, FCT_FINDING_NONE },
      { "APP_TIER", "GIT_PROTOCOL", "REMOTE", "SSL", "PATHS", "MY_REMOTE_USER", "CONTENT_LANGUAGE", "HTTP" } },
};

static const struct {
    const char *name;
    const char *source;                   /* NULL: only literals */
} own[] = {
    { "REQUEST_METHOD", "request.method" }, { "QUERY_STRING", "request.query" }, { "SERVER_PROTOCOL", "request.protocol" },
    { "REQUEST_URI", "request.uri" }, { "SCRIPT_NAME", "script.name" }, { "SCRIPT_FILENAME", "script.filename" },
    { "SCRIPT_URL", "request.path" }, { "SCRIPT_URI", NULL }, { "DOCUMENT_URI", "request.path" },
    { "DOCUMENT_ROOT", "script.document-root" }, { "CONTEXT_PREFIX", NULL }, { "PATH_INFO", "script.path-info" },
    { "PATH_TRANSLATED", "script.path-translated" }, { "REDIRECT_STATUS", "request.redirect.status" },
    { "REDIRECT_URL", "request.redirect.url" }, { "REDIRECT_QUERY_STRING", "request.redirect.query" },
};

/* What upstream.U.X-Name refers to. */
#define UPSTREAM "<upstream name=\"U\" peers=\"::1\" assert=\"x\" certificate=\"X-Cert\" format=\"rfc9440\"><field name=\"X-Name\"/></upstream>"

#define SAY_ASSERT 1
#define SAY_TRUST 2

static apr_pool_t *pool;
static int walked, right;

/* A literal that the name allows. */
static const char *literal_of(const char *name)
{
    size_t len = strlen(name);

    if (strcmp(name, "HTTPS") == 0) {
        return "on";
    }
    return len > 5 && strcmp(name + len - 5, "_ADDR") == 0 ? "192.0.2.1" : "1";
}

/* The only finding of <param NAME from|value …>; warnings do not count. */
static fct_finding_id_t found(const char *name, const char *from, int says)
{
    apr_pool_t *p;
    fct_findings_t *findings;
    fct_finding_id_t id = FCT_FINDING_NONE;
    int i, count = 0;

    apr_pool_create(&p, pool);
    policy_load(apr_psprintf(p, UPSTREAM "<param name=\"%s\" %s %s %s/>", name,
                             apr_psprintf(p, from ? "from=\"%s\"" : "value=\"%s\"", from ? from : literal_of(name)),
                             says & SAY_ASSERT ? "assert=\"x\"" : "",
                             says & SAY_TRUST ? "trust=\"client\"" : ""), &findings, p);
    for (i = 0; i < findings->items->nelts; i++) {
        const fct_finding_t *f = &APR_ARRAY_IDX(findings->items, i, fct_finding_t);

        if (fct_finding_info(f->id)->severity == FCT_SEVERITY_ERROR) {
            id = f->id;
            count++;
        }
    }
    apr_pool_destroy(p);
    return count > 1 ? FCT_FINDING_MAX : id;
}

static void expect(fct_finding_id_t expected, const char *name, const char *from, int says)
{
    fct_finding_id_t got = found(name, from, says);

    walked++;
    right += got == expected;
    if (got != expected) {
        tap_diag("%s from %s, %s %s: FCT%d instead of FCT%d", name, from ? from : "a literal", says & SAY_ASSERT ? "assert" : "",
                 says & SAY_TRUST ? "trust" : "", (int)got, (int)expected);
    }
}

static fct_finding_id_t expected_of(const group_t *group, fct_class_t class_, int says)
{
    demand_t demand = group->of[class_];

    if (demand == FREE || (demand == ASSERT && says & SAY_ASSERT) || (demand == TRUST && says & SAY_TRUST)) {
        return FCT_FINDING_NONE;
    }
    return group->finding[class_];
}

/* Every way to refer to a source: those with an argument by several. */
typedef struct reference_t {
    const char *text;
    fct_class_t class_;
} reference_t;

static reference_t references[FCT_SOURCE_COUNT + 16];
static int nreferences;

static void refer(int id, const char *argument)
{
    references[nreferences].text = apr_pstrcat(pool, fct_source_info((fct_source_id_t)id)->text, argument, NULL);
    references[nreferences++].class_ = fct_source_info((fct_source_id_t)id)->class_;
}

static void list_references(void)
{
    int id;

    for (id = 1; id < FCT_SOURCE_COUNT; id++) {
        switch (fct_source_info((fct_source_id_t)id)->argument) {
        case FCT_ARGUMENT_NONE:
            refer(id, "");
            break;
        case FCT_ARGUMENT_NAME:
            refer(id, "X-Name");
            break;
        case FCT_ARGUMENT_FIELD:
            refer(id, "verify");
            refer(id, "san.email");
            refer(id, "subject.OU[1]");
            break;
        case FCT_ARGUMENT_UPSTREAM:
            refer(id, "U.X-Name");
            refer(id, "U.client.serial");
            refer(id, "U.client.issuer.CN[0]");
            break;
        }
    }
}

/* POLICY 1's column of classes for sources of identity, once more. */
static void test_classes(void)
{
    static const struct {
        const char *text;
        fct_class_t class_;
    } rows[] = {
        { "tls.client.subject.CN", FCT_CLASS_VERIFIED }, { "tls.client.verify", FCT_CLASS_VERIFIED }, { "auth.user", FCT_CLASS_VERIFIED }, { "auth.type", FCT_CLASS_VERIFIED },
        { "auth.realm", FCT_CLASS_VERIFIED }, { "auth.env.X", FCT_CLASS_VERIFIED }, { "auth.header.X", FCT_CLASS_VERIFIED }, { "env.X", FCT_CLASS_ASSERTED },
        { "set-header.X", FCT_CLASS_ASSERTED }, { "upstream.U.X", FCT_CLASS_ASSERTED }, { "upstream.U.client.serial", FCT_CLASS_ASSERTED }, { "header.X", FCT_CLASS_CLIENT },
        { "cookie.X", FCT_CLASS_CLIENT }, { "tls.sni", FCT_CLASS_CLIENT }, { "tls.session.id", FCT_CLASS_CLIENT }, { "config.X", FCT_CLASS_SERVER }, { "tls.protocol", FCT_CLASS_SERVER },
    };
    fct_source_ref_t ref;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_ok(fct_source_parse(fct_bytes_of(rows[i].text), &ref) && fct_source_info(ref.id)->class_ == rows[i].class_
               && strcmp(fct_source_text(&ref, pool), rows[i].text) == 0, "%s is %s", rows[i].text, fct_class_name(rows[i].class_));
    }
}

static void test_groups(void)
{
    size_t g;
    int n, i, says;

    for (g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        walked = right = 0;
        for (n = 0; groups[g].names[n]; n++) {
            for (i = 0; i < nreferences; i++) {
                for (says = 0; says < 4; says++) {
                    expect(expected_of(&groups[g], references[i].class_, says), groups[g].names[n], references[i].text, says);
                }
            }
        }
        tap_ok(walked > 0 && right == walked, "%s: each name from each source, with and without assert and trust (%d)",
               groups[g].about, walked);
    }
}

static void test_own_sources(void)
{
    size_t n;
    int i, says;

    walked = right = 0;
    for (n = 0; n < sizeof(own) / sizeof(own[0]); n++) {
        for (i = 0; i < nreferences; i++) {
            for (says = 0; says < 4; says++) {
                int is_own = own[n].source && strcmp(own[n].source, references[i].text) == 0;

                expect(is_own ? FCT_FINDING_NONE : FCT_FINDING_FLOW_OWN_SOURCE, own[n].name, references[i].text, says);
            }
        }
        expect(FCT_FINDING_NONE, own[n].name, NULL, 0);
    }
    tap_ok(right == walked, "own source: each name takes its own source and a literal, nothing else (%d)", walked);
    expect(FCT_FINDING_FLOW_OWN_SOURCE, "QUERY_STRING", "request.query config.X", 0);
    tap_ok(right == walked, "own source: no alternatives");
}

static void test_literals(void)
{
    size_t n;

    walked = right = 0;
    for (n = 0; groups[0].names[n]; n++) {
        expect(FCT_FINDING_FLOW_ASSERT, groups[0].names[n], NULL, 0);
        expect(FCT_FINDING_FLOW_ASSERT, groups[0].names[n], NULL, SAY_TRUST);
        expect(FCT_FINDING_NONE, groups[0].names[n], NULL, SAY_ASSERT);
    }
    for (n = 0; groups[1].names[n]; n++) {
        expect(FCT_FINDING_NONE, groups[1].names[n], NULL, 0);
    }
    for (n = 0; groups[5].names[n]; n++) {
        expect(FCT_FINDING_NONE, groups[5].names[n], NULL, 0);
    }
    tap_ok(right == walked, "literals: identities need assert, the rest goes (%d)", walked);
}

static void test_folding(void)
{
    static const struct {
        const char *name;
        const char *from;
        fct_finding_id_t expected;
    } rows[] = {
        { "Remote-User\" exact-name=\"yes", "header.X", FCT_FINDING_FLOW_CLIENT },
        { "remote_user\" exact-name=\"yes", "header.X", FCT_FINDING_FLOW_CLIENT },
        { "Shib-Session-ID\" exact-name=\"yes", "header.X", FCT_FINDING_FLOW_CLIENT },
        { "http_proxy\" exact-name=\"yes", "server.name", FCT_FINDING_FLOW_NEVER },
        { "Ld-Preload\" exact-name=\"yes", "server.name", FCT_FINDING_FLOW_LITERAL },
        { "Query-String\" exact-name=\"yes", "request.uri", FCT_FINDING_FLOW_OWN_SOURCE },
        { "Content-Type\" exact-name=\"yes", "request.content-type", FCT_FINDING_FLOW_ENGINE },
    };
    size_t i;

    walked = right = 0;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect(rows[i].expected, rows[i].name, rows[i].from, 0);
    }
    tap_ok(right == walked, "a name is what it folds to, however it is written");
}

static void test_lowest(void)
{
    walked = right = 0;
    expect(FCT_FINDING_FLOW_CLIENT, "REMOTE_USER", "auth.user header.X", 0);
    expect(FCT_FINDING_FLOW_CLIENT, "REMOTE_USER", "header.X auth.user", 0);
    expect(FCT_FINDING_FLOW_CLIENT, "REMOTE_USER", "header.X auth.user", SAY_ASSERT | SAY_TRUST);
    expect(FCT_FINDING_NONE, "REMOTE_USER", "auth.user config.X", 0);
    expect(FCT_FINDING_FLOW_TRUST, "APP_X", "config.X cookie.X", 0);
    expect(FCT_FINDING_NONE, "APP_X", "config.X cookie.X", SAY_TRUST);
    tap_ok(right == walked, "of several sources the lowest class counts");
}

/* --- classes that the configuration lowers --- */

typedef struct lowered_t {
    fct_source_id_t id;
    const char *argument;                 /* NULL: any */
    fct_class_t class_;
} lowered_t;

static fct_class_t class_of(void *context, const fct_source_ref_t *ref, const char **because)
{
    const lowered_t *lower = context;

    if (ref->id != lower->id || (lower->argument && !fct_bytes_equal(ref->argument, fct_bytes_of(lower->argument)))) {
        return fct_source_info(ref->id)->class_;
    }
    *because = "httpd.conf:12 (X)";
    return lower->class_;
}

static const char *lowered_one(const char *lines, fct_source_id_t id, const char *argument, fct_class_t class_)
{
    const fct_policy_t *policy = policy_must_load(lines, pool);
    fct_findings_t *findings = fct_findings_create(pool);
    lowered_t lower = { FCT_SOURCE_NONE, NULL, FCT_CLASS_CLIENT };
    fct_classes_t classes = { class_of, &lower };
    int i;

    fct_policy_check_classes(policy, &classes, findings);
    if (findings->items->nelts) {
        return "found something where nothing is lowered";
    }
    lower = (lowered_t){ id, argument, class_ };
    fct_policy_check_classes(policy, &classes, findings);
    for (i = 0; i < findings->items->nelts; i++) {
        if (!strstr(APR_ARRAY_IDX(findings->items, i, fct_finding_t).detail, "by httpd.conf:12 (X), ")) {
            return "a finding does not name the line that lowers the class";
        }
    }
    return policy_findings_text(findings, pool);
}

static const char *lowered(const char *lines, fct_source_id_t id, fct_class_t class_)
{
    return lowered_one(lines, id, NULL, class_);
}

static void test_lowered(void)
{
    static const char address[] = "<param name=\"REMOTE_ADDR\" from=\"connection.client.address\"/>";
    static const char asserted[] = "<param name=\"REMOTE_ADDR\" from=\"connection.client.address\" assert=\"x\"/>";
    static const char env[] = "<param name=\"APP_A\" from=\"env.A\" assert=\"x\"/>\n<param name=\"APP_B\" from=\"env.B\" assert=\"x\"/>\n"
        "<param name=\"REMOTE_USER\" from=\"set-header.X-A\" assert=\"x\"/>\n<param name=\"APP_D\" from=\"set-header.X-B\" assert=\"x\"/>";
    static const char name[] = "<param name=\"SERVER_NAME\" from=\"server.matched-name\"/>\n<param name=\"APP_NAME\" from=\"server.matched-name\"/>\n"
        "<param name=\"APP_TIER\" value=\"1\"/><param name=\"SERVER_PORT\" from=\"server.port\"/><server-header name=\"X-Name\" from=\"server.matched-name\"/>";

    tap_is_str(lowered(address, FCT_SOURCE_CONNECTION_CLIENT_ADDRESS, FCT_CLASS_ASSERTED), "2:3101", "an address that mod_remoteip replaces needs assert");
    tap_is_str(lowered(asserted, FCT_SOURCE_CONNECTION_CLIENT_ADDRESS, FCT_CLASS_ASSERTED), "", "with assert it will do");
    tap_is_str(lowered(asserted, FCT_SOURCE_CONNECTION_CLIENT_ADDRESS, FCT_CLASS_CLIENT), "2:3104", "from a client nothing will");
    tap_is_str(lowered(address, FCT_SOURCE_SERVER_MATCHED_NAME, FCT_CLASS_CLIENT), "", "what no rule uses matters to none");
    tap_is_str(lowered(name, FCT_SOURCE_SERVER_MATCHED_NAME, FCT_CLASS_CLIENT), "2:3104 3:3102 4:3104", "each rule is held against its own group");
    tap_is_str(lowered_one(env, FCT_SOURCE_ENV, "A", FCT_CLASS_CLIENT), "2:3102", "one environment entry is the client's word, the other is not");
    tap_is_str(lowered_one("<param name=\"APP_A\" from=\"env.A\" assert=\"x\" trust=\"client\"/>", FCT_SOURCE_ENV, "A", FCT_CLASS_CLIENT), "",
               "a rule may say beforehand that it trusts the client there");
    tap_is_str(lowered_one("<param name=\"REMOTE_USER\" from=\"auth.user\"/>\n<param name=\"APP_U\" from=\"tls.client.serial auth.env.U\"/>", FCT_SOURCE_AUTH_USER, NULL, FCT_CLASS_CLIENT), "2:3104",
               "a user that anybody may claim is no identity");
    tap_is_str(lowered_one("<param name=\"APP_U\" from=\"tls.client.serial auth.env.U\"/>", FCT_SOURCE_AUTH_ENV, NULL, FCT_CLASS_CLIENT), "2:3102", "of several sources the lowered one counts");
    tap_is_str(lowered_one(env, FCT_SOURCE_SET_HEADER, "X-A", FCT_CLASS_CLIENT), "4:3104", "and one header field");
}

int main(void)
{
    pool = tap_begin();
    list_references();
    test_classes();
    test_groups();
    test_own_sources();
    test_literals();
    test_folding();
    test_lowest();
    test_lowered();
    return tap_end();
}
