/* The header fields that pass become HTTP_ parameters; Host becomes the request's authority. */
#include "evaluation.h"
#include "name.h"
#include "value.h"

#define HTTP_PREFIX "HTTP_"
#define HTTP_PREFIX_LEN (sizeof(HTTP_PREFIX) - 1)

/* The name is written into buf unless the rule has it ready; an observer may keep it, and gets one of its own. */
static fct_bytes_t emitted_name(const fct_evaluation_t *e, const fct_field_group_t *group, char buf[HTTP_PREFIX_LEN + FCT_FIELD_NAME_MAX])
{
    apr_size_t i;

    if (!group->rule->rule->is_prefix) {
        return group->rule->emitted;
    }
    if (e->observer && e->observer->emitted) {
        buf = apr_palloc(e->p, HTTP_PREFIX_LEN + group->name.len);
    }
    memcpy(buf, HTTP_PREFIX, HTTP_PREFIX_LEN);
    for (i = 0; i < group->name.len; i++) {
        buf[HTTP_PREFIX_LEN + i] = (char)fct_name_fold_byte((unsigned char)group->name.at[i]);
    }
    return fct_bytes_make(buf, HTTP_PREFIX_LEN + group->name.len);
}

static int emit_authority(fct_evaluation_t *e)
{
    fct_source_ref_t ref = FCT_SOURCE_REF(FCT_SOURCE_REQUEST_AUTHORITY);
    const fct_plan_field_t *rule = fct_evaluation_first_that_holds(e, e->plan->host);
    fct_bytes_t authority = rule ? e->facts->source(e->facts->context, &ref) : FCT_BYTES_ABSENT;

    if (authority.len == 0) {
        return 1;
    }
    if (fct_value_has_control(authority, 0)) {
        return fct_evaluation_refuse(e, 400, FCT_FINDING_FIELD_VALUE_INVALID, &rule->rule->place,
                                     "a control byte stands in the request's authority");
    }
    if (authority.len > rule->rule->max_length) {
        return fct_evaluation_refuse(e, 431, FCT_FINDING_FIELD_TOO_LONG, &rule->rule->place,
                                     "the request's authority is longer than max-length");
    }
    return fct_evaluation_emit(e, rule->emitted, &authority, 1, "request.authority", FCT_CLASS_CLIENT, &rule->rule->place);
}

int fct_evaluation_emit_fields(fct_evaluation_t *e)
{
    char buf[HTTP_PREFIX_LEN + FCT_FIELD_NAME_MAX];
    apr_size_t i;

    if (!emit_authority(e)) {
        return 0;
    }
    for (i = 0; i < e->groups.n; i++) {
        const fct_field_group_t *group = &e->groups.at[i];
        const fct_bytes_t *pieces;
        apr_size_t n;

        if (group->rule == NULL) {
            continue;
        }
        pieces = group->pieces;
        n = group->npieces;
        if (pieces == NULL) {
            pieces = fct_evaluation_join(e, group, &n);
        }
        if (!fct_evaluation_emit(e, emitted_name(e, group, buf), pieces, n, "header", FCT_CLASS_CLIENT, &group->rule->rule->place)) {
            return 0;
        }
    }
    return 1;
}
