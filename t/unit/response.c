/* core/response.c: whole answers, at every cut and with every end of input. */
#include "response.h"

#include "response_trace.h"
#include "tap.h"
#include "wire.h"

static apr_pool_t *root;
static const fct_response_limits_t limits = { { 8192, 100 }, 4 };

typedef struct answer_t {
    const char *what;
    void (*write)(wire_t *wire);
    int is_head_request;
    const char *trace;
    int is_clean;
} answer_t;

static void write_fpm(wire_t *wire)
{
    wire_record_of(wire, WIRE_STDERR, 1, "PHP message: oops", 17, 7);
    wire_record_of(wire, WIRE_STDOUT, 1, "Status: 404 Not Found\r\nContent-type: text/html\r\n\r\nFile not found.\n", 66, 6);
    wire_end(wire, 0, 0);
}

static void write_go(wire_t *wire)
{
    wire_stdout(wire, "Status: 200 OK\r\nContent-Length: 5\r\n\r\nHello");
    wire_stdout(wire, "");
    wire_stderr(wire, "");
    wire_end(wire, 0, 0);
}

static void write_small_records(wire_t *wire)
{
    static const char text[] = "Content-Length: 3\n\nabc";

    wire_stdout_in(wire, text, sizeof(text) - 1, 1);
    wire_stderr(wire, "e");
    wire_stdout(wire, "");
    wire_record_of(wire, WIRE_END, 1, "\1\2\3\4\0\0\0\0", 8, 255);
}

static void write_interim(wire_t *wire)
{
    wire_stdout(wire, "Status: 103\nLink: x\n\nStatus: 100\n\nStatus: 201\n\nmade");
    wire_end(wire, 0, 0);
}

static void write_interim_too_many(wire_t *wire)
{
    int i;

    for (i = 0; i < 5; i++) {
        wire_stdout(wire, "Status: 102\n\n");
    }
    wire_stdout(wire, "Status: 201\n\nmade");
    wire_end(wire, 0, 0);
}

static void write_empty_body(wire_t *wire)
{
    wire_stdout(wire, "Content-Length: 0\n\n");
    wire_end(wire, 0, 0);
}

static void write_with_body(wire_t *wire)
{
    wire_stdout(wire, "Content-Length: 9\n\nabc");
    wire_stdout(wire, "def");
    wire_end(wire, 0, 0);
}

static void write_no_content(wire_t *wire)
{
    wire_stdout(wire, "Status: 204\nContent-Length: 9\n\nabc");
    wire_end(wire, 0, 0);
}

static void write_not_modified(wire_t *wire)
{
    wire_stdout(wire, "Status: 304\nContent-Length: 1\n\nabc");
    wire_stdout(wire, "");
    wire_end(wire, 0, 0);
}

static void write_too_long(wire_t *wire)
{
    wire_stdout(wire, "Content-Length: 4\n\nabcdef");
    wire_end(wire, 0, 0);
}

static void write_too_long_later(wire_t *wire)
{
    wire_stdout(wire, "Content-Length: 4\n\nabcd");
    wire_stderr(wire, "e");
    wire_stdout(wire, "e");
    wire_end(wire, 0, 0);
}

static void write_late_stdout(wire_t *wire)
{
    wire_stdout(wire, "A: b\n\nabc");
    wire_stdout(wire, "");
    wire_stdout(wire, "def");
    wire_stdout(wire, "");
    wire_end(wire, 3, 0);
}

static void write_bad_head(wire_t *wire)
{
    wire_stdout(wire, "A: b\nC : d\n\nabc");
    wire_end(wire, 0, 0);
}

static void write_head_without_end(wire_t *wire)
{
    wire_stdout(wire, "A: b\nC: d\n");
    wire_stdout(wire, "");
    wire_end(wire, 0, 0);
}

static void write_other_request(wire_t *wire)
{
    wire_stdout(wire, "A: b\n\nabc");
    wire_record_of(wire, WIRE_STDOUT, 2, "def", 3, 0);
    wire_end(wire, 0, 0);
}

