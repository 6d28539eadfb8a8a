/* Why did my application (not) get X: the rules that can yield a name, and what became of each. */
#include "explain.h"

#include <string.h>

#include <apr_strings.h>

#include "escape.h"
#include "field_name.h"
#include "flow.h"
#include "name.h"

#define HTTP_PREFIX "HTTP_"

fct_bytes_t fct_explain_name(const char *asked, apr_pool_t *p)
{
    int is_field = strchr(asked, '-') != NULL || strcmp(asked, "Host") == 0 || strcmp(asked, "Cookie") == 0;

    return is_field ? fct_name_fold(fct_bytes_of(apr_pstrcat(p, HTTP_PREFIX, asked, NULL)), p) : fct_bytes_of(asked);
}

/* What follows HTTP_, folded; absent where the name is none of a field. */
static fct_bytes_t field_of(fct_bytes_t name, apr_pool_t *p)
{
    fct_bytes_t folded = fct_name_fold(name, p);

    return fct_bytes_starts_with(folded, FCT_BYTES_LITERAL(HTTP_PREFIX)) ? fct_bytes_from(folded, strlen(HTTP_PREFIX)) : FCT_BYTES_ABSENT;
}

static int can_yield(const fct_rule_listed_t *rule, fct_bytes_t folded, fct_bytes_t field)
{
    if (rule->param) {
        return fct_bytes_equal(rule->param->rule->folded, folded);
    }
    if (!rule->field || fct_bytes_is_absent(field)) {
        return 0;
    }
    return rule->field->rule->is_prefix ? fct_bytes_starts_with(field, rule->field->rule->folded)
                                        : fct_bytes_equal(field, rule->field->rule->folded);
}

/* --- what became of one rule --- */

/* The ruling about a field that the client sent and that folds to this name; NULL: there was none. */
static const fct_trail_ruling_t *ruling_of_field(const fct_explained_t *explained, const fct_place_t *rule, fct_bytes_t field)
{
    int i;

    for (i = explained->trail.rulings->nelts - 1; i >= 0; i--) {
        const fct_trail_ruling_t *ruling = &APR_ARRAY_IDX(explained->trail.rulings, i, fct_trail_ruling_t);
        fct_bytes_t name = fct_bytes_starts_with(ruling->name, FCT_BYTES_LITERAL(HTTP_PREFIX)) && ruling->ruling == FCT_RULING_EMITTED
            ? fct_bytes_from(ruling->name, strlen(HTTP_PREFIX)) : ruling->name;

        if (ruling->rule == rule && (ruling->ruling == FCT_RULING_REFUSED
                                     || (!fct_bytes_is_absent(name) && fct_name_folds_equal(name, field)))) {
            return ruling;
        }
    }
    return NULL;
}

/* The name of a field that the client sent and that folds to this one; absent: it sent none. */
static fct_bytes_t sent_name(const fct_explained_t *explained, fct_bytes_t field)
{
    apr_size_t i;

    for (i = 0; i < explained->made.facts.nfields; i++) {
        const fct_received_t *received = &explained->made.facts.fields[i];

        if (received->origin != FCT_ORIGIN_SERVER && fct_name_folds_equal(received->name, field)) {
            return received->name;
        }
    }
    return FCT_BYTES_ABSENT;
}

static int begins_as_written(fct_bytes_t name, const fct_field_rule_t *rule)
{
    return name.len >= rule->name.len && fct_bytes_equal_nocase(fct_bytes_make(name.at, rule->name.len), rule->name);
}

/* The rule was not asked: why. */
static const char *why_unasked(const fct_explained_t *explained, const fct_rule_listed_t *rule, fct_bytes_t field)
{
    fct_bytes_t sent = rule->field ? sent_name(explained, field) : FCT_BYTES_ABSENT;

    if (rule->field && fct_bytes_is_absent(sent)) {
        return "the client sent no such field";
    }
    if (explained->outcome.status) {
        return "the request was ended before the rule was asked";
    }
    if (rule->field && !begins_as_written(sent, rule->field->rule)) {
        return apr_psprintf(explained->p, "the client sent %s, which is another name", fct_escape_copy(sent, 100, explained->p));
    }
    return rule->field && rule->field->rule->action == FCT_FIELD_PASS ? "another rule is nearer to this name"
        : rule->when ? apr_psprintf(explained->p, "its condition does not hold: %s", rule->when) : "it was not asked";
}

