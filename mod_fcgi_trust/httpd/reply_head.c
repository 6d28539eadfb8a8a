/* The response head: fields into httpd's tables, conditions, error override. */
#include "reply_head.h"

#include <apr_date.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_request.h>
#include <mod_proxy.h>

/* NULL stands for an empty table, which is the usual one. */
static apr_table_t *copy_of(const apr_table_t *table, apr_pool_t *p)
{
    return apr_is_empty_table(table) ? NULL : apr_table_copy(p, table);
}

static void put_back(apr_table_t **table, apr_table_t *copy)
{
    if (copy) {
        *table = copy;
    }
    else {
        apr_table_clear(*table);
    }
}

void fct_reply_head_save(fct_reply_head_backup_t *backup, const request_rec *r)
{
    backup->headers_out = copy_of(r->headers_out, r->pool);
    backup->err_headers_out = copy_of(r->err_headers_out, r->pool);
    backup->content_type = r->content_type;
    backup->status = r->status;
}

void fct_reply_head_restore(const fct_reply_head_backup_t *backup, request_rec *r)
{
    put_back(&r->headers_out, backup->headers_out);
    put_back(&r->err_headers_out, backup->err_headers_out);
    r->content_type = backup->content_type;
    r->status = backup->status;
    r->status_line = NULL;
}

static const proxy_dir_conf *proxy_conf_of(request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &proxy_module);
}

/* ProxyPassReverse */
static const char *reverse_mapped(request_rec *r, const char *url)
{
    return ap_proxy_location_reverse_map(r, (proxy_dir_conf *)proxy_conf_of(r), url);
}

/* ProxyPassReverseCookieDomain and -Path */
static const char *reverse_mapped_cookie(request_rec *r, const char *cookie)
{
    return ap_proxy_cookie_reverse_map(r, (proxy_dir_conf *)proxy_conf_of(r), cookie);
}

/* A date that is not one is left out: httpd would answer conditions with it (RFC 9110 §8.8.2). */
static void set_last_modified(request_rec *r, const char *value)
{
    apr_time_t date = apr_date_parse_http(value);

    if (date != APR_DATE_BAD) {
        ap_update_mtime(r, date);
        ap_set_last_modified(r);
    }
}

static void set_content_type(request_rec *r, const char *value)
{
    char *type = apr_pstrdup(r->pool, value);

    ap_content_type_tolower(type);
    ap_set_content_type(r, type);
}

/* One field to the table where httpd looks for it: what describes the body is lost with it on an error page, the rest is not.
 * What may stand there repeatedly is gathered in `others`. */
static void set_field(request_rec *r, apr_table_t *others, const char *name, const char *value)
{
    if (ap_cstr_casecmp(name, "Content-Type") == 0) {
        set_content_type(r, value);
    }
    else if (ap_cstr_casecmp(name, "Last-Modified") == 0) {
        set_last_modified(r, value);
    }
    else if (ap_cstr_casecmp(name, "Location") == 0) {
        apr_table_setn(r->headers_out, name, reverse_mapped(r, value));
    }
    else if (ap_cstr_casecmp(name, "Content-Length") == 0 || ap_cstr_casecmp(name, "Content-Range") == 0
             || ap_cstr_casecmp(name, "ETag") == 0) {
        apr_table_setn(r->headers_out, name, value);
    }
    else if (ap_cstr_casecmp(name, "Set-Cookie") == 0) {
        apr_table_addn(r->err_headers_out, name, reverse_mapped_cookie(r, value));
    }
    else if (ap_cstr_casecmp(name, "Content-Location") == 0 || ap_cstr_casecmp(name, "URI") == 0
             || ap_cstr_casecmp(name, "Destination") == 0) {
        apr_table_setn(r->err_headers_out, name, reverse_mapped(r, value));
    }
    else {
        apr_table_addn(others, name, value);
    }
}

static int merge_field(void *fields, const char *name, const char *value)
{
    apr_table_mergen(fields, name, value);
    return 1;
}

/* Each name once: joining values one by one would copy what is joined already again and again. */
static void set_others(request_rec *r, apr_table_t *others)
{
    apr_table_compress(others, APR_OVERLAP_TABLES_MERGE);
    apr_table_do(merge_field, r->err_headers_out, others, NULL);
}

static int is_hidden(const fct_response_rules_t *rules, fct_bytes_t name)
{
    apr_size_t i;

    for (i = 0; i < rules->nhide; i++) {
        if (fct_bytes_equal_nocase(rules->hide[i], name)) {
            return 1;
        }
    }
    return 0;
}

static void set_fields(request_rec *r, const fct_head_t *head, const fct_response_rules_t *rules)
{
    apr_table_t *others = apr_table_make(r->pool, (int)head->nfields);
    apr_size_t i;

    for (i = 0; i < head->nfields; i++) {
        if (!is_hidden(rules, head->fields[i].name)) {
            set_field(r, others, head->fields[i].name.at, head->fields[i].value.at);
        }
    }
    set_others(r, others);
}

/* A body whose type nobody named is not for a browser to guess. */
static void set_missing_type(request_rec *r)
{
    ap_set_content_type(r, "application/octet-stream");
    apr_table_setn(r->err_headers_out, "X-Content-Type-Options", "nosniff");
}

void fct_reply_head_keep_whole(request_rec *r)
{
    ap_filter_t *f;

    for (f = r->output_filters; f && f->frec->ftype < AP_FTYPE_CONNECTION; f = f->next) {
        if (strcmp(f->frec->name, "byterange") == 0) {
            ap_remove_output_filter(f);
            return;
        }
    }
}

int fct_reply_head_apply(request_rec *r, const fct_head_t *head, const fct_response_rules_t *rules, int has_body)
{
    int condition = OK;

    if (head->has_status || head->status != HTTP_OK) {
        r->status = head->status;      /* else it stays: an error document without Status keeps the status of the error */
    }
    r->status_line = ap_get_status_line_ex(r->pool, r->status);   /* the backend's reason is never copied; without one httpd makes 418 a 500 */
    set_fields(r, head, rules);
    if (has_body && fct_bytes_is_absent(head->content_type)) {
        set_missing_type(r);
    }
    if (!head->has_status && r->method_number == M_GET) {
        condition = ap_meets_conditions(r);
    }
    if (condition != OK) {
        r->status = condition;
        r->status_line = NULL;
    }
    if (ap_is_initial_req(r) && ap_proxy_should_override((proxy_dir_conf *)proxy_conf_of(r), r->status)) {
        return r->status;
    }
    return condition == OK ? OK : DONE;
}

/* An interim answer has no body that a length could be of (RFC 9110 §8.6). */
static int may_be_early(const fct_response_rules_t *rules, fct_bytes_t name)
{
    return !is_hidden(rules, name) && !fct_bytes_equal_nocase(name, FCT_BYTES_LITERAL("Content-Length"));
}

void fct_reply_head_send_interim(request_rec *r, const fct_head_t *head, const fct_response_rules_t *rules)
{
    apr_table_t *fields = r->headers_out;
    int status = r->status;
    const char *line = r->status_line;
    apr_size_t i;

    r->headers_out = apr_table_make(r->pool, (int)head->nfields);
    for (i = 0; i < head->nfields; i++) {
        if (may_be_early(rules, head->fields[i].name)) {
            apr_table_addn(r->headers_out, head->fields[i].name.at, head->fields[i].value.at);
        }
    }
    r->status = head->status;
    r->status_line = ap_get_status_line_ex(r->pool, head->status);
    ap_send_interim_response(r, 1);
    r->headers_out = fields;
    r->status = status;
    r->status_line = line;
}