static const answer_t answers[] = {
    { "PHP-FPM's, without an empty STDOUT", write_fpm, 0, " stderr:PHP message: oops head-404 body:File not found.\n end-0", 1 },
    { "Go's, with all ends", write_go, 0, " head-200 body:Hello end-0", 1 },
    { "one byte a record, padding at the end", write_small_records, 0, " head-200 body:abc stderr:e end-16909060", 1 },
    { "two interim blocks", write_interim, 0, " interim-103 interim-100 head-201 body:made end-0", 1 },
    { "five interim blocks", write_interim_too_many, 0,
      " interim-102 interim-102 interim-102 interim-102 fault-502-1205 (record 5 (STDOUT, id 1, 13 bytes): 4 are allowed: more interim"
      " (1xx) header blocks than allowed)", 0 },
    { "an empty body", write_empty_body, 0, " head-200 end-0", 1 },
    { "a body with HEAD", write_with_body, 1, " head-200 end-0", 1 },
    { "a body with 204", write_no_content, 0, " head-204 end-0", 1 },
    { "a body with 304", write_not_modified, 0, " head-304 end-0", 1 },
    { "a body that is too short", write_with_body, 0,
      " head-200 body:abcdef fault-502-1212 (record 3 (END_REQUEST, id 1, 8 bytes): 6 of 9 bytes: the body is shorter than its"
      " Content-Length; the application stopped early or sent a wrong length)", 0 },
    { "a body that is too long", write_too_long, 0,
      " head-200 body:abcd fault-502-1211 (record 1 (STDOUT, id 1, 25 bytes): Content-Length 4: the body is longer than its"
      " Content-Length; the application must send the right length, or none)", 0 },
    { "a body that is too long in a later record", write_too_long_later, 0,
      " head-200 body:abcd stderr:e fault-502-1211 (record 3 (STDOUT, id 1, 1 bytes): Content-Length 4: the body is longer than its"
      " Content-Length; the application must send the right length, or none)", 0 },
    { "STDOUT after its end", write_late_stdout, 0, " head-200 body:abc end-3", 0 },
    { "a malformed header block", write_bad_head, 0,
      " fault-502-1305 (record 1 (STDOUT, id 1, 15 bytes): header line 2, \"C : d\": a blank stands between a field's name and its colon)",
      0 },
    { "a header block without its end", write_head_without_end, 0,
      " fault-502-1203 (record 2 (STDOUT, id 1, 0 bytes): 10 bytes of a header block: the header block has no end; the application must"
      " end it with an empty line)", 0 },
    { "a record of another request", write_other_request, 0,
      " head-200 body:abc fault-502-1102 (record 2 (STDOUT, id 2, 3 bytes): version 1, type 6, id 1 expected: the record belongs to"
      " another request; a late answer to an earlier request, or a backend that mixes up its requests)", 0 },
};

#define ANSWERS (sizeof(answers) / sizeof(answers[0]))

static int is_right(const answer_t *answer, const wire_t *wire, apr_size_t a, apr_size_t b, apr_pool_t *p)
{
    fct_response_t *response = fct_response_create(&limits, 1, answer->is_head_request, p);
    trace_t trace;

    trace_begin(&trace, p);
    if (response_consume(response, &trace, wire->bytes, a) && response_consume(response, &trace, wire->bytes + a, b - a)) {
        response_consume(response, &trace, wire->bytes + b, wire->len - b);
    }
    if (strcmp(trace.text, answer->trace) == 0 && fct_response_is_clean(response) == answer->is_clean) {
        return 1;
    }
    tap_diag("cut at %lu and %lu: clean %d%s", (unsigned long)a, (unsigned long)b, fct_response_is_clean(response), trace.text);
    return 0;
}

static void test_answers(void)
{
    apr_size_t i, a, b;

    for (i = 0; i < ANSWERS; i++) {
        int wrong = 0;
        wire_t wire;

        wire_begin(&wire, root);
        answers[i].write(&wire);
        for (a = 0; a <= wire.len && wrong < 3; a++) {
            apr_pool_t *p;

            apr_pool_create(&p, root);
            for (b = a; b <= wire.len && wrong < 3; b++) {
                wrong += !is_right(&answers[i], &wire, a, b, p);
            }
            apr_pool_destroy(p);
        }
        tap_ok(wrong == 0, "an answer with %s: the same wherever it is cut, once or twice", answers[i].what);
    }
}

static void test_byte_by_byte(void)
{
    apr_size_t i, at;

    for (i = 0; i < ANSWERS; i++) {
        fct_response_t *response = fct_response_create(&limits, 1, answers[i].is_head_request, root);
        trace_t trace;
        wire_t wire;

        wire_begin(&wire, root);
        answers[i].write(&wire);
        trace_begin(&trace, root);
        for (at = 0; at < wire.len && response_consume(response, &trace, wire.bytes + at, 1); at++) {
        }
        tap_is_str(trace.text, answers[i].trace, "an answer with %s: the same byte by byte", answers[i].what);
    }
}

