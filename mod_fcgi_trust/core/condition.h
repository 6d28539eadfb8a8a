/* when="…" (POLICY 3): tests that must all hold. */
#ifndef FCT_CONDITION_H
#define FCT_CONDITION_H

#include "facts.h"
#include "finding.h"
#include "place.h"

typedef struct fct_condition_t fct_condition_t;

/* Parses the attribute's text. Returns NULL after adding findings for everything that is wrong with it. */
const fct_condition_t *fct_condition_parse(const char *text, fct_place_t place, fct_findings_t *findings, apr_pool_t *p);

/* All tests hold for these facts; true for NULL, the condition of a rule without one. */
int fct_condition_holds(const fct_condition_t *condition, const fct_facts_t *facts);

/* It can be proven that no request satisfies both. False where it cannot, and where either is NULL. */
int fct_condition_is_disjoint(const fct_condition_t *a, const fct_condition_t *b);

/* No request can satisfy it. */
int fct_condition_is_contradictory(const fct_condition_t *condition);

/* It can be proven that every request which satisfies a satisfies b. NULL is satisfied by all. */
int fct_condition_entails(const fct_condition_t *a, const fct_condition_t *b);

/* Each follows from the other. */
int fct_condition_is_same(const fct_condition_t *a, const fct_condition_t *b);

/* It holds only on TLS connections. */
int fct_condition_entails_tls(const fct_condition_t *condition);

/* It holds only where a client certificate was verified. */
int fct_condition_entails_verified(const fct_condition_t *condition);

/* It asks for this source, so that facts must have it. */
int fct_condition_uses(const fct_condition_t *condition, fct_source_id_t source);

/* The same for conditions that mean the same: tests and their words sorted, each once. NULL for NULL. In p. */
const char *fct_condition_text(const fct_condition_t *condition, apr_pool_t *p);

#endif
