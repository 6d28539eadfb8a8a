/* What the files of the httpd floor share: the module record, its configuration, its memory of a request, its log lines. */
#ifndef MOD_FCGI_TRUST_H
#define MOD_FCGI_TRUST_H

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>

#include "eval.h"
#include "finding.h"
#include "policy.h"

extern module AP_MODULE_DECLARE_DATA fcgi_trust_module;
#ifndef FCT_MODULE_RECORD            /* module.c declares the record itself, and with it the log's module index */
APLOG_USE_MODULE(fcgi_trust);
#endif

typedef enum fct_mode_t {
    FCT_MODE_UNSET,
    FCT_MODE_ENFORCE,
    FCT_MODE_REPORT,
    FCT_MODE_OFF
} fct_mode_t;

/* FcgiTrustAudit: which requests the decision log has. */
typedef enum fct_audit_t {
    FCT_AUDIT_UNSET,
    FCT_AUDIT_ALL,                  /* the default where there is a log */
    FCT_AUDIT_FINDINGS,             /* those with a finding */
    FCT_AUDIT_SAMPLE                /* one in so many, and those with a finding */
} fct_audit_t;

/* FcgiTrustAudit sample=N: one directive's counting, shared by all places that inherit it. */
typedef struct fct_sample_t {
    apr_uint32_t one_in;
    apr_uint32_t seen;              /* requests so far, of this process */
} fct_sample_t;

/* A digest that a policy must have, and the line that says so. */
typedef struct fct_pin_t {
    const char *hex;                /* SHA-256, 64 hexadecimal digits in lower case */
    const ap_directive_t *directive;
} fct_pin_t;

/* One policy file as directives name it; filled when the whole configuration has been read (check.c). */
typedef struct fct_policy_slot_t {
    const char *path;               /* absolute */
    const ap_directive_t *directive; /* the first directive that names it */
    apr_array_header_t *uses;       /* of const ap_directive_t *: the FcgiTrustPolicy lines that name it; empty: it is a candidate alone */
    apr_array_header_t *candidacies; /* of const ap_directive_t *: the FcgiTrustCandidate lines that do */
    apr_array_header_t *pins;       /* of fct_pin_t */
    const fct_policy_t *policy;     /* NULL until loaded, and after a failed load */
    const struct fct_audit_origins_t *origins; /* what the decision log says of its rules (audit_origins.h) */
    struct fct_counters_t *counters; /* NULL: nothing is counted (counters.h) */
} fct_policy_slot_t;

/* One list for create and merge, so that a forgotten merge cannot be written: type, name, what "unset" is. */
#define FCT_CONFIG_SETTINGS(X)                 \
    X(fct_policy_slot_t *, slot, NULL)         \
    X(fct_mode_t, mode, FCT_MODE_UNSET)        \
    X(fct_policy_slot_t *, candidate, NULL)    \
    X(struct fct_audit_log_t *, log, NULL)     \
    X(fct_audit_t, audit, FCT_AUDIT_UNSET)     \
    X(fct_sample_t *, sample, NULL)

typedef struct fct_config_t {
#define FCT_CONFIG_MEMBER(type, name, unset) type name;
    FCT_CONFIG_SETTINGS(FCT_CONFIG_MEMBER)
#undef FCT_CONFIG_MEMBER
    apr_table_t *values;            /* FcgiTrustSet, names as written; NULL: none */
} fct_config_t;

/* The configuration in scope of a request; never NULL. */
static inline const fct_config_t *fct_config_of(const request_rec *r)
{
    return (const fct_config_t *)ap_get_module_config(r->per_dir_config, &fcgi_trust_module);
}

/* FcgiTrustMode off: decline at once. Unset means enforce. */
static inline int fct_config_is_off(const fct_config_t *config)
{
    return config->mode == FCT_MODE_OFF;
}

/* directives.c: the command table, create and merge of fct_config_t, and the slots named so far. */
extern const command_rec fct_directives[];
void *fct_directives_create(apr_pool_t *p, char *dir);
void *fct_directives_merge(apr_pool_t *p, void *base, void *over);
void fct_directives_reset(apr_pool_t *pconf);             /* a new configuration is being read */
const apr_array_header_t *fct_directives_slots(void);     /* of fct_policy_slot_t *, never NULL after reset */
const apr_array_header_t *fct_directives_uses(void);      /* of const ap_directive_t *: every FcgiTrustPolicy line */
const apr_array_header_t *fct_directives_candidates(void); /* of const ap_directive_t *: every FcgiTrustCandidate line */
const apr_array_header_t *fct_directives_modes(void);     /* of const ap_directive_t *: every FcgiTrustMode line */
const apr_array_header_t *fct_directives_settings(void);  /* of const ap_directive_t *: every FcgiTrustSet line */

int fct_directives_keeps_last(void);                      /* FcgiTrustReload keep-last */

/* FcgiTrustMode report: decide, log, count, and leave the request to the module that would serve it without this one. */
static inline int fct_config_is_report(const fct_config_t *config)
{
    return config->mode == FCT_MODE_REPORT;
}

/* check.c: loads every policy and checks it against the rest of the configuration (check_config hook). */
int fct_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* check.c: gives the policies in force their counters, and says in the error log which they are, by name, version and digest (post_config
 * hook). */
int fct_check_announce(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* Logs one finding about a request: "FCT1103 record: …" at the level of its severity, with the request id where there is one. r NULL: it is
 * no request's, or no request's alone. */
void fct_log_request(request_rec *r, apr_status_t status, fct_finding_id_t id, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
