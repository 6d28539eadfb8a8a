/* What an evaluation told its observer, kept in order: for explain and test. */
#ifndef FCT_TRAIL_H
#define FCT_TRAIL_H

#include "eval.h"

/* One parameter that was emitted. */
typedef struct fct_trail_param_t {
    fct_bytes_t name;
    fct_bytes_t value;
    const char *source;
    fct_class_t class_;
    fct_place_t place;                 /* of the rule; file NULL: the engine's own */
} fct_trail_param_t;

/* What became of one rule or field; as fct_observer_t.ruled has it. */
typedef struct fct_trail_ruling_t {
    fct_ruling_t ruling;
    fct_bytes_t name;
    const fct_place_t *rule;
    const char *why;
} fct_trail_ruling_t;

typedef struct fct_trail_t {
    fct_observer_t observer;           /* to be handed to the evaluation */
    apr_array_header_t *params;        /* of fct_trail_param_t */
    apr_array_header_t *rulings;       /* of fct_trail_ruling_t */
    apr_pool_t *p;
} fct_trail_t;

void fct_trail_init(fct_trail_t *trail, apr_pool_t *p);

/* The last ruling about this rule; NULL: it was not asked. */
const fct_trail_ruling_t *fct_trail_find(const fct_trail_t *trail, const fct_place_t *rule);

/* The emitted parameter of this name; NULL: there is none. */
const fct_trail_param_t *fct_trail_find_param(const fct_trail_t *trail, fct_bytes_t name);

#endif
