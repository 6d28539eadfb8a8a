/* core/draft_inherit.c, xml/extends.c: what a policy inherits, what it may take away, and where its parents may lie. */
#include "policy.h"
#include "request.h"

#include <apr_file_io.h>
#include <sys/stat.h>
#include <unistd.h>

static apr_pool_t *pool;
static char directory[] = "/tmp/fct-inherit-XXXXXX";

static const char *path_of(const char *name)
{
    return apr_psprintf(pool, "%s/%s", directory, name);
}

/* A policy file in the directory; lines begin at line 2. */
static void write_policy(const char *name, const char *lines)
{
    const char *text = apr_pstrcat(pool, POLICY_ROOT, lines, "\n</policy>\n", NULL);
    FILE *file = fopen(path_of(name), "w");

    if (file == NULL || fwrite(text, 1, strlen(text), file) != strlen(text) || fclose(file) != 0) {
        printf("Bail out! cannot write %s\n", path_of(name));
        exit(2);
    }
}

/* "file:line:finding …" with files without their directory. */
static const char *load(const char *name, const fct_policy_t **policy)
{
    fct_reader_options_t options = { path_of("shipped"), NULL, &fct_crypto_openssl };
    fct_findings_t *findings = fct_findings_create(pool);
    const char *text = "";
    int i;

    *policy = fct_reader_load(path_of(name), &options, findings, pool);
    for (i = 0; i < findings->items->nelts; i++) {
        const fct_finding_t *f = &APR_ARRAY_IDX(findings->items, i, fct_finding_t);

        tap_diag("%s", fct_finding_text(f, pool));
        text = apr_psprintf(pool, "%s%s%s:%d:%d", text, *text ? " " : "", strrchr(f->file, '/') + 1, f->line, (int)f->id);
    }
    return text;
}

typedef struct row_t {
    const char *about;
    const char *a, *b, *child;         /* lines of a.xml, b.xml and child.xml; child extends both where b is set */
    const char *findings;
    const char *yields;                /* with header X-A: 1, NULL where it does not load */
} row_t;

