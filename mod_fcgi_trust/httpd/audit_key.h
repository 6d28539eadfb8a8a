/* The key of the hashes that stand in decision logs for values (SPEC 7). */
#ifndef FCT_AUDIT_KEY_H
#define FCT_AUDIT_KEY_H

#include "mod_fcgi_trust.h"

#define FCT_AUDIT_KEY_HEX 16             /* digits of one hash */

/* A new configuration is being read: no FcgiTrustAuditKey yet. */
void fct_audit_key_reset(void);

/* FcgiTrustAuditKey FILE: the sentence that says what is wrong with it, or NULL. */
const char *fct_audit_key_read(const char *path, apr_pool_t *p);

/* post_config, in the parent: without a file, the key is random, made once and kept over graceful restarts. */
int fct_audit_key_make(server_rec *s);

/* SipHash-2-4 of the value under the key, in hexadecimal digits without a NUL: equal values have equal hashes as long as the key is the same; who
 * does not have it learns nothing of the value. */
void fct_audit_key_hash(char hex[FCT_AUDIT_KEY_HEX], fct_bytes_t value);

/* A number that only the key's holder can foresee. */
apr_uint64_t fct_audit_key_number(const void *bytes, apr_size_t len);

#endif
