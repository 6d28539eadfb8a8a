/* <header>, <drop-header>, <refuse-header>: a declaration becomes a rule. */
#ifndef FCT_DRAFT_FIELD_H
#define FCT_DRAFT_FIELD_H

#include "draft.h"

#define FCT_DRAFT_FIELD_MAX_LENGTH 8190       /* POLICY 4 */
#define FCT_DRAFT_FIELD_MAX_COUNT 100
#define FCT_DRAFT_FIELD_MAX_PREFIX 63         /* bytes of a prefix: one bit each in the plan */

/* NULL, with findings, where the declaration has faults. */
const fct_field_rule_t *fct_draft_field_read(fct_draft_t *draft, const fct_declaration_t *declaration);

/* The rule as a message names it: <header name="X-App-*">. In p. */
const char *fct_draft_field_text(const fct_field_rule_t *rule, apr_pool_t *p);

/* Takes the final '*' off. Returns 1 if there was one. */
int fct_draft_field_split_prefix(fct_bytes_t *name);

#endif
