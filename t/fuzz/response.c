/* core/response.c: any bytes, cut anyhow, give the same answer or the same fault; no answer is whole without its end.
 * The lowest bit of the first byte is the method HEAD; the rest seeds the cuts. */
#include "response.h"

#include "fuzz.h"
#include "response_trace.h"

#define REQUEST_ID 1

static const fct_response_limits_t limits = { { 300, 10 }, 2 };

/* What was seen of one answer. */
typedef struct watch_t {
    int is_head_request;
    unsigned interim;
    const fct_head_t *head;            /* the final one */
    apr_int64_t body;
    int is_over;                       /* END or FAULT */
    int has_end;
} watch_t;

static void check_event(watch_t *watch, const fct_response_event_t *event, const char *buf, apr_size_t n)
{
    REQUIRE(!watch->is_over);
    switch (event->seen) {
    case FCT_SEEN_NOTHING:
        break;
    case FCT_SEEN_INTERIM:
        REQUIRE(watch->head == NULL && event->head->status < 200 && ++watch->interim <= limits.max_interim);
        break;
    case FCT_SEEN_HEAD:
        REQUIRE(watch->head == NULL && event->head->status >= 200);
        watch->head = event->head;
        break;
    case FCT_SEEN_BODY:
        REQUIRE(watch->head != NULL && !watch->is_head_request && watch->head->status != 204 && watch->head->status != 304);
        watch->body += (apr_int64_t)event->data.len;
        REQUIRE(watch->head->content_length < 0 || watch->body <= watch->head->content_length);
        /* fall through */
    case FCT_SEEN_STDERR:
        REQUIRE(event->data.len > 0 && event->data.at >= buf && event->data.at + event->data.len <= buf + n);
        break;
    case FCT_SEEN_END:
        REQUIRE(watch->head != NULL);
        watch->is_over = watch->has_end = 1;
        break;
    case FCT_SEEN_FAULT:
        REQUIRE(fct_finding_info(event->finding) != NULL && event->detail != NULL);
        REQUIRE(event->status == 502 || event->status == 503);
        watch->is_over = 1;
        break;
    }
}

/* Feeds one piece. Returns how much of it was consumed: all, unless the answer is over. */
static apr_size_t feed(fct_response_t *response, watch_t *watch, trace_t *trace, const char *buf, apr_size_t len)
{
    fct_response_event_t event;
    apr_size_t at = 0;

    while (at < len && !watch->is_over) {
        apr_size_t n = fct_response_consume(response, buf + at, len - at, &event);

        REQUIRE(n <= len - at);
        REQUIRE(n > 0 || event.seen == FCT_SEEN_FAULT);
        REQUIRE(event.seen != FCT_SEEN_NOTHING || n == len - at);
        check_event(watch, &event, buf + at, n);
        response_trace(trace, &event);
        at += n;
    }
    if (watch->has_end) {      /* only its padding is still taken */
        at += fct_response_consume(response, buf + at, len - at, &event);
        REQUIRE(at <= len && event.seen == FCT_SEEN_NOTHING);
    }
    return at;
}

static void check_end_of_input(fct_response_t *response, const watch_t *watch, trace_t *trace)
{
    fct_response_event_t event;

    fct_response_end_of_input(response, &event);
    REQUIRE((event.seen == FCT_SEEN_NOTHING) == watch->has_end);
    REQUIRE(event.seen == FCT_SEEN_NOTHING || event.seen == FCT_SEEN_FAULT);
    response_trace(trace, &event);
    if (watch->has_end && !watch->is_head_request && watch->head->status != 204 && watch->head->status != 304) {
        REQUIRE(watch->head->content_length < 0 || watch->body == watch->head->content_length);
    }
    REQUIRE(!fct_response_is_clean(response) || (watch->has_end && !fct_response_awaits_padding(response)));
    trace_event(trace, fct_response_is_clean(response) ? "clean" : "not-clean");
    trace_event(trace, apr_itoa(trace->pool, (int)fct_response_tolerated(response)));
}

static void run(trace_t *trace, int is_head_request, const char *buf, apr_size_t len, unsigned seed, apr_pool_t *p)
{
    fct_response_t *response = fct_response_create(&limits, REQUEST_ID, is_head_request, p);
    watch_t watch = { 0, 0, NULL, 0, 0, 0 };
    apr_size_t at, n, consumed = 0;

    watch.is_head_request = is_head_request;
    trace_begin(trace, p);
    for (at = 0; at < len; at += n) {
        n = fuzz_piece(&seed, len - at);
        consumed += feed(response, &watch, trace, buf + at, n);
    }
    REQUIRE(watch.is_over || consumed == len);
    REQUIRE(fct_response_has_begun(response) == (len > 0));
    check_end_of_input(response, &watch, trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trace_t whole, cut;
    apr_pool_t *p;

    if (size == 0) {
        return 0;
    }
    p = fuzz_pool();
    run(&whole, data[0] & 1, (const char *)data + 1, size - 1, 0, p);
    run(&cut, data[0] & 1, (const char *)data + 1, size - 1, data[0] >> 1, p);
    REQUIRE(trace_equal(&whole, &cut));
    apr_pool_destroy(p);
    return 0;
}