static const row_t rows[] = {
    { "a child has its parent's rules, in order, then its own", "<param name=\"A\" value=\"1\"/>", NULL, "<param name=\"B\" value=\"2\"/>",
      "", "A=1\nB=2\n" },
    { "a child's rule replaces its parent's", "<param name=\"A\" value=\"1\"/><param name=\"B\" value=\"1\"/>", NULL,
      "<param name=\"A\" value=\"2\"/>", "", "B=1\nA=2\n" },
    { "a name is what it folds to", "<param name=\"A-b\" exact-name=\"yes\" value=\"1\"/>", NULL, "<param name=\"A_B\" value=\"2\"/>", "", "A_B=2\n" },
    { "a child's rules replace all of its parent's of the name",
      "<param name=\"A\" value=\"1\" when=\"tls\"/><param name=\"A\" value=\"2\" when=\"!tls\"/>", NULL,
      "<param name=\"A\" value=\"3\" when=\"tls\"/>", "", "" },
    { "a required rule is not weakened silently", "<param name=\"A\" from=\"config.X\" required=\"yes\"/>", NULL,
      "<param name=\"A\" value=\"1\"/>", "child.xml:3:3210", NULL },
    { "a required rule is weakened on purpose", "<param name=\"A\" from=\"config.X\" required=\"yes\"/>", NULL,
      "<param name=\"A\" value=\"1\" override=\"yes\"/>", "", "A=1\n" },
    { "a required rule stays required", "<param name=\"A\" from=\"config.X\" required=\"yes\"/>", NULL,
      "<param name=\"A\" from=\"config.Y\" required=\"yes\"/>", "", "500 2015 3" },
    { "a required rule is not weakened by a condition", "<param name=\"A\" from=\"config.X\" required=\"yes\"/>", NULL,
      "<param name=\"A\" from=\"config.X\" required=\"yes\" when=\"tls\"/>", "child.xml:3:3210", NULL },
    { "a required rule under a condition keeps it", "<param name=\"A\" from=\"config.X\" required=\"yes\" when=\"tls\"/>", NULL,
      "<param name=\"A\" from=\"config.Y\" required=\"yes\" when=\"tls\"/>", "", "" },
    { "parents that disagree on a step of the value", "<param name=\"A\" from=\"config.X\" case=\"lower\"/>",
      "<param name=\"A\" from=\"config.X\" case=\"upper\"/>", "", "child.xml:1:3211", NULL },
    { "parents that disagree on a pattern", "<param name=\"A\" from=\"config.X\" pattern=\"a\"/>",
      "<param name=\"A\" from=\"config.X\" pattern=\"b\"/>", "", "child.xml:1:3211", NULL },
    { "parents that disagree on the cookies", "<header name=\"Cookie\" cookies=\"a\"/>", "<header name=\"Cookie\" cookies=\"b\"/>", "",
      "child.xml:1:3211", NULL },
    { "parents that disagree on a map", "<map name=\"m\"><entry from=\"a\" to=\"1\"/></map>", "<map name=\"m\"><entry from=\"a\" to=\"2\"/></map>",
      "", "child.xml:1:3211", NULL },
    { "parents that disagree on a map and a child that has its own", "<map name=\"m\"><entry from=\"a\" to=\"1\"/></map>",
      "<map name=\"m\"><entry from=\"a\" to=\"2\"/></map>", "<map name=\"m\"><entry from=\"a\" to=\"3\"/></map>", "", "" },
    { "a parent's map is there for a child's rule", "<map name=\"m\"><entry from=\"a\" to=\"1\"/></map>", NULL,
      "<param name=\"A\" from=\"header.X-A\" trust=\"client\" map=\"m\"/>", "", "400 2016 3" },
    { "a parent's upstream is not replaced silently", "<upstream name=\"u\" peers=\"::1\" assert=\"x\"><field name=\"X-U\"/></upstream>", NULL,
      "<upstream name=\"u\" peers=\"::1\" assert=\"x\"><field name=\"X-V\"/></upstream>", "child.xml:3:3210", NULL },
    { "a parent's upstream is replaced on purpose", "<upstream name=\"u\" peers=\"::1\" assert=\"x\"><field name=\"X-A\"/></upstream>", NULL,
      "<upstream name=\"u\" peers=\"::1\" assert=\"x\" override=\"yes\"><field name=\"X-V\"/></upstream>", "", "" },
    { "without a server header", "<server-header name=\"X-A\" from=\"auth.user\"/>", NULL, "<without header=\"X-A\" why=\"x\"/>", "child.xml:3:3210", NULL },
    { "without a server header, on purpose", "<server-header name=\"X-A\" from=\"auth.user\"/>", NULL,
      "<without header=\"X-A\" why=\"x\" override=\"yes\"/>", "", "" },
    { "a server header of a parent is not the client's", "<server-header name=\"X-A\" from=\"auth.user\"/>", NULL, "", "", "400 2019 2" },
    { "a child's conditional <request> comes before its parent's", "<request when=\"path:/\" methods=\"PUT\"/>", NULL,
      "<request when=\"path:/\" methods=\"GET\"/>", "", "" },
    { "a child's conditional <request> takes the place of its parent's", "<request when=\"path:/ tls\" methods=\"PUT\"/>", NULL,
      "<request when=\"tls path:/\" methods=\"GET\"/>", "", "" },
    { "a child's conditional <request> before its parent's, which can never act", "<request when=\"path:/x\" methods=\"PUT\"/>", NULL,
      "<request when=\"path:/\" methods=\"GET\"/>", "a.xml:2:3215", "" },
    { "a conditional <request> that can never act", "<request when=\"tls\" methods=\"PUT\"/>\n<request when=\"!tls\" methods=\"GET\"/>\n"
      "<request when=\"tls path:/x\" methods=\"GET\"/>", NULL, "", "a.xml:4:3215", "" },
    { "parents that disagree on a conditional <request>", "<request when=\"path:/x\" max-body=\"1\"/>", "<request when=\"path:/x\" max-body=\"2\"/>", "",
      "child.xml:1:3211", NULL },
    { "parents whose conditional <request> can both hold", "<request when=\"path:/x\" max-body=\"1\"/>", "<request when=\"tls\" max-body=\"2\"/>", "",
      "child.xml:1:3211", NULL },
    { "parents whose conditional <request> can both hold and a child that decides", "<request when=\"path:/x\" max-body=\"1\"/>",
      "<request when=\"tls\" max-body=\"2\"/>", "<request when=\"tls\" max-body=\"3\" override=\"yes\"/>", "", "" },
    { "parents whose conditional <request> exclude each other", "<request when=\"path:/x\" max-body=\"1\"/>",
      "<request when=\"path:/y\" max-body=\"2\"/>", "", "", "" },
    { "parents that say the same, one of them more after it", "<request when=\"path:/x\" max-body=\"1\"/>",
      "<request when=\"path:/x\" max-body=\"1\"/><request when=\"method:GET\" methods=\"PUT\"/>", "", "", "405 2001 0" },
    { "parents that say the same in another order", "<request when=\"path:/x\" max-body=\"1\"/><request when=\"tls\" max-body=\"2\"/>",
      "<request when=\"tls\" max-body=\"2\"/><request when=\"path:/x\" max-body=\"1\"/>", "", "child.xml:1:3211", NULL },
    { "parents that say the same under a condition", "<request when=\"tls path:/x\" max-body=\"1\"/>", "<request when=\"path:/x tls\" max-body=\"1\" why=\"w\"/>", "",
      "", "" },
    { "a parent's conditional <request> holds", "<request when=\"path:/\" methods=\"PUT\"/>", NULL, "", "", "405 2001 0" },
    { "parents that disagree", "<param name=\"A\" value=\"1\"/>", "<param name=\"A\" value=\"2\"/>", "", "child.xml:1:3211", NULL },
    { "parents that disagree and a child that does not decide", "<param name=\"A\" value=\"1\"/>", "<param name=\"A\" value=\"2\"/>",
      "<param name=\"A\" value=\"3\"/>", "child.xml:1:3211", NULL },
    { "parents that disagree and a child that decides", "<param name=\"A\" value=\"1\"/>", "<param name=\"A\" value=\"2\"/>",
      "<param name=\"A\" value=\"3\" override=\"yes\"/>", "", "A=3\n" },
    { "parents that disagree and a child that does without", "<param name=\"A\" value=\"1\"/>", "<param name=\"A\" value=\"2\"/>",
      "<without param=\"A\" why=\"x\" override=\"yes\"/>", "", "" },
    { "parents that say the same", "<param name=\"A\" value=\"1\" why=\"x\"/>", "<param name=\"A\" value=\"1\" why=\"y\"/>", "", "", "A=1\n" },
    { "parents whose rules exclude each other", "<param name=\"A\" value=\"1\" when=\"tls\"/>", "<param name=\"A\" value=\"2\" when=\"!tls\"/>",
      "", "", "A=2\n" },
    { "parents whose names fold together", "<param name=\"A_B\" value=\"1\"/>", "<param name=\"a-b\" exact-name=\"yes\" value=\"1\"/>", "",
      "child.xml:1:3211", NULL },
    { "without a parameter", "<param name=\"A\" value=\"1\"/><param name=\"B\" value=\"1\"/>", NULL, "<without param=\"A\" why=\"x\"/>", "", "B=1\n" },
    { "without a required parameter", "<param name=\"A\" from=\"config.X\" required=\"yes\"/>", NULL, "<without param=\"A\" why=\"x\"/>",
      "child.xml:3:3210", NULL },
    { "without a required parameter, on purpose", "<param name=\"A\" from=\"config.X\" required=\"yes\"/>", NULL,
      "<without param=\"A\" why=\"x\" override=\"yes\"/>", "", "" },
    { "without what is not inherited", "<param name=\"A\" value=\"1\"/>", NULL, "<without param=\"B\" why=\"x\"/>", "child.xml:3:3209", NULL },
    { "without what is its own", "", NULL, "<param name=\"A\" value=\"1\"/><without param=\"A\" why=\"x\"/>", "child.xml:3:3209", NULL },
    { "without a header", "<header name=\"X-A\"/>", NULL, "<without header=\"x-a\" why=\"x\"/>", "", "" },
    { "without a prefix", "<header name=\"X-*\"/>", NULL, "<without header=\"X-*\" why=\"x\"/>", "", "" },
    { "without a header that only a prefix lets through", "<header name=\"X-*\"/>", NULL, "<without header=\"X-A\" why=\"x\"/>",
      "child.xml:3:3209", NULL },
    { "without a refusal", "<refuse-header name=\"X-A\"/>", NULL, "<without header=\"X-A\" why=\"x\"/>", "child.xml:3:3210", NULL },
    { "without a refusal, on purpose", "<refuse-header name=\"X-A\"/>", NULL, "<without header=\"X-A\" why=\"x\" override=\"yes\"/>", "", "" },
    { "a header where the parent has another rule", "<header name=\"X-A\" max-length=\"1\"/>", NULL, "<header name=\"X-A\" max-length=\"9\"/>", "",
      "HTTP_X_A=1\n" },
    { "a header where the parent refuses", "<refuse-header name=\"X-A\"/>", NULL, "<header name=\"X-A\"/>", "child.xml:3:3210", NULL },
    { "a header where the parent refuses, on purpose", "<refuse-header name=\"X-A\"/>", NULL, "<header name=\"X-A\" override=\"yes\"/>", "",
      "HTTP_X_A=1\n" },
    { "a header where the parent sometimes refuses", "<refuse-header name=\"X-A\" when=\"path:/x\"/>", NULL, "<header name=\"X-A\"/>", "",
      "HTTP_X_A=1\n" },
    { "a refusal where the parent lets through", "<header name=\"X-A\"/>", NULL, "<refuse-header name=\"X-A\"/>", "", "400 2011 3" },
    { "a refusal sometimes where the parent lets through", "<header name=\"X-A\"/>", NULL, "<refuse-header name=\"X-A\" when=\"path:/x\"/>", "",
      "HTTP_X_A=1\n" },
    { "a refusal sometimes where the parent always refuses", "<refuse-header name=\"X-A\"/>", NULL,
      "<refuse-header name=\"X-A\" when=\"path:/x\"/>", "child.xml:3:3210", NULL },
    { "parents that disagree on a header", "<header name=\"X-A\"/>", "<header name=\"X-A\" max-length=\"9\"/>", "", "child.xml:1:3211", NULL },
    { "parents that disagree on a header and a child that decides", "<header name=\"X-A\"/>", "<refuse-header name=\"X-A\"/>",
      "<header name=\"X-A\" override=\"yes\"/>", "", "HTTP_X_A=1\n" },
    { "an identity cannot be withdrawn", "<identity names=\"APP_X\"/>", NULL, "<param name=\"APP_X\" from=\"cookie.x\" trust=\"client\"/>",
      "child.xml:3:3104", NULL },
    { "an identity of a child holds for its parent's rules", "<param name=\"APP_X\" from=\"cookie.x\" trust=\"client\"/>", NULL,
      "<identity names=\"APP_X\"/>", "a.xml:2:3104", NULL },
    { "settings are inherited one by one", "<request methods=\"GET\" upgrade=\"refuse\"/>", NULL, "<request max-body=\"1\"/>", "", "" },
    { "parents that disagree on a setting", "<request methods=\"GET\"/>", "<request methods=\"GET HEAD\"/>", "", "child.xml:1:3211", NULL },
    { "parents that disagree on a setting and a child that decides", "<request methods=\"GET\"/>", "<request methods=\"GET HEAD\"/>",
      "<request methods=\"GET POST\" override=\"yes\"/>", "", "" },
    { "a secret of a child is in no log, though its parent says so", "<param name=\"A\" value=\"1\"/><audit values=\"A\"/>", NULL,
      "<param name=\"A\" value=\"2\" sensitive=\"yes\"/>", "a.xml:2:3229", NULL },
    { "what a child does without is in no log, though its parent says so", "<param name=\"A\" value=\"1\"/><audit values=\"A\"/>", NULL,
      "<without param=\"A\" why=\"x\"/>", "", "" },
    { "parents that disagree on a secret", "<param name=\"A\" value=\"1\"/>", "<param name=\"A\" value=\"1\" sensitive=\"yes\"/>", "",
      "child.xml:1:3211", NULL },
    { "faults of every file at once", "<param name=\"A\" value=\"1\" colour=\"red\"/>", "<parm/>", "<param name=\"1\" value=\"1\"/>",
      "a.xml:2:3024 b.xml:2:3023 child.xml:3:3201", NULL },
    { "a parent's rule is judged though the child replaces it", "<param name=\"A\" from=\"header.X\"/>", NULL, "<param name=\"A\" value=\"1\"/>",
      "a.xml:2:3102", NULL },
};

