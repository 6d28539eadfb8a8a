/* The mirror's side of the wire: the records that answer a request, honest or not. */
#include <stdio.h>

#include "mirror.h"

#define PROTOCOL_OVERLOADED 2
#define MISSING_BYTES 1000          /* how much of the body the lie short-body leaves out */

static void add_record(fct_out_t *out, fct_record_type_t type, unsigned id, const char *at, apr_size_t len)
{
    unsigned char header[FCT_RECORD_HEADER_LEN];

    fct_record_put_header(header, type, id, len);
    fct_out_add(out, (const char *)header, sizeof(header));
    fct_out_add(out, at, len);
}

static void add_stdout(fct_out_t *out, unsigned id, fct_bytes_t bytes)
{
    while (bytes.len) {
        apr_size_t len = bytes.len < FCT_RECORD_CONTENT_MAX ? bytes.len : FCT_RECORD_CONTENT_MAX;

        add_record(out, FCT_RECORD_STDOUT, id, bytes.at, len);
        bytes = fct_bytes_from(bytes, len);
    }
}

void fct_mirror_answer_end(fct_out_t *out, unsigned id, unsigned protocol_status)
{
    const char body[FCT_RECORD_END_BODY_LEN] = { 0, 0, 0, 0, (char)protocol_status, 0, 0, 0 };

    add_record(out, FCT_RECORD_END_REQUEST, id, body, sizeof(body));
}

/* --- management records: the only ones with id 0 --- */

static void add_management(fct_out_t *out, fct_record_type_t type, fct_bytes_t content)
{
    const unsigned char header[FCT_RECORD_HEADER_LEN]
        = { FCT_RECORD_VERSION, (unsigned char)type, 0, 0, (unsigned char)(content.len >> 8), (unsigned char)content.len, 0, 0 };

    fct_out_add(out, (const char *)header, sizeof(header));
    fct_out_add(out, content.at, content.len);
}

static void add_value(fct_out_t *values, fct_bytes_t name, const char *value)
{
    const char lengths[2] = { (char)name.len, (char)strlen(value) };

    fct_out_add(values, lengths, sizeof(lengths));
    fct_out_add(values, name.at, name.len);
    fct_out_add_string(values, value);
}

static void add_known_value(fct_out_t *values, fct_bytes_t name, apr_int64_t max_connections)
{
    char number[32];

    snprintf(number, sizeof(number), "%" APR_INT64_T_FMT, max_connections);
    if (fct_bytes_equal(name, FCT_BYTES_LITERAL("FCGI_MPXS_CONNS"))) {
        add_value(values, name, "0");
    } else if (fct_bytes_equal(name, FCT_BYTES_LITERAL("FCGI_MAX_CONNS")) || fct_bytes_equal(name, FCT_BYTES_LITERAL("FCGI_MAX_REQS"))) {
        add_value(values, name, number);
    }
}

int fct_mirror_answer_values(fct_out_t *out, fct_bytes_t names, apr_int64_t max_connections)
{
    fct_out_t values;
    apr_size_t at = 0;

    fct_out_init(&values, out->pool);
    while (at < names.len) {
        apr_size_t name_len, value_len;

        if (!fct_inbound_read_length(names, &at, &name_len) || !fct_inbound_read_length(names, &at, &value_len)
            || name_len > names.len - at || value_len != 0) {
            return 0;
        }
        add_known_value(&values, fct_bytes_make(names.at + at, name_len), max_connections);
        at += name_len;
    }
    add_management(out, FCT_RECORD_GET_VALUES_RESULT, fct_out_bytes(&values));
    return 1;
}

void fct_mirror_answer_unknown(fct_out_t *out, unsigned type)
{
    const char body[8] = { (char)type, 0, 0, 0, 0, 0, 0, 0 };

    add_management(out, FCT_RECORD_UNKNOWN_TYPE, fct_bytes_make(body, sizeof(body)));
}

/* --- the answer to a request --- */

static int contains(fct_bytes_t bytes, const char *part)
{
    return !fct_bytes_is_absent(bytes) && memmem(bytes.at, bytes.len, part, strlen(part)) != NULL;
}

static fct_mirror_format_t choose_format(int format, const fct_inbound_request_t *request)
{
    fct_bytes_t accept = fct_inbound_param(request, "HTTP_ACCEPT");

    if (format != FCT_MIRROR_AUTO) {
        return (fct_mirror_format_t)format;
    }
    return contains(accept, "text/html") ? FCT_MIRROR_HTML : contains(accept, "application/json") ? FCT_MIRROR_JSON : FCT_MIRROR_TEXT;
}

static const char *content_type(fct_mirror_format_t format)
{
    return format == FCT_MIRROR_HTML ? "text/html; charset=utf-8"
         : format == FCT_MIRROR_JSON ? "application/json" : "text/plain; charset=utf-8";
}

static void add_head(fct_out_t *head, const fct_mirror_settings_t *settings, fct_mirror_format_t format, apr_size_t body_len)
{
    if (settings->lie == FCT_MIRROR_BAD_HEADER) {
        fct_out_add_string(head, "This line has no colon\r\n");
    }
    fct_out_addf(head,
                  "Status: 200 OK\r\n"
                  "Content-Type: %s\r\n"
                  "Content-Length: %" APR_SIZE_T_FMT "\r\n"
                  "Cache-Control: no-store\r\n"
                  "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
                  "X-Content-Type-Options: nosniff\r\n%s\r\n",
                  content_type(format), settings->lie == FCT_MIRROR_SHORT_BODY ? body_len + MISSING_BYTES : body_len,
                  settings->format == FCT_MIRROR_AUTO ? "Vary: Accept\r\n" : "");
}

int fct_mirror_answer(fct_out_t *out, const fct_mirror_settings_t *settings, const fct_mirror_place_t *place,
                      const fct_inbound_request_t *request)
{
    fct_mirror_format_t format = choose_format(settings->format, request);
    unsigned id = settings->lie == FCT_MIRROR_WRONG_ID ? request->id % 65535 + 1 : request->id;
    int keep = (request->flags & FCT_INBOUND_KEEP_CONN) != 0;
    fct_out_t head, page;

    if (settings->lie == FCT_MIRROR_OVERLOADED) {
        fct_mirror_answer_end(out, id, PROTOCOL_OVERLOADED);
        return keep;
    }
    fct_out_init(&head, request->pool);
    fct_out_init(&page, request->pool);
    fct_mirror_page(&page, format, place, request);
    add_head(&head, settings, format, page.len);
    if (!fct_bytes_equal(fct_inbound_param(request, "REQUEST_METHOD"), FCT_BYTES_LITERAL("HEAD"))) {
        fct_out_add(&head, page.at, page.len);
    }
    add_stdout(out, id, fct_out_bytes(&head));
    add_record(out, FCT_RECORD_STDOUT, id, NULL, 0);
    if (settings->lie == FCT_MIRROR_NO_END) {
        return 0;
    }
    fct_mirror_answer_end(out, id, 0);
    return keep;
}
