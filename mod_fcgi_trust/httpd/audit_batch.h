/* Lines of decision logs that are written together, because they came together: under load a write of its own would be most of what a line
 * costs. */
#ifndef FCT_AUDIT_BATCH_H
#define FCT_AUDIT_BATCH_H

#include "audit_log.h"

/* Where the children keep lines: memory that the parent sees, so that it can write those of a child that crashed. In the parent, before there are
 * children, where the MPM has threads; without memory every line is written at once. */
void fct_audit_batch_prepare(apr_pool_t *pconf, server_rec *s);

/* A new configuration is being read. */
void fct_audit_batch_reset(void);

/* Takes the line for the log of this number (fct_audit_log_put): it is written within FCT_AUDIT_BATCH_WAIT, when the memory is full, or when this
 * process ends, whatever comes first. Returns 0 if the caller must write the line itself, at once: none came shortly before it, or this process
 * is about to end. All lines taken before are then written. r: for the error log. */
int fct_audit_batch_take(int log, fct_bytes_t line, request_rec *r);

#define FCT_AUDIT_BATCH_WAIT apr_time_from_msec(10)

/* Registers the hooks of children that begin, and of those that end. */
void fct_audit_batch_register_hooks(void);

#endif
