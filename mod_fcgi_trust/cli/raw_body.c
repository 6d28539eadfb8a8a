/* The body of a raw request: how it is framed, and its bytes (RFC 9112 §6, §7). */
#include "raw_body.h"

#include <apr_strings.h>

#define CHUNK_BLANKS_MAX 10          /* httpd lets as many stand behind a chunk's size */

/* --- framing --- */

static int read_length(const char *text, apr_off_t *length)
{
    char *end;

    return text[0] >= '0' && text[0] <= '9' && apr_strtoff(length, text, &end, 10) == APR_SUCCESS && *end == '\0';
}

/* httpd goes on where the last coding is chunked, whatever stands before it. */
static int ends_with_chunked(const char *coding)
{
    apr_size_t len = strlen(coding), chunked = strlen("chunked");
    const char *last = len >= chunked ? coding + len - chunked : NULL;

    if (!last || strcasecmp(last, "chunked") != 0) {
        return 0;
    }
    if (last == coding) {
        return 1;
    }
    if (last[-1] != ' ' && last[-1] != '\t' && last[-1] != ',') {
        return 0;
    }
    do {
        last--;
    } while (last > coding && *last == ' ');
    return *last == ',' || *last == ' ';
}

int fct_raw_body_frame(const fct_raw_request_t *request, fct_raw_body_t *body, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    const char *length = fct_raw_request_field(request, "Content-Length", p);
    const char *coding = fct_raw_request_field(request, "Transfer-Encoding", p);

    memset(body, 0, sizeof(*body));
    if (length && !read_length(length, &body->length)) {
        return fct_raw_request_refuse(refusal, 400, 0, "the Content-Length is not one number");
    }
    if (coding && !ends_with_chunked(coding)) {
        return fct_raw_request_refuse(refusal, 400, 0, "the Transfer-Encoding does not end with chunked");
    }
    if (strcmp(request->method, "TRACE") != 0) {
        body->kind = coding ? FCT_BODY_UNKNOWN : length ? FCT_BODY_LENGTH : FCT_BODY_NONE;
    }
    body->is_doubtful = coding && (length || request->version < 11 || strcasecmp(coding, "chunked") != 0);
    return 1;
}

/* --- bytes --- */

static int has_blank_lines_alone(fct_bytes_t text)
{
    apr_size_t i;

    for (i = 0; i < text.len; i++) {
        if (text.at[i] != '\r' && text.at[i] != '\n') {
            return 0;
        }
    }
    return 1;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "1a ;extension". Returns httpd's status for what is no such line, or 0. */
static int read_chunk_size(fct_bytes_t line, apr_size_t *size)
{
    apr_size_t i, digits = 0, blanks = 0;

    *size = 0;
    for (i = 0; i < line.len && hex_value(line.at[i]) >= 0; i++) {
        digits += *size || line.at[i] != '0';
        *size = *size * 16 + (apr_size_t)hex_value(line.at[i]);
        if (digits > 15 || line.len > FCT_RAW_LINE_MAX) {
            return 413;
        }
    }
    if (i == 0) {
        return 400;
    }
    while (i < line.len && (line.at[i] == ' ' || line.at[i] == '\t') && blanks <= CHUNK_BLANKS_MAX) {
        i++;
        blanks++;
    }
    if (blanks > CHUNK_BLANKS_MAX || (i < line.len && line.at[i] != ';')) {
        return 400;
    }
    for (; i < line.len; i++) {
        if (((unsigned char)line.at[i] < ' ' && line.at[i] != '\t') || line.at[i] == 0x7f) {
            return 400;
        }
    }
    return 0;
}

/* One chunk off the front. Returns 0 at a fault; *size 0: it was the last. */
static int take_chunk(fct_raw_request_t *rest, fct_bytes_t *chunk, fct_raw_refusal_t *refusal)
{
    fct_bytes_t line;
    apr_size_t size;
    int status;

    *chunk = FCT_BYTES_LITERAL("");
    if (!fct_raw_request_take_line(&rest->rest, &rest->has_crlf, rest->rest_line++, &line, refusal)) {
        return 0;
    }
    status = read_chunk_size(line, &size);
    if (status) {
        return fct_raw_request_refuse(refusal, status, 0, "a chunk does not begin with its size");
    }
    if (size == 0) {
        return 1;
    }
    if (size >= rest->rest.len) {
        return fct_raw_request_refuse(refusal, 0, 0, "the text ends in the middle of a chunk");
    }
    *chunk = fct_bytes_make(rest->rest.at, size);
    rest->rest = fct_bytes_from(rest->rest, size);
    if (!fct_raw_request_take_line(&rest->rest, &rest->has_crlf, rest->rest_line++, &line, refusal)) {
        return 0;
    }
    return line.len == 0 || fct_raw_request_refuse(refusal, 400, 0, "a chunk is longer than its size says");
}

static int read_chunks(const fct_raw_request_t *request, fct_bytes_t *bytes, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    fct_raw_request_t rest = *request;
    char *decoded = apr_palloc(p, request->rest.len + 1);
    apr_size_t len = 0;
    fct_bytes_t chunk;

    do {
        if (rest.rest.len == 0) {
            return fct_raw_request_refuse(refusal, 0, 0, "the text ends before the last chunk");
        }
        if (!take_chunk(&rest, &chunk, refusal)) {
            return 0;
        }
        memcpy(decoded + len, chunk.at, chunk.len);
        len += chunk.len;
    } while (chunk.len > 0);
    rest.fields = apr_array_make(p, 4, sizeof(fct_raw_field_t));
    if (!fct_raw_request_take_fields(&rest, refusal, p)) {
        return 0;
    }
    *bytes = fct_bytes_make(decoded, len);
    return has_blank_lines_alone(rest.rest) || fct_raw_request_refuse(refusal, 0, 0, "more follows behind the last chunk");
}

static int read_announced(const fct_raw_request_t *request, apr_off_t length, fct_bytes_t *bytes, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    fct_bytes_t rest = request->rest;

    if ((apr_off_t)rest.len < length) {
        return fct_raw_request_refuse(refusal, 0, 0, apr_psprintf(p, "the body has %" APR_SIZE_T_FMT " bytes, Content-Length says %" APR_OFF_T_FMT,
                                                                  rest.len, length));
    }
    *bytes = fct_bytes_make(rest.at, (apr_size_t)length);
    return has_blank_lines_alone(fct_bytes_from(rest, (apr_size_t)length))
        || fct_raw_request_refuse(refusal, 0, 0, apr_psprintf(p, "more follows than the %" APR_OFF_T_FMT " bytes that Content-Length says",
                                                              length));
}

int fct_raw_body_read(const fct_raw_request_t *request, const fct_raw_body_t *body, fct_bytes_t *bytes, fct_raw_refusal_t *refusal,
                      apr_pool_t *p)
{
    *bytes = FCT_BYTES_ABSENT;
    if (body->kind == FCT_BODY_NONE || (has_blank_lines_alone(request->rest) && body->length == 0 && body->kind == FCT_BODY_LENGTH)) {
        return has_blank_lines_alone(request->rest)
            || fct_raw_request_refuse(refusal, 0, request->rest_line, "a body follows that neither Content-Length nor Transfer-Encoding announces: "
                                      "httpd would take it for another request");
    }
    if (request->rest.len == 0) {
        return 1;
    }
    return body->kind == FCT_BODY_LENGTH ? read_announced(request, body->length, bytes, refusal, p) : read_chunks(request, bytes, refusal, p);
}
