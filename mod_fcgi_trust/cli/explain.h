/* The parts of the command explain. */
#ifndef FCT_EXPLAIN_H
#define FCT_EXPLAIN_H

#include "out.h"
#include "raw_facts.h"
#include "rule_list.h"
#include "trail.h"

/* All that is known of one request under one policy. */
typedef struct fct_explained_t {
    const fct_policy_t *policy;
    const apr_array_header_t *rules;     /* of fct_rule_listed_t */
    fct_raw_facts_t made;
    fct_raw_outcome_t outcome;
    fct_trail_t trail;
    apr_pool_t *p;
} fct_explained_t;

/* What became of one rule that may have yielded a parameter. */
typedef struct fct_explained_rule_t {
    const fct_rule_listed_t *rule;
    int is_emitted;
    const char *what;                    /* a sentence without a full stop */
} fct_explained_rule_t;

/* Evaluates one request. Returns 1; 0 and *refusal where the text is not one request, or what is given makes no sense. */
int fct_explain_run(fct_explained_t *explained, const fct_policy_t *policy, fct_bytes_t text, const fct_given_t *given,
                    fct_raw_refusal_t *refusal, apr_pool_t *p);

/* explain_rule.c: why a rule yielded nothing, or a field did not pass, as a sentence; NULL: it did. */
const char *fct_explain_ruling(const fct_explained_t *explained, const fct_trail_ruling_t *ruling);

/* The value of a parameter as it may be printed: a secret literal is none. */
fct_bytes_t fct_explain_value(const fct_explained_t *explained, const fct_trail_param_t *param);

/* explain_name.c: the parameter's name that somebody means: "X-Foo" is HTTP_X_FOO. */
fct_bytes_t fct_explain_name(const char *asked, apr_pool_t *p);

/* The rules that can yield a parameter of this name, of fct_explained_rule_t, and what became of each. */
apr_array_header_t *fct_explain_candidates(const fct_explained_t *explained, fct_bytes_t name);

/* What to write into the policy where no rule yields the name; NULL where nothing can. */
const char *fct_explain_advice(const fct_explained_t *explained, fct_bytes_t name);

/* explain_text.c, explain_json.c: everything, or the answer about one name (NULL: everything). */
void fct_explain_text(const fct_explained_t *explained, const char *name, int colour, fct_out_t *out);
void fct_explain_json(const fct_explained_t *explained, const char *name, fct_out_t *out);

#endif
