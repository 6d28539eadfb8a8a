/* A policy being read: each declaration goes to what understands it. */
#include "draft.h"

#include <apr_strings.h>

#include "draft_field.h"
#include "draft_nested.h"
#include "draft_param.h"
#include "flow.h"
#include "name.h"

fct_draft_t *fct_draft_create(const fct_declaration_t *policy, fct_findings_t *findings, apr_pool_t *p)
{
    fct_draft_t *draft = apr_pcalloc(p, sizeof(*draft));

    draft->place = policy->place;
    draft->name = policy->value[FCT_ATTRIBUTE_NAME];
    draft->version = policy->value[FCT_ATTRIBUTE_VERSION];
    draft->params = apr_array_make(p, 32, sizeof(const fct_param_rule_t *));
    draft->fields = apr_array_make(p, 64, sizeof(const fct_field_rule_t *));
    draft->identities = apr_array_make(p, 4, sizeof(const fct_identity_rule_t *));
    draft->maps = apr_array_make(p, 4, sizeof(fct_named_rule_t *));
    draft->upstreams = apr_array_make(p, 4, sizeof(fct_named_rule_t *));
    draft->replaced = apr_array_make(p, 8, sizeof(fct_draft_replaced_t));
    draft->removals = apr_array_make(p, 4, sizeof(const fct_without_rule_t *));
    draft->requests = apr_array_make(p, 2, sizeof(const fct_request_rule_t *));
    draft->withouts = apr_array_make(p, 4, sizeof(const fct_without_rule_t *));
    draft->findings = findings;
    draft->p = p;
    return draft;
}

/* --- <identity> --- */

/* Only names that are nobody's yet can be declared; those of POLICY 2's identity row are already. */
static int can_be_identity(fct_bytes_t name, int is_prefix, fct_bytes_t folded)
{
    fct_name_group_t group = fct_flow_group(folded);

    return fct_name_is_param(name) && fct_name_is_folded(name)
        && (is_prefix || group == FCT_GROUP_OTHER || group == FCT_GROUP_IDENTITY || group == FCT_GROUP_HTTP);
}

static void declare_identity(fct_draft_t *draft, const fct_declaration_t *d)
{
    char *state = NULL;
    char *word = apr_strtok(apr_pstrdup(draft->p, d->value[FCT_ATTRIBUTE_NAMES]), FCT_DRAFT_BLANKS, &state);

    if (word == NULL) {
        fct_findings_add(draft->findings, FCT_FINDING_IDENTITY_INVALID, d->place.file, d->place.line, "names=\"...\" declares nothing");
    }
    for (; word; word = apr_strtok(NULL, FCT_DRAFT_BLANKS, &state)) {
        fct_bytes_t name = fct_bytes_of(word);
        int is_prefix = fct_draft_field_split_prefix(&name);
        fct_identity_rule_t *rule;

        if (!can_be_identity(name, is_prefix, fct_name_fold(name, draft->p))) {
            fct_findings_add(draft->findings, FCT_FINDING_IDENTITY_INVALID, d->place.file, d->place.line,
                             "'%s' cannot be an identity: it is of A-Z, 0-9 and _, perhaps with a final *, and no name that "
                             "already has rules of its own", word);
            continue;
        }
        rule = apr_pcalloc(draft->p, sizeof(*rule));
        rule->place = d->place;
        rule->pattern = word;
        rule->why = d->value[FCT_ATTRIBUTE_WHY];
        rule->control = d->value[FCT_ATTRIBUTE_CONTROL];
        APR_ARRAY_PUSH(draft->identities, const fct_identity_rule_t *) = rule;
    }
}

/* --- <without> --- */

static void declare_without(fct_draft_t *draft, const fct_declaration_t *d)
{
    const char *header = d->value[FCT_ATTRIBUTE_HEADER];
    fct_without_rule_t *rule = apr_pcalloc(draft->p, sizeof(*rule));

    rule->place = d->place;
    rule->is_header = header != NULL;
    rule->name = fct_bytes_of(header ? header : d->value[FCT_ATTRIBUTE_PARAM]);
    rule->is_prefix = header && fct_draft_field_split_prefix(&rule->name);
    rule->folded = fct_name_fold(rule->name, draft->p);
    rule->overrides = fct_language_is_yes(d->value[FCT_ATTRIBUTE_OVERRIDE]);
    rule->why = d->value[FCT_ATTRIBUTE_WHY];
    rule->control = d->value[FCT_ATTRIBUTE_CONTROL];
    APR_ARRAY_PUSH(draft->withouts, const fct_without_rule_t *) = rule;
}

/* --- <request>, <response>, <backend> --- */

static int is_about_the_element(int attribute)
{
    return attribute == FCT_ATTRIBUTE_WHY || attribute == FCT_ATTRIBUTE_CONTROL || attribute == FCT_ATTRIBUTE_OVERRIDE
        || attribute == FCT_ATTRIBUTE_WHEN;
}

