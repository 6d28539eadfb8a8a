/* What all commands share: options, their help, the sentence when something is wrong. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "out.h"
#include "tool.h"

#define RED "\033[31m"
#define PLAIN "\033[0m"

int fct_tool_fail(const fct_tool_t *tool, const char *fmt, ...)
{
    apr_pool_t *pool;
    fct_out_t sentence;
    va_list ap;

    apr_pool_create(&pool, tool->pool);
    fct_out_init(&sentence, pool);
    va_start(ap, fmt);
    fct_out_add_visible(&sentence, fct_bytes_of(apr_pvsprintf(pool, fmt, ap)));
    va_end(ap);
    fprintf(stderr, "%sfcgi-trust %s:%s ", tool->colour_err ? RED : "", tool->command->name,
            tool->colour_err ? PLAIN : "");
    fct_out_print(&sentence, stderr);
    fputc('\n', stderr);
    apr_pool_destroy(pool);
    return FCT_TOOL_FAILED;
}

/* --- help --- */

#define LEFT 24               /* where the help of an option begins, after two blanks */

/* A left side that is too wide has its line to itself. */
static void print_option(const char *name, const char *argument, const char *help, apr_pool_t *p)
{
    const char *left = apr_pstrcat(p, "--", name, argument ? " " : "", argument ? argument : "", NULL);
    const char *end;

    if (strlen(left) >= LEFT) {
        printf("  %s\n", left);
        left = "";
    }
    for (; help; help = end ? end + 1 : NULL) {
        end = strchr(help, '\n');
        printf("  %-*s %.*s\n", LEFT - 1, left, (int)(end ? end - help : (long)strlen(help)), help);
        left = "";
    }
}

/* --help stands behind the options that belong to no heading. */
static void print_options(const fct_tool_option_t *option, apr_pool_t *p)
{
    int is_help_printed = 0;

    for (; option->name || !is_help_printed; option += option->name != NULL) {
        if (!is_help_printed && (!option->name || !option->set)) {
            print_option("help", NULL, "this text", p);
            is_help_printed = 1;
        }
        if (option->name && option->set) {
            print_option(option->name, option->argument, option->help, p);
        } else if (option->name) {
            printf("\n%s\n", option->name);
        }
    }
}

static void print_help(const fct_tool_t *tool)
{
    const fct_tool_command_t *command = tool->command;

    printf("usage: fcgi-trust %s [OPTION...]%s%s\n\n%s\n\nOptions\n", command->name, command->operands[0] ? " " : "", command->operands,
           command->description);
    print_options(command->options, tool->pool);
}

/* --- options --- */

static const fct_tool_option_t *find_option(const fct_tool_t *tool, const char *name, size_t len)
{
    const fct_tool_option_t *option;

    for (option = tool->command->options; option->name; option++) {
        if (option->set && strlen(option->name) == len && strncmp(option->name, name, len) == 0) {
            return option;
        }
    }
    return NULL;
}

/* Stores the option at argv[*at] and steps over its argument. 1, or 0 after a sentence on stderr. */
static int take_option(const fct_tool_t *tool, int argc, const char *const *argv, int *at, void *settings)
{
    const char *name = argv[*at] + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    const fct_tool_option_t *option = find_option(tool, name, len);
    const char *value = equals ? equals + 1 : NULL;
    const char *why;

    if (!option) {
        fct_tool_fail(tool, "there is no option '--%.*s'; 'fcgi-trust %s --help' lists them", (int)len, name, tool->command->name);
        return 0;
    }
    if (!option->argument && value) {
        fct_tool_fail(tool, "--%s takes no value", option->name);
        return 0;
    }
    if (option->argument && !value) {
        if (*at + 1 >= argc) {
            fct_tool_fail(tool, "--%s needs a value: %s", option->name, option->argument);
            return 0;
        }
        value = argv[++*at];
    }
    why = option->set(settings, value, tool->pool);
    if (why) {
        fct_tool_fail(tool, "--%s: %s", option->name, why);
        return 0;
    }
    return 1;
}

static int asks_for_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

int fct_tool_options(const fct_tool_t *tool, int argc, const char *const *argv, void *settings,
                     apr_array_header_t **operands, int *exit_code)
{
    int only_operands = 0;
    int i;

    *operands = apr_array_make(tool->pool, argc > 0 ? argc : 1, sizeof(const char *));
    for (i = 0; i < argc; i++) {
        const char *argument = argv[i];

        if (only_operands || argument[0] != '-' || argument[1] == '\0') {
            APR_ARRAY_PUSH(*operands, const char *) = argument;
        } else if (strcmp(argument, "--") == 0) {
            only_operands = 1;
        } else if (asks_for_help(argument)) {
            print_help(tool);
            *exit_code = FCT_TOOL_CLEAN;
            return 0;
        } else if (argument[1] != '-') {
            *exit_code = fct_tool_fail(tool, "there is no option '%s'; options begin with two dashes", argument);
            return 0;
        } else if (!take_option(tool, argc, argv, &i, settings)) {
            *exit_code = FCT_TOOL_FAILED;
            return 0;
        }
    }
    return 1;
}

int fct_tool_wants_no_operands(const fct_tool_t *tool, const apr_array_header_t *operands)
{
    if (operands->nelts == 0) {
        return 1;
    }
    fct_tool_fail(tool, "'%s' is too much; 'fcgi-trust %s --help' shows what is expected", APR_ARRAY_IDX(operands, 0, const char *),
                  tool->command->name);
    return 0;
}

/* --- values --- */

const char *fct_tool_number(const char *value, apr_int64_t min, apr_int64_t max, apr_int64_t *number, apr_pool_t *p)
{
    char *end;
    apr_int64_t n;

    errno = 0;
    n = apr_strtoi64(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end || errno || n < min || n > max) {
        return apr_psprintf(p, "'%s' is not a number from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT, value, min, max);
    }
    *number = n;
    return NULL;
}

const char *fct_tool_size(const char *value, apr_int64_t max, apr_int64_t *bytes, apr_pool_t *p)
{
    static const char units[] = "KMG";
    apr_int64_t factor = 1;
    size_t len = strlen(value);
    const char *unit = len ? strchr(units, value[len - 1]) : NULL;
    apr_int64_t n = 0;

    if (unit && len) {
        factor = (apr_int64_t)1 << (10 * (unit - units + 1));
        len--;
    }
    if (fct_tool_number(apr_pstrndup(p, value, len), 0, max / factor, &n, p)) {
        return apr_psprintf(p, "'%s' is not a number of bytes (with K, M or G behind it) up to %" APR_INT64_T_FMT, value, max);
    }
    *bytes = n * factor;
    return NULL;
}

const char *fct_tool_choice(const char *value, const char *const *words, int *choice, apr_pool_t *p)
{
    const char *list = "";
    int i;

    for (i = 0; words[i]; i++) {
        if (strcmp(words[i], value) == 0) {
            *choice = i;
            return NULL;
        }
        list = apr_pstrcat(p, list, i ? ", " : "", words[i], NULL);
    }
    return apr_psprintf(p, "'%s' is not one of %s", value, list);
}

int fct_tool_finish_output(const fct_tool_t *tool, int exit_code)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return fct_tool_fail(tool, "standard output: %s", strerror(errno));
    }
    return exit_code;
}
