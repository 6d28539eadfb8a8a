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

#include "audit_batch.h"
#include "audit_tail.h"
#include "counters.h"


struct fct_audit_log_t {
    int number;                          /* in `logs` */
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
    fct_audit_batch_reset();
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
    log->number = logs->nelts;
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
    int i, nfiles = 0;

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
        nfiles += !log->is_pipe;
    }
    if (nfiles) {
        fct_audit_batch_prepare(pconf, s);
    }
    return OK;
}

/* --- writing --- */

apr_size_t fct_audit_log_max(const fct_audit_log_t *log)
{
    return log->is_pipe ? PIPE_BUF : FCT_AUDIT_LOG_FILE_MAX;
}

/* A disk that became full in the middle of a line: what was written of it is taken back, if it is still the end of the file. */
static void take_back(const fct_audit_log_t *log, fct_bytes_t half)
{
    struct stat status;
    apr_os_file_t fd;
    off_t start;

    if (apr_os_file_get(&fd, log->file) != APR_SUCCESS || fstat(fd, &status) != 0) {
        return;
    }
    start = status.st_size - (off_t)half.len;
    if (start >= 0 && fct_audit_tail_has(fd, start, half) && ftruncate(fd, start) != 0) {
        ap_log_error(APLOG_MARK, APLOG_ERR, errno, ap_server_conf, "fcgi_trust: a cut line stays in %s", log->target);
    }
}

static apr_uint32_t count_lines(fct_bytes_t lines)
{
    apr_uint32_t n = 0;
    apr_size_t i;

    for (i = 0; i < lines.len; i++) {
        n += lines.at[i] == '\n';
    }
    return n;
}

/* The first, second, fourth … line: the count gets a binary digit more. */
static int gets_longer(apr_uint32_t before, apr_uint32_t now)
{
    return (before ^ now) > before;
}

static void count_loss(fct_audit_log_t *log, apr_uint32_t lines, request_rec *r, apr_status_t status)
{
    apr_uint32_t before = apr_atomic_add32(&log->lost, lines), now = before + lines;

    fct_counters_add_lost(lines);
    if (gets_longer(before, now)) {
        fct_log_request(r, status, FCT_FINDING_AUDIT_LOST, "the decision log %s takes no line; lost in a row by this process: %u", log->target, now);
    }
}

static void tell_recovery(fct_audit_log_t *log, request_rec *r)
{
    apr_uint32_t lost = apr_atomic_xchg32(&log->lost, 0);

    if (lost) {
        fct_log_request(r, 0, FCT_FINDING_AUDIT_AGAIN, "the decision log %s takes lines again; this process lost %u", log->target, lost);
    }
}

/* What of the lines is whole among the first `written` bytes. */
static apr_size_t measure_whole(fct_bytes_t lines, apr_size_t written)
{
    while (written > 0 && lines.at[written - 1] != '\n') {
        written--;
    }
    return written;
}

/* Not everything was written: whole lines stay, half a one does not. */
static void end_short(fct_audit_log_t *log, fct_bytes_t lines, apr_size_t written, request_rec *r, apr_status_t status)
{
    apr_size_t whole = measure_whole(lines, written);

    if (written > whole && !log->is_pipe) {
        take_back(log, fct_bytes_make(lines.at + whole, written - whole));
    }
    count_loss(log, count_lines(fct_bytes_from(lines, whole)), r, status);
}

static void put(fct_audit_log_t *log, fct_bytes_t lines, request_rec *r)
{
    apr_size_t written = lines.len;
    apr_status_t status = lines.len <= fct_audit_log_max(log) ? apr_file_write(log->file, lines.at, &written) : EMSGSIZE;

    if (status != APR_SUCCESS) {
        end_short(log, lines, 0, r, status);
    }
    else if (written < lines.len) {
        end_short(log, lines, written, r, APR_ENOSPC);
    }
    else if (apr_atomic_read32(&log->lost)) {
        tell_recovery(log, r);
    }
}

static fct_audit_log_t *numbered(int number)
{
    return number >= 0 && number < logs->nelts ? APR_ARRAY_IDX(logs, number, fct_audit_log_t *) : NULL;
}

void fct_audit_log_put(int number, fct_bytes_t lines, request_rec *r)
{
    fct_audit_log_t *log = numbered(number);

    if (log) {
        put(log, lines, r);
    }
}

apr_off_t fct_audit_log_size(int number)
{
    const fct_audit_log_t *log = numbered(number);
    struct stat status;
    apr_os_file_t fd;

    return log && apr_os_file_get(&fd, log->file) == APR_SUCCESS && fstat(fd, &status) == 0 ? status.st_size : 0;
}

void fct_audit_log_resume(int number, fct_bytes_t lines, apr_off_t size)
{
    fct_audit_log_t *log = numbered(number);
    apr_size_t written;
    apr_os_file_t fd;
    int is_end;

    if (!log || log->is_pipe || apr_os_file_get(&fd, log->file) != APR_SUCCESS) {
        return;
    }
    written = fct_audit_tail_measure(fd, size, lines, &is_end);
    if (!is_end) {
        written = measure_whole(lines, written);             /* another process wrote behind the half one */
    }
    if (written < lines.len) {
        put(log, fct_bytes_from(lines, written), NULL);
    }
}

void fct_audit_log_write(fct_audit_log_t *log, request_rec *r, fct_bytes_t line)
{
    if (log->is_pipe || !fct_audit_batch_take(log->number, line, r)) {
        put(log, line, r);
    }
}
