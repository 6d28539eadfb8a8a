/* JSON (RFC 8259) written member by member into one run of bytes. */
#include "json.h"

#include "text.h"

#define ESCAPE_LEN 6             /* \u0000 */
#define NUMBER_LEN 24
#define TIME_LEN 32

static const char digits[] = "0123456789abcdef";

void fct_json_init(fct_json_t *json, apr_size_t expected, apr_pool_t *p)
{
    json->pool = p;
    json->at = apr_palloc(p, expected ? expected : 1);
    json->len = 0;
    json->room = expected ? expected : 1;
    json->needs_comma = 0;
}

static void grow(fct_json_t *json, apr_size_t more)
{
    apr_size_t room = json->room;
    char *at;

    while (room - json->len < more) {
        room *= 2;
    }
    at = apr_palloc(json->pool, room);
    memcpy(at, json->at, json->len);
    json->at = at;
    json->room = room;
}

/* Where `more` bytes can be written. A decision log makes some hundred pieces a request: what is below is inlined. */
static inline char *make_room(fct_json_t *json, apr_size_t more)
{
    if (json->room - json->len < more) {
        grow(json, more);
    }
    return json->at + json->len;
}

static inline void add(fct_json_t *json, const char *at, apr_size_t len)
{
    memcpy(make_room(json, len), at, len);
    json->len += len;
}

void fct_json_append(fct_json_t *json, fct_bytes_t bytes)
{
    if (bytes.len) {
        add(json, bytes.at, bytes.len);
    }
}

/* What stands before every value; there is room for `value` bytes more. Returns where they go. */
static inline char *begin_value(fct_json_t *json, const char *key, apr_size_t value)
{
    apr_size_t len = key ? strlen(key) : 0;
    char *start = make_room(json, len + 4 + value), *to = start;

    if (json->needs_comma) {
        *to++ = ',';
    }
    if (key) {
        *to++ = '"';
        memcpy(to, key, len);
        to += len;
        *to++ = '"';
        *to++ = ':';
    }
    json->needs_comma = 1;
    json->len += (apr_size_t)(to - start);
    return to;
}

static inline void add_value(fct_json_t *json, const char *key, const char *at, apr_size_t len)
{
    memcpy(begin_value(json, key, len), at, len);
    json->len += len;
}

static void begin_group(fct_json_t *json, const char *key, char bracket)
{
    *begin_value(json, key, 1) = bracket;
    json->len++;
    json->needs_comma = 0;
}

static void end_group(fct_json_t *json, char bracket)
{
    *make_room(json, 1) = bracket;
    json->len++;
    json->needs_comma = 1;
}

void fct_json_begin_object(fct_json_t *json, const char *key)
{
    begin_group(json, key, '{');
}

void fct_json_end_object(fct_json_t *json)
{
    end_group(json, '}');
}

void fct_json_begin_array(fct_json_t *json, const char *key)
{
    begin_group(json, key, '[');
}

void fct_json_end_array(fct_json_t *json)
{
    end_group(json, ']');
}

/* --- strings --- */

static int is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

#define EACH(byte) (APR_UINT64_C(0x0101010101010101) * (byte))

/* Some byte of the eight is zero. */
static int has_zero(apr_uint64_t eight)
{
    return ((eight - EACH(0x01)) & ~eight & EACH(0x80)) != 0;
}

/* All eight bytes are plain: most text is, and most of this file's time goes into seeing that. */
static int is_plain_word(const char *at)
{
    apr_uint64_t eight;

    memcpy(&eight, at, sizeof(eight));
    return ((eight | (eight - EACH(0x20)) | (eight + EACH(0x01))) & EACH(0x80)) == 0 && !has_zero(eight ^ EACH('"'))
           && !has_zero(eight ^ EACH('\\'));
}

/* How many bytes at the front are plain. */
static apr_size_t measure_plain(fct_bytes_t text)
{
    apr_size_t i = 0;

    while (i + sizeof(apr_uint64_t) <= text.len && is_plain_word(text.at + i)) {
        i += sizeof(apr_uint64_t);
    }
    while (i < text.len && is_plain((unsigned char)text.at[i])) {
        i++;
    }
    return i;
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

static void add_characters(fct_json_t *json, fct_bytes_t text)
{
    while (text.len > 0) {
        apr_size_t plain = measure_plain(text);

        fct_json_append(json, fct_bytes_make(text.at, plain));
        text = fct_bytes_from(text, plain);
        if (text.len > 0) {
            text = fct_bytes_from(text, add_character(json, text));
        }
    }
}

void fct_json_string(fct_json_t *json, const char *key, fct_bytes_t value)
{
    if (fct_bytes_is_absent(value)) {
        add_value(json, key, "null", 4);
        return;
    }
    *begin_value(json, key, value.len + 2) = '"';
    json->len++;
    add_characters(json, value);
    *make_room(json, 1) = '"';
    json->len++;
}

void fct_json_key(fct_json_t *json, fct_bytes_t key)
{
    fct_json_string(json, NULL, key);
    add(json, ":", 1);
    json->needs_comma = 0;
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

void fct_json_place(fct_json_t *json, const char *key, const char *text, int number)
{
    char number_text[NUMBER_LEN], *end = number_text + sizeof(number_text);
    char *at = write_digits(end, (apr_uint64_t)number, 1);

    *--at = ':';
    add_value(json, key, "\"", 1);
    add_characters(json, fct_bytes_of(text));
    add(json, at, (apr_size_t)(end - at));
    add(json, "\"", 1);
}

void fct_json_integer(fct_json_t *json, const char *key, apr_int64_t value)
{
    char text[NUMBER_LEN], *end = text + sizeof(text);
    char *at = write_digits(end, magnitude(value), 1);

    if (value < 0) {
        *--at = '-';
    }
    add_value(json, key, at, (apr_size_t)(end - at));
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
    add_value(json, key, at, (apr_size_t)(end - at));
}

void fct_json_boolean(fct_json_t *json, const char *key, int value)
{
    add_value(json, key, value ? "true" : "false", value ? 4 : 5);
}

void fct_json_raw(fct_json_t *json, const char *key, fct_bytes_t made)
{
    add_value(json, key, made.at, made.len);
}

/* --- times --- */

/* n digits, zeros in front. */
static char *write_number(char *to, int number, int n)
{
    int i;

    for (i = n; i > 0; i--, number /= 10) {
        to[i - 1] = (char)('0' + number % 10);
    }
    return to + n;
}

static char *write_part(char *to, char before, int number, int n)
{
    *to = before;
    return write_number(to + 1, number, n);
}

void fct_json_time(fct_json_t *json, const char *key, apr_time_t at)
{
    apr_time_exp_t time;
    char text[TIME_LEN], *to = text;

    apr_time_exp_gmt(&time, at);
    to = write_number(to, time.tm_year + 1900, 4);
    to = write_part(to, '-', time.tm_mon + 1, 2);
    to = write_part(to, '-', time.tm_mday, 2);
    to = write_part(to, 'T', time.tm_hour, 2);
    to = write_part(to, ':', time.tm_min, 2);
    to = write_part(to, ':', time.tm_sec, 2);
    to = write_part(to, '.', time.tm_usec, 6);
    *to++ = 'Z';
    fct_json_string(json, key, fct_bytes_make(text, (apr_size_t)(to - text)));
}
