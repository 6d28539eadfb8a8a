/* Values: which bytes a type of value may have (POLICY 3). */
#include "value.h"

#include "address.h"
#include "name.h"
#include "text.h"

#define LABEL_MAX 63
#define HOSTNAME_MAX 253

typedef struct value_info_t {
    const char *name;
    const char *text;
    const char *sentence;
} value_info_t;

static const value_info_t types[FCT_VALUE_COUNT] = {
    [FCT_VALUE_ANY] = { "ANY", NULL, "anything" },
#define FCT_VALUE(name, text, sentence) [FCT_VALUE_##name] = { #name, text, sentence },
#include "value.def"
#undef FCT_VALUE
};

/* POLICY 3, "Built in". */
static const struct {
    const char *name;
    fct_value_type_t type;
} built_in[] = {
    { "HTTPS", FCT_VALUE_ON },
    { "AUTH_TYPE", FCT_VALUE_TOKEN },
    { "SSL_CLIENT_VERIFY", FCT_VALUE_SUCCESS },
    { "SERVER_NAME", FCT_VALUE_HOSTNAME },
};

fct_value_type_t fct_value_type_parse(fct_bytes_t text)
{
    int i;

    for (i = FCT_VALUE_ANY + 1; i < FCT_VALUE_COUNT; i++) {
        if (types[i].text && fct_bytes_equal(text, fct_bytes_of(types[i].text))) {
            return (fct_value_type_t)i;
        }
    }
    return FCT_VALUE_ANY;
}

static int ends_with(fct_bytes_t name, const char *end)
{
    apr_size_t len = strlen(end);

    return name.len > len && memcmp(name.at + name.len - len, end, len) == 0;
}

fct_value_type_t fct_value_type_of_name(fct_bytes_t folded)
{
    apr_size_t i;

    for (i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++) {
        if (fct_bytes_equal(folded, fct_bytes_of(built_in[i].name))) {
            return built_in[i].type;
        }
    }
    if (ends_with(folded, "_ADDR")) {
        return FCT_VALUE_IP;
    }
    return ends_with(folded, "_PORT") ? FCT_VALUE_PORT : FCT_VALUE_ANY;
}

const char *fct_value_type_name(fct_value_type_t type)
{
    return types[type].name;
}

const char *fct_value_type_sentence(fct_value_type_t type)
{
    return types[type].sentence;
}

#define ONES 0x0101010101010101u

/* Some of eight bytes is below 0x20 or is 0x7f. Each byte is tried by itself: a borrow can only come from one that is. */
static int may_have_control(const char *at)
{
    apr_uint64_t eight, del;

    memcpy(&eight, at, sizeof(eight));
    del = eight ^ (ONES * 0x7f);
    return (((eight - ONES * 0x20) & ~eight) | ((del - ONES) & ~del)) & (ONES * 0x80) ? 1 : 0;
}

int fct_value_has_control(fct_bytes_t value, int tab_passes)
{
    unsigned seen = 0;
    apr_size_t i = 0;

    while (i + sizeof(apr_uint64_t) <= value.len && !may_have_control(value.at + i)) {
        i += sizeof(apr_uint64_t);
    }
    for (; i < value.len; i++) {
        seen |= fct_octet_class[(unsigned char)value.at[i]];
    }
    return (seen & (tab_passes ? FCT_OCTET_CONTROL : FCT_OCTET_CONTROL | FCT_OCTET_TAB)) != 0;
}

int fct_value_has_control_but_lines(fct_bytes_t value)
{
    const char *end;

    while (value.len && (end = memchr(value.at, '\n', value.len)) != NULL) {
        apr_size_t len = (apr_size_t)(end - value.at);

        if (fct_value_has_control(fct_bytes_make(value.at, len), 0)) {
            return 1;
        }
        value = fct_bytes_from(value, len + 1);
    }
    return fct_value_has_control(value, 0);
}

