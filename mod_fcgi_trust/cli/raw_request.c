/* One raw HTTP/1.x request as text → its parts, by the rules that httpd itself has for it (HttpProtocolOptions Strict). */
#include "raw_request.h"

#include <apr_strings.h>

#include "escape.h"
#include "name.h"

#define SHOWN_MAX 64
#define BLANK_LINES_MAX 10           /* before a request line; httpd passes over as many */

int fct_raw_request_refuse(fct_raw_refusal_t *refusal, int status, int line, const char *why)
{
    refusal->status = status;
    refusal->line = line;
    refusal->why = why;
    return 0;
}

static const char *show(fct_bytes_t bytes, apr_pool_t *p)
{
    return fct_escape_copy(bytes, SHOWN_MAX, p);
}

/* --- lines --- */

int fct_raw_request_take_line(fct_bytes_t *rest, int *has_crlf, int number, fct_bytes_t *line, fct_raw_refusal_t *refusal)
{
    const char *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;
    apr_size_t len = end ? (apr_size_t)(end - rest->at) : rest->len;
    int is_crlf = end && len > 0 && end[-1] == '\r';

    *line = fct_bytes_make(rest->at, len - (is_crlf ? 1 : 0));
    *rest = fct_bytes_from(*rest, end ? len + 1 : len);
    if (end && *has_crlf < 0) {
        *has_crlf = is_crlf;
    }
    if (end && is_crlf != *has_crlf) {
        return fct_raw_request_refuse(refusal, 400, number, is_crlf ? "this line ends with CR LF, others with LF alone"
                                                                    : "this line ends without CR");
    }
    return line->len == 0 || !memchr(line->at, '\0', line->len)
        || fct_raw_request_refuse(refusal, 400, number, "a zero byte stands in this line");
}

/* --- the request line (RFC 9112 §3) --- */

/* What may stand in a request target: visible bytes and those above 7F. */
static apr_size_t target_length(fct_bytes_t line)
{
    apr_size_t i = 0;

    while (i < line.len && (unsigned char)line.at[i] > ' ' && line.at[i] != 0x7f) {
        i++;
    }
    return i;
}

/* "HTTP/1.1" → 11; -1: no version that httpd knows. */
static int read_version(fct_bytes_t text)
{
    if (text.len != 8 || memcmp(text.at, "HTTP/", 5) != 0 || text.at[5] < '1' || text.at[5] > '9' || text.at[6] != '.'
        || text.at[7] < '0' || text.at[7] > '9') {
        return -1;
    }
    return (text.at[5] - '0') * 10 + text.at[7] - '0';
}

static const char *fault_of_request_line(fct_bytes_t line, fct_raw_request_t *request, apr_pool_t *p)
{
    const char *blank = line.len ? memchr(line.at, ' ', line.len) : NULL;
    fct_bytes_t method = fct_bytes_make(line.at, blank ? (apr_size_t)(blank - line.at) : line.len);
    fct_bytes_t rest = fct_bytes_from(line, method.len + (blank ? 1 : 0));
    fct_bytes_t target = fct_bytes_make(rest.at, target_length(rest));

    if (!fct_name_is_token(method)) {
        return apr_psprintf(p, "'%s' is no method: the request line is METHOD, one blank, the target, one blank, HTTP/1.1", show(method, p));
    }
    request->method = fct_bytes_string(method, p);
    rest = fct_bytes_from(rest, target.len);
    if (target.len == 0 || (rest.len > 0 && rest.at[0] != ' ')) {
        return "the request line has no target, or one with a byte that no target may have";
    }
    request->target = fct_bytes_string(target, p);
    if (rest.len <= 1) {
        request->version = 9;
        return strcmp(request->method, "GET") == 0 ? NULL : "without a version a request is HTTP/0.9, which has GET alone";
    }
    request->version = read_version(fct_bytes_from(rest, 1));
    return request->version > 0 ? NULL : apr_psprintf(p, "'%s' is no version: it is HTTP/1.1 or HTTP/1.0", show(fct_bytes_from(rest, 1), p));
}

static int take_request_line(fct_raw_request_t *request, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    fct_bytes_t line;
    const char *fault;
    int blank_lines = -1;

    do {
        if (!fct_raw_request_take_line(&request->rest, &request->has_crlf, request->rest_line, &line, refusal)) {
            return 0;
        }
        request->rest_line++;
    } while (line.len == 0 && request->rest.len > 0 && ++blank_lines < BLANK_LINES_MAX);
    if (line.len == 0) {
        return fct_raw_request_refuse(refusal, 0, request->rest_line - 1, "there is no request line");
    }
    if (line.len > FCT_RAW_LINE_MAX + 1) {      /* httpd counts the line feed, but not where it alone is too much */
        return fct_raw_request_refuse(refusal, 414, request->rest_line - 1, "the request line is longer than LimitRequestLine (8190)");
    }
    fault = fault_of_request_line(line, request, p);
    return fault == NULL || fct_raw_request_refuse(refusal, 400, request->rest_line - 1, fault);
}

/* --- fields (RFC 9112 §5) --- */

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static fct_bytes_t without_trailing_blanks(fct_bytes_t line)
{
    while (line.len > 1 && is_blank(line.at[line.len - 1])) {
        line.len--;
    }
    return line;
}

static fct_bytes_t without_leading_blanks(fct_bytes_t line)
{
    while (line.len > 0 && is_blank(line.at[0])) {
        line = fct_bytes_from(line, 1);
    }
    return line;
}

