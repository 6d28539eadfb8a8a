/* What the mirror shows of a request: as text, JSON or HTML. Every foreign byte is escaped here. */
#include <stdlib.h>

#include "mirror.h"
#include "text.h"

static const char *role_name(unsigned role)
{
    return role == FCT_INBOUND_RESPONDER ? "responder" : "other";
}

/* CONTENT_LENGTH says something else than the bytes of STDIN. */
static int has_wrong_length(const fct_inbound_request_t *request)
{
    fct_bytes_t said = fct_inbound_param(request, "CONTENT_LENGTH");
    apr_int64_t n = 0;
    apr_size_t i;

    if (fct_bytes_is_absent(said) || fct_bytes_is_empty(said)) {
        return 0;
    }
    for (i = 0; i < said.len; i++) {
        if (said.at[i] < '0' || said.at[i] > '9' || n > APR_INT64_MAX / 10 - 1) {
            return 1;
        }
        n = n * 10 + (said.at[i] - '0');
    }
    return n != (apr_int64_t)request->stdin_len;
}

/* What is worth a look, one sentence each; the number of them. */
static int find_remarks(const fct_inbound_request_t *request, const char *remarks[3])
{
    int n = 0;

    if (request->split_pairs) {
        remarks[n++] = "a pair lies in more than one PARAMS record";
    }
    if (request->has_reserved) {
        remarks[n++] = "a reserved byte or flag is not 0";
    }
    if (has_wrong_length(request)) {
        remarks[n++] = "CONTENT_LENGTH is not the length of STDIN";
    }
    return n;
}

/* --- text: '#' lines about the request, then NAME=value lines, then '#' lines about STDIN --- */

static void add_text(fct_out_t *page, const fct_mirror_place_t *place, const fct_inbound_request_t *request)
{
    const char *remarks[3];
    int n = find_remarks(request, remarks);
    int i;

    fct_out_addf(page,
                  "# request id=%u role=%u (%s) flags=%u keep-conn=%u connection=%" APR_UINT64_T_FMT " exchange=%" APR_UINT64_T_FMT "\n"
                  "# records=%" APR_UINT64_T_FMT " params-records=%" APR_UINT64_T_FMT " stdin-records=%" APR_UINT64_T_FMT
                  " split-pairs=%" APR_UINT64_T_FMT "\n",
                  request->id, request->role, role_name(request->role), request->flags, request->flags & FCT_INBOUND_KEEP_CONN,
                  place->connection, place->exchange, request->records, request->params_records, request->stdin_records,
                  request->split_pairs);
    for (i = 0; i < n; i++) {
        fct_out_addf(page, "# remark: %s\n", remarks[i]);
    }
    for (i = 0; i < request->npairs; i++) {
        fct_out_add_line_escaped(page, request->pairs[i].name, "=#");
        fct_out_add_string(page, "=");
        fct_out_add_line_escaped(page, request->pairs[i].value, "");
        fct_out_add_string(page, "\n");
    }
    fct_out_addf(page, "# stdin length=%" APR_OFF_T_FMT " sha1=", request->stdin_len);
    fct_out_add_hex(page, fct_bytes_make((const char *)request->stdin_sha1, APR_SHA1_DIGESTSIZE));
    if (request->stdin_len) {
        fct_out_addf(page, "\n# stdin begins with (%d bytes) ", (int)request->stdin_excerpt.len);
        fct_out_add_line_escaped(page, request->stdin_excerpt, "");
    }
    fct_out_add_string(page, "\n");
}

/* --- JSON: one object --- */

static void add_json_member(fct_out_t *page, const char *name, fct_bytes_t value)
{
    fct_out_addf(page, "\"%s\": ", name);
    fct_out_add_json(page, value);
    if (!fct_text_is_utf8(value)) {
        fct_out_addf(page, ", \"%s_hex\": \"", name);
        fct_out_add_hex(page, value);
        fct_out_add_string(page, "\"");
    }
}

static void add_json_stdin(fct_out_t *page, const fct_inbound_request_t *request)
{
    fct_out_addf(page, "  \"stdin\": {\"length\": %" APR_OFF_T_FMT ", \"sha1\": \"", request->stdin_len);
    fct_out_add_hex(page, fct_bytes_make((const char *)request->stdin_sha1, APR_SHA1_DIGESTSIZE));
    fct_out_add_string(page, "\", ");
    add_json_member(page, "begins_with", request->stdin_excerpt);
    fct_out_add_string(page, "}\n}\n");
}

