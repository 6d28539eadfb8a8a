/* core/policy_diff*.c: every attribute of the language that has a meaning is compared, and each change has its kinds. */
#include "policy_diff.h"

#include "language.h"
#include "policy.h"

static apr_pool_t *pool;

static const apr_array_header_t *changes_of(const char *was, const char *is)
{
    return fct_policy_diff(policy_must_load(was, pool), policy_must_load(is, pool), &fct_crypto_openssl, pool);
}

/* The kinds of all changes together, as letters: W(idened), N(arrowed), R(e-sourced), M(etadata). */
static const char *letters_of(const apr_array_header_t *changes)
{
    static const char letters[] = "WNRM";
    char *text = apr_pcalloc(pool, sizeof(letters)), *to = text;
    unsigned kinds = 0;
    int i;

    for (i = 0; i < changes->nelts; i++) {
        kinds |= APR_ARRAY_IDX(changes, i, fct_policy_change_t).kinds;
    }
    for (i = 0; i < 4; i++) {
        if (kinds & (1u << i)) {
            *to++ = letters[i];
        }
    }
    return text;
}

static void diag_changes(const apr_array_header_t *changes)
{
    int i;

    for (i = 0; i < changes->nelts; i++) {
        const fct_policy_change_t *change = &APR_ARRAY_IDX(changes, i, fct_policy_change_t);

        tap_diag("%s: %s %s: %s -> %s", fct_policy_diff_kinds_text(change->kinds, pool), change->subject,
                 change->attribute ? change->attribute : "(all)", change->was ? change->was : "none", change->is ? change->is : "none");
    }
}

static const char *swap(const char *letters)
{
    char *text = apr_pstrdup(pool, letters);
    char *at;

    for (at = text; *at; at++) {
        *at = *at == 'W' ? 'N' : *at == 'N' ? 'W' : *at;
    }
    return strcmp(text, "NW") == 0 ? "WN" : text;
}

/* --- one row an attribute --- */

/* A policy that has both, and one attribute two ways: "@" in the text stands for it. */
typedef struct row_t {
    fct_element_t element;
    fct_attribute_t attribute;
    const char *text;
    const char *was, *is;
    const char *kinds;                 /* from was to is; the other way round, W and N change places */
} row_t;

#define ROW(element, attribute, text, was, is, kinds) { FCT_ELEMENT_##element, FCT_ATTRIBUTE_##attribute, text, was, is, kinds }
#define P "<param name=\"APP_A\" from=\"config.A\"@/>"
#define S "<server-header name=\"X-Made\" from=\"auth.user\"@/>"
#define L "<param name=\"APP_A\" from=\"config.A\" split=\",\"@/>"
#define T "<server-header name=\"X-Made\" from=\"config.A\" split=\",\"@/>"
#define M "<map name=\"m\"><entry from=\"a\" to=\"b\"/></map>"
#define U "<upstream name=\"lb\" peers=\"10.0.0.0/8\" assert=\"x\"@><field name=\"X-U\"/></upstream>"

