/* The status as OpenMetrics 1.0 text, for Prometheus and its kin. */
#include <apr_strings.h>
#include <http_core.h>

#include "status.h"

/* --- labels --- */

/* \ " and line ends are escaped; names of policies and fields are ASCII. */
static const char *label(const char *text, apr_pool_t *p)
{
    char *escaped = apr_palloc(p, 2 * strlen(text) + 1), *to = escaped;

    for (; *text; text++) {
        if (*text == '\\' || *text == '"' || *text == '\n') {
            *to++ = '\\';
        }
        *to++ = (char)(*text == '\n' ? 'n' : *text);
    }
    *to = '\0';
    return escaped;
}

static const char *policy_labels(const fct_policy_slot_t *slot, apr_pool_t *p)
{
    return apr_psprintf(p, "policy=\"%s\",version=\"%s\",digest=\"%.12s\"", label(slot->policy->name, p), label(slot->policy->version, p),
                        slot->policy->digest);
}

/* --- families --- */

static void begin_family(request_rec *r, const char *name, const char *type, const char *help)
{
    ap_rprintf(r, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
}

/* One policy's numbers, read once, so that all families tell of the same moment. */
typedef struct counted_t {
    const fct_policy_slot_t *slot;
    const char *labels;
    fct_counters_reading_t reading;
} counted_t;

static apr_array_header_t *read_all(request_rec *r)
{
    apr_array_header_t *all = apr_array_make(r->pool, 4, sizeof(counted_t));
    int i;

    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        const fct_policy_slot_t *slot = APR_ARRAY_IDX(fct_directives_slots(), i, const fct_policy_slot_t *);

        if (slot->policy && slot->counters && !fct_status_twin(slot)) {
            counted_t *counted = apr_array_push(all);

            counted->slot = slot;
            counted->labels = policy_labels(slot, r->pool);
            fct_counters_read(&counted->reading, slot->counters, r->pool);
        }
    }
    return all;
}

/* One family over all policies: `write` adds the samples of one of them. */
static void each_policy(request_rec *r, const apr_array_header_t *all,
                        void (*write)(request_rec *r, const char *labels, const fct_counters_reading_t *reading))
{
    int i;

    for (i = 0; i < all->nelts; i++) {
        const counted_t *counted = &APR_ARRAY_IDX(all, i, counted_t);

        write(r, counted->labels, &counted->reading);
    }
}

/* The modes of all slots with this digest, which several files may have. */
static const char *modes_of(const char *digest, apr_pool_t *p)
{
    const char *modes = "";
    int i;

    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        const fct_policy_slot_t *slot = APR_ARRAY_IDX(fct_directives_slots(), i, const fct_policy_slot_t *);

        if (slot->policy && strcmp(slot->policy->digest, digest) == 0) {
            modes = apr_pstrcat(p, modes, " ", fct_status_modes(slot, p), NULL);
        }
    }
    return modes;
}

static void write_modes(request_rec *r, const apr_array_header_t *all)
{
    static const char *const modes[] = { "enforce", "report", "off", "candidate" };
    apr_size_t k;
    int i;

    for (i = 0; i < all->nelts; i++) {
        const counted_t *counted = &APR_ARRAY_IDX(all, i, counted_t);
        const char *here = modes_of(counted->slot->policy->digest, r->pool);

        for (k = 0; k < sizeof(modes) / sizeof(modes[0]); k++) {
            if (ap_strstr_c(here, modes[k])) {
                ap_rprintf(r, "fcgi_trust_policy_info{%s,mode=\"%s\"} 1\n", counted->labels, modes[k]);
            }
        }
    }
}

static void write_findings(request_rec *r, const char *labels, const fct_counters_reading_t *reading)
{
    int i;

    for (i = 0; i < reading->findings->nelts; i++) {
        const fct_counters_finding_t *finding = &APR_ARRAY_IDX(reading->findings, i, fct_counters_finding_t);

        ap_rprintf(r, "fcgi_trust_findings_total{%s,finding=\"FCT%04d\"} %" APR_UINT64_T_FMT "\n", labels, (int)finding->id, finding->count);
    }
}

