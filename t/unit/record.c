/* core/record.c: headers are written as FastCGI has them; only what a backend may send is decoded, however it is cut. */
#include "record.h"

#include "aborts.h"
#include "tap.h"
#include "trace.h"
#include "wire.h"

static apr_pool_t *pool;

/* --- encoding --- */

static void test_headers(void)
{
    static const struct {
        unsigned id;
        apr_size_t len;
        const char *bytes;
    } rows[] = {
        { 1, 0, "\1\4\0\1\0\0\0\0" },           { 1, 1, "\1\4\0\1\0\1\0\0" },
        { 255, 127, "\1\4\0\377\0\177\0\0" },   { 256, 128, "\1\4\1\0\0\200\0\0" },
        { 32768, 255, "\1\4\200\0\0\377\0\0" }, { 65535, 256, "\1\4\377\377\1\0\0\0" },
        { 1, 65535, "\1\4\0\1\377\377\0\0" },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned char header[FCT_RECORD_HEADER_LEN];

        memset(header, 0xAA, sizeof(header));
        fct_record_put_header(header, FCT_RECORD_PARAMS, rows[i].id, rows[i].len);
        tap_is_mem((const char *)header, 8, rows[i].bytes, 8, "a header of id %u and length %lu has all its bytes set", rows[i].id,
                   (unsigned long)rows[i].len);
    }
}

typedef struct header_t {
    unsigned id;
    apr_size_t len;
} header_t;

static void put(void *argument)
{
    const header_t *header = (const header_t *)argument;
    unsigned char out[FCT_RECORD_HEADER_LEN];

    fct_record_put_header(out, FCT_RECORD_STDIN, header->id, header->len);
}

static void test_header_limits(void)
{
    header_t fine = { 65535, 65535 }, long_content = { 1, 65536 }, no_id = { 0, 1 }, large_id = { 65536, 1 };

    tap_ok(!aborts(put, &fine), "id 65535 with 65535 bytes can be written");
    tap_ok(aborts(put, &long_content), "65536 bytes of content abort");
    tap_ok(aborts(put, &no_id), "id 0 aborts");
    tap_ok(aborts(put, &large_id), "id 65536 aborts");
}

static void test_begin(void)
{
    unsigned char begin[FCT_RECORD_BEGIN_LEN];

    memset(begin, 0xAA, sizeof(begin));
    fct_record_put_begin(begin, 1, 0);
    tap_is_mem((const char *)begin, 16, "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0", 16, "BEGIN_REQUEST asks for the role RESPONDER");
    memset(begin, 0xAA, sizeof(begin));
    fct_record_put_begin(begin, 0x1234, 7);
    tap_is_mem((const char *)begin, 16, "\1\1\x12\x34\0\10\0\0\0\1\1\0\0\0\0\0", 16, "and for FCGI_KEEP_CONN where it may be kept");
}

/* --- decoding --- */

static void trace_record(trace_t *trace, const fct_record_decoder_t *d, const fct_record_event_t *event)
{
    switch (event->kind) {
    case FCT_RECORD_NEED_MORE:
        break;
    case FCT_RECORD_CONTENT:
        trace_data(trace, apr_psprintf(pool, "%s#%u", fct_record_type_name(event->type), (unsigned)d->records), event->content.at,
                   event->content.len);
        break;
    case FCT_RECORD_STREAM_END:
        trace_event(trace, apr_psprintf(pool, "end-of-%s", fct_record_type_name(event->type)));
        break;
    case FCT_RECORD_END:
        trace_event(trace, apr_psprintf(pool, "%s(%u,%u)", fct_record_type_name(event->type), event->app_status,
                                        event->protocol_status));
        break;
    case FCT_RECORD_FAULT:
        trace_event(trace, apr_psprintf(pool, "fault-%d", (int)event->finding));
        break;
    }
}

/* Decodes all of it, or up to a fault. */
static void decode(fct_record_decoder_t *d, trace_t *trace, const char *buf, apr_size_t len)
{
    fct_record_event_t event;
    apr_size_t at = 0;

    while (at < len && d->fault == FCT_FINDING_NONE) {
        apr_size_t n = fct_record_decode(d, buf + at, len - at, &event);

        trace_record(trace, d, &event);
        if (n == 0 && event.kind == FCT_RECORD_NEED_MORE) {
            trace_event(trace, "STUCK");
            return;
        }
        at += n;
    }
}

static const char exchange_trace[] = " STDOUT#1:Hello STDERR#2:warning STDOUT#3:, world end-of-STDERR end-of-STDOUT END_REQUEST(4278255361,0)";

static void make_exchange(wire_t *stream)
{
    wire_begin(stream, pool);
    wire_record_of(stream, FCT_RECORD_STDOUT, 515, "Hello", 5, 3);
    wire_record_of(stream, FCT_RECORD_STDERR, 515, "warning", 7, 0);
    wire_record_of(stream, FCT_RECORD_STDOUT, 515, ", world", 7, 1);
    wire_record_of(stream, FCT_RECORD_STDERR, 515, "", 0, 0);
    wire_record_of(stream, FCT_RECORD_STDOUT, 515, "", 0, 9);
    wire_record_of(stream, FCT_RECORD_END_REQUEST, 515, "\xff\0\xff\1\0\xee\xee\xee", 8, 4);
}

