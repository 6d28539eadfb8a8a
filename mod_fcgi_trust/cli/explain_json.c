/* An explanation as JSON for programs. */
#include "explain.h"

#include "json.h"
#include "text.h"

static void add_place(fct_json_t *json, const fct_place_t *place)
{
    if (place && place->file) {
        fct_json_text(json, "file", place->file);
        fct_json_integer(json, "line", place->line);
    }
}

static void add_verdict(fct_json_t *json, const fct_explained_t *explained)
{
    const fct_raw_outcome_t *outcome = &explained->outcome;
    fct_place_t place = { outcome->file, outcome->line };

    fct_json_begin_object(json, "verdict");
    fct_json_text(json, "ended-by", outcome->status == 0 ? NULL : outcome->is_by_httpd ? "httpd" : "module");
    fct_json_integer(json, "status", outcome->status);
    if (outcome->finding) {
        fct_json_integer(json, "finding", outcome->finding);
    }
    fct_json_text(json, "why", outcome->why);
    add_place(json, &place);
    fct_json_end_object(json);
}

/* Bytes that are no UTF-8 are there once more, exactly. */
static void add_value(fct_json_t *json, fct_bytes_t value, apr_pool_t *p)
{
    fct_out_t hex;

    fct_json_string(json, "value", value);
    if (!fct_text_is_utf8(value)) {
        fct_out_init(&hex, p);
        fct_out_add_hex(&hex, value);
        fct_json_string(json, "value_hex", fct_out_bytes(&hex));
    }
}

static void add_param(fct_json_t *json, const fct_explained_t *explained, fct_bytes_t name, fct_bytes_t value)
{
    const fct_trail_param_t *param = fct_trail_find_param(&explained->trail, name);

    fct_json_begin_object(json, NULL);
    fct_json_string(json, "name", name);
    add_value(json, param ? fct_explain_value(explained, param) : value, explained->p);
    fct_json_text(json, "source", param ? param->source : "the body");
    fct_json_text(json, "class", fct_class_name(param ? param->class_ : FCT_CLASS_SERVER));
    add_place(json, param ? &param->place : NULL);
    fct_json_end_object(json);
}

static void add_params(fct_json_t *json, const fct_explained_t *explained)
{
    fct_bytes_t name, value;
    apr_size_t cookie = 0;

    fct_json_begin_array(json, "parameters");
    while (explained->outcome.params && fct_params_next(explained->outcome.params, &cookie, &name, &value)) {
        add_param(json, explained, name, value);
    }
    fct_json_end_array(json);
}

/* Rules that yield nothing, and header fields that do not pass. */
static void add_rulings(fct_json_t *json, const fct_explained_t *explained)
{
    int i;

    fct_json_begin_array(json, "not-sent");
    for (i = 0; i < explained->trail.rulings->nelts; i++) {
        const fct_trail_ruling_t *ruling = &APR_ARRAY_IDX(explained->trail.rulings, i, fct_trail_ruling_t);
        const fct_rule_listed_t *rule = fct_rule_list_find(explained->rules, ruling->rule);
        const char *why = ruling->ruling == FCT_RULING_EMITTED || fct_bytes_is_absent(ruling->name) ? NULL : fct_explain_ruling(explained, ruling);

        if (why) {
            fct_json_begin_object(json, NULL);
            fct_json_string(json, rule && rule->param ? "parameter" : "field", ruling->name);
            fct_json_text(json, "why", why);
            fct_json_text(json, "rule", rule ? rule->text : NULL);
            add_place(json, ruling->rule);
            fct_json_end_object(json);
        }
    }
    fct_json_end_array(json);
}

static void add_candidates(fct_json_t *json, const fct_explained_t *explained, fct_bytes_t name)
{
    const apr_array_header_t *candidates = fct_explain_candidates(explained, name);
    int i;

    fct_json_string(json, "name", name);
    fct_json_begin_array(json, "rules");
    for (i = 0; i < candidates->nelts; i++) {
        const fct_explained_rule_t *candidate = &APR_ARRAY_IDX(candidates, i, fct_explained_rule_t);

        fct_json_begin_object(json, NULL);
        fct_json_text(json, "rule", candidate->rule->text);
        add_place(json, candidate->rule->place);
        fct_json_boolean(json, "emitted", candidate->is_emitted);
        fct_json_text(json, "what", candidate->what);
        fct_json_end_object(json);
    }
    fct_json_end_array(json);
    fct_json_text(json, "advice", candidates->nelts ? NULL : fct_explain_advice(explained, name));
}

void fct_explain_json(const fct_explained_t *explained, const char *name, fct_out_t *out)
{
    fct_bytes_t bytes;
    fct_json_t json;

    fct_json_init(&json, 4096, out->pool);
    fct_json_begin_object(&json, NULL);
    fct_json_text(&json, "policy", explained->policy->name);
    fct_json_text(&json, "version", explained->policy->version);
    fct_json_text(&json, "digest", explained->policy->digest);
    add_verdict(&json, explained);
    add_params(&json, explained);
    add_rulings(&json, explained);
    if (name) {
        add_candidates(&json, explained, fct_explain_name(name, out->pool));
    }
    fct_json_end_object(&json);
    bytes = fct_json_bytes(&json);
    fct_out_add(out, bytes.at, bytes.len);
    fct_out_add_string(out, "\n");
}
