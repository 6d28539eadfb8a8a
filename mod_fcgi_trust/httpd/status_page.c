/* The status as a page for people: plain HTML, no scripts. */
#include <apr_lib.h>
#include <apr_strings.h>
#include <http_core.h>

#include "plan.h"
#include "status.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"UTF-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>FastCGI policies</title>\n"
    "<style>\n"
    "body { font-family: sans-serif; line-height: 1.4; margin: 1rem auto; padding: 0 1rem; max-width: 70rem; }\n"
    "table { border-collapse: collapse; margin: .5rem 0 1rem; }\n"
    "th { overflow-wrap: normal; white-space: nowrap; }\n"
    "th, td { border-bottom: 1px solid #bbb; padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; }\n"
    "td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }\n"
    "td, code { overflow-wrap: anywhere; }\n"
    "summary { cursor: pointer; font-weight: bold; }\n"
    ".wide { overflow-x: auto; }\n"
    "h2 { border-top: 3px solid #444; padding-top: .75rem; }\n"
    "</style></head><body>\n";

static const char *html(request_rec *r, const char *text)
{
    return text ? ap_escape_html(r->pool, text) : "";
}

static const char *html_bytes(request_rec *r, fct_bytes_t bytes)
{
    return fct_bytes_is_absent(bytes) ? "" : html(r, fct_bytes_string(bytes, r->pool));
}

static void write_number(request_rec *r, const char *what, apr_uint64_t number)
{
    ap_rprintf(r, "<tr><td>%s</td><td class=\"number\">%" APR_UINT64_T_FMT "</td></tr>\n", html(r, what), number);
}

/* --- the policy itself --- */

static void write_policy(request_rec *r, const fct_policy_slot_t *slot)
{
    const apr_array_header_t *uses = fct_status_uses(slot, r->pool);
    int i;

    ap_rprintf(r, "<h2>%s, version %s</h2>\n<p>%s<br>\n<code>sha256:%s</code></p>\n", html(r, slot->policy->name), html(r, slot->policy->version),
               html(r, slot->path), html(r, slot->policy->digest));
    if (uses->nelts == 0) {
        ap_rputs("<p>Nowhere in force: a candidate.</p>\n", r);
        return;
    }
    ap_rputs("<ul>\n", r);
    for (i = 0; i < uses->nelts; i++) {
        const fct_status_use_t *use = &APR_ARRAY_IDX(uses, i, fct_status_use_t);

        ap_rprintf(r, "<li><strong>%s</strong> in <code>%s</code> (%s)</li>\n", html(r, use->mode), html(r, use->section), html(r, use->place));
    }
    ap_rputs("</ul>\n", r);
}

/* --- counters --- */

static void write_findings(request_rec *r, const fct_counters_reading_t *reading)
{
    int i;

    if (reading->findings->nelts == 0) {
        return;
    }
    ap_rputs("<h3>Findings</h3>\n<div class=\"wide\"><table><tr><th>tag</th><th>times</th><th>what it says</th></tr>\n", r);
    for (i = 0; i < reading->findings->nelts; i++) {
        const fct_counters_finding_t *finding = &APR_ARRAY_IDX(reading->findings, i, fct_counters_finding_t);

        ap_rprintf(r, "<tr><td>FCT%04d</td><td class=\"number\">%" APR_UINT64_T_FMT "</td><td>%s</td></tr>\n", (int)finding->id, finding->count,
                   html(r, fct_finding_info(finding->id)->sentence));
    }
    ap_rputs("</table></div>\n", r);
}

static void write_dropped(request_rec *r, const fct_counters_reading_t *reading)
{
    int i;

    if (reading->dropped->nelts == 0) {
        return;
    }
    ap_rputs("<details><summary>Dropped header fields</summary>\n<table><tr><th>field</th><th>times</th></tr>\n", r);
    for (i = 0; i < reading->dropped->nelts; i++) {
        const fct_counters_name_t *name = &APR_ARRAY_IDX(reading->dropped, i, fct_counters_name_t);

        write_number(r, name->name, name->count);
    }
    if (reading->dropped_others) {
        write_number(r, "(all other names)", reading->dropped_others);
    }
    ap_rputs("</table></details>\n", r);
}

