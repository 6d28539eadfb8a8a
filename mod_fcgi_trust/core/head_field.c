/* One line of a CGI header block: its grammar, and which fields mean something to a gateway. */
#include "head_field.h"

#define LENGTH_DIGITS_MAX 18

static const struct {
    fct_bytes_t name;
    fct_head_field_kind_t kind;
} known[] = {
    { { "Status", 6 }, FCT_HEAD_FIELD_STATUS },
    { { "Content-Length", 14 }, FCT_HEAD_FIELD_CONTENT_LENGTH },
    { { "Content-Type", 12 }, FCT_HEAD_FIELD_CONTENT_TYPE },
    { { "Location", 8 }, FCT_HEAD_FIELD_LOCATION },
    { { "Transfer-Encoding", 17 }, FCT_HEAD_FIELD_TRANSFER_ENCODING },
    { { "Connection", 10 }, FCT_HEAD_FIELD_CONNECTION },
    { { "Keep-Alive", 10 }, FCT_HEAD_FIELD_HOP_BY_HOP },
    { { "TE", 2 }, FCT_HEAD_FIELD_HOP_BY_HOP },
    { { "Trailer", 7 }, FCT_HEAD_FIELD_HOP_BY_HOP },
    { { "Upgrade", 7 }, FCT_HEAD_FIELD_HOP_BY_HOP },
    { { "Proxy-Connection", 16 }, FCT_HEAD_FIELD_HOP_BY_HOP },
};

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 9110 §5.6.2 */
static int is_token_byte(char c)
{
    return is_alpha(c) || is_digit(c) || (c != '\0' && strchr("-_!#$%&'*+.^`|~", c) != NULL);
}

int fct_head_field_is_token(fct_bytes_t bytes)
{
    apr_size_t i;

    for (i = 0; i < bytes.len; i++) {
        if (!is_token_byte(bytes.at[i])) {
            return 0;
        }
    }
    return bytes.len > 0;
}

static fct_bytes_t trim(fct_bytes_t bytes)
{
    while (bytes.len > 0 && is_blank(bytes.at[0])) {
        bytes = fct_bytes_from(bytes, 1);
    }
    while (bytes.len > 0 && is_blank(bytes.at[bytes.len - 1])) {
        bytes.len--;
    }
    return bytes;
}

static fct_finding_id_t check_value(fct_bytes_t value)
{
    apr_size_t i;

    for (i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];

        if ((c >= 0x20 && c != 0x7F) || c == '\t') {
            continue;
        }
        return c == '\0' ? FCT_FINDING_HEAD_NUL : c == '\r' ? FCT_FINDING_HEAD_BARE_CR : FCT_FINDING_HEAD_CONTROL_BYTE;
    }
    return FCT_FINDING_NONE;
}

static fct_head_field_kind_t kind_of(fct_bytes_t name)
{
    apr_size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (fct_bytes_equal_nocase(known[i].name, name)) {
            return known[i].kind;
        }
    }
    return FCT_HEAD_FIELD_PLAIN;
}

fct_finding_id_t fct_head_field_parse(fct_bytes_t line, fct_head_field_t *field)
{
    const char *colon = (const char *)memchr(line.at, ':', line.len);

    if (is_blank(line.at[0])) {
        return FCT_FINDING_HEAD_FOLDED;
    }
    if (colon == NULL) {
        return FCT_FINDING_HEAD_NO_COLON;
    }
    if (colon == line.at) {
        return FCT_FINDING_HEAD_NO_NAME;
    }
    if (is_blank(colon[-1])) {
        return FCT_FINDING_HEAD_BLANK_BEFORE_COLON;
    }
    field->name = fct_bytes_make(line.at, (apr_size_t)(colon - line.at));
    field->value = trim(fct_bytes_from(line, field->name.len + 1));
    field->kind = kind_of(field->name);
    return fct_head_field_is_token(field->name) ? check_value(field->value) : FCT_FINDING_HEAD_NAME;
}

apr_int64_t fct_head_field_length(fct_bytes_t value)
{
    apr_int64_t length = 0;
    apr_size_t i;

    if (value.len == 0 || value.len > LENGTH_DIGITS_MAX) {
        return -1;
    }
    for (i = 0; i < value.len; i++) {
        if (!is_digit(value.at[i])) {
            return -1;
        }
        length = 10 * length + (value.at[i] - '0');
    }
    return length;
}

int fct_head_field_status(fct_bytes_t value)
{
    fct_bytes_t code = fct_bytes_make(value.at, 3);
    apr_int64_t status;

    if (value.len < 3 || (value.len > 3 && !is_blank(value.at[3]))) {
        return 0;
    }
    status = fct_head_field_length(code);
    return status >= 100 && status <= 599 ? (int)status : 0;
}

int fct_head_field_is_absolute_uri(fct_bytes_t bytes)
{
    apr_size_t i;

    if (bytes.len == 0 || !is_alpha(bytes.at[0])) {
        return 0;
    }
    for (i = 1; i < bytes.len && bytes.at[i] != ':'; i++) {
        if (!is_alpha(bytes.at[i]) && !is_digit(bytes.at[i]) && !strchr("+-.", bytes.at[i])) {
            return 0;
        }
    }
    return i + 1 < bytes.len;
}

int fct_head_field_next_option(fct_bytes_t *rest, fct_bytes_t *option)
{
    while (rest->len > 0) {
        const char *comma = (const char *)memchr(rest->at, ',', rest->len);
        apr_size_t n = comma ? (apr_size_t)(comma - rest->at) : rest->len;

        *option = trim(fct_bytes_make(rest->at, n));
        *rest = fct_bytes_from(*rest, comma ? n + 1 : n);
        if (option->len > 0) {
            return 1;
        }
    }
    return 0;
}

int fct_head_field_is_end_to_end(fct_bytes_t name)
{
    static const fct_bytes_t fields[] = {
        { "Status", 6 },         { "Location", 8 },  { "Set-Cookie", 10 }, { "Transfer-Encoding", 17 },
        { "Cache-Control", 13 }, { "Vary", 4 },      { "WWW-Authenticate", 16 },
        { "Strict-Transport-Security", 25 },
    };
    static const fct_bytes_t content = { "Content-", 8 };
    apr_size_t i;

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fct_bytes_equal_nocase(name, fields[i])) {
            return 1;
        }
    }
    return name.len >= content.len && fct_bytes_equal_nocase(fct_bytes_make(name.at, content.len), content);
}