static void test_rows(void)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const fct_policy_t *policy;
        request_t *request = request_make("/", pool);
        const char *yields;

        write_policy("a.xml", rows[i].a);
        write_policy("b.xml", rows[i].b ? rows[i].b : "");
        write_policy("child.xml", apr_pstrcat(pool, "<extends href=\"a.xml\"/>", rows[i].b ? "<extends href=\"b.xml\"/>" : "", "\n",
                                              rows[i].child, NULL));
        tap_ok(strcmp(load("child.xml", &policy), rows[i].findings) == 0, "%s: '%s'", rows[i].about, rows[i].findings);
        request_add(request, "X-A", "1");
        yields = policy ? request_run(request, policy) : NULL;
        tap_is_str(yields, rows[i].yields, "%s: what it yields", rows[i].about);
    }
}

static void test_settings(void)
{
    const fct_policy_t *policy;

    write_policy("a.xml", "<request methods=\"GET\" upgrade=\"refuse\"/><backend profile=\"php-fpm\" docroot=\"/srv\"/>");
    write_policy("child.xml", "<extends href=\"a.xml\"/><request max-body=\"7\"/><backend docroot=\"/opt\"/>");
    load("child.xml", &policy);
    tap_ok(policy && policy->request.refuse_upgrade && policy->request.max_body == 7 && strcmp(policy->request.allow, "GET") == 0,
           "a child's <request> changes what it says and leaves the rest");
    tap_ok(policy && strcmp(policy->backend.profile, "php-fpm") == 0 && fct_bytes_equal(policy->backend.script.docroot, FCT_BYTES_LITERAL("/opt")),
           "and so does its <backend>");
}

