/* Where decision logs go (SPEC 7): files and pipes, whole lines in each write, never waited for. */
#ifndef FCT_AUDIT_LOG_H
#define FCT_AUDIT_LOG_H

#include "mod_fcgi_trust.h"

typedef struct fct_audit_log_t fct_audit_log_t;

/* Bytes that go into a file in one write. */
#define FCT_AUDIT_LOG_FILE_MAX (64 * 1024)

/* The log of this target (a path, or "|command" as in CustomLog); one for all directives that name it. NULL if it is no valid path. */
fct_audit_log_t *fct_audit_log_named(cmd_parms *cmd, const char *target);

/* A new configuration is being read. */
void fct_audit_log_reset(apr_pool_t *pconf);

/* open_logs hook: opens every log that was named. Files are made with mode 0640 and appended to; a graceful restart opens them anew. */
int fct_audit_log_open(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* The longest line that can be written whole, its line end included. */
apr_size_t fct_audit_log_max(const fct_audit_log_t *log);

/* Writes one line, which ends with a line end, in one write; into a file perhaps with others that came within FCT_AUDIT_BATCH_WAIT. Lines of
 * several processes and threads never mix. A line that cannot be written (a full pipe, a full disk) is lost and counted; the error log tells it at
 * the first, second, fourth … loss, and when it works again. */
void fct_audit_log_write(fct_audit_log_t *log, request_rec *r, fct_bytes_t line);

/* Writes whole lines at once into the log of this number, as fct_audit_batch_take was told it. A number that no log has: nothing happens.
 * r: whose turn it is, for the error log; NULL: no request's. */
void fct_audit_log_put(int number, fct_bytes_t lines, request_rec *r);

/* How long the file of this log is; 0 if that cannot be seen. */
apr_off_t fct_audit_log_size(int number);

/* Writes what is missing of whole lines whose writer died in the middle of fct_audit_log_put, the file having been `size` bytes long before it. A
 * line that was cut is completed; if another process has written behind it already, it is written once more, whole. */
void fct_audit_log_resume(int number, fct_bytes_t lines, apr_off_t size);

#endif
