/* JSON (RFC 8259) written member by member into one run of bytes. */
#include "json.h"

#include "text.h"

#define ESCAPE_LEN 6             /* \u0000 */
#define NUMBER_LEN 24
#define TIME_LEN 29              /* "2024-02-28T23:59:59.999999Z" */

static const char digits[] = "0123456789abcdef";

void fct_json_init_in(fct_json_t *json, char *at, apr_size_t room, apr_pool_t *p)
{
    json->pool = p;
    json->at = at;
    json->len = 0;
    json->room = room;
    json->needs_comma = 0;
}

void fct_json_init(fct_json_t *json, apr_size_t expected, apr_pool_t *p)
{
    apr_size_t room = expected ? expected : 1;

    fct_json_init_in(json, apr_palloc(p, room), room, p);
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
    if (text.len - i < sizeof(apr_uint64_t) && text.len >= sizeof(apr_uint64_t)
        && is_plain_word(text.at + text.len - sizeof(apr_uint64_t))) {        /* the end, and of what is before it some once more */
        return text.len;
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
    apr_size_t plain;
    char *to;

    if (fct_bytes_is_absent(value)) {
        add_value(json, key, "null", 4);
        return;
    }
    to = begin_value(json, key, value.len + 2);
    *to++ = '"';
    plain = measure_plain(value);
    memcpy(to, value.at, plain);
    fct_json_end_raw(json, to + plain);
    if (plain < value.len) {
        add_characters(json, fct_bytes_from(value, plain));
    }
    add(json, "\"", 1);
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

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869"
                            "707172737475767778798081828384858687888990919293949596979899";

/* Two digits. */
static inline char *write_pair(char *to, unsigned number)
{
    memcpy(to, pairs + 2 * number, 2);
    return to + 2;
}

/* Six digits, zeros in front. */
static inline char *write_micros(char *to, unsigned micros)
{
    to = write_pair(to, micros / 10000);
    to = write_pair(to, micros / 100 % 100);
    return write_pair(to, micros % 100);
}

char *fct_json_write_digits(char *to, apr_uint64_t value)
{
    char text[FCT_JSON_DIGITS], *end = text + sizeof(text), *at = end;

    for (; value >= 100; value /= 100) {
        at -= 2;
        write_pair(at, (unsigned)(value % 100));
    }
    if (value >= 10) {
        at -= 2;
        write_pair(at, (unsigned)value);
    }
    else {
        *--at = (char)('0' + value);
    }
    memcpy(to, at, (apr_size_t)(end - at));
    return to + (end - at);
}

/* The sign, and what follows it in *size. */
static inline char *write_sign(char *to, apr_int64_t value, apr_uint64_t *size)
{
    *size = (apr_uint64_t)value;
    if (value < 0) {
        *size = (apr_uint64_t)0 - *size;
        *to++ = '-';
    }
    return to;
}

void fct_json_place(fct_json_t *json, const char *key, const char *text, int number)
{
    char digits_text[FCT_JSON_DIGITS];
    const char *end = fct_json_write_digits(digits_text, (apr_uint64_t)number);

    add_value(json, key, "\"", 1);
    add_characters(json, fct_bytes_of(text));
    add(json, ":", 1);
    add(json, digits_text, (apr_size_t)(end - digits_text));
    add(json, "\"", 1);
}

void fct_json_integer(fct_json_t *json, const char *key, apr_int64_t value)
{
    char *to = begin_value(json, key, NUMBER_LEN);
    apr_uint64_t size;

    to = write_sign(to, value, &size);
    fct_json_end_raw(json, fct_json_write_digits(to, size));
}

void fct_json_seconds(fct_json_t *json, const char *key, apr_int64_t microseconds)
{
    char *to = begin_value(json, key, NUMBER_LEN);
    apr_uint64_t size;

    to = write_sign(to, microseconds, &size);
    to = fct_json_write_digits(to, size / 1000000);
    *to++ = '.';
    fct_json_end_raw(json, write_micros(to, (unsigned)(size % 1000000)));
}

void fct_json_boolean(fct_json_t *json, const char *key, int value)
{
    add_value(json, key, value ? "true" : "false", value ? 4 : 5);
}

void fct_json_raw(fct_json_t *json, const char *key, fct_bytes_t made)
{
    add_value(json, key, made.at, made.len);
}

char *fct_json_begin_raw(fct_json_t *json, apr_size_t most)
{
    return begin_value(json, NULL, most);
}

void fct_json_end_raw(fct_json_t *json, const char *end)
{
    json->len = (apr_size_t)(end - json->at);
}

/* --- times --- */

static char *write_part(char *to, int number, char after)
{
    to = write_pair(to, (unsigned)number);
    *to++ = after;
    return to;
}

void fct_json_time(fct_json_t *json, const char *key, const apr_time_exp_t *at)
{
    int year = at->tm_year + 1900;
    char *to = begin_value(json, key, TIME_LEN);

    *to++ = '"';
    to = write_pair(to, (unsigned)(year / 100 % 100));
    to = write_part(to, year % 100, '-');
    to = write_part(to, at->tm_mon + 1, '-');
    to = write_part(to, at->tm_mday, 'T');
    to = write_part(to, at->tm_hour, ':');
    to = write_part(to, at->tm_min, ':');
    to = write_part(to, at->tm_sec, '.');
    to = write_micros(to, (unsigned)at->tm_usec);
    *to++ = 'Z';
    *to++ = '"';
    fct_json_end_raw(json, to);
}
