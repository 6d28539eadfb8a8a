/* Files and pipes that decision logs go to. */
#include "audit_log.h"

#include <apr_atomic.h>
#include <apr_portable.h>
#include <apr_strings.h>
#include <errno.h>
#include <http_main.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "counters.h"

#define FILE_LINE_MAX (64 * 1024)

struct fct_audit_log_t {
    const char *target;                  /* as the directive has it */
    const ap_directive_t *directive;     /* the first one */
    apr_file_t *file;
    int is_pipe;                         /* never waited for, at most PIPE_BUF a line: a command, a FIFO, a terminal */
    apr_uint32_t lost;                   /* lines in a row, in this process */
};

static apr_array_header_t *logs;         /* of fct_audit_log_t * */

void fct_audit_log_reset(apr_pool_t *pconf)
{
    logs = apr_array_make(pconf, 2, sizeof(fct_audit_log_t *));
}

fct_audit_log_t *fct_audit_log_named(cmd_parms *cmd, const char *target)
{
    fct_audit_log_t *log;
    int i;

    if (target[0] != '|') {
        target = ap_server_root_relative(cmd->pool, target);
    }
    for (i = 0; target && i < logs->nelts; i++) {
        log = APR_ARRAY_IDX(logs, i, fct_audit_log_t *);
        if (strcmp(log->target, target) == 0) {
            return log;
        }
    }
    if (!target) {
        return NULL;
    }
    log = apr_pcalloc(cmd->pool, sizeof(*log));
    log->target = target;
    log->directive = cmd->directive;
    log->is_pipe = target[0] == '|';
    APR_ARRAY_PUSH(logs, fct_audit_log_t *) = log;
    return log;
}

/* --- opening --- */

/* "|command" and "||command" run it as it is, "|$command" through the shell, as for httpd's own logs. */
static apr_file_t *open_pipe(const char *target, apr_pool_t *plog)
{
    const char *command = target + 1;
    apr_cmdtype_e type = *command == '$' ? APR_SHELLCMD_ENV : APR_PROGRAM_ENV;
    piped_log *pipe = ap_open_piped_log_ex(plog, *command == '$' || *command == '|' ? command + 1 : command, type);
    apr_file_t *file = pipe ? ap_piped_log_write_fd(pipe) : NULL;

    if (file) {
        apr_file_pipe_timeout_set(file, 0);
    }
    return file;
}

/* /dev/stderr of a container is a pipe. */
static int is_stream(apr_file_t *file)
{
    struct stat status;
    apr_os_file_t fd;

    return apr_os_file_get(&fd, file) == APR_SUCCESS && fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || isatty(fd));
}

static apr_status_t open_file(fct_audit_log_t *log, apr_pool_t *plog)
{
    apr_status_t status = apr_file_open(&log->file, log->target,      /* to be read too: see take_back */
                                        APR_FOPEN_READ | APR_FOPEN_WRITE | APR_FOPEN_APPEND | APR_FOPEN_CREATE | APR_FOPEN_LARGEFILE,
                                        APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_GREAD, plog);
    apr_os_file_t fd;

    log->is_pipe = status == APR_SUCCESS && is_stream(log->file);
    if (log->is_pipe) {
        apr_os_file_get(&fd, log->file);
        status = apr_os_pipe_put(&log->file, &fd, plog);
        apr_file_pipe_timeout_set(log->file, 0);
    }
    return status;
}

static apr_status_t open_log(fct_audit_log_t *log, apr_pool_t *plog)
{
    if (log->is_pipe) {
        log->file = open_pipe(log->target, plog);
        return log->file ? APR_SUCCESS : APR_EGENERAL;
    }
    return open_file(log, plog);
}

int fct_audit_log_open(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    int i;

    (void)pconf;
    (void)ptemp;
    for (i = 0; i < logs->nelts; i++) {
        fct_audit_log_t *log = APR_ARRAY_IDX(logs, i, fct_audit_log_t *);
        apr_status_t status = open_log(log, plog);

        if (status != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_ERR, status, s, "%s:%d: FcgiTrustAuditLog: '%s' cannot be opened; name a %s",
                         log->directive->filename, log->directive->line_num, log->target,
                         log->is_pipe ? "command that can be run" : "file in a directory that exists and may be written");
            return HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    return OK;
}

/* --- writing --- */

apr_size_t fct_audit_log_max(const fct_audit_log_t *log)
{
    return log->is_pipe ? PIPE_BUF : FILE_LINE_MAX;
}

/* A disk that became full in the middle of a line: what was written of it is taken back, if it is still the end of the file. */
static void take_back(fct_audit_log_t *log, fct_bytes_t written, apr_pool_t *p)
{
    char *end = apr_palloc(p, written.len);
    struct stat status;
    apr_os_file_t fd;
    off_t start;

    if (apr_os_file_get(&fd, log->file) != APR_SUCCESS || fstat(fd, &status) != 0 || status.st_size < (off_t)written.len) {
        return;
    }
    start = status.st_size - (off_t)written.len;
    if (pread(fd, end, written.len, start) == (ssize_t)written.len && memcmp(end, written.at, written.len) == 0
        && ftruncate(fd, start) != 0) {
        ap_log_error(APLOG_MARK, APLOG_ERR, errno, ap_server_conf, "fcgi_trust: a cut line stays in %s", log->target);
    }
}

static int is_power_of_two(apr_uint32_t n)
{
    return (n & (n - 1)) == 0;
}

static void count_loss(fct_audit_log_t *log, request_rec *r, apr_status_t status)
{
    apr_uint32_t lost = apr_atomic_inc32(&log->lost) + 1;

    fct_counters_add_lost(1);
    if (is_power_of_two(lost)) {
        fct_log_request(r, status, FCT_FINDING_AUDIT_LOST, "the decision log %s takes no line; lost in a row by this process: %u", log->target,
                        lost);
    }
}

static void tell_recovery(fct_audit_log_t *log, request_rec *r)
{
    apr_uint32_t lost = apr_atomic_xchg32(&log->lost, 0);

    if (lost) {
        fct_log_request(r, 0, FCT_FINDING_AUDIT_AGAIN, "the decision log %s takes lines again; this process lost %u", log->target, lost);
    }
}

void fct_audit_log_write(fct_audit_log_t *log, request_rec *r, fct_bytes_t line)
{
    apr_size_t written = line.len;
    apr_status_t status = line.len <= fct_audit_log_max(log) ? apr_file_write(log->file, line.at, &written) : EMSGSIZE;

    if (status == APR_SUCCESS && written == line.len) {
        if (apr_atomic_read32(&log->lost)) {
            tell_recovery(log, r);
        }
        return;
    }
    if (status == APR_SUCCESS && !log->is_pipe) {
        take_back(log, fct_bytes_make(line.at, written), r->pool);
        status = APR_ENOSPC;
    }
    count_loss(log, r, status);
}
