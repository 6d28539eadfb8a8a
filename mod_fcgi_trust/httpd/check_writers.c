/* Directives by which a client writes environment entries and request fields. */
#include "check_writers.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "check_formats.h"
#include "check_override.h"
#include "check_scope.h"
#include "check_writers_part.h"
#include "conftree.h"

/* It stands where a client chooses whether it holds: <If> on what it sends. Of <ElseIf> and <Else> that is not asked. */
static int is_where_client_says(const ap_directive_t *d)
{
    for (d = d->parent; d; d = d->parent) {
        if (fct_conftree_is(d, "<Else") || fct_conftree_is(d, "<ElseIf")
            || (fct_conftree_is(d, "<If") && fct_check_formats_is_clients(d->args))) {
            return 1;
        }
    }
    return 0;
}

void fct_check_writers_add(fct_writers_t *writers, fct_written_t written, const char *name, fct_share_t share, const char *entry,
                           const ap_directive_t *directive)
{
    fct_writer_t *writer = apr_array_push(writers->all);

    *writer = (fct_writer_t){ written, name, is_where_client_says(directive) ? FCT_SHARE_ALL : share, entry, directive };
}

/* --- SetEnvIf, BrowserMatch, SetEnvIfExpr --- */

/* NAME, NAME=VALUE or !NAME from the n-th argument on. */
static void add_assignments(fct_writers_t *writers, const ap_directive_t *d, int n, int is_clients)
{
    const char *word, *value;

    for (; *(word = fct_conftree_word(d, n, writers->p)); n++) {
        value = strchr(word, '=');
        if (*word != '!') {
            fct_check_writers_add(writers, FCT_WRITTEN_ENV, value ? apr_pstrmemdup(writers->p, word, (apr_size_t)(value - word)) : word,
                                  is_clients ? FCT_SHARE_ALL : FCT_SHARE_NONE, NULL, d);
        }
    }
}

static int copies(const ap_directive_t *d)
{
    const char *dollar;

    for (dollar = strchr(d->args, '$'); dollar; dollar = strchr(dollar + 1, '$')) {
        if (apr_isdigit(dollar[1])) {
            return 1;
        }
    }
    return 0;
}

/* What a path is chosen by, as a <Location> is, says nothing of the client; what is copied from it does. */
static int is_clients_attribute(const char *attribute, const ap_directive_t *d)
{
    if (ap_cstr_casecmp(attribute, "Remote_Addr") == 0 || ap_cstr_casecmp(attribute, "Server_Addr") == 0) {
        return 0;
    }
    return ap_cstr_casecmp(attribute, "Request_URI") != 0 || copies(d);
}

static void add_setenvif(fct_writers_t *writers, const ap_directive_t *d)
{
    add_assignments(writers, d, 2, is_clients_attribute(fct_conftree_word(d, 0, writers->p), d));
}

static void add_browser_match(fct_writers_t *writers, const ap_directive_t *d)
{
    add_assignments(writers, d, 1, 1);
}

static void add_setenvifexpr(fct_writers_t *writers, const ap_directive_t *d)
{
    add_assignments(writers, d, 1, fct_check_formats_is_clients(fct_conftree_word(d, 0, writers->p)) || copies(d));
}

/* --- SetEnv, PassEnv, SecRule, and modules that look something up --- */

static void add_setenv(fct_writers_t *writers, const ap_directive_t *d)
{
    fct_check_writers_add(writers, FCT_WRITTEN_ENV, fct_conftree_word(d, 0, writers->p), FCT_SHARE_NONE, NULL, d);
}

/* A session may be a cookie that the client keeps; mod_geoip asks about the address that the client writes into X-Forwarded-For. */
static void add_switched(fct_writers_t *writers, const ap_directive_t *d)
{
    const char *name = fct_conftree_is(d, "SessionEnv") ? "HTTP_SESSION" : "GEOIP_*";

    if (ap_cstr_casecmp(d->args, "Off") != 0) {
        fct_check_writers_add(writers, FCT_WRITTEN_ENV, name, FCT_SHARE_ALL, NULL, d);
    }
}

/* MaxMindDBEnv NAME PATH, MaxMindDBEnable. mod_maxminddb asks about the address in MMDB_ADDR, which others may have written, and writes the
 * connection's there where it is not. */