/* --- files --- */

static void test_diamond(void)
{
    const fct_policy_t *policy;

    write_policy("top.xml", "<param name=\"A\" value=\"1\"/><header name=\"X-A\"/><request methods=\"GET\"/>");
    write_policy("a.xml", "<extends href=\"top.xml\"/>");
    write_policy("b.xml", "<extends href=\"top.xml\"/><param name=\"B\" value=\"2\"/>");
    write_policy("child.xml", "<extends href=\"a.xml\"/><extends href=\"b.xml\"/>");
    tap_is_str(load("child.xml", &policy), "", "two parents that extend the same file agree");
    tap_ok(policy != NULL, "and the policy loads");
    if (policy) {
        tap_is_str(request_run(request_make("/", pool), policy), "A=1\nB=2\n", "each rule stands once");
    }
}

/* Each level extends both files of the one below it: what the first one says has 2^13 ways to the last. */
static void test_many_ways(void)
{
    const fct_policy_t *policy;
    const char *below = "";
    int i;

    for (i = 0; i < 14; i++) {
        write_policy(apr_psprintf(pool, "a%d.xml", i), i ? below : "<identity names=\"APP_A APP_B\"/><param name=\"A\" value=\"1\"/>");
        write_policy(apr_psprintf(pool, "b%d.xml", i), i ? apr_pstrcat(pool, below, i == 1 ? "<param name=\"A\" value=\"2\"/><without header=\"X-A\" why=\"x\"/>" : "", NULL)
                                                         : "<header name=\"X-A\"/>");
        below = apr_psprintf(pool, "<extends href=\"a%d.xml\"/><extends href=\"b%d.xml\"/>", i, i);
    }
    write_policy("child.xml", below);
    tap_is_str(load("child.xml", &policy), "", "what is inherited in many ways counts once against the limits");
    tap_is_str(policy ? request_run(request_make("/", pool), policy) : NULL, "A=2\n", "and is the same");
}

