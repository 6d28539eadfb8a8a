/* The flow rule (POLICY 2) for one rule of a policy: which class it has, and whether that will do. */
#include "draft_flow.h"

#include <apr_strings.h>

#include "draft_check.h"

/* --- classes --- */

/* What a literal can say of a request, and what must hold for it to be true. */
typedef enum truth_t {
    TRUTH_NONE,           /* nothing in the language entails it */
    TRUTH_TLS,
    TRUTH_VERIFIED        /* of the client's certificate */
} truth_t;

static truth_t truth_of_source(const fct_source_ref_t *ref)
{
    switch (ref->id) {
    case FCT_SOURCE_TLS_CLIENT:
        return TRUTH_VERIFIED;
    case FCT_SOURCE_CONNECTION_TLS:
    case FCT_SOURCE_TLS_HTTPS:
    case FCT_SOURCE_TLS_PROTOCOL:
    case FCT_SOURCE_TLS_CIPHER:
        return TRUTH_TLS;
    default:
        return TRUTH_NONE;
    }
}

static int is_literal(const fct_param_rule_t *rule, const char *name, const char *value)
{
    return fct_bytes_equal(rule->folded, fct_bytes_of(name)) && (value == NULL || strcmp(rule->value, value) == 0);
}

/* POLICY 1, first row. */
static truth_t truth_of_literal(const fct_param_rule_t *rule)
{
    if (fct_bytes_starts_with(rule->folded, FCT_BYTES_LITERAL("SSL_CLIENT_")) || is_literal(rule, "AUTH_TYPE", "ClientCert")) {
        return TRUTH_VERIFIED;
    }
    return is_literal(rule, "HTTPS", NULL) ? TRUTH_TLS : TRUTH_NONE;
}

/* A certificate is verified only over TLS. */
static int does_condition_entail(const fct_condition_t *condition, truth_t truth)
{
    return truth == TRUTH_VERIFIED ? fct_condition_entails_verified(condition) : fct_condition_entails_tls(condition);
}

/* No request passes for which the condition holds but not this: the rule is required then, and all that it can come from says so. */
static int does_rule_demand(const fct_param_rule_t *rule, const fct_condition_t *condition, truth_t truth)
{
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        if (truth_of_source(&rule->sources[i]) < truth) {
            return 0;
        }
    }
    return rule->is_required && rule->nsources > 0 && fct_condition_entails(condition, rule->condition);
}

static int is_entailed(const fct_draft_t *draft, const fct_param_rule_t *rule, truth_t truth)
{
    int i;

    if (does_condition_entail(rule->condition, truth)) {
        return 1;
    }
    for (i = 0; i < draft->params->nelts; i++) {
        if (does_rule_demand(APR_ARRAY_IDX(draft->params, i, const fct_param_rule_t *), rule->condition, truth)) {
            return 1;
        }
    }
    return 0;
}

/* POLICY 1, first row: a literal says something of the request only where a condition or a required rule entails it. */
static fct_class_t class_of_literal(const fct_draft_t *draft, const fct_param_rule_t *rule)
{
    truth_t truth = truth_of_literal(rule);

    if (fct_draft_check_group(draft, rule) != FCT_GROUP_IDENTITY) {
        return FCT_CLASS_SERVER;
    }
    return truth != TRUTH_NONE && is_entailed(draft, rule, truth) ? FCT_CLASS_SERVER : FCT_CLASS_ASSERTED;
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

static const char *hint_literal(const fct_param_rule_t *rule)
{
    switch (truth_of_literal(rule)) {
    case TRUTH_VERIFIED:
        return "which nothing here makes true; say when=\"tls.client.verified\", require a tls.client.* elsewhere, or say "
               "assert=\"why this is safe\"";
    case TRUTH_TLS:
        return "which nothing here makes true; say when=\"tls\", or assert=\"why this is safe\"";
    case TRUTH_NONE:
        break;
    }
    return "which no condition makes true; say assert=\"why this is safe\"";
}

static const char *hint(fct_finding_id_t finding, const fct_param_rule_t *rule, apr_pool_t *p)
{
    switch (finding) {
    case FCT_FINDING_FLOW_CLIENT:
        return "which the client writes or chooses; use auth.user, tls.client.*, an <upstream>, a source of class server, or a literal with "
               "assert=\"...\"";
    case FCT_FINDING_FLOW_ASSERT:
        return rule->value ? hint_literal(rule)
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

/* The class that trust="client" is for is the source's own, or what some server's configuration makes of it (fct_classes_t). */
static int can_come_from_client(const fct_param_rule_t *rule, fct_class_t class_)
{
    int can = class_ == FCT_CLASS_CLIENT;
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        can |= fct_source_can_be_lowered(&rule->sources[i]);
    }
    return can;
}

static void check_superfluous(const fct_draft_t *draft, const fct_param_rule_t *rule, fct_name_group_t group, fct_class_t class_)
{
    if (group == FCT_GROUP_IDENTITY && rule->nsources > 1) {
        fct_findings_add(draft->findings, FCT_FINDING_FLOW_ALTERNATIVES, rule->place.file, rule->place.line,
                         "%s has alternative sources (%s); the application cannot tell which it was", rule->name.at, rule->from);
    }
    if (rule->trusts_client && (is_own_source(rule) || !can_come_from_client(rule, class_))) {
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
