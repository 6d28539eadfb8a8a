/* core/response.c: bodies against their lengths, and what is left of the connection afterwards. */
#include "response.h"

#include "response_trace.h"
#include "tap.h"
#include "wire.h"

static apr_pool_t *root;
static const fct_response_limits_t limits = { { 8192, 100 }, 4 };

static void write_late_stdout(wire_t *wire)
{
    wire_stdout(wire, "A: b\n\nabc");
    wire_stdout(wire, "");
    wire_stdout(wire, "def");
    wire_stdout(wire, "");
    wire_end(wire, 3, 0);
}

/* --- bodies against their lengths --- */

static void test_length(apr_size_t announced, apr_size_t sent, apr_size_t a_record)
{
    fct_response_t *response = fct_response_create(&limits, 1, 0, root);
    fct_response_event_t event;
    apr_size_t at = 0, delivered = 0;
    char *body = (char *)apr_pcalloc(root, sent + 1);
    const char *head = apr_psprintf(root, "Content-Length: %lu\n\n", (unsigned long)announced);
    int wrong = fct_response_body_left(response) != -1;
    wire_t wire;

    wire_begin(&wire, root);
    wire_record(&wire, WIRE_STDOUT, head, strlen(head));
    wire_stdout_in(&wire, body, sent, a_record);
    wire_end(&wire, 0, 0);
    do {
        at += fct_response_consume(response, wire.bytes + at, wire.len - at, &event);
        if (event.seen == FCT_SEEN_BODY) {
            delivered += event.data.len;
            wrong += event.data.at < wire.bytes || event.data.at + event.data.len > wire.bytes + at;
        }
        if (event.seen == FCT_SEEN_BODY || event.seen == FCT_SEEN_HEAD) {
            wrong += fct_response_body_left(response) != (apr_int64_t)(announced - delivered);
        }
    } while (at < wire.len && event.seen != FCT_SEEN_FAULT);
    wrong += delivered != (sent < announced ? sent : announced);
    wrong += event.finding != (sent > announced ? FCT_FINDING_RESPONSE_BODY_LONG
                                                : sent < announced ? FCT_FINDING_RESPONSE_BODY_SHORT : FCT_FINDING_NONE);
    tap_ok(wrong == 0, "of %lu bytes, %lu announced, in records of %lu: never more than announced, and it is seen",
           (unsigned long)sent, (unsigned long)announced, (unsigned long)a_record);
}

static void test_lengths(void)
{
    static const apr_size_t lengths[] = { 0, 1, 127, 128, 65535, 65536 };
    apr_size_t i;

    for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        test_length(lengths[i], lengths[i], 65535);
        test_length(lengths[i], lengths[i] + 1, 65535);
        test_length(lengths[i] + 1, lengths[i], 65535);
        test_length(lengths[i], lengths[i], 100);
        test_length(lengths[i], lengths[i] + 1, 100);
        test_length(lengths[i] + 1, lengths[i], 100);
    }
}

static void test_short_at_end_of_stdout(void)
{
    fct_response_t *response = fct_response_create(&limits, 1, 0, root);
    trace_t trace;
    wire_t wire;

    wire_begin(&wire, root);
    wire_stdout(&wire, "Content-Length: 5\n\nabcd");
    wire_stdout(&wire, "");
    trace_begin(&trace, root);
    response_consume(response, &trace, wire.bytes, wire.len);
    tap_has(trace.text, " body:abcd fault-502-1212 (record 2 (STDOUT, id 1, 0 bytes): 4 of 5 bytes",
            "a body that is too short is seen at the end of STDOUT already");
}