static void add_maxmind(fct_writers_t *writers, const ap_directive_t *d)
{
    const char *name = fct_conftree_is(d, "MaxMindDBEnv") ? fct_conftree_word(d, 0, writers->p) : "MMDB_INFO";

    fct_check_writers_add(writers, FCT_WRITTEN_ENV, name, FCT_SHARE_OF_ENTRY, "MMDB_ADDR", d);
    fct_check_writers_add(writers, FCT_WRITTEN_ENV, "MMDB_ADDR", FCT_SHARE_NONE, NULL, d);
}

static void add_security_rule(fct_writers_t *writers, const ap_directive_t *d)
{
    const char *at;

    for (at = strstr(d->args, "setenv:"); at; at = strstr(at + 1, "setenv:")) {
        const char *name = at + strlen("setenv:");

        name += *name == '\'';
        fct_check_writers_add(writers, FCT_WRITTEN_ENV, apr_pstrmemdup(writers->p, name, strcspn(name, "=,'\"")), FCT_SHARE_ALL, NULL, d);
    }
}

/* --- mod_ssl --- */

/* What it says of a certificate that it did not verify is the client's word. */
static void add_verify_client(fct_writers_t *writers, const ap_directive_t *d)
{
    if (ap_cstr_casecmp(fct_conftree_word(d, 0, writers->p), "optional_no_ca") == 0) {
        fct_check_writers_add(writers, FCT_WRITTEN_ENV, "SSL_CLIENT_*", FCT_SHARE_ALL, NULL, d);
    }
}

static void add_ssl_options(fct_writers_t *writers, const ap_directive_t *d)
{
    const char *word;
    int n;

    for (n = 0; *(word = fct_conftree_word(d, n, writers->p)); n++) {
        if (ap_cstr_casecmp(word + (*word == '+'), "StdEnvVars") == 0) {
            fct_check_writers_add(writers, FCT_WRITTEN_ENV, "SSL_TLS_SNI", FCT_SHARE_ALL, NULL, d);
            fct_check_writers_add(writers, FCT_WRITTEN_ENV, "SSL_SESSION_ID", FCT_SHARE_ALL, NULL, d);
        }
        else if (ap_cstr_casecmp(word + (*word == '+'), "FakeBasicAuth") == 0) {
            fct_check_writers_add(writers, FCT_WRITTEN_HEADER, "Authorization", FCT_SHARE_ALL, NULL, d);
        }
    }
}

/* --- mod_proxy_balancer --- */

/* The route stands in the client's cookie, or in its URL. */
static void add_sticky(fct_writers_t *writers, const ap_directive_t *d)
{
    if (strstr(d->args, "stickysession=")) {
        fct_check_writers_add(writers, FCT_WRITTEN_ENV, "BALANCER_SESSION_*", FCT_SHARE_ALL, NULL, d);
    }
}

/* --- <LocationMatch> and its like: (?<NAME>…), (?P<NAME>…) or (?'NAME'…) becomes MATCH_NAME --- */

static void add_captures(fct_writers_t *writers, const ap_directive_t *d)
{
    const char *at;

    for (at = strstr(d->args, "(?"); at; at = strstr(at + 1, "(?")) {
        const char *name = at + 2 + (at[2] == 'P');

        if (*name == '<' || *name == '\'') {
            name = apr_pstrmemdup(writers->p, name + 1, strcspn(name + 1, ">'"));
            fct_check_writers_add(writers, FCT_WRITTEN_ENV, apr_pstrcat(writers->p, "MATCH_", name, NULL), FCT_SHARE_ALL, NULL, d);
        }
    }
}

/* --- all of them --- */

static const struct {
    const char *directive;
    void (*add)(fct_writers_t *writers, const ap_directive_t *d);
} kinds[] = {
    { "SetEnvIf", add_setenvif },
    { "SetEnvIfNoCase", add_setenvif },
    { "SetEnvIfExpr", add_setenvifexpr },
    { "BrowserMatch", add_browser_match },
    { "BrowserMatchNoCase", add_browser_match },
    { "SetEnv", add_setenv },
    { "PassEnv", add_setenv },
    { "SessionEnv", add_switched },
    { "GeoIPScanProxyHeaders", add_switched },
    { "MaxMindDBEnable", add_maxmind },
    { "MaxMindDBEnv", add_maxmind },
    { "SecRule", add_security_rule },
    { "SecAction", add_security_rule },
    { "RewriteEngine", fct_check_writers_add_rewrite_engine },
    { "RewriteCond", fct_check_writers_keep_rewrite_condition },
    { "RewriteRule", fct_check_writers_add_rewrite_rule },
    { "RequestHeader", fct_check_writers_add_request_header },
    { "SSLVerifyClient", add_verify_client },
    { "SSLOptions", add_ssl_options },
    { "AuthBasicFake", fct_check_writers_add_fake },
    { "ProxySet", add_sticky },
    { "ProxyPass", add_sticky },
    { "ProxyPassMatch", add_sticky },
    { "<Proxy", add_sticky },
    { "<LocationMatch", add_captures },
    { "<DirectoryMatch", add_captures },
    { "<FilesMatch", add_captures },
    { "<ProxyMatch", add_captures },
    { "<Location", add_captures },
    { "<Directory", add_captures },
    { "<Files", add_captures },
    { "<Proxy", add_captures },
};

