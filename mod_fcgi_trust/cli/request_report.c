/* What request prints: parameters (>), header (<), body, what went to stderr (!), records, times (=). */
#include <stdio.h>
#include <string.h>

#include "request.h"

static const char *dim(const fct_request_report_t *report)
{
    return report->tool->colour_out ? "\033[2m" : "";
}

static const char *plain(const fct_request_report_t *report)
{
    return report->tool->colour_out ? "\033[0m" : "";
}

static void end_line(fct_request_report_t *report)
{
    if (report->is_line_open) {
        putchar('\n');
        report->is_line_open = 0;
    }
}

/* Foreign bytes, escaped line by line; `prefix` begins each line. */
static void print_lines(fct_request_report_t *report, const char *prefix, fct_bytes_t bytes)
{
    apr_pool_t *pool;
    fct_out_t out;

    apr_pool_create(&pool, report->tool->pool);
    fct_out_init(&out, pool);
    while (bytes.len) {
        const char *newline = memchr(bytes.at, '\n', bytes.len);
        apr_size_t len = newline ? (apr_size_t)(newline - bytes.at) : bytes.len;

        fct_out_add_string(&out, report->is_line_open ? "" : prefix);
        fct_out_add_line_escaped(&out, fct_bytes_make(bytes.at, len), "");
        fct_out_add(&out, "\n", newline != NULL);
        report->is_line_open = newline == NULL;
        bytes = fct_bytes_from(bytes, newline ? len + 1 : len);
    }
    fct_out_print(&out, stdout);
    apr_pool_destroy(pool);
}

/* Values hold bytes that a terminal would act on. */
static void print_field(const fct_request_report_t *report, const fct_field_t *field, const char *remark)
{
    fct_out_t out;

    fct_out_init(&out, report->tool->pool);
    fct_out_add_string(&out, "< ");
    fct_out_add_line_escaped(&out, field->name, "");
    fct_out_add_string(&out, ": ");
    fct_out_add_line_escaped(&out, field->value, "");
    fct_out_addf(&out, "%s\n", remark);
    fct_out_print(&out, stdout);
}

static void print_head(void *context, const fct_head_t *head, int is_interim)
{
    fct_request_report_t *report = context;
    apr_size_t i;

    end_line(report);
    if (report->shows_body_alone) {
        return;
    }
    printf("%s< Status: %d%s%s\n", dim(report), head->status, head->has_status ? "" : " (none given)", is_interim ? " (interim)" : "");
    for (i = 0; i < head->nfields; i++) {
        print_field(report, &head->fields[i], "");
    }
    for (i = 0; i < head->nremoved; i++) {
        print_field(report, &head->removed[i], " (hop-by-hop, a gateway removes it)");
    }
    printf("<%s\n", plain(report));
}

static void print_body(void *context, fct_bytes_t bytes)
{
    fct_request_report_t *report = context;

    if (report->shows_body_alone) {
        fwrite(bytes.at, 1, bytes.len, stdout);
    } else {
        print_lines(report, "", bytes);
    }
}

static void print_stderr(void *context, fct_bytes_t bytes)
{
    fct_request_report_t *report = context;

    if (!report->shows_body_alone) {
        end_line(report);
        print_lines(report, "! ", bytes);
        end_line(report);
    }
}

static void print_wire(void *context, fct_bytes_t lines)
{
    fct_request_report_t *report = context;

    if (lines.len) {
        end_line(report);
        printf("%s%.*s%s", dim(report), (int)lines.len, lines.at, plain(report));
    }
}

static void add_pair(fct_out_t *out, const fct_request_pair_t *pair)
{
    fct_out_add_string(out, "> ");
    fct_out_add_line_escaped(out, fct_bytes_of(pair->name), "=");
    fct_out_add_string(out, "=");
    fct_out_add_line_escaped(out, pair->is_secret ? FCT_BYTES_LITERAL(FCT_RULE_LIST_SECRET) : fct_bytes_of(pair->value), "");
    fct_out_add_string(out, "\n");
}

void fct_request_report_params(fct_request_report_t *report, const apr_array_header_t *pairs)
{
    apr_array_header_t *secrets = apr_array_make(report->tool->pool, 2, sizeof(fct_bytes_t));
    fct_out_t out;
    int i;

    report->watcher.secrets = secrets;
    if (report->shows_body_alone) {
        return;
    }
    fct_out_init(&out, report->tool->pool);
    for (i = 0; i < pairs->nelts; i++) {
        const fct_request_pair_t *pair = &APR_ARRAY_IDX(pairs, i, fct_request_pair_t);

        if (pair->value) {
            add_pair(&out, pair);
        }
        if (pair->is_secret) {
            APR_ARRAY_PUSH(secrets, fct_bytes_t) = fct_bytes_of(pair->name);
        }
    }
    printf("%s%.*s%s\n", dim(report), (int)out.len, out.at, plain(report));
}

static double milliseconds(apr_int64_t microseconds)
{
    return (double)microseconds / 1000.0;
}

void fct_request_report_outcome(fct_request_report_t *report, const fct_request_outcome_t *outcome)
{
    end_line(report);
    if (report->shows_body_alone || outcome->connected < 0) {
        return;
    }
    printf("%s= connected after %.2f ms", dim(report), milliseconds(outcome->connected));
    if (outcome->first_byte >= 0) {
        printf(", first byte %.2f ms", milliseconds(outcome->first_byte));
    }
    if (outcome->ended >= 0) {
        printf(", end %.2f ms; body %" APR_INT64_T_FMT " bytes; appStatus %lu", milliseconds(outcome->ended), outcome->body_bytes,
               (unsigned long)outcome->app_status);
    }
    printf("%s\n", plain(report));
}

void fct_request_report_init(fct_request_report_t *report, const fct_tool_t *tool, int shows_body_alone, int shows_wire)
{
    report->tool = tool;
    report->shows_body_alone = shows_body_alone;
    report->is_line_open = 0;
    report->watcher.head = print_head;
    report->watcher.body = print_body;
    report->watcher.stderr_text = print_stderr;
    report->watcher.wire = shows_wire ? print_wire : NULL;
    report->watcher.context = report;
}