static void test_splits(void)
{
    wire_t stream;
    fct_record_decoder_t d;
    trace_t trace;
    apr_size_t a, b, wrong = 0;

    make_exchange(&stream);
    for (a = 0; a <= stream.len; a++) {
        for (b = a; b <= stream.len; b++) {
            fct_record_decoder_init(&d, 515);
            trace_begin(&trace, pool);
            decode(&d, &trace, stream.bytes, a);
            decode(&d, &trace, stream.bytes + a, b - a);
            decode(&d, &trace, stream.bytes + b, stream.len - b);
            wrong += strcmp(trace.text, exchange_trace) != 0 || !fct_record_decoder_is_between(&d);
        }
    }
    tap_is_int((long long)wrong, 0, "an exchange is decoded alike wherever it is cut, once or twice");

    fct_record_decoder_init(&d, 515);
    trace_begin(&trace, pool);
    for (a = 0; a < stream.len; a++) {
        decode(&d, &trace, stream.bytes + a, 1);
    }
    tap_is_str(trace.text, exchange_trace, "and byte by byte");
    tap_is_int((long long)d.records, 6, "records are counted");
}

static void test_between(void)
{
    wire_t stream;
    fct_record_decoder_t d;
    trace_t trace;
    apr_size_t cut, wrong = 0;

    make_exchange(&stream);
    for (cut = 0; cut <= stream.len; cut++) {
        int boundary = cut == 0 || cut == 16 || cut == 31 || cut == 47 || cut == 55 || cut == 72 || cut == 92;

        fct_record_decoder_init(&d, 515);
        trace_begin(&trace, pool);
        decode(&d, &trace, stream.bytes, cut);
        if (fct_record_decoder_is_between(&d) != boundary) {
            tap_diag("offset %lu", (unsigned long)cut);
            wrong++;
        }
    }
    tap_is_int((long long)stream.len, 92, "the exchange has the length its records add up to");
    tap_is_int((long long)wrong, 0, "an end of input at every offset: only six of them and the start lie between records");
}

static void test_sizes(void)
{
    static const apr_size_t sizes[] = { 0, 1, 127, 128, 65535 };
    static const unsigned paddings[] = { 0, 1, 255 };
    wire_t stream;
    static char content[65535];
    fct_record_decoder_t d;
    fct_record_event_t event;
    apr_size_t i, k, n;

    memset(content, 'x', sizeof(content));
    for (i = 0; i < 5; i++) {
        for (k = 0; k < 3; k++) {
            int right;

            wire_begin(&stream, pool);
            wire_record_of(&stream, FCT_RECORD_STDOUT, 1, content, sizes[i], paddings[k]);
            fct_record_decoder_init(&d, 1);
            n = fct_record_decode(&d, stream.bytes, stream.len, &event);
            right = n == 8 + sizes[i] && event.content.len == sizes[i] && fct_record_decoder_is_between(&d) == (paddings[k] == 0) &&
                    event.kind == (sizes[i] ? FCT_RECORD_CONTENT : FCT_RECORD_STREAM_END) &&
                    (sizes[i] == 0 || event.content.at == stream.bytes + 8);
            n += fct_record_decode(&d, stream.bytes + n, stream.len - n, &event);
            right &= n == stream.len && event.kind == FCT_RECORD_NEED_MORE && fct_record_decoder_is_between(&d);
            tap_ok(right, "content of %lu bytes with padding of %u is one slice of the buffer", (unsigned long)sizes[i],
                   paddings[k]);
        }
    }
}

static void test_unread(void)
{
    wire_t stream;
    fct_record_decoder_t d;
    fct_record_event_t event;
    apr_size_t n;

    wire_begin(&stream, pool);
    wire_record_of(&stream, FCT_RECORD_STDOUT, 1, "headbody", 8, 2);
    fct_record_decoder_init(&d, 1);
    n = fct_record_decode(&d, stream.bytes, stream.len, &event);
    fct_record_decoder_unread(&d, 4);
    n = fct_record_decode(&d, stream.bytes + n - 4, stream.len - n + 4, &event);
    tap_is_int((long long)n, 4, "what was taken back is consumed again");
    tap_is_mem(event.content.at, event.content.len, "body", 4, "and reported again");
    tap_is_int((long long)d.records, 1, "as part of the same record");
    fct_record_decode(&d, stream.bytes + 16, 2, &event);
    tap_ok(fct_record_decoder_is_between(&d), "the padding comes after it");
}

typedef struct fault_t {
    const char *what;
    const char *header;
    fct_finding_id_t finding;
} fault_t;

