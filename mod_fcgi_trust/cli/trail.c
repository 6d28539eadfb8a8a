/* What an evaluation told its observer, kept in order: for explain and test. */
#include "trail.h"

static fct_bytes_t copy(fct_bytes_t bytes, apr_pool_t *p)
{
    return fct_bytes_is_absent(bytes) ? bytes : fct_bytes_make(fct_bytes_string(bytes, p), bytes.len);
}

static void keep_param(void *context, fct_bytes_t name, fct_bytes_t value, const char *source, fct_class_t class_, const fct_place_t *rule)
{
    fct_trail_t *trail = context;
    fct_trail_param_t *param = apr_array_push(trail->params);

    param->name = copy(name, trail->p);
    param->value = copy(value, trail->p);
    param->source = source;
    param->class_ = class_;
    param->place.file = rule ? rule->file : NULL;
    param->place.line = rule ? rule->line : 0;
}

static void keep_ruling(void *context, fct_ruling_t ruling, fct_bytes_t name, const fct_place_t *rule, const char *why)
{
    fct_trail_t *trail = context;
    fct_trail_ruling_t *kept = apr_array_push(trail->rulings);

    kept->ruling = ruling;
    kept->name = copy(name, trail->p);
    kept->rule = rule;
    kept->why = why;
}

void fct_trail_init(fct_trail_t *trail, apr_pool_t *p)
{
    memset(trail, 0, sizeof(*trail));
    trail->params = apr_array_make(p, 40, sizeof(fct_trail_param_t));
    trail->rulings = apr_array_make(p, 80, sizeof(fct_trail_ruling_t));
    trail->p = p;
    trail->observer.emitted = keep_param;
    trail->observer.ruled = keep_ruling;
    trail->observer.context = trail;
}

const fct_trail_ruling_t *fct_trail_find(const fct_trail_t *trail, const fct_place_t *rule)
{
    int i;

    for (i = trail->rulings->nelts - 1; i >= 0; i--) {
        const fct_trail_ruling_t *ruling = &APR_ARRAY_IDX(trail->rulings, i, fct_trail_ruling_t);

        if (ruling->rule == rule) {
            return ruling;
        }
    }
    return NULL;
}

const fct_trail_param_t *fct_trail_find_param(const fct_trail_t *trail, fct_bytes_t name)
{
    int i;

    for (i = 0; i < trail->params->nelts; i++) {
        const fct_trail_param_t *param = &APR_ARRAY_IDX(trail->params, i, fct_trail_param_t);

        if (fct_bytes_equal(param->name, name)) {
            return param;
        }
    }
    return NULL;
}