/* top.xml, a.xml and b.xml that extend it, and a child of both in either order, with lines of its own: what the request yields. */
typedef struct diamond_t {
    const char *about;
    const char *top, *a, *b, *child;
    const char *findings;
    const char *yields;
} diamond_t;

static void try_diamond(const diamond_t *row)
{
    static const char *const orders[] = { "<extends href=\"a.xml\"/><extends href=\"b.xml\"/>", "<extends href=\"b.xml\"/><extends href=\"a.xml\"/>" };
    const fct_policy_t *policy;
    size_t i;

    write_policy("top.xml", row->top);
    write_policy("a.xml", apr_pstrcat(pool, "<extends href=\"top.xml\"/>", row->a, NULL));
    write_policy("b.xml", apr_pstrcat(pool, "<extends href=\"top.xml\"/>", row->b, NULL));
    for (i = 0; i < 2; i++) {
        request_t *request = request_make("/", pool);

        write_policy("child.xml", apr_pstrcat(pool, orders[i], "\n", row->child, NULL));
        tap_ok(strcmp(load("child.xml", &policy), row->findings) == 0, "%s, order %d: '%s'", row->about, (int)i, row->findings);
        request_add(request, "X-A", "1");
        tap_is_str(policy ? request_run(request, policy) : NULL, row->yields, "%s: what it yields", row->about);
    }
}

#define PARAM "<param name=\"A\" value=\"1\"/>"
#define REQUIRED "<param name=\"A\" from=\"config.X\" required=\"yes\"/>"
#define HEADER "<header name=\"X-A\" max-length=\"5\"/>"
#define REFUSAL "<refuse-header name=\"X-A\"/>"
#define EDGE(field, more) "<upstream name=\"u\" peers=\"::1\" assert=\"x\" " more "><field name=\"" field "\"/></upstream>"

