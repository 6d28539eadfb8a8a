/* One value in a line of the decision log. A request has dozens of them: each is written in one piece. */
#include "audit_value.h"

#include "audit_key.h"

#define HASHED_MAX (FCT_JSON_DIGITS + sizeof(",\"\"]") - 1 + FCT_AUDIT_KEY_HEX)

/* The length, the hash that stands for the value, the end: where that ends. `to` has room for HASHED_MAX bytes. */
static char *write_hashed(char *to, fct_bytes_t value)
{
    to = fct_json_write_digits(to, value.len);
    *to++ = ',';
    *to++ = '"';
    fct_audit_key_hash(to, value);
    to += FCT_AUDIT_KEY_HEX;
    *to++ = '"';
    *to++ = ']';
    return to;
}

static void add_hashed(fct_json_t *json, fct_bytes_t before, fct_bytes_t value)
{
    char *to = fct_json_begin_raw(json, before.len + HASHED_MAX);

    memcpy(to, before.at, before.len);
    fct_json_end_raw(json, write_hashed(to + before.len, value));
}

static void add_itself(fct_json_t *json, fct_bytes_t before, fct_bytes_t value)
{
    char *to = fct_json_begin_raw(json, before.len + FCT_JSON_DIGITS);

    memcpy(to, before.at, before.len);
    fct_json_end_raw(json, fct_json_write_digits(to + before.len, value.len));
    fct_json_text(json, NULL, NULL);
    fct_json_string(json, NULL, value);
    fct_json_end_array(json);
}

void fct_audit_value_add(fct_json_t *json, fct_bytes_t before, fct_bytes_t value, int may_log)
{
    if (may_log) {
        add_itself(json, before, value);
    }
    else {
        add_hashed(json, before, value);
    }
}