static void add_candidate(const fct_explained_t *explained, apr_array_header_t *candidates, const fct_rule_listed_t *rule, fct_bytes_t field)
{
    const fct_trail_ruling_t *ruling = rule->field ? ruling_of_field(explained, rule->place, field)
                                                   : fct_trail_find(&explained->trail, rule->place);
    fct_explained_rule_t *candidate = apr_array_push(candidates);

    candidate->rule = rule;
    candidate->is_emitted = ruling && ruling->ruling == FCT_RULING_EMITTED;
    candidate->what = !ruling ? why_unasked(explained, rule, field)
        : candidate->is_emitted ? (explained->outcome.status ? "it has a value, but the request is refused" : "it yields the parameter")
        : fct_explain_ruling(explained, ruling);
}

apr_array_header_t *fct_explain_candidates(const fct_explained_t *explained, fct_bytes_t name)
{
    apr_array_header_t *candidates = apr_array_make(explained->p, 4, sizeof(fct_explained_rule_t));
    fct_bytes_t folded = fct_name_fold(name, explained->p), field = field_of(name, explained->p);
    int i;

    for (i = 0; i < explained->rules->nelts; i++) {
        const fct_rule_listed_t *rule = &APR_ARRAY_IDX(explained->rules, i, fct_rule_listed_t);

        if (can_yield(rule, folded, field)) {
            add_candidate(explained, candidates, rule, field);
        }
    }
    return candidates;
}

/* --- where no rule can --- */

/* HTTP_X_FOO came from some name; X-Foo is the likeliest. What was sent is known. */
static const char *likely_field(const fct_explained_t *explained, fct_bytes_t field)
{
    char *name = fct_bytes_string(field, explained->p);
    apr_size_t i;

    for (i = 0; i < explained->made.facts.nfields; i++) {
        if (fct_name_folds_equal(explained->made.facts.fields[i].name, field)) {
            return fct_escape_copy(explained->made.facts.fields[i].name, 100, explained->p);
        }
    }
    for (i = 0; name[i]; i++) {
        name[i] = name[i] == '_' ? '-' : i > 0 && name[i - 1] != '-' ? (char)fct_bytes_lower((unsigned char)name[i]) : name[i];
    }
    return name;
}

const char *fct_explain_advice(const fct_explained_t *explained, fct_bytes_t name)
{
    fct_bytes_t field = field_of(name, explained->p);
    const char *shown = fct_escape_copy(name, 100, explained->p);
    unsigned traits = field.len ? fct_field_name_traits(field) : 0;

    if (fct_bytes_equal(name, FCT_BYTES_LITERAL("CONTENT_TYPE")) || fct_bytes_equal(name, FCT_BYTES_LITERAL("CONTENT_LENGTH"))) {
        return "it is the engine's own: it goes where the request has a body, and a Content-Type";
    }
    if (traits & (FCT_FIELD_HOP_BY_HOP | FCT_FIELD_NEVER | FCT_FIELD_ENGINE)) {
        return "no policy can let this field through under this name";
    }
    if (field.len) {
        return apr_psprintf(explained->p, "no rule yields it; <header name=\"%s\"%s/> would let the client's field through, "
                            "<server-header> would make one", likely_field(explained, field),
                            fct_field_name_is_reserved(field) ? " trust=\"client\"" : "");
    }
    return fct_name_is_param(name) ? apr_psprintf(explained->p, "no rule yields it; <param name=\"%s\" from=\"...\"/> would", shown)
                                   : apr_psprintf(explained->p, "'%s' is no name of a parameter", shown);
}
