/* FCGI_STDERR to the error log: line by line, escaped, capped, with the request's id. SPEC 5. */
#ifndef FCT_STDERR_LOG_H
#define FCT_STDERR_LOG_H

#include "mod_fcgi_trust.h"
#include "params.h"

typedef struct fct_stderr_log_t fct_stderr_log_t;

/* max: bytes logged for this request; what exceeds it is dropped and reported once. params: what the backend was told. */
fct_stderr_log_t *fct_stderr_log_create(request_rec *r, const fct_params_t *params, apr_size_t max);

void fct_stderr_log_write(fct_stderr_log_t *log, fct_bytes_t data);

/* Logs an unfinished last line. */
void fct_stderr_log_finish(fct_stderr_log_t *log);

#endif
