/* The policy file reader: XML in, a sealed policy or every fault at once. The only floor where an xml* type appears. */
#ifndef FCT_READER_H
#define FCT_READER_H

#include "crypto.h"
#include "finding.h"
#include "policy.h"

typedef struct fct_reader_options_t {
    const char *shipped_dir;         /* where shipped policies (<extends shipped="…">) are */
    apr_array_header_t *files;       /* of const char *: every file read is added, without links; NULL: not wanted */
    const fct_crypto_t *crypto;      /* fct_crypto_openssl */
} fct_reader_options_t;

/* Reads, checks and seals the policy in `path` (and what it extends). The policy lives in p. Returns NULL if any finding of severity
 * error was added to `findings`; warnings and notes may be added either way. No network, no DTD, no entities, no XInclude; size, depth
 * and counts are capped (POLICY, introduction). Not reentrant with other users of libxml2's global state in threads: configuration time only. */
const fct_policy_t *fct_reader_load(const char *path, const fct_reader_options_t *options, fct_findings_t *findings,
                                    apr_pool_t *p);

/* The same for a policy at hand; `path` names it in findings, and what it extends is looked for next to that. */
const fct_policy_t *fct_reader_load_bytes(fct_bytes_t text, const char *path, const fct_reader_options_t *options,
                                          fct_findings_t *findings, apr_pool_t *p);

#endif
