/* An explanation as text for a person. */
#include "explain.h"

#include <string.h>

#include <apr_strings.h>

#include "raw_connection.h"

#define GREEN "\033[32m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

static void add_escaped(fct_out_t *out, fct_bytes_t bytes)
{
    fct_out_add_line_escaped(out, bytes, "");
}

static const char *escaped(const fct_out_t *out, fct_bytes_t bytes)
{
    fct_out_t text;

    fct_out_init(&text, out->pool);
    add_escaped(&text, bytes);
    fct_out_add(&text, "", 1);
    return text.at;
}

/* --- the request and the verdict --- */

static void add_request(fct_out_t *out, const fct_explained_t *explained)
{
    const fct_raw_facts_t *made = &explained->made;
    const fct_raw_connection_t *connection = made->connection;

    if (!made->request.target) {
        return;
    }
    fct_out_addf(out, "%s ", escaped(out, fct_bytes_of(made->request.method)));
    add_escaped(out, fct_bytes_of(made->request.target));
    fct_out_addf(out, ", from %s port %d, %s%s\n", fct_raw_connection_address(connection->peer), connection->peer->port,
                 connection->is_tls ? connection->protocol : "without TLS",
                 connection->certificate ? ", client certificate verified" : connection->cert_fault ? ", client certificate not verified" : "");
    if (connection->cert_fault) {
        fct_out_addf(out, "  the certificate: %s\n", connection->cert_fault);
    }
}

static void add_verdict(fct_out_t *out, const fct_explained_t *explained, int colour)
{
    const fct_raw_outcome_t *outcome = &explained->outcome;
    fct_place_t place = { outcome->file, outcome->line };

    fct_out_addf(out, "%s", colour ? (outcome->status ? RED : GREEN) : "");
    if (outcome->is_by_httpd) {
        fct_out_addf(out, "httpd %s it: %d, before the module", outcome->status < 400 ? "answers" : "refuses", outcome->status);
        fct_out_addf(out, outcome->line ? " (line %d): " : ": ", outcome->line);
    }
    else if (outcome->status) {
        fct_out_addf(out, "The request is refused with %d, FCT%04d", outcome->status, outcome->finding);
        fct_out_addf(out, outcome->file ? " by %s: " : ": ", fct_rule_list_place(&place, out->pool));
    }
    else {
        fct_out_add_string(out, "The request goes to the backend");
    }
    if (outcome->status) {
        fct_out_add_visible(out, fct_bytes_of(outcome->why));
    }
    fct_out_addf(out, "%s\n", colour ? PLAIN : "");
}

/* --- parameters --- */

static const fct_trail_param_t *find(const fct_explained_t *explained, fct_bytes_t name)
{
    static const fct_trail_param_t engine = { { NULL, 0 }, { NULL, 0 }, "the body", FCT_CLASS_SERVER, { NULL, 0 } };
    const fct_trail_param_t *param = fct_trail_find_param(&explained->trail, name);

    return param ? param : &engine;
}

static void add_param(fct_out_t *out, const fct_explained_t *explained, fct_bytes_t name, fct_bytes_t value)
{
    const fct_trail_param_t *param = find(explained, name);

    fct_out_addf(out, "  %-26s %-9s %-28s %-22s ", escaped(out, name), fct_class_name(param->class_), param->source,
                 fct_rule_list_place(&param->place, out->pool));
    add_escaped(out, param->name.at ? fct_explain_value(explained, param) : value);
    fct_out_add_string(out, "\n");
}

static void add_params(fct_out_t *out, const fct_explained_t *explained)
{
    fct_bytes_t name, value;
    apr_size_t cookie = 0;

    if (!explained->outcome.params) {
        return;
    }
    fct_out_add_string(out, "\nParameters: name, class, source, rule, value\n");
    while (fct_params_next(explained->outcome.params, &cookie, &name, &value)) {
        add_param(out, explained, name, value);
    }
}

/* --- what yields nothing --- */

static int is_about_field(const fct_explained_t *explained, const fct_trail_ruling_t *ruling)
{
    const fct_rule_listed_t *rule = fct_rule_list_find(explained->rules, ruling->rule);

    return !rule || rule->field || rule->upstream;
}

/* What goes under another name has been told with the parameters. */
static int is_told(const fct_trail_ruling_t *ruling)
{
    static const char *const elsewhere[] = { "Host", "Content-Type", "Content-Length" };
    size_t i;

    for (i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        if (fct_bytes_equal_nocase(ruling->name, fct_bytes_of(elsewhere[i]))) {
            return 1;
        }
    }
    return ruling->ruling == FCT_RULING_EMITTED || fct_bytes_is_absent(ruling->name);
}

static void add_rulings(fct_out_t *out, const fct_explained_t *explained, int about_fields, const char *title)
{
    int i;

    for (i = 0; i < explained->trail.rulings->nelts; i++) {
        const fct_trail_ruling_t *ruling = &APR_ARRAY_IDX(explained->trail.rulings, i, fct_trail_ruling_t);
        const char *why = is_told(ruling) || is_about_field(explained, ruling) != about_fields ? NULL : fct_explain_ruling(explained, ruling);

        if (!why) {
            continue;
        }
        fct_out_addf(out, "%s  %-26s ", title, escaped(out, ruling->name));
        if (ruling->rule) {
            fct_out_addf(out, "%s: ", fct_rule_list_place(ruling->rule, out->pool));
        }
        add_escaped(out, fct_bytes_of(why));
        fct_out_add_string(out, "\n");
        title = "";
    }
}

/* --- one name --- */

static void add_answer(fct_out_t *out, const fct_explained_t *explained, fct_bytes_t name)
{
    fct_bytes_t found, value;
    apr_size_t cookie = 0;

    while (explained->outcome.params && fct_params_next(explained->outcome.params, &cookie, &found, &value)) {
        if (fct_bytes_equal(found, name)) {
            add_param(out, explained, found, value);
            return;
        }
    }
    fct_out_addf(out, "%s is not sent\n", escaped(out, name));
}

static void add_name(fct_out_t *out, const fct_explained_t *explained, fct_bytes_t name)
{
    const apr_array_header_t *candidates = fct_explain_candidates(explained, name);
    int i;

    add_answer(out, explained, name);
    for (i = 0; i < candidates->nelts; i++) {
        const fct_explained_rule_t *candidate = &APR_ARRAY_IDX(candidates, i, fct_explained_rule_t);

        fct_out_addf(out, "  %s %s: ", fct_rule_list_place(candidate->rule->place, out->pool), candidate->rule->text);
        add_escaped(out, fct_bytes_of(candidate->what));
        fct_out_add_string(out, "\n");
    }
    if (candidates->nelts == 0) {
        fct_out_addf(out, "  %s\n", fct_explain_advice(explained, name));
    }
}

void fct_explain_text(const fct_explained_t *explained, const char *name, int colour, fct_out_t *out)
{
    add_request(out, explained);
    add_verdict(out, explained, colour);
    if (explained->outcome.is_by_httpd) {
        return;
    }
    if (name) {
        add_name(out, explained, fct_explain_name(name, out->pool));
        return;
    }
    add_params(out, explained);
    add_rulings(out, explained, 1, "\nHeader fields that do not pass\n");
    add_rulings(out, explained, 0, "\nRules that yield nothing\n");
}
