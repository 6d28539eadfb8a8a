/* The reply to the client: what is held until it is proven whole, what goes out, and how it ends. SPEC 3 and 5 (Hold). */
#ifndef FCT_REPLY_H
#define FCT_REPLY_H

#include <apr_buckets.h>

#include "head.h"
#include "mod_fcgi_trust.h"
#include "sendfile.h"

typedef struct fct_reply_t fct_reply_t;

/* When a reply that is no longer held is flushed. */
typedef enum fct_flush_t {
    FCT_FLUSH_WHEN_IDLE,       /* nothing was readable for the hold time (flushpackets=off) or flushwait (auto) */
    FCT_FLUSH_ALWAYS           /* every batch, and nothing is held (flushpackets=on, text/event-stream) */
} fct_flush_t;

fct_reply_t *fct_reply_create(request_rec *r, const fct_response_rules_t *rules, fct_flush_t flush);

/* The final header block. Nothing of r changes before the reply is committed. `head` must live as long as r. */
void fct_reply_head(fct_reply_t *reply, const fct_head_t *head);

/* After fct_reply_head: the file is the body, whatever body comes; it goes out once END_REQUEST has come. */
void fct_reply_file(fct_reply_t *reply, const fct_sendfile_t *sendfile);

/* An interim (1xx) response: forwarded or dropped as the policy says. */
void fct_reply_interim(fct_reply_t *reply, const fct_head_t *head);

/* Body bytes. `backing` is a bucket that owns the memory they lie in (they are shared, not copied, when there are many). */
void fct_reply_body(fct_reply_t *reply, fct_bytes_t data, apr_bucket *backing);

/* After a batch of records: passes on what need not be held any longer. APR_SUCCESS, or the client is gone. */
apr_status_t fct_reply_advance(fct_reply_t *reply);

/* Nothing was readable for the hold time: what is held or buffered goes out. APR_SUCCESS, or the client is gone. */
apr_status_t fct_reply_idle(fct_reply_t *reply);

/* The head is there and no byte of a body goes to the client: HEAD, 204, 304, or an error page or a file in its place. */
int fct_reply_wants_no_body(const fct_reply_t *reply);

/* Something waits for fct_reply_idle. */
int fct_reply_is_waiting(const fct_reply_t *reply);

/* The response is proven whole: everything goes out with its end. Returns what the scheme handler returns: OK, or the status of an
 * error page that replaces the response (ProxyErrorOverride). */
int fct_reply_finish(fct_reply_t *reply);

/* Ends a reply of which something went out so that the client can tell: SPEC 3, Abort. Returns OK, which must be returned. */
int fct_reply_abort(fct_reply_t *reply);

/* Something went out: only abort or finish is possible. Before it, the reply can be dropped for an error page. */
int fct_reply_has_begun(const fct_reply_t *reply);

/* It was ended by fct_reply_abort, also where fct_reply_finish had to. */
int fct_reply_is_aborted(const fct_reply_t *reply);

/* An output filter (mod_security, byte ranges) refused it with an error page of its own, which the client has: there is nothing to finish. */
int fct_reply_is_replaced(const fct_reply_t *reply);

/* fct_reply_finish found that the client had left. */
int fct_reply_is_unread(const fct_reply_t *reply);

/* Forgets what was held; r is as it was before the head came. Only while !fct_reply_has_begun. */
void fct_reply_drop(fct_reply_t *reply);

#endif
