/* The status as JSON: counters and tables of every policy in force. */
#include <apr_strings.h>
#include <http_core.h>

#include "json.h"
#include "plan.h"
#include "status.h"

static void add_uses(fct_json_t *json, const char *key, const apr_array_header_t *uses)
{
    int i;

    fct_json_begin_array(json, key);
    for (i = 0; i < uses->nelts; i++) {
        const fct_status_use_t *use = &APR_ARRAY_IDX(uses, i, fct_status_use_t);

        fct_json_begin_object(json, NULL);
        fct_json_text(json, "directive", use->place);
        fct_json_text(json, "section", use->section);
        fct_json_text(json, "mode", use->mode);
        fct_json_end_object(json);
    }
    fct_json_end_array(json);
}

static void add_durations(fct_json_t *json, const fct_counters_reading_t *reading)
{
    int i;

    fct_json_begin_object(json, "durations");
    fct_json_begin_array(json, "buckets");
    for (i = 0; i < FCT_COUNTERS_BUCKETS; i++) {
        fct_json_begin_object(json, NULL);
        if (fct_counters_bound(i)) {
            fct_json_seconds(json, "up_to_seconds", fct_counters_bound(i));
        }
        fct_json_integer(json, "requests", (apr_int64_t)reading->buckets[i]);
        fct_json_end_object(json);
    }
    fct_json_end_array(json);
    fct_json_seconds(json, "sum_seconds", (apr_int64_t)reading->duration);
    fct_json_end_object(json);
}

static void add_names(fct_json_t *json, const fct_counters_reading_t *reading)
{
    char tag[8];
    int i;

    fct_json_begin_object(json, "findings");
    for (i = 0; i < reading->findings->nelts; i++) {
        const fct_counters_finding_t *finding = &APR_ARRAY_IDX(reading->findings, i, fct_counters_finding_t);

        apr_snprintf(tag, sizeof(tag), "FCT%04d", (int)finding->id);
        fct_json_integer(json, tag, (apr_int64_t)finding->count);
    }
    fct_json_end_object(json);
    fct_json_begin_array(json, "dropped_fields");
    for (i = 0; i < reading->dropped->nelts; i++) {
        const fct_counters_name_t *name = &APR_ARRAY_IDX(reading->dropped, i, fct_counters_name_t);

        fct_json_begin_object(json, NULL);
        fct_json_text(json, "name", name->name);
        fct_json_integer(json, "times", (apr_int64_t)name->count);
        fct_json_end_object(json);
    }
    fct_json_end_array(json);
    fct_json_integer(json, "dropped_fields_of_other_names", (apr_int64_t)reading->dropped_others);
}

static void add_counters(fct_json_t *json, const fct_counters_t *counters)
{
    fct_counters_reading_t reading;
    int i;

    if (!counters) {
        return;
    }
    fct_counters_read(&reading, counters, json->pool);
    fct_json_integer(json, "counted_since", apr_time_sec(reading.since));
    fct_json_begin_object(json, "counters");
    for (i = 0; i < FCT_COUNTER_COUNT; i++) {
        fct_json_integer(json, fct_counter_info((fct_counter_id_t)i)->name, (apr_int64_t)reading.values[i]);
    }
    fct_json_end_object(json);
    add_durations(json, &reading);
    add_names(json, &reading);
}

static void add_table(fct_json_t *json, const fct_plan_t *plan)
{
    apr_size_t i;

    fct_json_begin_array(json, "parameters");
    for (i = 0; i < plan->nparams; i++) {
        const fct_plan_param_t *param = &plan->params[i];

        fct_json_begin_object(json, NULL);
        fct_json_string(json, "name", param->rule->name);
        fct_json_text(json, "source", param->source_text);
        fct_json_text(json, "class", fct_class_name(param->class_));
        fct_json_text(json, "when", param->rule->when);
        fct_json_boolean(json, "required", param->rule->is_required);
        fct_json_place(json, "rule", param->rule->place.file, param->rule->place.line);
        fct_json_end_object(json);
    }
    fct_json_end_array(json);
}

static void add_fields(fct_json_t *json, const fct_plan_t *plan)
{
    apr_size_t i;

    fct_json_begin_array(json, "header_rules");
    for (i = 0; i < plan->nfields; i++) {
        const fct_field_rule_t *rule = plan->fields[i].rule;

        fct_json_begin_object(json, NULL);
        fct_json_text(json, "name", fct_status_field_name(rule, json->pool));
        fct_json_text(json, "action", fct_status_field_action(rule));
        fct_json_text(json, "when", rule->when);
        fct_json_place(json, "rule", rule->place.file, rule->place.line);
        fct_json_end_object(json);
    }
    fct_json_end_array(json);
}

static void add_slot(fct_json_t *json, const fct_policy_slot_t *slot)
{
    fct_json_begin_object(json, NULL);
    fct_json_text(json, "name", slot->policy->name);
    fct_json_text(json, "version", slot->policy->version);
    fct_json_text(json, "digest", slot->policy->digest);
    fct_json_text(json, "file", slot->path);
    add_uses(json, "in_force", fct_status_uses(slot, json->pool));
    add_uses(json, "candidate", fct_status_candidacies(slot, json->pool));
    if (fct_status_twin(slot)) {
        fct_json_text(json, "counted_with", fct_status_twin(slot)->path);
    }
    else {
        add_counters(json, slot->counters);
    }
    add_table(json, slot->policy->plan);
    add_fields(json, slot->policy->plan);
    fct_json_end_object(json);
}

void fct_status_json(request_rec *r)
{
    const apr_array_header_t *slots = fct_directives_slots();
    fct_json_t json;
    int i;

    fct_json_init(&json, 16384, r->pool);
    fct_json_begin_object(&json, NULL);
    fct_json_text(&json, "server", ap_get_server_name(r));
    fct_json_integer(&json, "time", apr_time_sec(apr_time_now()));
    fct_json_integer(&json, "decision_log_lost_lines", (apr_int64_t)fct_counters_lost());
    fct_json_begin_array(&json, "policies");
    for (i = 0; i < slots->nelts; i++) {
        const fct_policy_slot_t *slot = APR_ARRAY_IDX(slots, i, const fct_policy_slot_t *);

        if (slot->policy) {
            add_slot(&json, slot);
        }
    }
    fct_json_end_array(&json);
    fct_json_end_object(&json);
    fct_json_append(&json, FCT_BYTES_LITERAL("\n"));
    ap_rwrite(json.at, (int)json.len, r);
}