static const row_t rows[] = {
    ROW(PARAM, NAME, "<param name=\"@\" value=\"1\"/>", "APP_A", "APP_B", "WN"),
    ROW(PARAM, VALUE, "<param name=\"APP_A\" value=\"@\"/>", "1", "2", "R"),
    ROW(PARAM, FROM, "<param name=\"APP_A\" from=\"@\"/>", "config.A", "config.B", "R"),
    ROW(PARAM, FROM, "<param name=\"APP_A\" from=\"@\"/>", "config.A", "config.A config.B", "WR"),
    ROW(PARAM, FROM, "<param name=\"APP_A\" assert=\"x\" from=\"@\"/>", "config.A", "env.A", "WR"),
    ROW(PARAM, FROM, "<param name=\"APP_A\" value=\"1\"/>@", "", "<param name=\"SCRIPT_NAME\" from=\"script.name\"/>", "WN"),
    ROW(PARAM, FROM, "<param name=\"SCRIPT_NAME\" from=\"script.name\"/>@", "", "<param name=\"APP_A\" from=\"script.name\" trust=\"client\"/>", "W"),
    ROW(PARAM, WHEN, P, "", " when=\"tls\"", "N"),
    ROW(PARAM, WHEN, P, " when=\"tls path:/a\"", " when=\"path:/\"", "W"),
    ROW(PARAM, WHEN, P, " when=\"tls\"", " when=\"path:/a\"", "WN"),
    ROW(PARAM, WHEN, "<param name=\"APP_A\" from=\"config.A\" required=\"yes\"@/>", "", " when=\"tls\"", "WN"),
    ROW(PARAM, REQUIRED, P, "", " required=\"yes\"", "N"),
    ROW(PARAM, ON_MISSING, P, "", " on-missing=\"refuse:404\"", "N"),
    ROW(PARAM, ON_MISSING, P, " on-missing=\"refuse\"", " on-missing=\"refuse:404\"", "WN"),
    ROW(PARAM, ON_INVALID, P, "", " on-invalid=\"omit\"", "W"),
    ROW(PARAM, SPLIT, "<param name=\"APP_A\" from=\"config.A\" split=\"@\" pick=\"0\"/>", ",", ";", "WN"),
    ROW(PARAM, PICK, L, " pick=\"0\"", " pick=\"only\"", "WN"),
    ROW(PARAM, STRIP_SUFFIX, P, "", " strip-suffix=\"@corp\"", "WN"),
    ROW(PARAM, EXTRACT, P, "", " extract=\"(a+)b\"", "WN"),
    ROW(PARAM, CASE, P, "", " case=\"lower\"", "WN"),
    ROW(PARAM, MAP, M P, "", " map=\"m\"", "WN"),
    ROW(PARAM, JOIN, L, " join=\",\"", " join=\";\"", "WN"),
    ROW(PARAM, MAX_ITEMS, L, " join=\",\"", " join=\",\" max-items=\"2\"", "N"),
    ROW(PARAM, TYPE, P, "", " type=\"token\"", "N"),
    ROW(PARAM, TYPE, P, " type=\"token\"", " type=\"integer\"", "WN"),
    ROW(PARAM, PATTERN, P, "", " pattern=\"a+\"", "N"),
    ROW(PARAM, PATTERN, L, " pattern=\"a+\" pick=\"matching\"", " pattern=\"b+\" pick=\"matching\"", "WN"),
    ROW(PARAM, MAX_LENGTH, P, " max-length=\"9\"", " max-length=\"8\"", "N"),
    ROW(PARAM, MAX_LENGTH, P, "", " max-length=\"8\"", "N"),
    ROW(PARAM, MAX_LENGTH, "<param name=\"APP_A\" value=\"1\"@/>", "", " max-length=\"8\"", "M"),
    ROW(PARAM, ENCODE, P, "", " encode=\"base64\"", "WN"),
    ROW(PARAM, ASSERT, P, "", " assert=\"because\"", "M"),
    ROW(PARAM, SENSITIVE, "<param name=\"APP_A\" value=\"1\"@/>", "", " sensitive=\"yes\"", "M"),
    ROW(PARAM, WHY, P, "", " why=\"because\"", "M"),
    ROW(PARAM, CONTROL, P, " control=\"c\"", " control=\"d\"", "M"),
    ROW(PARAM, AUTH_TYPE, "<param name=\"APP_A\" from=\"auth.user\"@/>", "", " auth-type=\"Basic\"", "N"),
    ROW(PARAM, AUTH_TYPE, "<param name=\"APP_A\" from=\"auth.user config.A\"@/>", "", " auth-type=\"Basic\"", "WN"),

    ROW(SERVER_HEADER, NAME, "<server-header name=\"@\" from=\"auth.user\"/>", "X-Made", "X-Other", "WN"),
    ROW(SERVER_HEADER, VALUE, "<server-header name=\"X-Made\" assert=\"x\" value=\"@\"/>", "1", "2", "R"),
    ROW(SERVER_HEADER, FROM, "<server-header name=\"X-Made\" from=\"@\"/>", "auth.user", "auth.type", "R"),
    ROW(SERVER_HEADER, WHEN, S, "", " when=\"tls\"", "N"),
    ROW(SERVER_HEADER, REQUIRED, S, "", " required=\"yes\"", "N"),
    ROW(SERVER_HEADER, ON_MISSING, S, "", " on-missing=\"refuse:404\"", "N"),
    ROW(SERVER_HEADER, ON_INVALID, S, "", " on-invalid=\"omit\"", "W"),
    ROW(SERVER_HEADER, SPLIT, "<server-header name=\"X-Made\" from=\"config.A\" split=\"@\" pick=\"0\"/>", ",", ";", "WN"),
    ROW(SERVER_HEADER, PICK, T, " pick=\"0\"", " pick=\"1\"", "WN"),
    ROW(SERVER_HEADER, STRIP_SUFFIX, S, "", " strip-suffix=\"@corp\"", "WN"),
    ROW(SERVER_HEADER, EXTRACT, S, "", " extract=\"(a+)b\"", "WN"),
    ROW(SERVER_HEADER, CASE, S, "", " case=\"lower\"", "WN"),
    ROW(SERVER_HEADER, MAP, M S, "", " map=\"m\"", "WN"),
    ROW(SERVER_HEADER, JOIN, T, " join=\",\"", " join=\";\"", "WN"),
    ROW(SERVER_HEADER, MAX_ITEMS, T, " join=\",\" max-items=\"2\"", " join=\",\" max-items=\"3\"", "W"),
    ROW(SERVER_HEADER, TYPE, S, "", " type=\"token\"", "N"),
    ROW(SERVER_HEADER, PATTERN, S, "", " pattern=\"a+\"", "N"),
    ROW(SERVER_HEADER, MAX_LENGTH, S, "", " max-length=\"9\"", "N"),
    ROW(SERVER_HEADER, ENCODE, S, "", " encode=\"base64\"", "WN"),
    ROW(SERVER_HEADER, ASSERT, S, "", " assert=\"because\"", "M"),
    ROW(SERVER_HEADER, SENSITIVE, "<server-header name=\"X-Made\" assert=\"x\" value=\"1\"@/>", "", " sensitive=\"yes\"", "M"),
    ROW(SERVER_HEADER, WHY, S, "", " why=\"because\"", "M"),
    ROW(SERVER_HEADER, CONTROL, S, "", " control=\"c\"", "M"),
    ROW(SERVER_HEADER, AUTH_TYPE, S, "", " auth-type=\"Basic\"", "N"),

    ROW(IDENTITY, NAMES, "<identity names=\"APP_A @\"/>", "", "APP_B", "N"),
    ROW(IDENTITY, WHY, "<identity names=\"APP_A\"@/>", "", " why=\"because\"", "M"),
    ROW(IDENTITY, CONTROL, "<identity names=\"APP_A\"@/>", "", " control=\"c\"", "M"),

    ROW(UPSTREAM, NAME, "<upstream name=\"@\" peers=\"10.0.0.0/8\" assert=\"x\"><field name=\"X-U\"/></upstream>", "lb", "proxy", "WN"),
    ROW(UPSTREAM, PEERS, "<upstream name=\"lb\" peers=\"@\" assert=\"x\"><field name=\"X-U\"/></upstream>", "10.0.0.0/8", "10.1.0.0/16 10.2.0.0/16", "N"),
    ROW(UPSTREAM, PEERS, "<upstream name=\"lb\" peers=\"@\" assert=\"x\"><field name=\"X-U\"/></upstream>", "10.0.0.0/8", "10.1.0.0/16 ::1", "WN"),
    ROW(UPSTREAM, ASSERT, "<upstream name=\"lb\" peers=\"::1\" assert=\"@\"><field name=\"X-U\"/></upstream>", "x", "y", "M"),
    ROW(UPSTREAM, WHY, U, "", " why=\"because\"", "M"),
    ROW(UPSTREAM, CONTROL, U, "", " control=\"c\"", "M"),
    ROW(UPSTREAM, CERTIFICATE, "<upstream name=\"lb\" peers=\"::1\" assert=\"x\" certificate=\"@\" format=\"rfc9440\"><field name=\"X-U\"/><field name=\"X-V\"/></upstream>", "X-U", "X-V", "WN"),
    ROW(UPSTREAM, FORMAT, "<upstream name=\"lb\" peers=\"::1\" assert=\"x\" certificate=\"X-U\" format=\"@\"/>", "rfc9440", "der-base64", "WN"),
    ROW(FIELD, NAME, "<upstream name=\"lb\" peers=\"::1\" assert=\"x\"><field name=\"@\"/></upstream>", "X-U", "X-V", "WN"),
    ROW(FIELD, NAME, "<upstream name=\"lb\" peers=\"::1\" assert=\"x\"><field name=\"X-U\"/>@</upstream>", "", "<field name=\"X-V\"/>", "N"),
    ROW(FIELD, NAME, "<upstream name=\"lb\" peers=\"::1\" assert=\"x\"><field name=\"X-U\"/>@</upstream>", "", "<field name=\"Depth\"/>", "WN"),
    ROW(FIELD, EQUALS, "<upstream name=\"lb\" peers=\"::1\" assert=\"x\"><field name=\"X-U\"@/></upstream>", "", " equals=\"1\"", "N"),
    ROW(FIELD, EQUALS, "<upstream name=\"lb\" peers=\"::1\" assert=\"x\"><field name=\"X-U\"@/></upstream>"
        "<param name=\"APP_A\" assert=\"x\" from=\"upstream.lb.X-U\" pattern=\"a\"/>", "", " equals=\"1\"", "WN"),
    ROW(FIELD, NEEDS, "<upstream name=\"lb\" peers=\"::1\" assert=\"x\"><field name=\"X-U\"@/><field name=\"X-V\"/></upstream>", "", " needs=\"X-V\"", "N"),

    ROW(MAP, NAME, "<map name=\"@\"><entry from=\"a\" to=\"b\"/></map><param name=\"APP_A\" from=\"config.A\" map=\"@\"/>", "m", "n", "M"),
    ROW(MAP, WHY, "<map name=\"m\"@><entry from=\"a\" to=\"b\"/></map>", "", " why=\"because\"", "M"),
    ROW(MAP, CONTROL, "<map name=\"m\"@><entry from=\"a\" to=\"b\"/></map>", "", " control=\"c\"", "M"),
    ROW(ENTRY, FROM, "<map name=\"m\"><entry from=\"@\" to=\"b\"/></map><param name=\"APP_A\" from=\"config.A\" map=\"m\"/>", "a", "c", "WN"),
    ROW(ENTRY, FROM, "<map name=\"m\"><entry from=\"a\" to=\"b\"/>@</map><param name=\"APP_A\" from=\"config.A\" map=\"m\"/>", "", "<entry from=\"c\" to=\"d\"/>", "W"),
    ROW(ENTRY, FROM, "<map name=\"m\"><entry from=\"a\" to=\"b\"/>@</map><param name=\"APP_A\" from=\"config.A\" split=\";\" join=\",\" map=\"m\"/>", "", "<entry from=\"c\" to=\"d\"/>", "W"),
    ROW(ENTRY, FROM, "<map name=\"m\"><entry from=\"a\" to=\"b\"/>@</map><param name=\"APP_A\" from=\"config.A\" split=\";\" join=\",\" map=\"m\"/>", "", "<entry from=\"c\" to=\"d,e\"/>", "WN"),
    ROW(ENTRY, FROM, "<map name=\"m\"><entry from=\"a\" to=\"b\"/>@</map><param name=\"APP_A\" from=\"config.A\" split=\";\" join=\",\" max-items=\"1\" map=\"m\"/>", "", "<entry from=\"c\" to=\"d\"/>", "WN"),
    ROW(ENTRY, FROM, "<map name=\"m\"><entry from=\"a\" to=\"b\"/>@</map>", "", "<entry from=\"c\" to=\"d\"/>", "M"),
    ROW(ENTRY, TO, "<map name=\"m\"><entry from=\"a\" to=\"@\"/></map><param name=\"APP_A\" from=\"config.A\" map=\"m\"/>", "b", "c", "WN"),
    ROW(ENTRY, OMIT, "<map name=\"m\"><entry from=\"a\" @/><entry from=\"b\" to=\"b\"/></map><param name=\"APP_A\" from=\"config.A\" map=\"m\"/>", "to=\"a\"", "omit=\"yes\"", "WN"),

    ROW(HEADER, NAME, "<header name=\"@\"/>", "X-A", "X-B", "WN"),
    ROW(HEADER, NAME, "<header name=\"X-A\"/>@", "", "<header name=\"X-App-*\"/>", "W"),
    ROW(HEADER, NAME, "<header name=\"X-App-*\"/>@", "", "<header name=\"X-App-One\" when=\"tls\"/>", "WN"),
    ROW(HEADER, WHEN, "<header name=\"X-A\"@/>", "", " when=\"tls\"", "N"),
    ROW(HEADER, MAX_LENGTH, "<header name=\"X-A\"@/>", " max-length=\"5\"", " max-length=\"6\"", "W"),
    ROW(HEADER, MAX_LENGTH, "<header name=\"X-A\"@/><param name=\"APP_A\" trust=\"client\" from=\"header.X-A\" pattern=\"a\"/>", " max-length=\"5\"", " max-length=\"6\"", "WN"),
    ROW(HEADER, MAX_LENGTH, "<header name=\"Host\"@/>", " max-length=\"5\"", " max-length=\"6\"", "W"),
    ROW(HEADER, NAME, "<header name=\"X-A\"/>@", "", "<header name=\"Host\" max-length=\"50\"/>", "WN"),
    ROW(HEADER, MAX_COUNT, "<header name=\"X-A\"@/>", " max-count=\"5\"", " max-count=\"6\"", "W"),
    ROW(HEADER, CHANGED, "<header name=\"X-A\"@/>", "", " changed=\"yes\"", "W"),
    ROW(HEADER, TRUST, "<header name=\"X-A\"@/>", "", " trust=\"client\"", "M"),
    ROW(HEADER, WHY, "<header name=\"X-A\"@/>", "", " why=\"because\"", "M"),
    ROW(HEADER, CONTROL, "<header name=\"X-A\"@/>", "", " control=\"c\"", "M"),
    ROW(HEADER, COOKIES, "<header name=\"Cookie\"@/>", "", " cookies=\"a b*\"", "N"),
    ROW(HEADER, COOKIES, "<header name=\"Cookie\" cookies=\"@\"/>", "a b*", "a b* c", "W"),
    ROW(HEADER, COOKIES, "<header name=\"Cookie\" cookies=\"@\"/>", "b*", "b* !bc*", "N"),
    ROW(HEADER, COOKIES, "<header name=\"Cookie\" cookies=\"@\"/>", "a*", "a* A*", "W"),
    ROW(HEADER, COOKIES, "<header name=\"Cookie\" cookies=\"@\"/>", "a*", "a* AB", "WN"),
    ROW(HEADER, COOKIES, "<header name=\"Cookie\" cookies=\"@\"/>", "a* ab*", "a*", "M"),

    ROW(DROP_HEADER, NAME, "<drop-header name=\"@\" assert=\"x\"/>", "Depth", "Overwrite", "WN"),
    ROW(DROP_HEADER, NAME, "<header name=\"X-*\"/>@", "", "<drop-header name=\"X-A\" assert=\"x\"/>", "N"),
    ROW(DROP_HEADER, NAME, "<header name=\"X-B\"/>@", "", "<drop-header name=\"X-A\" assert=\"x\"/>", "M"),
    ROW(DROP_HEADER, NAME, "@", "<drop-header name=\"Depth\" assert=\"x\"/>", "<header name=\"Depth\"/>", "W"),
    ROW(DROP_HEADER, ASSERT, "<drop-header name=\"Depth\" assert=\"@\"/>", "x", "y", "M"),
    ROW(DROP_HEADER, WHY, "<drop-header name=\"Depth\" assert=\"x\"@/>", "", " why=\"because\"", "M"),
    ROW(DROP_HEADER, CONTROL, "<drop-header name=\"Depth\" assert=\"x\"@/>", "", " control=\"c\"", "M"),
    ROW(REFUSE_HEADER, NAME, "<header name=\"X-A\"/>@", "", "<refuse-header name=\"X-B\"/>", "N"),
    ROW(REFUSE_HEADER, NAME, "<header name=\"X-A\"/>@", "", "<refuse-header name=\"X-B-*\"/>", "N"),
    ROW(REFUSE_HEADER, WHEN, "<refuse-header name=\"X-B\"@/>", "", " when=\"tls\"", "W"),
    ROW(REFUSE_HEADER, WHY, "<refuse-header name=\"X-B\"@/>", "", " why=\"because\"", "M"),
    ROW(REFUSE_HEADER, CONTROL, "<refuse-header name=\"X-B\"@/>", "", " control=\"c\"", "M"),

    ROW(WITHOUT, PARAM, "<extends shipped=\"generic\"/>@", "", "<without param=\"UNIQUE_ID\" why=\"w\"/>", "N"),
    ROW(WITHOUT, HEADER, "<extends shipped=\"generic\"/>@", "", "<without header=\"Referer\" why=\"w\"/>", "N"),

    ROW(REQUEST, WHEN, "<request methods=\"GET\"/>@", "", "<request when=\"path:/a\" methods=\"GET POST\"/>", "W"),
    ROW(REQUEST, WHEN, "<request when=\"@\" methods=\"GET\"/>", "path:/a", "path:/b", "WN"),
    ROW(REQUEST, METHODS, "<request methods=\"@\"/>", "GET POST", "GET", "N"),
    ROW(REQUEST, METHODS, "<request methods=\"GET\"/><request when=\"tls\" methods=\"@\"/>", "GET POST", "GET", "N"),
    ROW(REQUEST, MAX_BODY, "<request max-body=\"@\"/>", "1M", "1025K", "W"),
    ROW(REQUEST, MAX_BODY, "<request chunked=\"stream\" max-body=\"@\"/>", "1M", "unlimited", "W"),
    ROW(REQUEST, CHUNKED, "<request chunked=\"@\"/>", "refuse", "spool", "W"),
    ROW(REQUEST, CHUNKED, "<request chunked=\"@\"/>", "stream", "spool", "WN"),
    ROW(REQUEST, UPGRADE, "<request upgrade=\"@\"/>", "ignore", "refuse", "N"),
    ROW(REQUEST, ENCODED_SLASH, "<request encoded-slash=\"@\"/>", "refuse", "raw", "W"),
    ROW(REQUEST, WHY, "<request max-body=\"2M\"@/>", "", " why=\"because\"", "M"),
    ROW(REQUEST, WHY, "<request when=\"tls\" max-body=\"2M\"@/>", "", " why=\"because\"", "M"),
    ROW(REQUEST, CONTROL, "<request max-body=\"2M\"@/>", "", " control=\"c\"", "M"),

    ROW(RESPONSE, MAX_HEADER_BYTES, "<response max-header-bytes=\"@\"/>", "1K", "2K", "W"),
    ROW(RESPONSE, MAX_HEADER_COUNT, "<response max-header-count=\"@\"/>", "10", "9", "N"),
    ROW(RESPONSE, MAX_INTERIM, "<response max-interim=\"@\"/>", "10", "9", "N"),
    ROW(RESPONSE, HIDE, "<response hold=\"1K\"@/>", "", " hide=\"A\"", "N"),
    ROW(RESPONSE, MISSING_CONTENT_TYPE, "<response missing-content-type=\"@\"/>", "octet-stream", "refuse", "N"),
    ROW(RESPONSE, LOCAL_REDIRECT, "<response local-redirect=\"@\"/>", "refuse", "follow", "W"),
    ROW(RESPONSE, INTERIM, "<response interim=\"@\"/>", "drop", "forward", "W"),
    ROW(RESPONSE, HOLD, "<response hold=\"@\"/>", "1K", "2K", "WN"),
    ROW(RESPONSE, HOLD_TIME, "<response hold-time=\"@\"/>", "1s", "2s", "WN"),
    ROW(RESPONSE, MAX_STDERR, "<response max-stderr=\"@\"/>", "1K", "2K", "W"),
    ROW(RESPONSE, WHY, "<response hold=\"1K\"@/>", "", " why=\"because\"", "M"),
    ROW(RESPONSE, CONTROL, "<response hold=\"1K\"@/>", "", " control=\"c\"", "M"),
    ROW(RESPONSE, SENDFILE, "<response hold=\"1K\"@/>", "", " sendfile=\"/srv\"", "W"),

    ROW(BACKEND, PROFILE, "<backend profile=\"@\"/>", "go", "wsgi", "WN"),
    ROW(BACKEND, SCRIPT, "<backend profile=\"php-fpm\"@/>", "", " script=\"split\"", "WN"),
    ROW(BACKEND, DOCROOT, "<backend profile=\"php-fpm\"@/>", "", " docroot=\"/srv\"", "WN"),
    ROW(BACKEND, INDEX, "<backend profile=\"php-fpm\"@/>", "", " index=\"index.php\"", "WN"),
    ROW(BACKEND, FRONT_CONTROLLER, "<backend profile=\"php-fpm\"@/>", "", " front-controller=\"/index.php\"", "WN"),
    ROW(BACKEND, MOUNT, "<backend profile=\"go\"@/>", "", " mount=\"/a\"", "WN"),
    ROW(BACKEND, WORKERS, "<backend profile=\"go\"@/>", "", " workers=\"fcgi://a:1\"", "N"),
    ROW(BACKEND, WHY, "<backend mount=\"/a\"@/>", "", " why=\"because\"", "M"),
    ROW(BACKEND, CONTROL, "<backend mount=\"/a\"@/>", "", " control=\"c\"", "M"),

    ROW(ACCEPT, HTACCESS_AUTH, "<param name=\"APP_A\" from=\"auth.user\"/>@", "", "<accept htaccess-auth=\"ours\"/>", "W"),
    ROW(ACCEPT, HTACCESS_AUTH, "<accept htaccess-auth=\"@\"/>", "ours", "theirs", "M"),
    ROW(ACCEPT, CONTROL, "<accept htaccess-auth=\"ours\"@/>", "", " control=\"c\"", "M"),
    ROW(AUDIT, VALUES, "<param name=\"APP_A\" value=\"1\"/><param name=\"APP_B\" value=\"1\"/><audit values=\"APP_A@\"/>", "", " APP_B", "W"),
    ROW(AUDIT, WHY, "<param name=\"APP_A\" value=\"1\"/><audit values=\"APP_A\"@/>", "", " why=\"because\"", "M"),
    ROW(AUDIT, CONTROL, "<param name=\"APP_A\" value=\"1\"/><audit values=\"APP_A\"@/>", "", " control=\"c\"", "M"),
};

