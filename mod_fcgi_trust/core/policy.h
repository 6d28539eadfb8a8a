/* The sealed policy: compiled once, immutable, read by all threads without a lock. Built by policy_build.h. */
#ifndef FCT_POLICY_H
#define FCT_POLICY_H

#include <apr_tables.h>

#include "finding.h"
#include "place.h"
#include "response.h"
#include "script.h"
#include "source.h"

typedef enum fct_chunked_t {
    FCT_CHUNKED_SPOOL,            /* a body without a length is read whole first */
    FCT_CHUNKED_STREAM,           /* it goes out as it comes, without CONTENT_LENGTH */
    FCT_CHUNKED_REFUSE            /* 411 */
} fct_chunked_t;

#define FCT_BODY_UNLIMITED ((apr_off_t)-1)

/* <request>, as far as the gateway acts on it after the evaluation. */
typedef struct fct_request_rules_t {
    const char *allow;            /* the methods as an Allow field has them: "GET, HEAD, POST" */
    apr_off_t max_body;           /* bytes, or FCT_BODY_UNLIMITED */
    fct_chunked_t chunked;
    int refuse_upgrade;
} fct_request_rules_t;

/* <response> */
typedef struct fct_response_rules_t {
    fct_response_limits_t limits;
    const fct_bytes_t *hide;      /* field names not passed on */
    apr_size_t nhide;
    int refuse_missing_content_type;   /* else application/octet-stream and nosniff */
    int follow_local_redirect;    /* else 502 */
    int forward_interim;          /* else dropped */
    apr_size_t hold;              /* bytes of body */
    apr_interval_time_t hold_time;
    apr_size_t max_stderr;        /* bytes logged per request */
    fct_bytes_t sendfile;         /* the directory below which X-Sendfile may name a file; absent: X-Sendfile is a field like others */
} fct_response_rules_t;

/* <backend> */
typedef struct fct_backend_rules_t {
    const char *profile;          /* "php-fpm", "go", "wsgi", "generic" */
    fct_script_rules_t script;
    int fixed_request_id;         /* every request has id 1, also on a kept connection */
    int never_kept;               /* such backends close every connection: none is kept, also with enablereuse=on */
    const fct_bytes_t *workers;   /* the pinned addresses; none: any */
    apr_size_t nworkers;
} fct_backend_rules_t;

typedef struct fct_plan_t fct_plan_t;     /* the compiled rules: core/plan.h, for the evaluation alone */

typedef struct fct_policy_t {
    const char *name;
    const char *version;
    const char *description;      /* NULL: none; no part of the digest */
    const char *digest;           /* SHA-256 of its canonical text (canonical.h), 64 hexadecimal digits */
    const char *file;             /* as the directive named it */
    const char *accepts_htaccess_auth;    /* <accept htaccess-auth>: why .htaccess may configure authentication; NULL: it may not */
    fct_request_rules_t request;
    fct_response_rules_t response;
    fct_backend_rules_t backend;
    const fct_plan_t *plan;
} fct_policy_t;

/* The policy asks for this source somewhere (so that facts which cost something are gathered only then). */
int fct_policy_uses(const fct_policy_t *policy, fct_source_id_t source);

/* What the configuration makes of sources' classes (POLICY 1, column class): connection.client.address is asserted with mod_remoteip,
 * one env.NAME the client's with a SetEnvIf that copies a header. */
typedef struct fct_classes_t {
    /* The class of this reference here, never above that of fct_source_info. Where it is below, *because is set to the line that lowers
     * it, for a message: "httpd.conf:12 (RemoteIPHeader)". */
    fct_class_t (*class_of)(void *context, const fct_source_ref_t *ref, const char **because);
    void *context;
} fct_classes_t;

/* Holds the rules against the flow rule once more with these classes. Adds a finding, at the rule's line, for each rule that they no
 * longer allow. */
void fct_policy_check_classes(const fct_policy_t *policy, const fct_classes_t *classes, fct_findings_t *findings);

/* One place where a policy asks for a source: in a rule's from, by its auth-type, or in a when. */
typedef struct fct_policy_reference_t {
    const fct_source_ref_t *ref;  /* of when="tls.client.verified": tls.client.verify, as "tls.client.verified" */
    fct_place_t place;
    const char *name;             /* the parameter; NULL: the condition of a header rule or of <request> */
    const char *when;             /* the condition under which it asks, as written; NULL: always */
    int is_required;              /* a request that `when` holds for is refused where the source has no value */
} fct_policy_reference_t;

/* Calls visit for each of them, in the order of the rules. */
void fct_policy_visit_references(const fct_policy_t *policy, void (*visit)(void *context, const fct_policy_reference_t *reference),
                                 void *context);

/* <audit values>: the value of the parameter of this name may be written to a log. Never that of a sensitive literal. */
int fct_policy_may_log(const fct_policy_t *policy, fct_bytes_t name);

#endif