static void gather(void *context, const ap_directive_t *d)
{
    fct_writers_t *writers = context;
    apr_size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (fct_conftree_is(d, kinds[i].directive)) {
            kinds[i].add(writers, d);
        }
    }
    if (fct_check_override_is_verifying(d, writers->p)) {
        fct_check_writers_add(writers, FCT_WRITTEN_ENV, "SSL_CLIENT_*", FCT_SHARE_ALL, NULL, d);
    }
    if (fct_check_override_is_writing(d, writers->p)) {
        fct_check_writers_add(writers, FCT_WRITTEN_ENV, FCT_WRITERS_ANY_NAME, FCT_SHARE_ALL, NULL, d);
        fct_check_writers_add(writers, FCT_WRITTEN_HEADER, FCT_WRITERS_ANY_NAME, FCT_SHARE_ALL, NULL, d);
    }
}

const fct_writers_t *fct_check_writers_gather(apr_pool_t *p)
{
    fct_writers_t *writers = apr_pcalloc(p, sizeof(*writers));

    writers->p = p;
    writers->all = apr_array_make(p, 16, sizeof(fct_writer_t));
    fct_conftree_walk(gather, writers);
    return writers;
}

static int is_name(const char *pattern, fct_bytes_t name)
{
    apr_size_t len = strlen(pattern);

    if (len && pattern[len - 1] == '*') {
        return name.len >= len - 1 && ap_cstr_casecmpn(pattern, name.at, len - 1) == 0;
    }
    return fct_bytes_equal_nocase(fct_bytes_make(pattern, len), name);
}

static int writes(const fct_writer_t *writer, fct_written_t written, fct_bytes_t name, const fct_policy_slot_t *slot)
{
    return writer->written == written && is_name(writer->name, name) && fct_check_scope_reaches(slot, writer->directive);
}

/* An entry that others pass on: the client's too where nothing shows whose it is. */
static int is_clients_entry(const fct_writers_t *writers, fct_bytes_t name, const fct_policy_slot_t *slot)
{
    int i, is_own = 0;

    for (i = 0; i < writers->all->nelts; i++) {
        const fct_writer_t *writer = &APR_ARRAY_IDX(writers->all, i, const fct_writer_t);

        if (writes(writer, FCT_WRITTEN_ENV, name, slot)) {
            if (writer->share != FCT_SHARE_NONE) {
                return 1;
            }
            is_own = 1;
        }
    }
    return !is_own;
}

/* An internal redirect puts REDIRECT_ in front of every name. */
static fct_bytes_t without_redirects(fct_bytes_t name)
{
    fct_bytes_t prefix = FCT_BYTES_LITERAL("REDIRECT_");

    while (name.len > prefix.len && fct_bytes_equal_nocase(fct_bytes_make(name.at, prefix.len), prefix)) {
        name = fct_bytes_from(name, prefix.len);
    }
    return name;
}

const ap_directive_t *fct_check_writers_find(const fct_writers_t *writers, fct_written_t written, fct_bytes_t name,
                                             const fct_policy_slot_t *slot)
{
    int i;

    name = written == FCT_WRITTEN_ENV ? without_redirects(name) : name;
    for (i = 0; i < writers->all->nelts; i++) {
        const fct_writer_t *writer = &APR_ARRAY_IDX(writers->all, i, const fct_writer_t);

        if (writes(writer, written, name, slot)
            && (writer->share == FCT_SHARE_ALL
                || (writer->share == FCT_SHARE_OF_ENTRY && is_clients_entry(writers, fct_bytes_of(writer->entry), slot)))) {
            return writer->directive;
        }
    }
    return NULL;
}