static const fault_t faults[] = {
    { "version 0", "\0\6\1\1\0\1\0\0", FCT_FINDING_RECORD_VERSION },
    { "version 2", "\2\6\1\1\0\1\0\0", FCT_FINDING_RECORD_VERSION },
    { "text", "HTTP/1.1", FCT_FINDING_RECORD_VERSION },
    { "STDOUT of a lower id", "\1\6\1\0\0\1\0\0", FCT_FINDING_RECORD_ID },
    { "STDOUT of an id that differs in the high byte", "\1\6\0\1\0\1\0\0", FCT_FINDING_RECORD_ID },
    { "STDERR of another id", "\1\7\1\2\0\1\0\0", FCT_FINDING_RECORD_ID },
    { "END_REQUEST of another id", "\1\3\1\2\0\10\0\0", FCT_FINDING_RECORD_ID },
    { "STDOUT of id 0", "\1\6\0\0\0\1\0\0", FCT_FINDING_RECORD_ID_ZERO },
    { "STDERR of id 0", "\1\7\0\0\0\1\0\0", FCT_FINDING_RECORD_ID_ZERO },
    { "END_REQUEST of id 0", "\1\3\0\0\0\10\0\0", FCT_FINDING_RECORD_ID_ZERO },
    { "BEGIN_REQUEST", "\1\1\1\1\0\10\0\0", FCT_FINDING_RECORD_FROM_SERVER },
    { "ABORT_REQUEST", "\1\2\1\1\0\0\0\0", FCT_FINDING_RECORD_FROM_SERVER },
    { "PARAMS", "\1\4\1\1\0\0\0\0", FCT_FINDING_RECORD_FROM_SERVER },
    { "STDIN", "\1\5\1\1\0\0\0\0", FCT_FINDING_RECORD_FROM_SERVER },
    { "DATA", "\1\10\1\1\0\0\0\0", FCT_FINDING_RECORD_FROM_SERVER },
    { "GET_VALUES", "\1\11\0\0\0\0\0\0", FCT_FINDING_RECORD_FROM_SERVER },
    { "GET_VALUES_RESULT", "\1\12\0\0\0\0\0\0", FCT_FINDING_RECORD_UNASKED },
    { "UNKNOWN_TYPE", "\1\13\0\0\0\10\0\0", FCT_FINDING_RECORD_UNASKED },
    { "type 0", "\1\0\1\1\0\0\0\0", FCT_FINDING_RECORD_TYPE },
    { "type 12", "\1\14\1\1\0\0\0\0", FCT_FINDING_RECORD_TYPE },
    { "type 255", "\1\377\1\1\377\377\377\0", FCT_FINDING_RECORD_TYPE },
    { "END_REQUEST of 0 bytes", "\1\3\1\1\0\0\0\0", FCT_FINDING_RECORD_END_LENGTH },
    { "END_REQUEST of 7 bytes", "\1\3\1\1\0\7\0\0", FCT_FINDING_RECORD_END_LENGTH },
    { "END_REQUEST of 9 bytes", "\1\3\1\1\0\11\0\0", FCT_FINDING_RECORD_END_LENGTH },
    { "END_REQUEST of 264 bytes", "\1\3\1\1\1\10\0\0", FCT_FINDING_RECORD_END_LENGTH },
};

static void test_faults(void)
{
    apr_size_t i, n;

    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        fct_record_decoder_t d;
        fct_record_event_t event;
        char bytes[12];

        memcpy(bytes, faults[i].header, 8);
        memcpy(bytes + 8, "more", 4);
        fct_record_decoder_init(&d, 257);
        n = fct_record_decode(&d, bytes, 7, &event);
        if (n != 7 || event.kind != FCT_RECORD_NEED_MORE) {
            tap_ok(0, "%s: seven bytes of a header are not judged", faults[i].what);
            continue;
        }
        n = fct_record_decode(&d, bytes + 7, 5, &event);
        tap_ok(n == 1 && event.kind == FCT_RECORD_FAULT && event.finding == faults[i].finding,
               "%s is FCT%04d with the eighth byte", faults[i].what, (int)faults[i].finding);
        n = fct_record_decode(&d, bytes + 8, 4, &event);
        tap_ok(n == 0 && event.kind == FCT_RECORD_FAULT && event.finding == faults[i].finding && !fct_record_decoder_is_between(&d),
               "%s: after it nothing is taken", faults[i].what);
    }
}

static void test_names(void)
{
    tap_is_str(fct_record_type_name(FCT_RECORD_STDOUT), "STDOUT", "a type has its name");
    tap_is_str(fct_record_type_name(FCT_RECORD_BEGIN_REQUEST), "BEGIN_REQUEST", "the first type has its name");
    tap_is_str(fct_record_type_name(FCT_RECORD_UNKNOWN_TYPE), "UNKNOWN_TYPE", "the last type has its name");
    tap_is_str(fct_record_type_name(0), "unknown type", "0 is no type");
    tap_is_str(fct_record_type_name(12), "unknown type", "12 is no type");
}

int main(void)
{
    pool = tap_begin();
    test_headers();
    test_header_limits();
    test_begin();
    test_splits();
    test_between();
    test_sizes();
    test_unread();
    test_faults();
    test_names();
    return tap_end();
}