static void write_dropped(request_rec *r, const char *labels, const fct_counters_reading_t *reading)
{
    int i;

    for (i = 0; i < reading->dropped->nelts; i++) {
        const fct_counters_name_t *name = &APR_ARRAY_IDX(reading->dropped, i, fct_counters_name_t);

        ap_rprintf(r, "fcgi_trust_dropped_fields_total{%s,field=\"%s\"} %" APR_UINT64_T_FMT "\n", labels, label(name->name, r->pool),
                   name->count);
    }
    ap_rprintf(r, "fcgi_trust_dropped_fields_total{%s,field=\"\"} %" APR_UINT64_T_FMT "\n", labels, reading->dropped_others);
}

/* OpenMetrics' canonical form: 0.25, 1.0 */
static const char *seconds(apr_interval_time_t time, apr_pool_t *p)
{
    return time % APR_USEC_PER_SEC ? apr_psprintf(p, "%g", (double)time / APR_USEC_PER_SEC)
                                   : apr_psprintf(p, "%" APR_INT64_T_FMT ".0", (apr_int64_t)(time / APR_USEC_PER_SEC));
}

static void write_durations(request_rec *r, const char *labels, const fct_counters_reading_t *reading)
{
    apr_uint64_t count = 0;
    int i;

    for (i = 0; i < FCT_COUNTERS_BUCKETS; i++) {
        const char *bound = fct_counters_bound(i) ? seconds(fct_counters_bound(i), r->pool) : "+Inf";

        count += reading->buckets[i];
        ap_rprintf(r, "fcgi_trust_request_duration_seconds_bucket{%s,le=\"%s\"} %" APR_UINT64_T_FMT "\n", labels, bound, count);
    }
    ap_rprintf(r, "fcgi_trust_request_duration_seconds_count{%s} %" APR_UINT64_T_FMT "\n", labels, count);
    ap_rprintf(r, "fcgi_trust_request_duration_seconds_sum{%s} %" APR_UINT64_T_FMT ".%06" APR_UINT64_T_FMT "\n", labels,
               reading->duration / APR_USEC_PER_SEC, reading->duration % APR_USEC_PER_SEC);
}

static void write_counter(request_rec *r, const apr_array_header_t *all, fct_counter_id_t id)
{
    const char *name = apr_pstrcat(r->pool, "fcgi_trust_", fct_counter_info(id)->name, NULL);
    int i;

    begin_family(r, name, "counter", fct_counter_info(id)->help);
    for (i = 0; i < all->nelts; i++) {
        const counted_t *counted = &APR_ARRAY_IDX(all, i, counted_t);

        ap_rprintf(r, "%s_total{%s} %" APR_UINT64_T_FMT "\n", name, counted->labels, counted->reading.values[id]);
    }
}

void fct_status_metrics(request_rec *r)
{
    const apr_array_header_t *all = read_all(r);
    int i;

    begin_family(r, "fcgi_trust_policy", "info", "the policies of this server, and the modes in which it has them");
    write_modes(r, all);
    for (i = 0; i < FCT_COUNTER_COUNT; i++) {
        write_counter(r, all, (fct_counter_id_t)i);
    }
    begin_family(r, "fcgi_trust_findings", "counter", "findings about requests, by their tag");
    each_policy(r, all, write_findings);
    begin_family(r, "fcgi_trust_dropped_fields", "counter", "header fields that no rule let through, by their name; without one: all other names");
    each_policy(r, all, write_dropped);
    begin_family(r, "fcgi_trust_request_duration_seconds", "histogram", "from the request line to the log, in seconds");
    each_policy(r, all, write_durations);
    begin_family(r, "fcgi_trust_decision_log_lost_lines", "counter", "lines of decision logs that could not be written");
    ap_rprintf(r, "fcgi_trust_decision_log_lost_lines_total %" APR_UINT64_T_FMT "\n", fct_counters_lost());
    ap_rputs("# EOF\n", r);
}
