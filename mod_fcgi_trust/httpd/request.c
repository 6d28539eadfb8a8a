/* The hooks that remember what later phases would hide: header fields as received, the path, the mapped file. */
#include "request.h"
#include "upgraded.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_request.h>

static fct_received_set_t *receive(request_rec *r, const fct_field_lines_t *lines)
{
    fct_received_set_t *received = apr_pcalloc(r->pool, sizeof(*received));
    const apr_array_header_t *fields = apr_table_elts(r->headers_in);
    const fct_received_set_t *upgraded = fct_upgraded_received(r);

    if (upgraded) {
        *received = *upgraded;
        received->method = r->method;
        return received;
    }
    received->entries = apr_pmemdup(r->pool, fields->elts, (apr_size_t)fields->nelts * sizeof(apr_table_entry_t));
    received->nentries = fields->nelts;
    received->lines = lines;
    received->method = r->method;
    received->te_with_length = r->connection->keepalive == AP_CONN_CLOSE
                               && apr_table_get(r->headers_in, "Transfer-Encoding") != NULL;
    fct_upgraded_keep(r, received);
    return received;
}

static fct_request_t *make(request_rec *r)
{
    fct_request_t *request = apr_pcalloc(r->pool, sizeof(*request));

    ap_set_module_config(r->request_config, &fcgi_trust_module, request);
    return request;
}

fct_request_t *fct_request_of(request_rec *r)
{
    fct_request_t *request = ap_get_module_config(r->request_config, &fcgi_trust_module);

    if (!request) {
        request = make(r);
    }
    if (!request->received) {
        request_rec *from = r->prev ? r->prev : r->main;

        request->received = from ? fct_request_of(from)->received : receive(r, request->lines);
    }
    return request;
}

/* Where no policy exists anywhere, nothing is remembered and nothing costs. */
static int is_idle(void)
{
    return fct_directives_slots()->nelts == 0;
}

/* Before the first byte of a request is read. */
static void watch_lines(request_rec *r, conn_rec *c)
{
    (void)c;
    if (!is_idle()) {
        make(r)->lines = fct_field_lines_watch(r);
    }
}

/* Ahead of every module, so that nothing has touched the header table (early RequestHeader runs in this phase too). */
static int remember_received(request_rec *r)
{
    if (!is_idle()) {
        (void)fct_request_of(r);
    }
    return DECLINED;
}

/* Between mod_unique_id and whoever could set an environment entry of that name. */
static int remember_unique_id(request_rec *r)
{
    if (!is_idle() && ap_is_initial_req(r)) {
        fct_request_of(r)->received->unique_id = apr_table_get(r->subprocess_env, "UNIQUE_ID");
    }
    return DECLINED;
}

/* r->uri is decoded and normalised now, and mod_rewrite has not run; nor has mod_proxy, unless it mapped the path while it was encoded. */
static int remember_path(request_rec *r)
{
    if (is_idle()) {
        return DECLINED;
    }
    if (r->proxyreq == PROXYREQ_REVERSE) {
        fct_request_of(r)->is_mapped_early = 1;
    }
    else if (ap_is_initial_req(r)) {
        fct_request_of(r)->received->path = apr_pstrdup(r->pool, r->uri);
    }
    return DECLINED;
}

/* Before mod_proxy's handler turns the file name into a URL. */
static int remember_mapping(request_rec *r)
{
    if (!r->proxyreq && r->handler && strncmp(r->handler, "proxy:", 6) == 0) {
        fct_request_t *request = fct_request_of(r);

        request->file = r->filename;
        request->path_info = r->path_info;
    }
    return DECLINED;
}

const char *fct_request_id(request_rec *r)
{
    const char *id = fct_request_of(r)->received->unique_id;

    if (!id && !r->log_id) {
        ap_run_generate_log_id(r->connection, r, &r->log_id);
    }
    return id ? id : r->log_id ? r->log_id : "-";
}

void fct_request_register_hooks(apr_pool_t *p)
{
    static const char *const before_env[] = { "mod_setenvif.c", "mod_headers.c", "mod_security2.c", NULL };
    static const char *const after_unique_id[] = { "mod_unique_id.c", NULL };
    static const char *const before_mapping[] = { "mod_rewrite.c", "mod_proxy.c", NULL };
    static const char *const before_proxy[] = { "mod_proxy.c", NULL };

    fct_field_lines_register_hooks();
    fct_provenance_register_hooks(p);
    ap_hook_pre_read_request(watch_lines, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_read_request(remember_received, NULL, NULL, APR_HOOK_REALLY_FIRST - 10);
    ap_hook_post_read_request(remember_unique_id, after_unique_id, before_env, APR_HOOK_MIDDLE);
    ap_hook_translate_name(remember_path, NULL, before_mapping, APR_HOOK_REALLY_FIRST - 10);
    ap_hook_handler(remember_mapping, NULL, before_proxy, APR_HOOK_REALLY_FIRST - 10);
}
