/* core/head.c: any bytes, cut anyhow, give the same fields or the same fault; what is passed on is fit to be passed on. */
#include "head.h"

#include "fuzz.h"
#include "trace.h"

static const fct_head_limits_t limits = { 400, 12 };

static int is_named(const fct_field_t *field, const char *name)
{
    return fct_bytes_equal_nocase(field->name, fct_bytes_of(name));
}

static void check_field(const fct_field_t *field)
{
    apr_size_t i;

    REQUIRE(field->name.len > 0 && field->name.at[field->name.len] == '\0' && field->value.at[field->value.len] == '\0');
    for (i = 0; i < field->name.len; i++) {
        REQUIRE(field->name.at[i] > ' ' && field->name.at[i] < 0x7F && field->name.at[i] != ':');
    }
    for (i = 0; i < field->value.len; i++) {
        unsigned char c = (unsigned char)field->value.at[i];

        REQUIRE(c == '\t' || (c >= ' ' && c != 0x7F));
    }
    if (field->value.len) {
        REQUIRE(field->value.at[0] != ' ' && field->value.at[0] != '\t');
        REQUIRE(field->value.at[field->value.len - 1] != ' ' && field->value.at[field->value.len - 1] != '\t');
    }
}

static void check_passed_on(const fct_head_t *head)
{
    static const char *const never[] = { "Status", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade",
                                         "Proxy-Connection" };
    apr_size_t i, k, lengths = 0, types = 0, locations = 0;

    for (i = 0; i < head->nfields; i++) {
        check_field(&head->fields[i]);
        for (k = 0; k < sizeof(never) / sizeof(never[0]); k++) {
            REQUIRE(!is_named(&head->fields[i], never[k]));
        }
        lengths += is_named(&head->fields[i], "Content-Length");
        types += is_named(&head->fields[i], "Content-Type");
        locations += is_named(&head->fields[i], "Location");
    }
    REQUIRE(lengths == (head->content_length >= 0));
    REQUIRE(lengths == 0 || (head->status >= 200 && head->status != 204));
    REQUIRE(types == !fct_bytes_is_absent(head->content_type));
    REQUIRE(locations == !fct_bytes_is_absent(head->location));
}

static void check_head(const fct_head_t *head)
{
    apr_size_t i;

    REQUIRE(head->status >= 100 && head->status <= 599 && head->status != 101);
    REQUIRE(head->has_status || head->status == 200 || head->status == 302);
    REQUIRE(!head->is_local_redirect || (head->location.at[0] == '/' && !head->has_status));
    REQUIRE(head->nfields + head->nremoved <= limits.max_fields);
    check_passed_on(head);
    for (i = 0; i < head->nremoved; i++) {
        check_field(&head->removed[i]);
    }
}

static void trace_head(trace_t *trace, const fct_head_t *head)
{
    apr_size_t i;

    trace_event(trace, apr_psprintf(trace->pool, "head-%d-%d-%d-%" APR_INT64_T_FMT, head->status, head->has_status,
                                    head->is_local_redirect, head->content_length));
    for (i = 0; i < head->nfields + head->nremoved; i++) {
        const fct_field_t *field = i < head->nfields ? &head->fields[i] : &head->removed[i - head->nfields];

        trace_event(trace, i < head->nfields ? "field" : "removed");
        trace_data(trace, "name", field->name.at, field->name.len);
        trace_data(trace, "value", field->value.at, field->value.len);
    }
}

static void trace_fault(trace_t *trace, const fct_head_parser_t *parser, fct_finding_id_t finding)
{
    const char *excerpt;
    int line = fct_head_parser_line(parser, &excerpt);

    REQUIRE(line > 0 && fct_finding_info(finding) != NULL);
    trace_event(trace, apr_psprintf(trace->pool, "fault-%d line %d: %s", (int)finding, line, excerpt));
}

/* Feeds one piece; returns 0 after a fault. Blocks follow each other. */
static int feed(fct_head_parser_t *parser, trace_t *trace, const char *buf, apr_size_t len)
{
    apr_size_t at = 0;

    while (at < len) {
        fct_finding_id_t finding;
        apr_size_t n;
        fct_head_status_t status = fct_head_parse(parser, buf + at, len - at, &n, &finding);

        REQUIRE(n > 0 && n <= len - at);
        REQUIRE((status == FCT_HEAD_FAULT) == (finding != FCT_FINDING_NONE));
        if (status == FCT_HEAD_FAULT) {
            trace_fault(trace, parser, finding);
            return 0;
        }
        at += n;
        if (status == FCT_HEAD_COMPLETE) {
            REQUIRE(buf[at - 1] == '\n' && fct_head_parser_bytes(parser) == 0);
            check_head(fct_head_parser_head(parser));
            trace_head(trace, fct_head_parser_head(parser));
        }
        else {
            REQUIRE(at == len && fct_head_parser_bytes(parser) <= limits.max_bytes);
        }
    }
    return 1;
}

static void run(trace_t *trace, const char *buf, apr_size_t len, unsigned seed, apr_pool_t *p)
{
    fct_head_parser_t *parser = fct_head_parser_create(&limits, p);
    apr_size_t at, n;

    trace_begin(trace, p);
    for (at = 0; at < len; at += n) {
        n = fuzz_piece(&seed, len - at);
        if (!feed(parser, trace, buf + at, n)) {
            return;
        }
    }
    trace_event(trace, apr_psprintf(p, "%" APR_SIZE_T_FMT " of another", fct_head_parser_bytes(parser)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trace_t whole, cut;
    apr_pool_t *p;

    if (size == 0) {
        return 0;
    }
    p = fuzz_pool();
    run(&whole, (const char *)data + 1, size - 1, 0, p);
    run(&cut, (const char *)data + 1, size - 1, data[0], p);
    REQUIRE(trace_equal(&whole, &cut));
    apr_pool_destroy(p);
    return 0;
}
