/* fcgi-trust: finds the command and runs it. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_general.h>

#include "tool.h"

static const fct_tool_command_t *const commands[] = {
    &fct_lint_command,
    &fct_show_command,
    &fct_explain_command,
    &fct_test_command,
    &fct_diff_command,
    &fct_digest_command,
    &fct_mirror_command,
    &fct_request_command,
    NULL
};

static void print_help(void)
{
    const fct_tool_command_t *const *command;

    puts("usage: fcgi-trust COMMAND [OPTION...] [OPERAND...]\n\n"
         "Works on mod_fcgi_trust's policies and on FastCGI, without a running httpd.\n");
    for (command = commands; *command; command++) {
        printf("  %-9s %s\n", (*command)->name, (*command)->summary);
    }
    puts("\n'fcgi-trust COMMAND --help' tells more; --version says which version this is.\n"
         "Exit code: 0 clean, 1 findings, 2 wrong usage, input or output.");
}

static const fct_tool_command_t *find_command(const char *name)
{
    const fct_tool_command_t *const *command;

    for (command = commands; *command; command++) {
        if (strcmp((*command)->name, name) == 0) {
            return *command;
        }
    }
    return NULL;
}

/* --help and --version; -1 for anything else. */
static int answer_option(const char *option)
{
    if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
        print_help();
    } else if (strcmp(option, "--version") == 0) {
        puts("fcgi-trust " FCT_VERSION);
    } else {
        return -1;
    }
    if (fflush(stdout) != 0) {
        fprintf(stderr, "fcgi-trust: standard output: %s\n", strerror(errno));
        return FCT_TOOL_FAILED;
    }
    return FCT_TOOL_CLEAN;
}

/* A socket or file must not get the number of a stream that was closed: what is printed would go there. What stands in its place is open the
 * other way round, so that printing still fails. */
static void keep_streams_apart(void)
{
    int fd;

    for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            exit(FCT_TOOL_FAILED);
        }
    }
}

static int wants_colour(int fd)
{
    const char *terminal = getenv("TERM");

    return isatty(fd) && !getenv("NO_COLOR") && terminal && strcmp(terminal, "dumb") != 0;
}

static int out_of_memory(int status)
{
    fputs("fcgi-trust: out of memory\n", stderr);
    (void)status;
    exit(FCT_TOOL_FAILED);
}

static int run_command(const fct_tool_command_t *command, int argc, const char *const *argv)
{
    fct_tool_t tool = { command, NULL, wants_colour(STDOUT_FILENO), wants_colour(STDERR_FILENO) };
    int exit_code;

    if (apr_pool_create_ex(&tool.pool, NULL, out_of_memory, NULL) != APR_SUCCESS) {
        return out_of_memory(0);
    }
    exit_code = command->run(&tool, argc, argv);
    exit_code = fct_tool_finish_output(&tool, exit_code);
    apr_pool_destroy(tool.pool);
    return exit_code;
}

int main(int argc, const char *const *argv)
{
    const fct_tool_command_t *command;
    int exit_code;

    keep_streams_apart();
    if (argc < 2) {
        fputs("fcgi-trust: a command is missing; 'fcgi-trust --help' lists them\n", stderr);
        return FCT_TOOL_FAILED;
    }
    exit_code = answer_option(argv[1]);
    if (exit_code >= 0) {
        return exit_code;
    }
    command = find_command(argv[1]);
    if (!command) {
        fprintf(stderr, "fcgi-trust: there is no command '%s'; 'fcgi-trust --help' lists them\n", argv[1]);
        return FCT_TOOL_FAILED;
    }
    if (apr_initialize() != APR_SUCCESS) {
        fputs("fcgi-trust: APR cannot be initialised\n", stderr);
        return FCT_TOOL_FAILED;
    }
    exit_code = run_command(command, argc - 2, argv + 2);
    apr_terminate();
    return exit_code;
}
