/* What the decision log says of a rule whenever it yields a parameter: made once for each rule of a policy. */
#ifndef FCT_AUDIT_ORIGINS_H
#define FCT_AUDIT_ORIGINS_H

#include "mod_fcgi_trust.h"

typedef struct fct_audit_origins_t fct_audit_origins_t;

typedef struct fct_audit_origin_t {
    const fct_place_t *rule;
    fct_bytes_t text;                    /* JSON: "NAME":["source","class","rule", – without the name and the colon where there is none */
    int has_name;                        /* else the rule is a prefix, and each parameter has its own */
    int is_whole;                        /* the text has the value too, which is a literal, and the end */
    int may_log;                         /* with has_name: <audit> lets logs have the value */
} fct_audit_origin_t;

/* Of every rule of the policy that can yield a parameter, in p; the key of hashes (audit_key.h) must be there. */
const fct_audit_origins_t *fct_audit_origins_make(const fct_policy_t *policy, apr_pool_t *p, apr_pool_t *ptemp);

/* What "policy" is in a line, as JSON; file_max: bytes of the file's name. fct_audit_origins_policy has it made at the start. */
fct_bytes_t fct_audit_origins_write_policy(const fct_policy_t *policy, apr_size_t file_max, apr_pool_t *p);
fct_bytes_t fct_audit_origins_policy(const fct_audit_origins_t *origins);

/* ["source","class","rule", in p; rule NULL: the engine's own. */
fct_bytes_t fct_audit_origins_write(const fct_policy_t *policy, const fct_place_t *rule, const char *source, fct_class_t class_, apr_pool_t *p);

/* By the place that the rule holds (fct_observer_t); NULL: it is none of the policy's. */
const fct_audit_origin_t *fct_audit_origins_find(const fct_audit_origins_t *origins, const fct_place_t *rule);

/* How decision logs write the file of a rule: as seen from the directory of the policy's own file, a shipped one as shipped:NAME.xml, else its
 * whole path. In p, or the file itself. */
const char *fct_audit_origins_file(const fct_policy_t *policy, const char *file, apr_pool_t *p);

#endif
