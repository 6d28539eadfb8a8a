/* mod_headers, and AuthBasicFake, as writers of request fields. */
#include <apr_strings.h>

#include "check_formats.h"
#include "check_writers_part.h"
#include "conftree.h"

/* The NAME of a value that is "%{NAME}e" and no more; NULL: it is not. */
static const char *entry_of_value(const char *value, apr_pool_t *p)
{
    apr_size_t len = strncmp(value, "%{", 2) == 0 ? strcspn(value + 2, "}") : 0;

    return len && strcmp(value + 2 + len, "}e") == 0 ? apr_pstrmemdup(p, value + 2, len) : NULL;
}

/* env=NAME or expr=EXPRESSION from the n-th argument on; "" where there is no such condition. */
static const char *condition_of(const ap_directive_t *d, int n, apr_pool_t *p)
{
    const char *word, *found = "";

    for (; *(word = fct_conftree_word(d, n, p)); n++) {
        if (ap_cstr_casecmpn(word, "env=", 4) == 0 || ap_cstr_casecmpn(word, "expr=", 5) == 0) {
            found = word;
        }
    }
    return found;
}

/* The NAME of a condition env=NAME or env=!NAME; NULL: it is none. */
static const char *entry_of_condition(const char *condition)
{
    return ap_cstr_casecmpn(condition, "env=", 4) == 0 ? condition + 4 + (condition[4] == '!') : NULL;
}

/* More of the value, or of its condition, comes from the request than one environment entry. */
static int is_clients_header(const char *value, const char *condition)
{
    if (ap_cstr_casecmpn(condition, "expr=", 5) == 0 && fct_check_formats_is_clients(condition)) {
        return 1;
    }
    return ap_cstr_casecmpn(value, "expr=", 5) == 0 ? fct_check_formats_is_clients(value) : strstr(value, "%{") != NULL;
}

/* RequestHeader ACTION NAME VALUE [early|env=NAME|expr=EXPRESSION], RequestHeader edit NAME PATTERN VALUE […] */
void fct_check_writers_add_request_header(fct_writers_t *writers, const ap_directive_t *d)
{
    const char *action = fct_conftree_word(d, 0, writers->p), *name = fct_conftree_word(d, 1, writers->p);
    int n = ap_cstr_casecmpn(action, "edit", 4) == 0 ? 3 : 2;
    const char *value = fct_conftree_word(d, n, writers->p), *condition = condition_of(d, n + 1, writers->p);
    const char *entry = entry_of_value(value, writers->p), *other = entry_of_condition(condition);
    apr_size_t len = strlen(name);

    if (ap_cstr_casecmp(action, "unset") == 0) {
        return;
    }
    name = len && name[len - 1] == ':' ? apr_pstrmemdup(writers->p, name, len - 1) : name;
    if (is_clients_header(entry ? "" : value, condition)) {
        fct_check_writers_add(writers, FCT_WRITTEN_HEADER, name, FCT_SHARE_ALL, NULL, d);
        return;
    }
    fct_check_writers_add(writers, FCT_WRITTEN_HEADER, name, entry ? FCT_SHARE_OF_ENTRY : FCT_SHARE_NONE, entry, d);
    if (other) {
        fct_check_writers_add(writers, FCT_WRITTEN_HEADER, name, FCT_SHARE_OF_ENTRY, other, d);
    }
}

/* AuthBasicFake USER [PASSWORD], both expressions */
void fct_check_writers_add_fake(fct_writers_t *writers, const ap_directive_t *d)
{
    fct_check_writers_add(writers, FCT_WRITTEN_HEADER, "Authorization", fct_check_formats_is_clients(d->args) ? FCT_SHARE_ALL : FCT_SHARE_NONE, NULL, d);
}
