/* Why a rule yielded nothing, or a header field did not pass: the sentences. */
#include "explain.h"

#include <string.h>

#include <apr_strings.h>

#include "escape.h"
#include "field_name.h"
#include "name.h"

#define SHOWN_MAX 100

static const char *show(const fct_explained_t *explained, fct_bytes_t bytes)
{
    return fct_escape_copy(bytes, SHOWN_MAX, explained->p);
}

/* --- parameters --- */

static int reads_certificate(const fct_plan_param_t *param)
{
    apr_size_t i;

    for (i = 0; i < param->rule->nsources; i++) {
        if (param->rule->sources[i].id == FCT_SOURCE_TLS_CLIENT) {
            return 1;
        }
    }
    return 0;
}

/* What one would look for next: the certificate that is not believed. */
static const char *hint(const fct_explained_t *explained, const fct_plan_param_t *param)
{
    if (!reads_certificate(param)) {
        return "";
    }
    return explained->made.cert_fault ? apr_pstrcat(explained->p, "; the certificate: ", explained->made.cert_fault, NULL)
        : explained->made.given->value[FCT_GIVEN_CERT] ? "; the certificate has no such field" : "; there is no client certificate";
}

static const char *of_param(const fct_explained_t *explained, const fct_trail_ruling_t *ruling, const fct_plan_param_t *param)
{
    switch (ruling->ruling) {
    case FCT_RULING_CONDITION:
        return apr_psprintf(explained->p, "its condition does not hold: %s", param->rule->when);
    case FCT_RULING_ABSENT:
        return apr_psprintf(explained->p, "%s has no value%s", param->source_text, hint(explained, param));
    case FCT_RULING_INVALID:
        return apr_psprintf(explained->p, "the value of %s cannot be sent: %s", param->source_text, ruling->why);
    case FCT_RULING_REFUSED:
        return apr_psprintf(explained->p, "it ended the request: %s", ruling->why);
    default:
        return NULL;
    }
}

/* --- header fields --- */

static const char *line_that_admits(const fct_explained_t *explained, fct_bytes_t name)
{
    int is_reserved = fct_field_name_is_reserved(fct_name_fold(name, explained->p));

    return apr_psprintf(explained->p, "<header name=\"%s\"%s", show(explained, name),
                        is_reserved ? " trust=\"client\"/> would let it through, as the client's own word" : "/> would let it through");
}

/* Fields that the engine keeps from the rules: what it does with them instead. */
static const char *of_engine(const fct_explained_t *explained, fct_bytes_t name)
{
    unsigned traits = fct_field_name_traits(fct_name_fold(name, explained->p));

    return traits & FCT_FIELD_AUTHORITY ? "it goes as the request's authority, where a rule for Host says so"
        : traits & FCT_FIELD_ENGINE ? "it goes under its own name, without HTTP_"
        : traits & FCT_FIELD_HOP_BY_HOP ? "it is for this connection alone and never passes" : "it never passes";
}

static const char *of_field(const fct_explained_t *explained, const fct_trail_ruling_t *ruling, const fct_rule_listed_t *rule)
{
    apr_pool_t *p = explained->p;

    switch (ruling->ruling) {
    case FCT_RULING_NO_RULE:
        return apr_pstrcat(p, "no rule names it; ", line_that_admits(explained, ruling->name), NULL);
    case FCT_RULING_OTHER_NAME:
        return apr_psprintf(p, "it is not the name of %s, though an application may take it for that", rule->text);
    case FCT_RULING_RESERVED:
        return apr_psprintf(p, "%s lets no reserved name through; %s", rule->text, line_that_admits(explained, ruling->name));
    case FCT_RULING_NOMINATED:
        return "the client named it in Connection, so that it goes no further";
    case FCT_RULING_CHANGED:
        return "the server changed it; changed=\"yes\" in its <header> would let it through";
    case FCT_RULING_COOKIES:
        return apr_psprintf(p, "none of its cookies is among cookies=\"%s\"", rule->field->rule->cookies);
    case FCT_RULING_CONDITION:
        return apr_psprintf(p, "the condition of its rule does not hold: %s", rule->when);
    case FCT_RULING_REFUSED:
        return apr_psprintf(p, "it ended the request: %s", ruling->why);
    case FCT_RULING_APPLIES:
        return apr_psprintf(p, "it is left out by %s", rule->text);
    case FCT_RULING_ENGINE:
        return of_engine(explained, ruling->name);
    default:
        return NULL;
    }
}

const char *fct_explain_ruling(const fct_explained_t *explained, const fct_trail_ruling_t *ruling)
{
    const fct_rule_listed_t *rule = fct_rule_list_find(explained->rules, ruling->rule);

    if (rule && rule->param) {
        return of_param(explained, ruling, rule->param);
    }
    if (rule && rule->upstream && ruling->ruling == FCT_RULING_APPLIES) {
        return apr_psprintf(explained->p, "it is the word of the upstream %s, for rules that read it", rule->upstream->upstream->named.name);
    }
    if (rule && !rule->field && !rule->upstream) {
        return NULL;                     /* <request when> is no field */
    }
    return of_field(explained, ruling, rule);
}

fct_bytes_t fct_explain_value(const fct_explained_t *explained, const fct_trail_param_t *param)
{
    return fct_rule_list_is_secret(explained->rules, param->name) ? FCT_BYTES_LITERAL(FCT_RULE_LIST_SECRET) : param->value;
}
