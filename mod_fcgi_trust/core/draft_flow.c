/* The flow rule (POLICY 2) for one rule of a policy: which class it has, and whether that will do. */
#include "draft_flow.h"

#include <apr_strings.h>

#include "draft_check.h"

/* --- classes --- */

static int is_tls_source(fct_source_id_t id)
{
    return id == FCT_SOURCE_CONNECTION_TLS || id == FCT_SOURCE_TLS_HTTPS || id == FCT_SOURCE_TLS_PROTOCOL
        || id == FCT_SOURCE_TLS_CIPHER;
}

/* A rule without which no request passes, and that only a TLS connection satisfies. */
static int demands_tls(const fct_param_rule_t *rule)
{
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        if (!is_tls_source(rule->sources[i].id)) {
            return 0;
        }
    }
    return rule->is_required && rule->condition == NULL && rule->nsources > 0;
}

static int is_tls_certain(const fct_draft_t *draft, const fct_param_rule_t *rule)
{
    int i;

    if (fct_condition_entails_tls(rule->condition)) {
        return 1;
    }
    for (i = 0; i < draft->params->nelts; i++) {
        if (demands_tls(APR_ARRAY_IDX(draft->params, i, const fct_param_rule_t *))) {
            return 1;
        }
    }
    return 0;
}

/* POLICY 1, first row: a literal says something of the request only where a condition entails it. */
static fct_class_t class_of_literal(const fct_draft_t *draft, const fct_param_rule_t *rule)
{
    if (fct_draft_check_group(draft, rule) != FCT_GROUP_IDENTITY) {
        return FCT_CLASS_SERVER;
    }
    return fct_bytes_equal(rule->folded, FCT_BYTES_LITERAL("HTTPS")) && is_tls_certain(draft, rule) ? FCT_CLASS_SERVER
                                                                                               : FCT_CLASS_ASSERTED;
}

/* classes NULL: as POLICY 1 has them. *because is left alone, or says what makes it another. */
static fct_class_t class_of_source(const fct_source_ref_t *ref, const fct_classes_t *classes, const char **because)
{
    return classes ? classes->class_of(classes->context, ref, because) : fct_source_info(ref->id)->class_;
}

/* A rule's source that lowers its class most, and that class. */
typedef struct weakest_t {
    const fct_source_ref_t *ref;       /* NULL: a literal */
    fct_class_t class_;
    const char *because;
} weakest_t;

/* The rule has at least one source. */
static weakest_t weakest_source(const fct_param_rule_t *rule, const fct_classes_t *classes)
{
    weakest_t weakest = { NULL, FCT_CLASS_SERVER, NULL };
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        weakest_t one = { &rule->sources[i], FCT_CLASS_SERVER, NULL };

        one.class_ = class_of_source(one.ref, classes, &one.because);
        if (weakest.ref == NULL || one.class_ < weakest.class_) {
            weakest = one;
        }
    }
    return weakest;
}

static weakest_t weakest_of(const fct_draft_t *draft, const fct_param_rule_t *rule)
{
    weakest_t weakest = { NULL, FCT_CLASS_SERVER, NULL };

    if (rule->value) {
        weakest.class_ = class_of_literal(draft, rule);
        return weakest;
    }
    return weakest_source(rule, NULL);
}

fct_class_t fct_draft_flow_class(const fct_draft_t *draft, const fct_param_rule_t *rule)
{
    return weakest_of(draft, rule).class_;
}

/* --- judging --- */

static int is_own_source(const fct_param_rule_t *rule)
{
    fct_source_id_t own = fct_flow_own_source(rule->folded);

    return own != FCT_SOURCE_NONE && rule->nsources == 1 && rule->sources[0].id == own;
}

static fct_finding_id_t judge(const fct_param_rule_t *rule, fct_name_group_t group, fct_class_t class_)
{
    fct_flow_t flow;

    flow.group = group;
    flow.class_ = class_;
    flow.is_literal = rule->value != NULL;
    flow.is_own_source = is_own_source(rule);
    flow.has_assert = rule->assert != NULL;
    flow.trusts_client = rule->trusts_client;
    return fct_flow_judge(&flow);
}