/* A line that begins with a blank goes on with the field before. */
static int take_fold(fct_bytes_t *pending, fct_bytes_t line, int number, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    fct_bytes_t more = without_leading_blanks(line);
    char *joined;

    if (fct_bytes_is_absent(*pending)) {
        return fct_raw_request_refuse(refusal, 400, number, "the first field begins with a blank");
    }
    if (more.len == 0) {
        return fct_raw_request_refuse(refusal, 400, number, "this line has blanks alone; the empty line after the header has none");
    }
    if (pending->len + more.len + 2 >= FCT_RAW_LINE_MAX) {
        return fct_raw_request_refuse(refusal, 400, number, "the field is longer than LimitRequestFieldSize (8190)");
    }
    joined = apr_palloc(p, pending->len + more.len + 1);
    memcpy(joined, pending->at, pending->len);
    joined[pending->len] = ' ';
    memcpy(joined + pending->len + 1, more.at, more.len);
    *pending = fct_bytes_make(joined, pending->len + more.len + 1);
    return 1;
}

static int has_control(fct_bytes_t value)
{
    apr_size_t i;

    for (i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];

        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return 1;
        }
    }
    return 0;
}

static int add_field(fct_raw_request_t *request, fct_bytes_t line, fct_raw_field_t field, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    const char *colon = memchr(line.at, ':', line.len);
    fct_bytes_t name = fct_bytes_make(line.at, colon ? (apr_size_t)(colon - line.at) : line.len);

    if (request->fields->nelts >= FCT_RAW_FIELDS_MAX) {
        return fct_raw_request_refuse(refusal, 400, field.line, "the header has more fields than LimitRequestFields (100)");
    }
    if (!colon || !fct_name_is_token(name)) {
        return fct_raw_request_refuse(refusal, 400, field.line,
                                      apr_psprintf(p, "'%s' is no field: a name, a colon directly behind it, and the value", show(line, p)));
    }
    field.name = name;
    field.value = without_leading_blanks(fct_bytes_from(line, name.len + 1));
    if (has_control(field.value)) {
        return fct_raw_request_refuse(refusal, 400, field.line, apr_psprintf(p, "a control byte stands in the value of %s", show(name, p)));
    }
    APR_ARRAY_PUSH(request->fields, fct_raw_field_t) = field;
    return 1;
}

/* The length of the values of one name, as httpd joins them. */
static int check_joined(const fct_raw_request_t *request, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    int i, k;

    for (i = 0; i < request->fields->nelts; i++) {
        const fct_raw_field_t *field = &APR_ARRAY_IDX(request->fields, i, fct_raw_field_t);
        apr_size_t len = field->value.len;

        for (k = i + 1; k < request->fields->nelts; k++) {
            const fct_raw_field_t *other = &APR_ARRAY_IDX(request->fields, k, fct_raw_field_t);

            len += fct_bytes_equal_nocase(field->name, other->name) ? other->value.len + 2 : 0;
        }
        if (len > FCT_RAW_LINE_MAX) {
            return fct_raw_request_refuse(refusal, 400, field->line, apr_psprintf(p, "the fields %s together are longer than "
                                                                                  "LimitRequestFieldSize (8190)", show(field->name, p)));
        }
    }
    return 1;
}

int fct_raw_request_take_fields(fct_raw_request_t *request, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    fct_raw_field_t field = { FCT_BYTES_ABSENT, FCT_BYTES_ABSENT, 0, 0 };
    fct_bytes_t line, pending = FCT_BYTES_ABSENT;

    do {
        int number = request->rest_line++;

        if (!fct_raw_request_take_line(&request->rest, &request->has_crlf, number, &line, refusal)) {
            return 0;
        }
        if (line.len > FCT_RAW_LINE_MAX + 1) {
            return fct_raw_request_refuse(refusal, 400, number, "the field is longer than LimitRequestFieldSize (8190)");
        }
        line = without_trailing_blanks(line);
        if (line.len > 0 && is_blank(line.at[0])) {
            field.is_folded = 1;
            if (!take_fold(&pending, line, number, refusal, p)) {
                return 0;
            }
            continue;
        }
        if (!fct_bytes_is_absent(pending) && !add_field(request, pending, field, refusal, p)) {
            return 0;
        }
        pending = line.len > 0 ? line : FCT_BYTES_ABSENT;
        field.line = number;
        field.is_folded = 0;
    } while (line.len > 0 && (request->rest.len > 0 || !fct_bytes_is_absent(pending)));
    return check_joined(request, refusal, p);
}

int fct_raw_request_parse(fct_bytes_t text, fct_raw_request_t *request, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    memset(request, 0, sizeof(*request));
    request->fields = apr_array_make(p, 32, sizeof(fct_raw_field_t));
    request->rest = fct_bytes_is_absent(text) ? FCT_BYTES_LITERAL("") : text;
    request->rest_line = 1;
    request->has_crlf = -1;
    return take_request_line(request, refusal, p) && (request->version == 9 || fct_raw_request_take_fields(request, refusal, p));
}

const char *fct_raw_request_field(const fct_raw_request_t *request, const char *name, apr_pool_t *p)
{
    const char *joined = NULL;
    int i;

    for (i = 0; i < request->fields->nelts; i++) {
        const fct_raw_field_t *field = &APR_ARRAY_IDX(request->fields, i, fct_raw_field_t);

        if (fct_bytes_equal_nocase(field->name, fct_bytes_of(name))) {
            const char *value = fct_bytes_string(field->value, p);

            joined = joined ? apr_pstrcat(p, joined, ", ", value, NULL) : value;
        }
    }
    return joined;
}
