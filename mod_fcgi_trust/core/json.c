/* JSON (RFC 8259) written member by member into one run of bytes. */
#include "json.h"

#include "text.h"

#define ESCAPE_LEN 6             /* \u0000 */
#define NUMBER_LEN 24

static const char digits[] = "0123456789abcdef";

void fct_json_init(fct_json_t *json, apr_size_t expected, apr_pool_t *p)
{
    json->pool = p;
    json->at = apr_palloc(p, expected ? expected : 1);
    json->len = 0;
    json->room = expected ? expected : 1;
    json->needs_comma = 0;
}

static void make_room(fct_json_t *json, apr_size_t more)
{
    apr_size_t room = json->room;
    char *at;

    if (json->room - json->len >= more) {
        return;
    }
    while (room - json->len < more) {
        room *= 2;
    }
    at = apr_palloc(json->pool, room);
    memcpy(at, json->at, json->len);
    json->at = at;
    json->room = room;
}

static void add(fct_json_t *json, const char *at, apr_size_t len)
{
    make_room(json, len);
    memcpy(json->at + json->len, at, len);
    json->len += len;
}

void fct_json_append(fct_json_t *json, fct_bytes_t bytes)
{
    if (bytes.len) {
        add(json, bytes.at, bytes.len);
    }
}

/* What stands before every value. */
static void begin_value(fct_json_t *json, const char *key)
{
    apr_size_t len = key ? strlen(key) : 0;

    make_room(json, len + 4);
    if (json->needs_comma) {
        json->at[json->len++] = ',';
    }
    if (key) {
        json->at[json->len++] = '"';
        memcpy(json->at + json->len, key, len);
        json->len += len;
        json->at[json->len++] = '"';
        json->at[json->len++] = ':';
    }
    json->needs_comma = 1;
}

static void begin_group(fct_json_t *json, const char *key, const char *bracket)
{
    begin_value(json, key);
    add(json, bracket, 1);
    json->needs_comma = 0;
}

static void end_group(fct_json_t *json, const char *bracket)
{
    add(json, bracket, 1);
    json->needs_comma = 1;
}

void fct_json_begin_object(fct_json_t *json, const char *key)
{
    begin_group(json, key, "{");
}

void fct_json_end_object(fct_json_t *json)
{
    end_group(json, "}");
}

void fct_json_begin_array(fct_json_t *json, const char *key)
{
    begin_group(json, key, "[");
}

void fct_json_end_array(fct_json_t *json)
{
    end_group(json, "]");
}

/* --- strings --- */

static int is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void add_escaped(fct_json_t *json, unsigned c)
{
    const char escape[ESCAPE_LEN] = { '\\', 'u', '0', '0', digits[c >> 4 & 15], digits[c & 15] };

    if (c == '"' || c == '\\') {
        const char pair[2] = { '\\', (char)c };

        add(json, pair, sizeof(pair));
    }
    else {
        add(json, escape, sizeof(escape));
    }
}

/* One character that is not plain ASCII, at the front of rest; its length. */
static apr_size_t add_character(fct_json_t *json, fct_bytes_t rest)
{
    const unsigned char *at = (const unsigned char *)rest.at;
    apr_size_t len = fct_text_character(rest);

    if (len == 0) {
        add(json, "\\ufffd", ESCAPE_LEN);
        return 1;
    }
    if (len == 1 || (len == 2 && at[0] == 0xc2 && at[1] < 0xa0)) {
        add_escaped(json, at[len - 1]);
    }
    else {
        add(json, rest.at, len);
    }
    return len;
}

static void add_string(fct_json_t *json, fct_bytes_t value)
{
    apr_size_t i = 0, start = 0;

    add(json, "\"", 1);
    while (i < value.len) {
        if (is_plain((unsigned char)value.at[i])) {
            i++;
            continue;
        }
        fct_json_append(json, fct_bytes_make(value.at + start, i - start));
        i += add_character(json, fct_bytes_from(value, i));
        start = i;
    }
    fct_json_append(json, fct_bytes_make(value.at + start, value.len - start));
    add(json, "\"", 1);
}

void fct_json_string(fct_json_t *json, const char *key, fct_bytes_t value)
{
    begin_value(json, key);
    if (fct_bytes_is_absent(value)) {
        add(json, "null", 4);
    }
    else {
        add_string(json, value);
    }
}

void fct_json_text(fct_json_t *json, const char *key, const char *value)
{
    fct_json_string(json, key, fct_bytes_of(value));
}

/* --- numbers --- */

/* The digits of value, at least `least` of them, before `end`. */
static char *write_digits(char *end, apr_uint64_t value, int least)
{
    for (; value > 0 || least > 0; value /= 10, least--) {
        *--end = (char)('0' + value % 10);
    }
    return end;
}

static apr_uint64_t magnitude(apr_int64_t value)
{
    return value < 0 ? (apr_uint64_t)0 - (apr_uint64_t)value : (apr_uint64_t)value;
}

void fct_json_integer(fct_json_t *json, const char *key, apr_int64_t value)
{
    char text[NUMBER_LEN], *end = text + sizeof(text);
    char *at = write_digits(end, magnitude(value), 1);

    if (value < 0) {
        *--at = '-';
    }
    begin_value(json, key);
    add(json, at, (apr_size_t)(end - at));
}

void fct_json_seconds(fct_json_t *json, const char *key, apr_int64_t microseconds)
{
    char text[NUMBER_LEN], *end = text + sizeof(text);
    char *at = write_digits(end, magnitude(microseconds) % 1000000, 6);

    *--at = '.';
    at = write_digits(at, magnitude(microseconds) / 1000000, 1);
    if (microseconds < 0) {
        *--at = '-';
    }
    begin_value(json, key);
    add(json, at, (apr_size_t)(end - at));
}

void fct_json_boolean(fct_json_t *json, const char *key, int value)
{
    begin_value(json, key);
    add(json, value ? "true" : "false", value ? 4 : 5);
}

void fct_json_raw(fct_json_t *json, const char *key, fct_bytes_t made)
{
    begin_value(json, key);
    fct_json_append(json, made);
}