/* --- one function a type --- */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_hex_digit(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_all_digits(fct_bytes_t value)
{
    apr_size_t i;

    for (i = 0; i < value.len; i++) {
        if (!is_digit(value.at[i])) {
            return 0;
        }
    }
    return value.len > 0;
}

static int is_integer(fct_bytes_t value)
{
    if (value.len > 0 && value.at[0] == '-') {
        value = fct_bytes_from(value, 1);
    }
    return is_all_digits(value) && value.len <= 18;
}

static int is_port(fct_bytes_t value)
{
    unsigned port = 0;
    apr_size_t i;

    if (!is_all_digits(value) || value.len > 5 || value.at[0] == '0') {
        return 0;
    }
    for (i = 0; i < value.len; i++) {
        port = port * 10 + (unsigned)(value.at[i] - '0');
    }
    return port <= 65535;
}

/* Letters, digits, '-' inside, '_' as many internal names have it. */
static int is_label(fct_bytes_t label)
{
    apr_size_t i;

    for (i = 0; i < label.len; i++) {
        char c = label.at[i];

        if (!is_letter(c) && !is_digit(c) && c != '_' && (c != '-' || i == 0 || i + 1 == label.len)) {
            return 0;
        }
    }
    return label.len > 0 && label.len <= LABEL_MAX;
}

static int is_hostname(fct_bytes_t value)
{
    fct_bytes_t rest = value;

    if (value.len > 2 && value.at[0] == '[' && value.at[value.len - 1] == ']') {
        value = fct_bytes_make(value.at + 1, value.len - 2);
        return memchr(value.at, ':', value.len) != NULL && fct_address_is_valid(value);
    }
    if (fct_address_is_valid(value)) {
        return 1;
    }
    while (rest.len > 0) {
        const char *dot = memchr(rest.at, '.', rest.len);
        apr_size_t len = dot ? (apr_size_t)(dot - rest.at) : rest.len;

        if (!is_label(fct_bytes_make(rest.at, len))) {
            return 0;
        }
        rest = fct_bytes_from(rest, dot ? len + 1 : len);
    }
    return value.len > 0 && value.len <= HOSTNAME_MAX;
}

/* addr-spec without quoted local parts, comments or address literals. */
static int is_email(fct_bytes_t value)
{
    const char *at = value.len ? memchr(value.at, '@', value.len) : NULL;
    fct_bytes_t local = fct_bytes_make(value.at, at ? (apr_size_t)(at - value.at) : 0);

    return at && fct_name_is_token(local) && local.at[0] != '.' && local.at[local.len - 1] != '.'
        && is_hostname(fct_bytes_from(value, local.len + 1)) && value.at[local.len + 1] != '[';
}

/* scheme ":" something, of the bytes that RFC 3986 allows. */
static int is_uri(fct_bytes_t value)
{
    const char *colon = value.len ? memchr(value.at, ':', value.len) : NULL;
    apr_size_t i, scheme = colon ? (apr_size_t)(colon - value.at) : 0;

    for (i = 0; i < scheme; i++) {
        char c = value.at[i];

        if (!is_letter(c) && (i == 0 || (!is_digit(c) && c != '+' && c != '-' && c != '.'))) {
            return 0;
        }
    }
    for (i = scheme; i < value.len; i++) {
        char c = value.at[i];

        if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c)) {
            return 0;
        }
        if (c == '%' && (i + 2 >= value.len || !is_hex_digit(value.at[i + 1]) || !is_hex_digit(value.at[i + 2]))) {
            return 0;
        }
    }
    return scheme > 0 && value.len > scheme + 1;
}

static int is_base64(fct_bytes_t value)
{
    apr_size_t i, padding = 0;

    while (padding < 2 && padding < value.len && value.at[value.len - 1 - padding] == '=') {
        padding++;
    }
    for (i = 0; i + padding < value.len; i++) {
        char c = value.at[i];

        if (!is_letter(c) && !is_digit(c) && c != '+' && c != '/') {
            return 0;
        }
    }
    return value.len > 0 && value.len % 4 == 0;
}

static int is_hex(fct_bytes_t value)
{
    apr_size_t i;

    for (i = 0; i < value.len; i++) {
        if (!is_hex_digit(value.at[i])) {
            return 0;
        }
    }
    return value.len > 0;
}

int fct_value_is(fct_value_type_t type, fct_bytes_t value)
{
    switch (type) {
    case FCT_VALUE_TOKEN:
        return fct_name_is_token(value);
    case FCT_VALUE_INTEGER:
        return is_integer(value);
    case FCT_VALUE_HOSTNAME:
        return is_hostname(value);
    case FCT_VALUE_IP:
        return fct_address_is_valid(value);
    case FCT_VALUE_EMAIL:
        return is_email(value);
    case FCT_VALUE_DN:
        return fct_text_is_dn(value);
    case FCT_VALUE_URI:
        return is_uri(value);
    case FCT_VALUE_BASE64:
        return is_base64(value);
    case FCT_VALUE_HEX:
        return is_hex(value);
    case FCT_VALUE_TEXT:
        return fct_text_is_utf8(value);
    case FCT_VALUE_ON:
        return fct_bytes_equal(value, FCT_BYTES_LITERAL("on"));
    case FCT_VALUE_PORT:
        return is_port(value);
    case FCT_VALUE_SUCCESS:
        return fct_bytes_equal(value, FCT_BYTES_LITERAL("SUCCESS"));
    case FCT_VALUE_ANY:
    case FCT_VALUE_COUNT:
        break;
    }
    return 1;
}
