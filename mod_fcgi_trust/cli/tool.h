/* What a command of the tool is made of, and what it may rely on. */
#ifndef FCT_TOOL_H
#define FCT_TOOL_H

#include <apr_pools.h>
#include <apr_tables.h>

/* Exit codes of every command. */
#define FCT_TOOL_CLEAN 0
#define FCT_TOOL_FINDINGS 1
#define FCT_TOOL_FAILED 2             /* usage, input or output */

/* One option: `set` stores the value (NULL for an option without an argument) and returns NULL, or why not:
 * "'x' is not one of …". A row with name NULL ends a table; one with `set` NULL is no option but a heading for those behind it. */
typedef struct fct_tool_option_t {
    const char *name;                 /* without the dashes */
    const char *argument;             /* as --help shows it; NULL: takes none */
    const char *help;                 /* one line, or several separated by '\n' */
    const char *(*set)(void *settings, const char *value, apr_pool_t *p);
} fct_tool_option_t;

typedef struct fct_tool_t fct_tool_t;

typedef struct fct_tool_command_t {
    const char *name;
    const char *operands;             /* "POLICY…", or "" */
    const char *summary;              /* one line for the tool's --help */
    const char *description;          /* paragraphs for the command's --help */
    const fct_tool_option_t *options;
    int (*run)(const fct_tool_t *tool, int argc, const char *const *argv);
} fct_tool_command_t;

/* What a running command is handed. */
struct fct_tool_t {
    const fct_tool_command_t *command;
    apr_pool_t *pool;
    int colour_out;                   /* stdout is a terminal that wants colour */
    int colour_err;
};

/* "fcgi-trust lint: …" and a newline on stderr; returns FCT_TOOL_FAILED. */
int fct_tool_fail(const fct_tool_t *tool, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Takes options and operands apart. Options may stand anywhere before "--"; both "--name value" and "--name=value" are
 * understood. Returns 1 to go on (operands, of const char *, in `operands`); 0 if the command is over, its exit code in *exit_code:
 * --help was printed, or a sentence on stderr says what is wrong. */
int fct_tool_options(const fct_tool_t *tool, int argc, const char *const *argv, void *settings,
                     apr_array_header_t **operands, int *exit_code);

/* A command without operands calls this: 1 if there is none, else a sentence on stderr and 0. */
int fct_tool_wants_no_operands(const fct_tool_t *tool, const apr_array_header_t *operands);

/* A whole number from min to max; NULL and *number, or why not. */
const char *fct_tool_number(const char *value, apr_int64_t min, apr_int64_t max, apr_int64_t *number, apr_pool_t *p);

/* A number of bytes, with K, M or G behind it: NULL and *bytes, or why not. */
const char *fct_tool_size(const char *value, apr_int64_t max, apr_int64_t *bytes, apr_pool_t *p);

/* The place of the value in a list of words that ends with NULL: NULL and *choice, or "'x' is not one of a, b". */
const char *fct_tool_choice(const char *value, const char *const *words, int *choice, apr_pool_t *p);

/* Prints everything that is left and says if that failed: the exit code, or FCT_TOOL_FAILED. */
int fct_tool_finish_output(const fct_tool_t *tool, int exit_code);

extern const fct_tool_command_t fct_diff_command;
extern const fct_tool_command_t fct_digest_command;
extern const fct_tool_command_t fct_explain_command;
extern const fct_tool_command_t fct_lint_command;
extern const fct_tool_command_t fct_mirror_command;
extern const fct_tool_command_t fct_request_command;
extern const fct_tool_command_t fct_show_command;
extern const fct_tool_command_t fct_test_command;

#endif
