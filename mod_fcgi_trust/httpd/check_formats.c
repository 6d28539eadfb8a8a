/* Expressions and formats of other modules' directives: what they take from a request. */
#include "check_formats.h"

#include <apr_lib.h>

/* Not REMOTE_USER, which a wrong password, or a certificate that nobody verified, leaves standing on the way to the document of a refusal; nor
 * SERVER_PORT, which is that of the Host field unless UseCanonicalName says otherwise. */
static int is_own_variable(const char *name, apr_size_t len)
{
    static const char *const own[] = {
        "REMOTE_ADDR", "REMOTE_PORT", "CONN_REMOTE_ADDR", "SERVER_ADDR", "SERVER_ADMIN", "SERVER_SOFTWARE",
        "DOCUMENT_ROOT", "HTTPS", "IPV6", "CONN_LOG_ID", "TIME", "TIME_YEAR", "TIME_MON", "TIME_DAY", "TIME_HOUR", "TIME_MIN", "TIME_SEC",
        "TIME_WDAY", "API_VERSION", "AUTH_TYPE", NULL
    };
    int i;

    for (i = 0; own[i]; i++) {
        if (strlen(own[i]) == len && strncmp(own[i], name, len) == 0) {
            return 1;
        }
    }
    return 0;
}

/* "req('X')", "%{http:X}", "file(...)": whatever is called may read the request. */
static int has_call(const char *text)
{
    const char *bracket;

    for (bracket = strchr(text, '('); bracket; bracket = strchr(bracket + 1, '(')) {
        if (bracket > text && (apr_isalnum(bracket[-1]) || bracket[-1] == '_')) {
            return 1;
        }
    }
    return 0;
}

static int is_environment(const char *name)
{
    return ap_cstr_casecmpn(name, "reqenv:", 7) == 0 || ap_cstr_casecmpn(name, "env:", 4) == 0;
}

static int is_clients_format(const char *at, int takes_env)
{
    if (at[0] == '$') {
        return apr_isdigit(at[1]) || at[1] == '{';
    }
    if (at[0] != '%') {
        return 0;
    }
    return apr_isdigit(at[1]) || (at[1] == '{' && !is_own_variable(at + 2, strcspn(at + 2, "}")) && (takes_env || !is_environment(at + 2)));
}

static int takes_from_client(const char *text, int takes_env)
{
    const char *at;

    for (at = text; *at; at++) {
        if (is_clients_format(at, takes_env)) {
            return 1;
        }
    }
    return has_call(text);
}

int fct_check_formats_is_clients(const char *text)
{
    return takes_from_client(text, 1);
}

int fct_check_formats_is_clients_beside_env(const char *text)
{
    return takes_from_client(text, 0);
}
