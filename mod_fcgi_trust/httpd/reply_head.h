/* From a checked CGI header block to httpd's response fields, as mod_proxy's users know them. */
#ifndef FCT_REPLY_HEAD_H
#define FCT_REPLY_HEAD_H

#include "head.h"
#include "mod_fcgi_trust.h"

/* What fct_reply_head_apply changes, so that a reply that fails later can be replaced by a clean error page. */
typedef struct fct_reply_head_backup_t {
    apr_table_t *headers_out;
    apr_table_t *err_headers_out;
    const char *content_type;
    int status;
} fct_reply_head_backup_t;

void fct_reply_head_save(fct_reply_head_backup_t *backup, const request_rec *r);
void fct_reply_head_restore(const fct_reply_head_backup_t *backup, request_rec *r);

/* Sets status and fields of r. Returns OK if the body follows; DONE if an empty response takes its place, since a condition of the request
 * decided (304, 412); else the status of the error page that does (ProxyErrorOverride). */
int fct_reply_head_apply(request_rec *r, const fct_head_t *head, const fct_response_rules_t *rules, int has_body);

/* No ranges are cut out of what r passes on: which it serves is for the application to say. httpd would cut a whole response that it can
 * see (stock mod_proxy_fcgi never lets it). */
void fct_reply_head_keep_whole(request_rec *r);

/* Sends an interim response with the block's fields, as far as an interim response may have them. httpd sends none to HTTP/1.0 and for a
 * sub-request; mod_http2 sends 103 only with H2EarlyHints on. */
void fct_reply_head_send_interim(request_rec *r, const fct_head_t *head, const fct_response_rules_t *rules);

#endif
