/* mod_rewrite as a writer of environment entries. */
#include <apr_lib.h>
#include <apr_strings.h>

#include "check_formats.h"
#include "check_writers_part.h"
#include "conftree.h"

void fct_check_writers_add_rewrite_engine(fct_writers_t *writers, const ap_directive_t *d)
{
    if (ap_cstr_casecmp(d->args, "off") != 0) {
        fct_check_writers_add(writers, FCT_WRITTEN_ENV, "SCRIPT_URL", FCT_SHARE_ALL, NULL, d);
        fct_check_writers_add(writers, FCT_WRITTEN_ENV, "SCRIPT_URI", FCT_SHARE_ALL, NULL, d);
    }
}

void fct_check_writers_keep_rewrite_condition(fct_writers_t *writers, const ap_directive_t *d)
{
    if (fct_check_formats_is_clients(d->args)) {
        writers->condition = d;
    }
}

/* Whether the rule is asked depends on what the client sent: by its own condition, or by a rule ahead of it in its section. */
static int is_conditional(const fct_writers_t *writers, const ap_directive_t *d)
{
    return writers->condition || (writers->fork && writers->fork->parent == d->parent);
}

/* E=NAME:VALUE */
static void add_flag(fct_writers_t *writers, const ap_directive_t *d, const char *assignment)
{
    static const char from_entry[] = "%{ENV:";
    const char *colon = strchr(assignment, ':');
    const char *name = colon ? apr_pstrmemdup(writers->p, assignment, (apr_size_t)(colon - assignment)) : assignment;
    const char *value = colon ? colon + 1 : "";
    apr_size_t len = strncmp(value, from_entry, sizeof(from_entry) - 1) == 0 ? strcspn(value + sizeof(from_entry) - 1, "}") : 0;
    const char *entry = len ? apr_pstrmemdup(writers->p, value + sizeof(from_entry) - 1, len) : NULL;
    int is_clients = is_conditional(writers, d);

    if (entry && value[sizeof(from_entry) - 1 + len + 1] == '\0' && !is_clients) {
        fct_check_writers_add(writers, FCT_WRITTEN_ENV, name, FCT_SHARE_OF_ENTRY, entry, d);
    }
    else if (*name != '!') {
        fct_check_writers_add(writers, FCT_WRITTEN_ENV, fct_check_formats_is_clients(name) ? FCT_WRITERS_ANY_NAME : name,
                              is_clients || fct_check_formats_is_clients(assignment) ? FCT_SHARE_ALL : FCT_SHARE_NONE, NULL, d);
    }
}

/* Rules behind one with such a flag are asked only where it did not match, or only where it did. */
static int is_fork(const char *flag)
{
    static const char *const forks[] = { "C", "chain", "S", "skip", "L", "last", "END", "N", "next", NULL };
    apr_size_t len = strcspn(flag, "= \t");
    int i;

    for (i = 0; forks[i]; i++) {
        if (strlen(forks[i]) == len && ap_cstr_casecmpn(flag, forks[i], len) == 0) {
            return 1;
        }
    }
    return 0;
}

/* RewriteRule PATTERN TARGET [L,E=NAME:VALUE] */
void fct_check_writers_add_rewrite_rule(fct_writers_t *writers, const ap_directive_t *d)
{
    char *flags = apr_pstrdup(writers->p, fct_conftree_word(d, 2, writers->p)), *last, *flag;
    int forks = 0;

    flags += *flags == '[';
    for (flag = apr_strtok(flags, ",]", &last); flag; flag = apr_strtok(NULL, ",]", &last)) {
        while (apr_isspace(*flag)) {
            flag++;
        }
        if (ap_cstr_casecmpn(flag, "E=", 2) == 0 || ap_cstr_casecmpn(flag, "env=", 4) == 0) {
            add_flag(writers, d, strchr(flag, '=') + 1);
        }
        forks |= is_fork(flag);
    }
    if (forks && is_conditional(writers, d)) {
        writers->fork = d;
    }
    writers->condition = NULL;
}