static const diamond_t diamonds[] = {
    { "one parent replaced what the other has unchanged", PARAM, "<param name=\"A\" value=\"2\"/>", "", "", "", "A=2\n" },
    { "both replaced it", PARAM, "<param name=\"A\" value=\"2\"/>", "<param name=\"A\" value=\"3\"/>", "", "child.xml:1:3211", NULL },
    { "one took it away", PARAM, "<without param=\"A\" why=\"x\"/>", "", "", "", "" },
    { "one took it away, the other replaced it", PARAM, "<without param=\"A\" why=\"x\"/>", "<param name=\"A\" value=\"2\"/>", "", "child.xml:1:3211", NULL },
    { "one took a header away, the other replaced it", HEADER, "<without header=\"X-A\" why=\"x\"/>", "<header name=\"X-A\" max-length=\"9\"/>", "",
      "child.xml:1:3211", NULL },
    { "one took a header away", HEADER, "<without header=\"X-A\" why=\"x\"/>", "", "", "", "" },
    { "one refuses a header", HEADER, REFUSAL, "", "", "", "400 2011 2" },
    { "one allows more of a header", HEADER, "<header name=\"X-A\" max-length=\"9\"/>", "", "", "", "HTTP_X_A=1\n" },
    { "one has another setting", "<request methods=\"GET\"/>", "<request methods=\"POST\"/>", "", "", "", "405 2001 0" },
    { "one has another conditional setting", "<request when=\"!tls\" methods=\"GET\"/>", "<request when=\"!tls\" methods=\"POST\"/>", "", "", "", "405 2001 0" },
    { "both have another conditional setting", "<request when=\"!tls\" methods=\"GET\"/>", "<request when=\"!tls\" methods=\"POST\"/>",
      "<request when=\"!tls\" methods=\"PUT\"/>", "", "child.xml:1:3211", NULL },
    { "the second has one more under a condition, ahead of what both have", "<request when=\"!tls\" methods=\"GET\"/>", "",
      "<request when=\"method:GET\" methods=\"POST\"/>", "", "", "405 2001 0" },
    { "both have another setting", "<request methods=\"GET\"/>", "<request methods=\"POST\"/>", "<request methods=\"PUT\"/>", "", "child.xml:1:3211", NULL },
    { "one has another map", "<map name=\"m\"><entry from=\"a\" to=\"b\"/></map>", "<map name=\"m\"><entry from=\"1\" to=\"c\"/></map>",
      "<param name=\"A\" from=\"header.X-A\" trust=\"client\" map=\"m\"/>", "", "", "A=c\n" },
    { "one demands what the other may do without", "<param name=\"A\" from=\"config.X\"/>", REQUIRED, "", "", "", "500 2015 2" },
    { "one may do without what the other still demands", REQUIRED, "<param name=\"A\" value=\"2\" override=\"yes\"/>", "", "", "child.xml:1:3211", NULL },
    { "one may do without it, and the child says so, too", REQUIRED, "<param name=\"A\" value=\"2\" override=\"yes\"/>", "",
      "<param name=\"A\" value=\"3\" override=\"yes\"/>", "", "A=3\n" },
    { "one may do without it, and the child does so silently", REQUIRED, "<param name=\"A\" value=\"2\" override=\"yes\"/>", "",
      "<param name=\"A\" value=\"3\"/>", "child.xml:1:3211", NULL },
    { "one took away what the other still demands", REQUIRED, "<without param=\"A\" why=\"x\" override=\"yes\"/>", "", "", "child.xml:1:3211", NULL },
    { "one took it away, and the child agrees", REQUIRED, "<without param=\"A\" why=\"x\" override=\"yes\"/>", "",
      "<without param=\"A\" why=\"x\" override=\"yes\"/>", "", "" },
    { "one lets through what the other still refuses", REFUSAL, "<header name=\"X-A\" override=\"yes\"/>", "", "", "child.xml:1:3211", NULL },
    { "one lets it through, and the child decides", REFUSAL, "<header name=\"X-A\" override=\"yes\"/>", "", "<header name=\"X-A\" override=\"yes\"/>", "",
      "HTTP_X_A=1\n" },
    { "one refuses it in another place", REFUSAL, REFUSAL, "", "", "", "400 2011 2" },
    { "one has no server header any more", "<server-header name=\"X-A\" from=\"auth.user\"/>", "<without header=\"X-A\" why=\"x\" override=\"yes\"/>", "", "",
      "child.xml:1:3211", NULL },
    { "one has another upstream", EDGE("X-B", ""), EDGE("X-C", "override=\"yes\""), "", "", "child.xml:1:3211", NULL },
    { "one has another upstream, and the child decides", EDGE("X-B", ""), EDGE("X-C", "override=\"yes\""), "", EDGE("X-D", "override=\"yes\""), "", "" },
    { "one has the same upstream once more", EDGE("X-B", ""), EDGE("X-B", "why=\"x\""), "", "", "", "" },
    { "both have the same upstream", "", EDGE("X-B", ""), EDGE("x-b", "why=\"x\""), "", "", "" },
    { "both have an upstream, with another certificate", "", EDGE("X-B", "certificate=\"X-B\" format=\"rfc9440\""),
      EDGE("X-B", "certificate=\"X-B\" format=\"der-base64\""), "", "child.xml:1:3211", NULL },
    { "both have the same map", "", "<map name=\"m\"><entry from=\"a\" to=\"b\"/><entry from=\"c\" omit=\"yes\"/></map>",
      "<map name=\"m\"><entry from=\"c\" omit=\"yes\"/><entry from=\"a\" to=\"b\"/></map>", "", "", "" },
    { "both say the same, under a condition written otherwise", "", "<param name=\"A\" from=\"config.X  config.Y\" when=\"tls method:GET,PUT\"/>"
      "<header name=\"X-A\" when=\"!tls path:/\"/>", "<param name=\"A\" from=\"config.X config.Y\" when=\"method:PUT,GET  tls\"/><header name=\"x-a\" when=\"path:/ !tls\"/>",
      "", "", "HTTP_X_A=1\n" },
    { "both say the same, under conditions that differ", "", "<param name=\"A\" from=\"config.X\" when=\"tls method:GET,PUT\"/>",
      "<param name=\"A\" from=\"config.X\" when=\"method:PUT tls\"/>", "", "child.xml:1:3211", NULL },
    { "both say the same of other sources", "", "<param name=\"A\" from=\"config.X\"/>", "<param name=\"A\" from=\"config.X config.Y\"/>", "", "child.xml:1:3211", NULL },
    { "the mechanism differs", "", "<param name=\"A\" from=\"auth.user\" auth-type=\"Basic\"/>", "<param name=\"A\" from=\"auth.user\" auth-type=\"Digest\"/>", "",
      "child.xml:1:3211", NULL },
    { "the mechanism is the same", "", "<param name=\"A\" from=\"auth.user\" auth-type=\"Basic\"/>", "<param name=\"A\" from=\"auth.user\" auth-type=\"basic\"/>", "",
      "", "" },
};