static void add_json(fct_out_t *page, const fct_mirror_place_t *place, const fct_inbound_request_t *request)
{
    const char *remarks[3];
    int n = find_remarks(request, remarks);
    int i;

    fct_out_addf(page,
                  "{\n  \"id\": %u, \"role\": %u, \"flags\": %u, \"keep_conn\": %s,\n"
                  "  \"connection\": %" APR_UINT64_T_FMT ", \"exchange\": %" APR_UINT64_T_FMT ",\n"
                  "  \"records\": %" APR_UINT64_T_FMT ", \"params_records\": %" APR_UINT64_T_FMT ", \"stdin_records\": %" APR_UINT64_T_FMT
                  ", \"split_pairs\": %" APR_UINT64_T_FMT ",\n  \"remarks\": [",
                  request->id, request->role, request->flags, request->flags & FCT_INBOUND_KEEP_CONN ? "true" : "false",
                  place->connection, place->exchange, request->records, request->params_records, request->stdin_records,
                  request->split_pairs);
    for (i = 0; i < n; i++) {
        fct_out_addf(page, "%s\"%s\"", i ? ", " : "", remarks[i]);
    }
    fct_out_add_string(page, "],\n  \"params\": [");
    for (i = 0; i < request->npairs; i++) {
        fct_out_add_string(page, i ? ",\n    {" : "\n    {");
        add_json_member(page, "name", request->pairs[i].name);
        fct_out_add_string(page, ", ");
        add_json_member(page, "value", request->pairs[i].value);
        fct_out_add_string(page, "}");
    }
    fct_out_add_string(page, "\n  ],\n");
    add_json_stdin(page, request);
}

/* --- HTML, as plain as the server's own pages --- */

static void add_html_facts(fct_out_t *page, const fct_mirror_place_t *place, const fct_inbound_request_t *request)
{
    const char *remarks[3];
    int n = find_remarks(request, remarks);
    int i;

    fct_out_addf(page,
                  "<dl>\n<dt>Request id: %u, role %u (%s), flags %u%s</dt>\n"
                  "<dt>Connection %" APR_UINT64_T_FMT ", request %" APR_UINT64_T_FMT " on it</dt>\n"
                  "<dt>Records: %" APR_UINT64_T_FMT " (%" APR_UINT64_T_FMT " PARAMS, %" APR_UINT64_T_FMT " STDIN); split pairs: %" APR_UINT64_T_FMT
                  "</dt>\n",
                  request->id, request->role, role_name(request->role), request->flags,
                  request->flags & FCT_INBOUND_KEEP_CONN ? " (keep the connection)" : "", place->connection, place->exchange,
                  request->records, request->params_records, request->stdin_records, request->split_pairs);
    for (i = 0; i < n; i++) {
        fct_out_addf(page, "<dt><strong>%s</strong></dt>\n", remarks[i]);
    }
    fct_out_add_string(page, "</dl>\n");
}

static void add_html_stdin(fct_out_t *page, const fct_inbound_request_t *request)
{
    fct_out_addf(page, "<h2>Body</h2>\n<dl>\n<dt>Length: %" APR_OFF_T_FMT "</dt>\n<dt>SHA-1: <code>", request->stdin_len);
    fct_out_add_hex(page, fct_bytes_make((const char *)request->stdin_sha1, APR_SHA1_DIGESTSIZE));
    fct_out_add_string(page, "</code></dt>\n</dl>\n");
    if (request->stdin_len) {
        fct_out_addf(page, "<p>Its first %d bytes:</p>\n<pre>", (int)request->stdin_excerpt.len);
        fct_out_add_html(page, request->stdin_excerpt);
        fct_out_add_string(page, "</pre>\n");
    }
}

static void add_html(fct_out_t *page, const fct_mirror_place_t *place, const fct_inbound_request_t *request)
{
    int i;

    fct_out_add_string(page,
                       "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>FastCGI mirror</title>\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\n"
                       "<style>table { border-collapse: collapse; table-layout: fixed; width: 100% } th:first-child { width: 35% }\n"
                       "td { vertical-align: top } td, dt, pre { overflow-wrap: anywhere } pre { white-space: pre-wrap }</style></head>\n"
                       "<body>\n<h1>What the application was told</h1>\n");
    add_html_facts(page, place, request);
    fct_out_add_string(page, "<h2>Parameters</h2>\n<table border=\"1\" cellpadding=\"3\">\n<tr><th>Name</th><th>Value</th></tr>\n");
    for (i = 0; i < request->npairs; i++) {
        fct_out_add_string(page, "<tr><td><code>");
        fct_out_add_html(page, request->pairs[i].name);
        fct_out_add_string(page, "</code></td><td><code>");
        fct_out_add_html(page, request->pairs[i].value);
        fct_out_add_string(page, "</code></td></tr>\n");
    }
    fct_out_add_string(page, "</table>\n");
    add_html_stdin(page, request);
    fct_out_add_string(page, "</body></html>\n");
}

void fct_mirror_page(fct_out_t *page, fct_mirror_format_t format, const fct_mirror_place_t *place,
                     const fct_inbound_request_t *request)
{
    switch (format) {
    case FCT_MIRROR_JSON:
        add_json(page, place, request);
        break;
    case FCT_MIRROR_HTML:
        add_html(page, place, request);
        break;
    default:
        add_text(page, place, request);
        break;
    }
}
