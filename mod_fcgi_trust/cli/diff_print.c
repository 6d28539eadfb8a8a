/* What changes from one policy to another, as text for people and as JSON for other tools. */
#include <apr_strings.h>

#include "diff.h"
#include "json.h"

#define PLAIN "\033[0m"

/* --- text --- */

static const char *colour_of(unsigned kinds)
{
    return kinds & FCT_CHANGE_WIDENED ? "\033[31m" : kinds & FCT_CHANGE_METADATA ? "\033[36m" : "\033[33m";
}

static void add_text(fct_out_t *out, const char *text)
{
    fct_out_add_visible(out, fct_bytes_of(text));
}

static void add_value(fct_out_t *out, const char *value)
{
    if (value == NULL) {
        fct_out_add_string(out, "none");
        return;
    }
    fct_out_add_string(out, "'");
    add_text(out, value);
    fct_out_add_string(out, "'");
}

/* "param APP_X is new, value="x" (server)" or "param APP_X: max-length '8' -> '9'" */
static void add_change(fct_out_t *out, const fct_policy_change_t *change)
{
    const char *whole = change->is_at.file ? change->is : change->was;

    add_text(out, change->subject);
    if (change->attribute || (change->was_at.file && change->is_at.file)) {
        fct_out_addf(out, ": %s%s", change->attribute ? change->attribute : "", change->attribute ? " " : "");
        add_value(out, change->was);
        fct_out_add_string(out, " -> ");
        add_value(out, change->is);
        return;
    }
    fct_out_add_string(out, change->is_at.file ? " is new" : " is gone");
    if (whole) {
        fct_out_add_string(out, ", ");
        add_text(out, whole);
    }
}

static void add_place(fct_out_t *out, const char *label, const fct_place_t *place)
{
    if (place->file) {
        fct_out_add_string(out, label);
        add_text(out, place->file);
        fct_out_addf(out, ":%d", place->line);
    }
}

void fct_diff_text(const fct_diff_t *diff, int colour, fct_out_t *out)
{
    int i;

    for (i = 0; i < diff->changes->nelts; i++) {
        const fct_policy_change_t *change = &APR_ARRAY_IDX(diff->changes, i, fct_policy_change_t);

        fct_out_addf(out, "%s%s%s: ", colour ? colour_of(change->kinds) : "", fct_policy_diff_kinds_text(change->kinds, out->pool),
                     colour ? PLAIN : "");
        add_change(out, change);
        if (change->effect) {
            fct_out_addf(out, "; %s", change->effect);
        }
        if (change->was_at.file || change->is_at.file) {
            fct_out_add_string(out, "\n   ");
            add_place(out, " old ", &change->was_at);
            add_place(out, " new ", &change->is_at);
        }
        fct_out_add_string(out, "\n");
    }
}

/* --- JSON --- */

static void add_policy(fct_json_t *json, const char *key, const fct_policy_t *policy)
{
    fct_json_begin_object(json, key);
    fct_json_text(json, "name", policy->name);
    fct_json_text(json, "version", policy->version);
    fct_json_text(json, "file", policy->file);
    fct_json_text(json, "sha256", policy->digest);
    fct_json_end_object(json);
}

static void add_side(fct_json_t *json, const char *key, const char *value, const fct_place_t *place)
{
    fct_json_begin_object(json, key);
    fct_json_text(json, "value", value);
    fct_json_text(json, "file", place->file);
    fct_json_integer(json, "line", place->line);
    fct_json_end_object(json);
}

static void add_kinds(fct_json_t *json, unsigned kinds, apr_pool_t *p)
{
    unsigned kind;

    fct_json_begin_array(json, "kinds");
    for (kind = FCT_CHANGE_WIDENED; kind <= FCT_CHANGE_METADATA; kind <<= 1) {
        if (kinds & kind) {
            fct_json_text(json, NULL, fct_policy_diff_kinds_text(kind, p));
        }
    }
    fct_json_end_array(json);
}

void fct_diff_json(const fct_diff_t *diff, fct_out_t *out)
{
    fct_json_t json;
    int i;

    fct_json_init(&json, 1024, out->pool);
    fct_json_begin_object(&json, NULL);
    add_policy(&json, "old", diff->was);
    add_policy(&json, "new", diff->is);
    fct_json_begin_array(&json, "changes");
    for (i = 0; i < diff->changes->nelts; i++) {
        const fct_policy_change_t *change = &APR_ARRAY_IDX(diff->changes, i, fct_policy_change_t);

        fct_json_begin_object(&json, NULL);
        add_kinds(&json, change->kinds, out->pool);
        fct_json_text(&json, "subject", change->subject);
        fct_json_text(&json, "attribute", change->attribute);
        add_side(&json, "old", change->was, &change->was_at);
        add_side(&json, "new", change->is, &change->is_at);
        fct_json_text(&json, "effect", change->effect);
        fct_json_end_object(&json);
    }
    fct_json_end_array(&json);
    fct_json_end_object(&json);
    fct_out_add(out, json.at, json.len);
    fct_out_add_string(out, "\n");
}