/* --- saying so --- */

static const char *hint_own_source(const fct_param_rule_t *rule, apr_pool_t *p)
{
    fct_source_id_t own = fct_flow_own_source(rule->folded);

    if (own == FCT_SOURCE_NONE) {
        return "but this name takes value=\"...\" alone";
    }
    return apr_psprintf(p, "but this name comes from %s alone, or is a literal", fct_source_info(own)->text);
}

static const char *hint(fct_finding_id_t finding, const fct_param_rule_t *rule, apr_pool_t *p)
{
    switch (finding) {
    case FCT_FINDING_FLOW_CLIENT:
        return "which the client writes or chooses; use auth.user, an <upstream>, a source of class server, or a literal with "
               "assert=\"...\"";
    case FCT_FINDING_FLOW_ASSERT:
        return rule->value ? "which nothing in its when=\"...\" makes true; say assert=\"why this is safe\""
                           : "which is somebody else's word; say assert=\"why this is safe\"";
    case FCT_FINDING_FLOW_TRUST:
        return "which the client writes or chooses; if the application knows that, say trust=\"client\"";
    case FCT_FINDING_FLOW_OWN_SOURCE:
        return hint_own_source(rule, p);
    case FCT_FINDING_FLOW_LITERAL:
        return "but this name steers the application's runtime; it takes value=\"...\" alone";
    case FCT_FINDING_FLOW_ENGINE:
        return "but the engine alone sends this name; leave the rule out";
    case FCT_FINDING_FLOW_HTTP:
        return "but names that begin with HTTP_ are made by <header> and <server-header> alone";
    default:
        return "but this name is never sent: backends and libraries would act on it";
    }
}

static const char *source_text(const fct_source_ref_t *ref, apr_pool_t *p)
{
    return ref ? fct_source_text(ref, p) : "a literal";
}

static void check_superfluous(const fct_draft_t *draft, const fct_param_rule_t *rule, fct_name_group_t group, fct_class_t class_)
{
    if (group == FCT_GROUP_IDENTITY && rule->nsources > 1) {
        fct_findings_add(draft->findings, FCT_FINDING_FLOW_ALTERNATIVES, rule->place.file, rule->place.line,
                         "%s has alternative sources (%s); the application cannot tell which it was", rule->name.at, rule->from);
    }
    if (rule->trusts_client && (is_own_source(rule) || class_ != FCT_CLASS_CLIENT)) {
        fct_findings_add(draft->findings, FCT_FINDING_RULE_SUPERFLUOUS, rule->place.file, rule->place.line,
                         "%s: trust=\"client\" changes nothing here", rule->name.at);
    }
}

void fct_draft_flow_check(const fct_draft_t *draft, const fct_param_rule_t *rule)
{
    weakest_t weakest = weakest_of(draft, rule);
    fct_name_group_t group = fct_draft_check_group(draft, rule);
    fct_finding_id_t finding = judge(rule, group, weakest.class_);

    if (finding) {
        fct_findings_add(draft->findings, finding, rule->place.file, rule->place.line, "%s would come from %s, %s", rule->name.at,
                         source_text(weakest.ref, draft->p), hint(finding, rule, draft->p));
        return;
    }
    check_superfluous(draft, rule, group, weakest.class_);
}

void fct_draft_flow_check_lowered(const fct_param_rule_t *rule, fct_name_group_t group, const fct_classes_t *classes,
                                  fct_findings_t *findings)
{
    weakest_t weakest = weakest_source(rule, classes);
    fct_finding_id_t finding = weakest.ref && weakest.class_ < fct_source_info(weakest.ref->id)->class_
        ? judge(rule, group, weakest.class_) : FCT_FINDING_NONE;

    if (finding) {
        fct_findings_add(findings, finding, rule->place.file, rule->place.line,
                         "%s would come from %s, whose class is %s in this configuration%s%s, %s", rule->name.at,
                         source_text(weakest.ref, findings->pool), fct_class_name(weakest.class_), weakest.because ? ", by " : "",
                         weakest.because ? weakest.because : "", hint(finding, rule, findings->pool));
    }
}