static void test_no_length(void)
{
    fct_response_t *response = fct_response_create(&limits, 1, 0, root), *head = fct_response_create(&limits, 1, 1, root);
    trace_t trace;
    wire_t wire;

    wire_begin(&wire, root);
    wire_stdout(&wire, "A: b\n\nabc");
    trace_begin(&trace, root);
    response_consume(response, &trace, wire.bytes, wire.len);
    tap_is_int(fct_response_body_left(response), -1, "where no length is announced none is left");

    wire_begin(&wire, root);
    wire_stdout(&wire, "Content-Length: 10\n\nabc");
    response_consume(head, &trace, wire.bytes, wire.len);
    tap_is_int(fct_response_body_left(head), -1, "nor where the body is discarded");
}

/* --- the connection afterwards --- */

static void test_what_follows(void)
{
    fct_response_t *response = fct_response_create(&limits, 1, 0, root);
    fct_response_event_t event;
    apr_size_t n;
    wire_t wire;

    wire_begin(&wire, root);
    wire_stdout(&wire, "A: b\n\n");
    wire_record_of(&wire, WIRE_END, 1, "\0\0\0\0\0\0\0\0", 8, 3);
    wire_stdout(&wire, "late");
    n = fct_response_consume(response, wire.bytes, wire.len, &event);
    tap_is_int(event.seen, FCT_SEEN_HEAD, "the header block comes first");
    n += fct_response_consume(response, wire.bytes + n, wire.len - n, &event);
    tap_is_int(event.seen, FCT_SEEN_END, "then the end");
    tap_ok(!fct_response_is_clean(response) && fct_response_awaits_padding(response), "its padding is awaited");
    n += fct_response_consume(response, wire.bytes + n, 2, &event);
    tap_ok(!fct_response_is_clean(response) && fct_response_awaits_padding(response), "all of it");
    n += fct_response_consume(response, wire.bytes + n, wire.len - n, &event);
    tap_ok(fct_response_is_clean(response) && !fct_response_awaits_padding(response), "then the response is clean");
    tap_is_int((long long)(wire.len - n), 12, "what follows is left to the caller");
    tap_is_int((long long)fct_response_consume(response, wire.bytes + n, wire.len - n, &event), 0, "and not consumed later either");
    tap_is_int(event.seen, FCT_SEEN_NOTHING, "nor reported");
}

static void test_tolerated(void)
{
    fct_response_t *response = fct_response_create(&limits, 1, 0, root);
    trace_t trace;
    wire_t wire;

    wire_begin(&wire, root);
    write_late_stdout(&wire);
    trace_begin(&trace, root);
    tap_is_int(fct_response_tolerated(response), FCT_FINDING_NONE, "at first there is nothing to tolerate");
    response_consume(response, &trace, wire.bytes, wire.len);
    tap_is_int(fct_response_tolerated(response), FCT_FINDING_RESPONSE_STDOUT_LATE, "the first of what was tolerated is remembered");
}

/* Two allocations from a pool without another between them are neighbours. */
static void test_no_allocation(void)
{
    fct_response_t *response = fct_response_create(&limits, 1, 0, root);
    const char *before, *after;
    trace_t trace;
    wire_t wire;
    apr_size_t at = 0;
    int events = 0;

    wire_begin(&wire, root);
    wire_stdout(&wire, "A: b\n\n");
    trace_begin(&trace, root);
    response_consume(response, &trace, wire.bytes, wire.len);
    wire_begin(&wire, root);
    wire_stdout_in(&wire, apr_pcalloc(root, 1000), 1000, 1);
    wire_stderr(&wire, "e");
    wire_stdout(&wire, "");
    wire_end(&wire, 0, 0);
    before = (const char *)apr_palloc(root, 8);
    while (at < wire.len) {
        fct_response_event_t event;

        at += fct_response_consume(response, wire.bytes + at, wire.len - at, &event);
        events++;
    }
    after = (const char *)apr_palloc(root, 8);
    tap_is_int(events, 1002, "a thousand records of body, one of STDERR and the end are reported");
    tap_ok(after == before + 8, "without an allocation");
}

int main(void)
{
    root = tap_begin();
    test_lengths();
    test_short_at_end_of_stdout();
    test_no_length();
    test_what_follows();
    test_tolerated();
    test_no_allocation();
    return tap_end();
}
