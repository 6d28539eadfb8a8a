/* One parameter in a line of the decision log. A request has dozens of them: what is known of a rule at the start is copied whole. */
#include "audit_parameter.h"

#include "audit_key.h"
#include "json.h"

#define LENGTH_DIGITS 20

/* The digits of number, before `end`; where they begin. */
static char *write_before(char *end, apr_size_t number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return end;
}

static void append(fct_json_t *json, const char *start, const char *end)
{
    fct_json_append(json, fct_bytes_make(start, (apr_size_t)(end - start)));
}

/* The length, the hash that stands for the value, the end: in one piece. */
static void add_hash(fct_json_t *json, fct_bytes_t value)
{
    char text[LENGTH_DIGITS + FCT_AUDIT_KEY_HEX + 4], *end = text + LENGTH_DIGITS;
    const char *start = write_before(end, value.len);

    *end++ = ',';
    *end++ = '"';
    fct_audit_key_hash(end, value);
    end += FCT_AUDIT_KEY_HEX;
    *end++ = '"';
    *end++ = ']';
    append(json, start, end);
}

static void add_value(fct_json_t *json, fct_bytes_t value)
{
    char text[LENGTH_DIGITS], *end = text + LENGTH_DIGITS;

    append(json, write_before(end, value.len), end);
    fct_json_text(json, NULL, NULL);
    fct_json_string(json, NULL, value);
    fct_json_end_array(json);
}

/* Up to the rule and the comma behind it. The engine's own have no rule, and so no text that was made at the start. */
static void add_origin(fct_json_t *json, const fct_emission_t *emission, const fct_audit_origins_t *origins)
{
    const fct_audit_origin_t *origin = emission->rule && origins ? fct_audit_origins_find(origins, emission->rule) : NULL;

    if (!origin || !origin->has_name) {
        fct_json_key(json, emission->name);
    }
    if (origin) {
        fct_json_raw(json, NULL, origin->text);
        return;
    }
    fct_json_begin_array(json, NULL);
    fct_json_text(json, NULL, emission->source);
    fct_json_text(json, NULL, fct_class_name(emission->class_));
    if (emission->rule) {
        fct_json_place(json, NULL, emission->rule->file, emission->rule->line);
    }
    else {
        fct_json_text(json, NULL, NULL);
    }
    fct_json_append(json, FCT_BYTES_LITERAL(","));
}

void fct_audit_parameter_add(fct_json_t *json, const fct_emission_t *emission, const fct_audit_origins_t *origins, int may_log)
{
    add_origin(json, emission, origins);
    if (may_log) {
        add_value(json, emission->value);
    }
    else {
        add_hash(json, emission->value);
    }
}