static void test_replacements(void)
{
    size_t i;

    for (i = 0; i < sizeof(diamonds) / sizeof(diamonds[0]); i++) {
        try_diamond(&diamonds[i]);
    }
}

/* --- <accept>, <audit> --- */

static int may_log(const fct_policy_t *policy, const char *name)
{
    return policy && fct_policy_may_log(policy, fct_bytes_of(name));
}

static void test_audit(void)
{
    static const char two[] = "<param name=\"A\" value=\"1\"/><param name=\"B\" value=\"2\"/>";
    const fct_policy_t *policy;

    write_policy("top.xml", two);
    write_policy("a.xml", "<extends href=\"top.xml\"/><audit values=\"A\"/><accept htaccess-auth=\"why not\"/>");
    write_policy("b.xml", "<extends href=\"top.xml\"/><audit values=\"B\"/>");
    write_policy("child.xml", "<extends href=\"a.xml\"/>");
    tap_is_str(load("child.xml", &policy), "", "a child has its parent's <audit> and <accept>");
    tap_ok(may_log(policy, "A") && !may_log(policy, "B") && policy->accepts_htaccess_auth
           && strcmp(policy->accepts_htaccess_auth, "why not") == 0, "and all that they say");
    write_policy("child.xml", "<extends href=\"a.xml\"/><without param=\"A\" why=\"x\"/>");
    tap_is_str(load("child.xml", &policy), "", "a name that a child does without is no fault of its parent's <audit>");
    write_policy("child.xml", "<extends href=\"a.xml\"/><audit values=\"B\"/>");
    tap_is_str(load("child.xml", &policy), "", "a child may have its own <audit>");
    tap_ok(!may_log(policy, "A") && may_log(policy, "B"), "which takes the place of its parent's");
    write_policy("child.xml", "<extends href=\"a.xml\"/><extends href=\"b.xml\"/>");
    tap_is_str(load("child.xml", &policy), "child.xml:1:3211", "parents that disagree on what may be logged");
    write_policy("child.xml", "<extends href=\"a.xml\"/><extends href=\"b.xml\"/>\n<audit values=\"A B\" override=\"yes\"/>");
    tap_is_str(load("child.xml", &policy), "", "and a child that decides");
    tap_ok(may_log(policy, "A") && may_log(policy, "B") && !may_log(policy, "CONTENT_TYPE"), "has its way");
    write_policy("child.xml", "<extends href=\"top.xml\"/><audit values=\"a-b\"/><param name=\"A-b\" exact-name=\"yes\" value=\"1\"/>");
    load("child.xml", &policy);
    tap_ok(may_log(policy, "A-b") && may_log(policy, "A_B"), "a name is what it folds to");
    tap_ok(policy && policy->accepts_htaccess_auth == NULL, "without <accept> nothing is accepted");
}

static const char *extends(const char *attribute)
{
    const fct_policy_t *policy;

    write_policy("child.xml", apr_psprintf(pool, "<extends %s/>", attribute));
    return load("child.xml", &policy);
}

