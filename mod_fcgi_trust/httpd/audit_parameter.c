/* One parameter in a line of the decision log. A request has dozens of them: what is known of a rule at the start is copied whole. */
#include "audit_parameter.h"

#include "audit_key.h"
#include "json.h"

#define LENGTH_DIGITS 20
#define HASH_KEY ",\"hash\":\""

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

/* Behind "length": the length, the hash that stands for the value, the end: in one piece. */
static void add_hash(fct_json_t *json, fct_bytes_t value)
{
    char text[LENGTH_DIGITS + sizeof(HASH_KEY) + FCT_AUDIT_KEY_HEX + 2], *end = text + LENGTH_DIGITS;
    const char *start = write_before(end, value.len);

    memcpy(end, HASH_KEY, sizeof(HASH_KEY) - 1);
    end += sizeof(HASH_KEY) - 1;
    fct_audit_key_hash(end, value);
    end += FCT_AUDIT_KEY_HEX;
    *end++ = '"';
    *end++ = '}';
    append(json, start, end);
}

static void add_plain_value(fct_json_t *json, fct_bytes_t value)
{
    char text[LENGTH_DIGITS], *end = text + LENGTH_DIGITS;

    append(json, write_before(end, value.len), end);
    fct_json_string(json, "value", value);
    fct_json_end_object(json);
}

/* Up to "length": of the parameter. The engine's own have no rule, and so no text that was made at the start. */
static void add_origin(fct_json_t *json, const fct_emission_t *emission, const fct_audit_origins_t *origins)
{
    const fct_audit_origin_t *origin = emission->rule && origins ? fct_audit_origins_find(origins, emission->rule) : NULL;

    if (origin && origin->has_name) {
        fct_json_raw(json, NULL, origin->text);
        return;
    }
    fct_json_begin_object(json, NULL);
    fct_json_string(json, "name", emission->name);
    if (origin) {
        fct_json_raw(json, NULL, origin->text);
        return;
    }
    fct_json_text(json, "source", emission->source);
    fct_json_text(json, "class", fct_class_name(emission->class_));
    if (emission->rule) {
        fct_json_place(json, "rule", emission->rule->file, emission->rule->line);
    }
    fct_json_raw(json, NULL, FCT_BYTES_LITERAL("\"length\":"));
}

void fct_audit_parameter_add(fct_json_t *json, const fct_emission_t *emission, const fct_audit_origins_t *origins, int may_log)
{
    add_origin(json, emission, origins);
    if (may_log) {
        add_plain_value(json, emission->value);
    }
    else {
        add_hash(json, emission->value);
    }
}