static void read_settings(const fct_declaration_t *d, fct_setting_t *settings)
{
    int overrides = fct_language_is_yes(d->value[FCT_ATTRIBUTE_OVERRIDE]);
    int i;

    for (i = 0; i < FCT_ATTRIBUTE_COUNT; i++) {
        if (d->value[i] && !is_about_the_element(i)) {
            settings[i] = (fct_setting_t){ d->place, d->value[i], overrides, d->value[FCT_ATTRIBUTE_WHY],
                                           d->value[FCT_ATTRIBUTE_CONTROL] };
        }
    }
}

static void declare_conditional_request(fct_draft_t *draft, const fct_declaration_t *d)
{
    fct_request_rule_t *rule = apr_pcalloc(draft->p, sizeof(*rule));

    rule->place = d->place;
    rule->when = d->value[FCT_ATTRIBUTE_WHEN];
    rule->condition = fct_condition_parse(rule->when, d->place, draft->findings, draft->p);
    rule->overrides = fct_language_is_yes(d->value[FCT_ATTRIBUTE_OVERRIDE]);
    read_settings(d, rule->settings);
    if (rule->condition) {
        APR_ARRAY_PUSH(draft->requests, const fct_request_rule_t *) = rule;
    }
}

static void declare_request(fct_draft_t *draft, const fct_declaration_t *d)
{
    if (d->value[FCT_ATTRIBUTE_WHEN]) {
        declare_conditional_request(draft, d);
        return;
    }
    if (draft->has_request) {
        fct_findings_add(draft->findings, FCT_FINDING_SETTING_INVALID, d->place.file, d->place.line,
                         "<request> stands once without when=\"...\"; another one needs a condition");
    }
    draft->has_request = 1;
    read_settings(d, draft->settings);
}

static void declare_settings(fct_draft_t *draft, const fct_declaration_t *d)
{
    read_settings(d, draft->settings);
}

/* --- what other files understand --- */

static void keep(fct_draft_t *draft, apr_array_header_t *rules, const void *rule)
{
    if (rule) {
        APR_ARRAY_PUSH(rules, const void *) = rule;
    }
    else {
        draft->has_faults = 1;
    }
}

static void declare_description(fct_draft_t *draft, const fct_declaration_t *d)
{
    draft->description = draft->description ? apr_pstrcat(draft->p, draft->description, " ", d->text, NULL) : d->text;
}

static void declare_param(fct_draft_t *draft, const fct_declaration_t *d)
{
    keep(draft, draft->params, fct_draft_param_read(draft, d));
}

static void declare_field(fct_draft_t *draft, const fct_declaration_t *d)
{
    keep(draft, draft->fields, fct_draft_field_read(draft, d));
}

/* --- all --- */

static void (*const declarers[FCT_ELEMENT_COUNT])(fct_draft_t *draft, const fct_declaration_t *d) = {
    [FCT_ELEMENT_DESCRIPTION] = declare_description,
    [FCT_ELEMENT_IDENTITY] = declare_identity,
    [FCT_ELEMENT_PARAM] = declare_param,
    [FCT_ELEMENT_SERVER_HEADER] = declare_param,
    [FCT_ELEMENT_HEADER] = declare_field,
    [FCT_ELEMENT_DROP_HEADER] = declare_field,
    [FCT_ELEMENT_REFUSE_HEADER] = declare_field,
    [FCT_ELEMENT_MAP] = fct_draft_nested_declare_map,
    [FCT_ELEMENT_ENTRY] = fct_draft_nested_declare_entry,
    [FCT_ELEMENT_UPSTREAM] = fct_draft_nested_declare_upstream,
    [FCT_ELEMENT_FIELD] = fct_draft_nested_declare_field,
    [FCT_ELEMENT_WITHOUT] = declare_without,
    [FCT_ELEMENT_REQUEST] = declare_request,
    [FCT_ELEMENT_RESPONSE] = declare_settings,
    [FCT_ELEMENT_BACKEND] = declare_settings,
    [FCT_ELEMENT_ACCEPT] = declare_settings,
    [FCT_ELEMENT_AUDIT] = declare_settings,
};

static int is_full(const fct_draft_t *draft)
{
    return draft->params->nelts >= FCT_DRAFT_MAX_RULES || draft->fields->nelts >= FCT_DRAFT_MAX_RULES
        || draft->identities->nelts >= FCT_DRAFT_MAX_RULES || draft->withouts->nelts >= FCT_DRAFT_MAX_RULES
        || draft->requests->nelts >= FCT_DRAFT_MAX_REQUESTS;
}

void fct_draft_declare(fct_draft_t *draft, const fct_declaration_t *d)
{
    if (is_full(draft)) {
        fct_findings_add(draft->findings, FCT_FINDING_POLICY_TOO_MANY, draft->place.file, 0,
                         "the policy has more than %d rules of a kind", FCT_DRAFT_MAX_RULES);
    }
    else if (declarers[d->element]) {
        declarers[d->element](draft, d);
    }
}