/* The input ends at `cut`: a fault there or before, never the whole answer, unless END_REQUEST is before it. */
static int cut_is_seen(const answer_t *answer, const wire_t *wire, apr_size_t cut, apr_size_t end_at, apr_pool_t *p)
{
    fct_response_t *response = fct_response_create(&limits, 1, answer->is_head_request, p);
    fct_response_event_t event;
    trace_t trace;

    trace_begin(&trace, p);
    response_consume(response, &trace, wire->bytes, cut);
    if (fct_response_has_begun(response) != (cut > 0)) {
        return 0;
    }
    fct_response_end_of_input(response, &event);
    if (cut >= end_at && strstr(answer->trace, "end-")) {
        return event.seen == FCT_SEEN_NOTHING && fct_response_is_clean(response) == (answer->is_clean && cut == wire->len) &&
               fct_response_awaits_padding(response) == (cut < wire->len);
    }
    if (event.seen != FCT_SEEN_FAULT || event.status != 502 || fct_response_is_clean(response)) {
        return 0;
    }
    return event.finding == FCT_FINDING_RESPONSE_CUT || strstr(answer->trace, "fault-") != NULL;
}

static void test_end_of_input(void)
{
    apr_size_t i, cut;

    for (i = 0; i < ANSWERS; i++) {
        int wrong = 0;
        apr_pool_t *p;
        wire_t wire;

        apr_pool_create(&p, root);
        wire_begin(&wire, p);
        answers[i].write(&wire);
        for (cut = 0; cut <= wire.len; cut++) {
            apr_size_t padding = (unsigned char)(answers[i].write == write_small_records ? 255 : 0);

            if (!cut_is_seen(&answers[i], &wire, cut, wire.len - padding, p)) {
                tap_diag("end at %lu of %lu", (unsigned long)cut, (unsigned long)wire.len);
                wrong++;
            }
        }
        tap_ok(wrong == 0, "an answer with %s: an end of input anywhere before END_REQUEST is a fault", answers[i].what);
        apr_pool_destroy(p);
    }
}

static void test_place_of_end(void)
{
    static const struct {
        void (*write)(wire_t *wire);
        apr_size_t cut;
        const char *says;
    } rows[] = {
        { write_go, 0, "before the first record: the input ended after 0 bytes, where a record may begin: " },
        { write_go, 5, "before the first record: the input ended after 5 bytes, in the middle of the next record's header: " },
        { write_go, 12, "record 1 (STDOUT, id 1, 42 bytes): the input ended after 12 bytes, 38 bytes of this record missing: " },
        { write_go, 50, "record 1 (STDOUT, id 1, 42 bytes): the input ended after 50 bytes, where a record may begin: " },
        { write_go, 69, "record 3 (STDERR, id 1, 0 bytes): the input ended after 69 bytes, in the middle of the next record's header: " },
        { write_go, 77, "record 4 (END_REQUEST, id 1, 8 bytes): the input ended after 77 bytes, 5 bytes of this record missing: " },
        { write_fpm, 20, "record 1 (STDERR, id 1, 17 bytes): the input ended after 20 bytes, 12 bytes of this record missing: " },
        { write_fpm, 31, "record 1 (STDERR, id 1, 17 bytes): the input ended after 31 bytes, 1 bytes of this record missing: " },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fct_response_t *response = fct_response_create(&limits, 1, 0, root);
        fct_response_event_t event;
        trace_t trace;
        wire_t wire;

        wire_begin(&wire, root);
        rows[i].write(&wire);
        trace_begin(&trace, root);
        response_consume(response, &trace, wire.bytes, rows[i].cut);
        fct_response_end_of_input(response, &event);
        tap_has(event.detail, rows[i].says, "a cut answer says where: after %lu bytes", (unsigned long)rows[i].cut);
    }
}

/* --- what END_REQUEST said --- */

static void test_end_request(void)
{
    static const struct {
        unsigned id, app_status, protocol_status;
        int is_seen;
        const char *name;
    } rows[] = {
        { 1, 0, 0, 1, "REQUEST_COMPLETE" }, { 1, 0xfffffffe, 0, 1, "an application status of 32 bits" }, { 1, 0, 2, 1, "OVERLOADED" },
        { 1, 7, 255, 1, "a protocolStatus that nobody knows" }, { 2, 7, 0, 0, "an END_REQUEST of another request" },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fct_response_t *response = fct_response_create(&limits, rows[i].id, 0, root);
        const fct_response_end_t *end;
        trace_t trace;
        wire_t wire;
        int early;

        wire_begin(&wire, root);
        wire_end(&wire, rows[i].app_status, rows[i].protocol_status);
        trace_begin(&trace, root);
        response_consume(response, &trace, wire.bytes, wire.len - 1);
        early = fct_response_end(response) != NULL;
        response_consume(response, &trace, wire.bytes + wire.len - 1, 1);
        end = fct_response_end(response);
        tap_ok(!early && !end == !rows[i].is_seen
                   && (!end || (end->app_status == rows[i].app_status && end->protocol_status == rows[i].protocol_status)),
               "what END_REQUEST said is known once it has come: %s", rows[i].name);
    }
}

int main(void)
{
    root = tap_begin();
    test_end_request();
    test_answers();
    test_byte_by_byte();
    test_end_of_input();
    test_place_of_end();
    return tap_end();
}
