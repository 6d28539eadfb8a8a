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
    "h2, p, td, code { overflow-wrap: anywhere; }\n"
    "td.tag { white-space: nowrap; }\n"
    ".overview th, .overview td { padding-right: 1rem; }\n"
    ".overview th.number { text-align: right; }\n"
    ".overview td { white-space: nowrap; }\n"
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

static void write_lines(request_rec *r, const apr_array_header_t *uses, const char *as)
{
    int i;

    for (i = 0; i < uses->nelts; i++) {
        const fct_status_use_t *use = &APR_ARRAY_IDX(uses, i, fct_status_use_t);

        ap_rprintf(r, "<li><strong>%s</strong> in <code>%s</code> (%s)</li>\n", html(r, as ? as : use->mode), html(r, use->section),
                   html(r, use->place));
    }
}

static void write_policy(request_rec *r, const fct_policy_slot_t *slot, int n)
{
    ap_rprintf(r, "<h2 id=\"policy%d\">%s, version %s</h2>\n<p>%s<br>\n<code>sha256:%s</code></p>\n<ul>\n", n, html(r, slot->policy->name),
               html(r, slot->policy->version), html(r, slot->path), html(r, slot->policy->digest));
    write_lines(r, fct_status_uses(slot, r->pool), NULL);
    write_lines(r, fct_status_candidacies(slot, r->pool), "candidate");
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

        ap_rprintf(r, "<tr><td class=\"tag\">FCT%04d</td><td class=\"number\">%" APR_UINT64_T_FMT "</td><td>%s</td></tr>\n", (int)finding->id, finding->count,
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

/* Counters that say something only where a mode or a candidate is in use. */
static int is_of_trial(int id)
{
    return id == FCT_COUNTER_REPORTED || id == FCT_COUNTER_WOULD_REFUSE || id == FCT_COUNTER_CANDIDATE_DIFFERS;
}

static void write_group(request_rec *r, const fct_counters_reading_t *reading, const char *title, int first, int end)
{
    int i;

    ap_rprintf(r, "<tr><th colspan=\"2\">%s</th></tr>\n", title);
    for (i = first; i < end; i++) {
        if (reading->values[i] || !is_of_trial(i)) {
            write_number(r, fct_counter_info((fct_counter_id_t)i)->help, reading->values[i]);
        }
    }
}

static void write_counters(request_rec *r, const fct_counters_t *counters)
{
    fct_counters_reading_t reading;
    char since[APR_RFC822_DATE_LEN];

    if (!counters) {
        ap_rputs("<p>Nothing is counted for this policy; see the error log.</p>\n", r);
        return;
    }
    fct_counters_read(&reading, counters, r->pool);
    apr_rfc822_date(since, reading.since);
    ap_rprintf(r, "<h3>Counted since %s</h3>\n<table>\n", since);
    write_group(r, &reading, "Requests", 0, FCT_COUNTER_EXCHANGES);
    write_group(r, &reading, "Backends", FCT_COUNTER_EXCHANGES, FCT_COUNTER_COUNT);
    ap_rputs("</table>\n", r);
    write_findings(r, &reading);
    write_dropped(r, &reading);
    write_durations(r, &reading);
}

/* What only stands beside others counts nothing; what is the same counts together. */
static void write_counted(request_rec *r, const fct_policy_slot_t *slot)
{
    const fct_policy_slot_t *twin = fct_status_twin(slot);

    if (twin) {
        ap_rprintf(r, "<p>The same policy as <code>%s</code>, and counted with it.</p>\n", html(r, twin->path));
    }
    else if (slot->uses->nelts) {
        write_counters(r, slot->counters);
    }
    else {
        ap_rputs("<p>Nowhere in force. Where it would decide otherwise is counted with the policies beside it.</p>\n", r);
    }
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

static void write_fields(request_rec *r, const fct_plan_t *plan)
{
    apr_size_t i;

    ap_rputs("<details><summary>Header fields: what passes, what is dropped, what ends a request</summary>\n<div class=\"wide\"><table><tr>"
             "<th>field</th><th></th><th>when</th><th>rule</th></tr>\n", r);
    for (i = 0; i < plan->nfields; i++) {
        const fct_field_rule_t *rule = plan->fields[i].rule;

        ap_rprintf(r, "<tr><td><code>%s</code></td><td>%s</td><td>%s</td><td>%s:%d</td></tr>\n", html(r, fct_status_field_name(rule, r->pool)),
                   fct_status_field_action(rule), rule->when ? html(r, rule->when) : "always", html(r, apr_filepath_name_get(rule->place.file)),
                   rule->place.line);
    }
    ap_rputs("</table></div>\n<p>A field that no rule names is dropped, or ends the request where it would narrow it.</p></details>\n", r);
}

/* --- all of them --- */

static void write_overview_row(request_rec *r, const fct_policy_slot_t *slot, int n)
{
    static const fct_counter_id_t shown[] = { FCT_COUNTER_PASSED, FCT_COUNTER_REFUSED, FCT_COUNTER_REPLY_REFUSED, FCT_COUNTER_ABORTED, FCT_COUNTER_REPORTED };
    fct_counters_reading_t reading;
    apr_size_t i;

    ap_rprintf(r, "<tr><td><a href=\"#policy%d\">%s</a></td><td>%s</td><td>%s</td>", n, html(r, slot->policy->name), html(r, slot->policy->version),
               html(r, fct_status_modes(slot, r->pool)));
    if (slot->counters && !fct_status_twin(slot) && slot->uses->nelts) {
        fct_counters_read(&reading, slot->counters, r->pool);
        for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
            ap_rprintf(r, "<td class=\"number\">%" APR_UINT64_T_FMT "</td>", reading.values[shown[i]]);
        }
    }
    else {
        ap_rprintf(r, "<td colspan=\"5\">%s</td>", fct_status_twin(slot) ? "counted with the same policy from another file" : "not counted");
    }
    ap_rputs("</tr>\n", r);
}

/* Those in force first, then candidates; the numbers are those of the sections' headings. */
static void each_policy(request_rec *r, void (*write)(request_rec *r, const fct_policy_slot_t *slot, int n))
{
    const apr_array_header_t *slots = fct_directives_slots();
    int i, n = 0, candidates;

    for (candidates = 0; candidates < 2; candidates++) {
        for (i = 0; i < slots->nelts; i++) {
            const fct_policy_slot_t *slot = APR_ARRAY_IDX(slots, i, const fct_policy_slot_t *);

            if (slot->policy && (slot->uses->nelts == 0) == candidates) {
                write(r, slot, ++n);
            }
        }
    }
}

static void write_section(request_rec *r, const fct_policy_slot_t *slot, int n)
{
    write_policy(r, slot, n);
    write_counted(r, slot);
    write_table(r, slot->policy->plan);
    write_fields(r, slot->policy->plan);
}

static void write_beginning(request_rec *r)
{
    char now[APR_RFC822_DATE_LEN];

    apr_rfc822_date(now, apr_time_now());
    ap_rputs(head, r);
    ap_rprintf(r, "<h1>FastCGI policies of %s</h1>\n<p>%s. Also as <a href=\"?format=json\">JSON</a> and "
               "<a href=\"?format=openmetrics\">OpenMetrics</a>.</p>\n", html(r, ap_get_server_name(r)), now);
    if (fct_counters_lost()) {
        ap_rprintf(r, "<p><strong>%" APR_UINT64_T_FMT " lines of decision logs were lost; see the error log.</strong></p>\n",
                   fct_counters_lost());
    }
}

void fct_status_page(request_rec *r)
{
    write_beginning(r);
    if (fct_directives_slots()->nelts == 0) {
        ap_rputs("<p>No policy is in force: no FcgiTrustPolicy was read.</p>\n", r);
    }
    else {
        ap_rputs("<div class=\"wide\"><table class=\"overview\"><tr><th>policy</th><th>version</th><th>mode</th><th class=\"number\">passed</th>"
                 "<th class=\"number\">refused</th><th class=\"number\">reply refused</th><th class=\"number\">aborted</th>"
                 "<th class=\"number\">reported</th></tr>\n", r);
        each_policy(r, write_overview_row);
        ap_rputs("</table></div>\n", r);
        each_policy(r, write_section);
    }
    ap_rputs("</body></html>\n", r);
}