/* Rows of the language without a meaning of their own, or shown in t/70. */
static const struct {
    fct_element_t element;             /* POLICY: any */
    fct_attribute_t attribute;
} elsewhere[] = {
    { FCT_ELEMENT_POLICY, FCT_ATTRIBUTE_OVERRIDE },          /* how rules of several files come together */
    { FCT_ELEMENT_EXTENDS, FCT_ATTRIBUTE_SHIPPED }, { FCT_ELEMENT_EXTENDS, FCT_ATTRIBUTE_HREF },
    { FCT_ELEMENT_WITHOUT, FCT_ATTRIBUTE_WHY }, { FCT_ELEMENT_WITHOUT, FCT_ATTRIBUTE_CONTROL },
    { FCT_ELEMENT_PARAM, FCT_ATTRIBUTE_EXACT_NAME }, { FCT_ELEMENT_PARAM, FCT_ATTRIBUTE_TRUST },     /* demanded by what else stands there */
    { FCT_ELEMENT_POLICY, FCT_ATTRIBUTE_NAME }, { FCT_ELEMENT_POLICY, FCT_ATTRIBUTE_VERSION },       /* test_policy */
    { FCT_ELEMENT_POLICY, FCT_ATTRIBUTE_LANGUAGE },          /* there is only one */
    { FCT_ELEMENT_TRUST_ANCHOR, FCT_ATTRIBUTE_FILE }, { FCT_ELEMENT_TRUST_ANCHOR, FCT_ATTRIBUTE_WHY },
    { FCT_ELEMENT_TRUST_ANCHOR, FCT_ATTRIBUTE_CONTROL }, { FCT_ELEMENT_INTERMEDIATES, FCT_ATTRIBUTE_FILE },
};

