/* Policy files as the commands meet them: can they be read, and what was found in them. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out.h"
#include "policy_file.h"

const char *fct_policy_file_set_shipped(void *options, const char *value, apr_pool_t *p)
{
    (void)p;
    ((fct_reader_options_t *)options)->shipped_dir = value;
    return *value ? NULL : "the directory has no name";
}

/* What the operating system has against the file, NULL: nothing. */
static const char *reason_unreadable(const char *path)
{
    struct stat file;

    if (stat(path, &file) != 0) {
        return strerror(errno);
    }
    if (!S_ISREG(file.st_mode)) {
        return "not a file";
    }
    return access(path, R_OK) == 0 ? NULL : strerror(errno);
}

int fct_policy_file_check(const fct_tool_t *tool, const apr_array_header_t *paths)
{
    int are_readable = 1;
    int i;

    for (i = 0; i < paths->nelts; i++) {
        const char *path = APR_ARRAY_IDX(paths, i, const char *);
        const char *why = reason_unreadable(path);

        if (why) {
            fct_tool_fail(tool, "%s: %s", path, why);
            are_readable = 0;
        }
    }
    return are_readable;
}

static const char *colour_of(fct_severity_t severity)
{
    return severity == FCT_SEVERITY_ERROR ? "\033[31m" : severity == FCT_SEVERITY_WARNING ? "\033[33m" : "\033[36m";
}

int fct_policy_file_print(const fct_tool_t *tool, fct_findings_t *findings, FILE *to, int colour)
{
    int serious = 0;
    fct_out_t out;
    int i;

    fct_out_init(&out, tool->pool);
    fct_findings_sort(findings);
    for (i = 0; i < findings->items->nelts; i++) {
        const fct_finding_t *finding = &APR_ARRAY_IDX(findings->items, i, fct_finding_t);
        fct_severity_t severity = fct_finding_info(finding->id)->severity;

        fct_out_add_string(&out, colour ? colour_of(severity) : "");
        fct_out_add_visible(&out, fct_bytes_of(fct_finding_text(finding, tool->pool)));
        fct_out_add_string(&out, colour ? "\033[0m\n" : "\n");
        serious += severity != FCT_SEVERITY_INFO;
    }
    fct_out_print(&out, to);
    return serious;
}
