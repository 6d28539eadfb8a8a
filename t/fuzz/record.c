/* core/record.c: any bytes, cut anyhow, give the same records; nothing outside the input is touched. */
#include "record.h"

#include "fuzz.h"
#include "trace.h"

#define REQUEST_ID 1

static void trace_record(trace_t *trace, const fct_record_decoder_t *d, const fct_record_event_t *event)
{
    switch (event->kind) {
    case FCT_RECORD_NEED_MORE:
        break;
    case FCT_RECORD_CONTENT:
        trace_data(trace, event->type == FCT_RECORD_STDOUT ? "out" : "err", event->content.at, event->content.len);
        break;
    case FCT_RECORD_STREAM_END:
        trace_event(trace, apr_psprintf(trace->pool, "end-of-%s", fct_record_type_name(event->type)));
        break;
    case FCT_RECORD_END:
        trace_event(trace, apr_psprintf(trace->pool, "end-%u-%u", event->app_status, event->protocol_status));
        break;
    case FCT_RECORD_FAULT:
        trace_event(trace, apr_psprintf(trace->pool, "fault-%d-%u-%u-%u-%lu", (int)event->finding, d->version, d->type,
                                        d->received_id, (unsigned long)d->content_len));
        break;
    }
}

static void check_event(const fct_record_decoder_t *d, const fct_record_event_t *event, const char *buf, apr_size_t len, apr_size_t n)
{
    REQUIRE(n <= len);
    REQUIRE((event->kind == FCT_RECORD_FAULT) == (event->finding != FCT_FINDING_NONE));
    switch (event->kind) {
    case FCT_RECORD_NEED_MORE:
        REQUIRE(n == len);
        break;
    case FCT_RECORD_CONTENT:
        REQUIRE(event->type == FCT_RECORD_STDOUT || event->type == FCT_RECORD_STDERR);
        REQUIRE(event->content.len > 0 && event->content.len <= d->content_len);
        REQUIRE(event->content.at >= buf && event->content.at + event->content.len == buf + n);
        break;
    case FCT_RECORD_STREAM_END:
        REQUIRE(event->type == FCT_RECORD_STDOUT || event->type == FCT_RECORD_STDERR);
        REQUIRE(d->content_len == 0);
        break;
    case FCT_RECORD_END:
        REQUIRE(event->type == FCT_RECORD_END_REQUEST && d->received_id == REQUEST_ID);
        break;
    case FCT_RECORD_FAULT:
        REQUIRE(fct_finding_info(event->finding) != NULL);
        REQUIRE(!fct_record_decoder_is_between(d));
        break;
    }
}

static void feed(fct_record_decoder_t *d, trace_t *trace, const char *buf, apr_size_t len)
{
    fct_record_event_t event;
    apr_size_t at = 0;

    while (at < len && d->fault == FCT_FINDING_NONE) {
        apr_size_t n = fct_record_decode(d, buf + at, len - at, &event);

        REQUIRE(n > 0);
        check_event(d, &event, buf + at, len - at, n);
        trace_record(trace, d, &event);
        at += n;
    }
}

static void run(trace_t *trace, fct_record_decoder_t *d, const char *buf, apr_size_t len, unsigned seed, apr_pool_t *p)
{
    apr_size_t at, n;

    trace_begin(trace, p);
    fct_record_decoder_init(d, REQUEST_ID);
    for (at = 0; at < len; at += n) {
        n = fuzz_piece(&seed, len - at);
        feed(d, trace, buf + at, n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fct_record_decoder_t whole, cut;
    trace_t of_whole, of_cut;
    apr_pool_t *p;

    if (size == 0) {
        return 0;
    }
    p = fuzz_pool();
    run(&of_whole, &whole, (const char *)data + 1, size - 1, 0, p);
    run(&of_cut, &cut, (const char *)data + 1, size - 1, data[0], p);
    REQUIRE(trace_equal(&of_whole, &of_cut));
    REQUIRE(whole.records == cut.records && whole.content_left == cut.content_left && whole.padding_left == cut.padding_left);
    REQUIRE(fct_record_decoder_is_between(&whole) == fct_record_decoder_is_between(&cut));
    apr_pool_destroy(p);
    return 0;
}
