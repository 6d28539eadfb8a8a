/* A policy being read: declarations in, checked rules out; the rules of the policies it extends merged in; sealed at last. */
#ifndef FCT_DRAFT_H
#define FCT_DRAFT_H

#include "crypto.h"
#include "policy.h"
#include "rule.h"

/* The most of each that a policy may have, with what it inherits. */
#define FCT_DRAFT_MAX_RULES 4096
#define FCT_DRAFT_MAX_SOURCES 8
#define FCT_DRAFT_MAX_REQUESTS 64       /* <request when="…"> */

/* A word of a list in an attribute: blanks separate. */
#define FCT_DRAFT_BLANKS " \t\r\n"

/* An inherited rule (of settings, the text) that a policy, or one it extends, replaced or took away. */
typedef struct fct_draft_replaced_t {
    const void *rule;
    fct_place_t place;                              /* of what did it */
    int is_loss;                                    /* something that the rule demands was lost with it */
} fct_draft_replaced_t;

typedef struct fct_draft_t {
    fct_place_t place;
    const char *name;
    const char *version;
    const char *description;                        /* this file's own; NULL: none */
    apr_array_header_t *params;                     /* of const fct_param_rule_t * */
    apr_array_header_t *fields;                     /* of const fct_field_rule_t * */
    apr_array_header_t *identities;                 /* of const fct_identity_rule_t * */
    apr_array_header_t *maps;                       /* of fct_named_rule_t *, each a fct_map_rule_t */
    apr_array_header_t *upstreams;                  /* of fct_named_rule_t *, each a fct_upstream_rule_t */
    apr_array_header_t *withouts;                   /* of const fct_without_rule_t *: this file's own */
    apr_array_header_t *replaced;                   /* of fct_draft_replaced_t; who has such a rule unchanged need not agree, unless it is a loss */
    apr_array_header_t *removals;                   /* of const fct_without_rule_t *: its own, and those of what it extends */
    apr_array_header_t *requests;                   /* of const fct_request_rule_t *; the first whose condition holds counts */
    const fct_anchor_rule_t *anchor;                /* the effective one; NULL: none */
    fct_anchor_rule_t *own_anchor;                  /* this file's own; NULL: none */
    fct_setting_t settings[FCT_ATTRIBUTE_COUNT];    /* of <request>, <response> and <backend> */
    int is_incomplete;                              /* something that it extends could not be read: what is missing may be there */
    int has_faults;                                 /* one of its own rules is not here: it has faults of its own */
    int has_request;                                /* this file has a <request> without a condition */
    fct_findings_t *findings;
    apr_pool_t *p;
} fct_draft_t;

/* What a <policy> element begins. Findings are added to `findings` by every function below. */
fct_draft_t *fct_draft_create(const fct_declaration_t *policy, fct_findings_t *findings, apr_pool_t *p);

/* Adds what one element says: understood, checked by itself. A declaration with faults adds findings and no rule. Not for
 * <trust-anchor> and <intermediates>: draft_anchor.h has a call for them. */
void fct_draft_declare(fct_draft_t *draft, const fct_declaration_t *declaration);

/* Merges the effective drafts of the n policies that this one extends into it, in their order (POLICY 6). Called once, after the
 * last declaration, also with n == 0. */
void fct_draft_inherit(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n);

/* Checks the effective draft as a whole: the flow rule, names that fold together, rules that can never act, settings. */
void fct_draft_check(const fct_draft_t *draft);

/* Compiles the effective draft, which must be free of errors, into a policy that lives in p; its digest is by `crypto`. Returns NULL after adding a
 * finding where that gives none. */
const fct_policy_t *fct_draft_seal(const fct_draft_t *draft, const fct_crypto_t *crypto, apr_pool_t *p);

#endif