static void test_references(void)
{
    static const struct {
        const char *attribute, *expected;
    } refs[] = {
        { "href=\"a.xml\"", "" }, { "href=\"sub/s.xml\"", "" }, { "href=\"./a.xml\"", "" },
        { "shipped=\"base\"", "" }, { "shipped=\"none\"", "child.xml:2:3040" }, { "href=\"none.xml\"", "child.xml:2:3040" },
        { "href=\"../a.xml\"", "child.xml:2:3041" }, { "href=\"sub/../a.xml\"", "child.xml:2:3041" }, { "href=\"/etc/passwd\"", "child.xml:2:3041" },
        { "href=\"..\"", "child.xml:2:3041" }, { "href=\"file:///etc/passwd\"", "child.xml:2:3041" },
        { "href=\"http://192.0.2.1/x.xml\"", "child.xml:2:3041" }, { "href=\"sub\\s.xml\"", "child.xml:2:3041" },
        { "href=\"out.xml\"", "child.xml:2:3041" }, { "href=\"in.xml\"", "" }, { "href=\"sub\"", "sub:0:3001" },
        { "href=\"child.xml\"", "child.xml:2:3042" },
    };
    size_t i;

    write_policy("a.xml", "");
    apr_dir_make(path_of("sub"), APR_FPROT_OS_DEFAULT, pool);
    apr_dir_make(path_of("shipped"), APR_FPROT_OS_DEFAULT, pool);
    write_policy("sub/s.xml", "");
    write_policy("shipped/base.xml", "");
    tap_ok(symlink("/etc/passwd", path_of("out.xml")) == 0 && symlink("a.xml", path_of("in.xml")) == 0, "there are links");
    for (i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
        tap_ok(strcmp(extends(refs[i].attribute), refs[i].expected) == 0, "<extends %s>: '%s'", refs[i].attribute, refs[i].expected);
    }
}

static void test_incomplete(void)
{
    const fct_policy_t *policy;

    write_policy("child.xml", "<extends href=\"none.xml\"/>\n<without param=\"A\" why=\"x\"/><param name=\"B\" from=\"config.X\" map=\"m\"/>"
                 "<param name=\"C\" from=\"upstream.u.X\" assert=\"x\"/><param name=\"D\" from=\"header.X\"/>");
    tap_is_str(load("child.xml", &policy), "child.xml:2:3040 child.xml:3:3102",
               "where a parent cannot be read, nothing is said to be missing that may be in it");
}

static void test_cycles(void)
{
    const fct_policy_t *policy;
    int i;

    write_policy("a.xml", "<extends href=\"b.xml\"/>");
    write_policy("b.xml", "<extends href=\"in.xml\"/>");
    tap_ok(strcmp(load("a.xml", &policy), "b.xml:2:3042") == 0, "a cycle of two, through a link, is refused");
    for (i = 0; i < 20; i++) {
        write_policy(apr_psprintf(pool, "d%d.xml", i), apr_psprintf(pool, "<extends href=\"d%d.xml\"/>", i + 1));
    }
    write_policy("d20.xml", "");
    tap_ok(strcmp(load("d0.xml", &policy), "d15.xml:2:3043") == 0, "more than 16 deep is refused");
    tap_ok(strcmp(load("d5.xml", &policy), "") == 0 && policy, "16 deep is not");
}

static void test_unreadable(void)
{
    const fct_policy_t *policy;

    tap_is_str(load("missing.xml", &policy), "missing.xml:0:3001", "a file that is not there");
    tap_is_str(load("sub", &policy), "sub:0:3001", "a directory");
    mknod(path_of("fifo"), S_IFIFO | 0600, 0);
    tap_is_str(load("fifo", &policy), "fifo:0:3001", "a pipe, which is not waited for");
}

static void clean(void)
{
    apr_dir_t *dir;
    apr_finfo_t info;
    const char *const subs[] = { "sub", "shipped", "." };
    int i;

    for (i = 0; i < 3; i++) {
        apr_dir_open(&dir, path_of(subs[i]), pool);
        while (apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS) {
            apr_file_remove(path_of(apr_psprintf(pool, "%s/%s", subs[i], info.name)), pool);
        }
        apr_dir_close(dir);
        rmdir(path_of(subs[i]));
    }
    rmdir(directory);
}

int main(void)
{
    pool = tap_begin();
    if (mkdtemp(directory) == NULL) {
        printf("Bail out! no directory\n");
        return 2;
    }
    test_rows();
    test_settings();
    test_diamond();
    test_many_ways();
    test_replacements();
    test_audit();
    test_references();
    test_incomplete();
    test_cycles();
    test_unreadable();
    clean();
    return tap_end();
}