static int is_covered(fct_element_t element, fct_attribute_t attribute)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].element == element && rows[i].attribute == attribute) {
            return 1;
        }
    }
    for (i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        if (elsewhere[i].attribute == attribute
            && (elsewhere[i].element == element || (attribute == FCT_ATTRIBUTE_OVERRIDE && elsewhere[i].element == FCT_ELEMENT_POLICY))) {
            return 1;
        }
    }
    return 0;
}

static void test_language(void)
{
#define FCT_ROW(element, attribute, need, form, words) \
    tap_ok(is_covered(FCT_ELEMENT_##element, FCT_ATTRIBUTE_##attribute), "it is known what another %s of <%s> means", \
           fct_language_attribute_name(FCT_ATTRIBUTE_##attribute), fct_language_element_name(FCT_ELEMENT_##element));
#include "language.def"
}

static const char *fill(const char *text, const char *value)
{
    const char *at;

    for (at = strchr(text, '@'); at; at = strchr(at, '@')) {
        const char *front = apr_pstrmemdup(pool, text, (apr_size_t)(at - text));

        text = apr_pstrcat(pool, front, value, at + 1, NULL);
        at = text + strlen(front) + strlen(value);
    }
    return text;
}

static void test_rows(void)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const row_t *row = &rows[i];
        const char *was = fill(row->text, row->was), *is = fill(row->text, row->is);
        const apr_array_header_t *changes = changes_of(was, is), *back = changes_of(is, was);
        const char *about = apr_psprintf(pool, "%s of <%s>, '%s' to '%s'", fct_language_attribute_name(row->attribute),
                                         fct_language_element_name(row->element), row->was, row->is);

        if (!tap_is_str(letters_of(changes), row->kinds, "%s: %s", about, row->kinds)) {
            diag_changes(changes);
        }
        if (strchr(row->kinds, 'R') == NULL && !tap_is_str(letters_of(back), swap(row->kinds), "%s: %s the other way round", about, swap(row->kinds))) {
            diag_changes(back);
        }
    }
}

/* --- all of it --- */

static const fct_policy_change_t *find(const apr_array_header_t *changes, const char *subject, const char *attribute)
{
    int i;

    for (i = 0; i < changes->nelts; i++) {
        const fct_policy_change_t *change = &APR_ARRAY_IDX(changes, i, fct_policy_change_t);

        if (strcmp(change->subject, subject) == 0 && (attribute ? change->attribute && strcmp(change->attribute, attribute) == 0 : !change->attribute)) {
            return change;
        }
    }
    tap_ok(0, "there is a change of %s, %s", subject, attribute ? attribute : "all of it");
    diag_changes(changes);
    exit(1);
}

static void test_change(void)
{
    const apr_array_header_t *changes = changes_of(
        "<param name=\"APP_SECRET\" value=\"hunter2\" sensitive=\"yes\"/>\n<param name=\"APP_A\" from=\"auth.user\" on-invalid=\"omit\" type=\"token\"/>\n"
        "<header name=\"X-App-*\"/>\n<request max-body=\"1M\"/>",
        "<request max-body=\"2M\"/>\n<param name=\"APP_SECRET\" value=\"hunter3\" sensitive=\"yes\"/>\n"
        "<param name=\"APP_A\" from=\"header.X-A\" trust=\"client\" on-invalid=\"refuse:404\"/>\n");
    const fct_policy_change_t *change = find(changes, "param APP_SECRET", "source");
    int i;

    tap_ok(strcmp(change->was, "a secret literal") == 0 && strcmp(change->is, "another secret literal") == 0, "a secret is not told");
    tap_ok(change->was_at.line == 2 && change->is_at.line == 3 && strcmp(change->is_at.file, "t.xml") == 0, "a change has both places");
    change = find(changes, "param APP_A", "source");
    tap_is_int(change->kinds, FCT_CHANGE_WIDENED | FCT_CHANGE_RESOURCED, "a source of a lower class is wider, too");
    tap_is_str(change->is, "from header.X-A (client)", "and its class is told");
    change = find(changes, "param APP_A", "on-invalid");
    tap_ok(strcmp(change->was, "omit") == 0 && strcmp(change->is, "refuse:404") == 0, "values are told as a policy has them");
    change = find(changes, "header X-App-*", NULL);
    tap_ok(change->kinds == FCT_CHANGE_NARROWED && change->was_at.line == 4 && change->is_at.file == NULL, "what is gone has one place");
    tap_is_str(find(changes, "request", "max-body")->effect, "larger bodies pass", "and its effect is said");
    for (i = 1; i < changes->nelts; i++) {
        tap_ok((APR_ARRAY_IDX(changes, i - 1, fct_policy_change_t).kinds & FCT_CHANGE_WIDENED)
               || !(APR_ARRAY_IDX(changes, i, fct_policy_change_t).kinds & FCT_CHANGE_WIDENED), "what is wider comes first");
    }
}

static void test_policy(void)
{
    fct_findings_t *findings;
    const fct_policy_t *was = policy_must_load("<header name=\"X-A\"/>", pool);
    const fct_policy_t *is = policy_load_text("<policy xmlns=\"urn:mod-fcgi-trust:policy:1\" name=\"u\" version=\"2\" language=\"1.0\"><header name=\"X-A\"/></policy>",
                                              &findings, pool);
    const apr_array_header_t *changes = fct_policy_diff(was, is, &fct_crypto_openssl, pool);

    tap_is_str(letters_of(changes), "M", "name and version are metadata");
    tap_is_int(changes->nelts, 2, "and each is a change");
    tap_is_int(fct_policy_diff(was, was, &fct_crypto_openssl, pool)->nelts, 0, "a policy does not differ from itself");
    tap_is_int(changes_of("<!-- a -->\n<header name=\"X-A\"/><param name=\"APP_A\" value=\"1\"/>",
                          "<param  value='1' name='APP_A'></param>\n<header name=\"X-A\" max-count=\"100\"/>")->nelts, 0, "layout, order and defaults are no change");
}

/* Rules of one name are told apart by their conditions; <request when> by what is in force. */
static void test_conditions(void)
{
    const char *two = "<param name=\"APP_A\" value=\"1\" when=\"tls\"/><param name=\"APP_A\" value=\"@\" when=\"!tls\"/>";
    const apr_array_header_t *changes = changes_of(fill(two, "2"), fill(two, "3"));

    tap_ok(changes->nelts == 1 && APR_ARRAY_IDX(changes, 0, fct_policy_change_t).kinds == FCT_CHANGE_RESOURCED, "of two rules the one that changed is told");
    changes = changes_of("<request when=\"path:/a\" max-body=\"2M\"/><request when=\"tls\" max-body=\"3M\"/>",
                         "<request when=\"tls\" max-body=\"3M\"/><request when=\"path:/a\" max-body=\"2M\"/>");
    tap_is_str(letters_of(changes), "W", "<request when> in another order is wider where both hold");
    changes = changes_of("<request when=\"!tls\" max-body=\"2M\"/><request when=\"tls\" max-body=\"3M\"/>",
                         "<request when=\"tls\" max-body=\"3M\"/><request when=\"!tls\" max-body=\"2M\"/>");
    tap_is_str(letters_of(changes), "M", "and means the same where they exclude each other");
    changes = changes_of("<request methods=\"GET\"/><request when=\"tls\" max-body=\"2M\"/>", "<request methods=\"GET PUT\"/><request when=\"tls\" max-body=\"2M\"/>");
    tap_is_int(changes->nelts, 1, "what <request when> leaves to <request> is told there");
}

int main(void)
{
    pool = tap_begin();
    test_language();
    test_rows();
    test_change();
    test_policy();
    test_conditions();
    return tap_end();
}