static void write_durations(request_rec *r, const fct_counters_reading_t *reading)
{
    int i;

    ap_rputs("<details><summary>How long requests took</summary>\n<table><tr><th>up to</th><th>requests</th></tr>\n", r);
    for (i = 0; i < FCT_COUNTERS_BUCKETS; i++) {
        const char *bound = fct_counters_bound(i) ? apr_psprintf(r->pool, "%g ms", (double)fct_counters_bound(i) / 1000) : "longer";

        write_number(r, bound, reading->buckets[i]);
    }
    ap_rputs("</table></details>\n", r);
}

static void write_counters(request_rec *r, const fct_counters_t *counters)
{
    fct_counters_reading_t reading;
    char since[APR_RFC822_DATE_LEN];
    int i;

    if (!counters) {
        ap_rputs("<p>Nothing is counted for this policy; see the error log.</p>\n", r);
        return;
    }
    fct_counters_read(&reading, counters, r->pool);
    apr_rfc822_date(since, reading.since);
    ap_rprintf(r, "<h3>Counted since %s</h3>\n<table>\n", since);
    for (i = 0; i < FCT_COUNTER_COUNT; i++) {
        write_number(r, fct_counter_info((fct_counter_id_t)i)->help, reading.values[i]);
    }
    ap_rputs("</table>\n", r);
    write_findings(r, &reading);
    write_dropped(r, &reading);
    write_durations(r, &reading);
}

/* --- the table --- */

static void write_table(request_rec *r, const fct_plan_t *plan)
{
    apr_size_t i;

    ap_rputs("<details><summary>What the application is told</summary>\n<div class=\"wide\"><table><tr><th>parameter</th><th>source</th>"
             "<th>class</th><th>when</th><th>rule</th></tr>\n", r);
    for (i = 0; i < plan->nparams; i++) {
        const fct_plan_param_t *param = &plan->params[i];

        ap_rprintf(r, "<tr><td><code>%s</code></td><td><code>%s</code></td><td>%s</td><td>%s</td><td>%s:%d</td></tr>\n",
                   html_bytes(r, param->rule->name), html(r, param->source_text), fct_class_name(param->class_),
                   param->rule->when ? html(r, param->rule->when) : "always", html(r, apr_filepath_name_get(param->rule->place.file)),
                   param->rule->place.line);
    }
    ap_rputs("</table></div></details>\n", r);
}

void fct_status_page(request_rec *r)
{
    const apr_array_header_t *slots = fct_directives_slots();
    char now[APR_RFC822_DATE_LEN];
    int i;

    apr_rfc822_date(now, apr_time_now());
    ap_rputs(head, r);
    ap_rprintf(r, "<h1>FastCGI policies of %s</h1>\n<p>%s. Also as <a href=\"?format=json\">JSON</a> and "
               "<a href=\"?format=openmetrics\">OpenMetrics</a>.</p>\n", html(r, ap_get_server_name(r)), now);
    if (fct_counters_lost()) {
        ap_rprintf(r, "<p><strong>%" APR_UINT64_T_FMT " lines of decision logs were lost; see the error log.</strong></p>\n",
                   fct_counters_lost());
    }
    if (slots->nelts == 0) {
        ap_rputs("<p>No policy is in force: no FcgiTrustPolicy was read.</p>\n", r);
    }
    for (i = 0; i < slots->nelts; i++) {
        const fct_policy_slot_t *slot = APR_ARRAY_IDX(slots, i, const fct_policy_slot_t *);

        if (slot->policy) {
            write_policy(r, slot);
            write_counters(r, slot->counters);
            write_table(r, slot->policy->plan);
        }
    }
    ap_rputs("</body></html>\n", r);
}
