/* xml/reader.c: any bytes are a policy or findings; a policy that loads never sends what a client writes under a trusted name. */
#include "reader.h"

#include "crypto_openssl.h"
#include "flow.h"
#include "fuzz.h"
#include "name.h"
#include "plan.h"

static void check_findings(const fct_findings_t *findings, apr_pool_t *p)
{
    int i, errors = 0;

    for (i = 0; i < findings->items->nelts; i++) {
        const fct_finding_t *f = &APR_ARRAY_IDX(findings->items, i, fct_finding_t);

        REQUIRE(fct_finding_info(f->id) != NULL && f->detail != NULL && f->line >= 0);
        REQUIRE(fct_finding_text(f, p) != NULL);
        errors += fct_finding_info(f->id)->severity == FCT_SEVERITY_ERROR;
    }
    REQUIRE((errors > 0) == (findings->errors > 0));
}

static void check_param(const fct_plan_param_t *param)
{
    const fct_param_rule_t *rule = param->rule;
    int is_header = !fct_bytes_is_absent(rule->header);
    fct_name_group_t group = is_header ? FCT_GROUP_IDENTITY : fct_flow_group(rule->folded);

    REQUIRE(fct_name_is_param(rule->name) && (!is_header || fct_name_is_token(rule->header)));
    REQUIRE(group != FCT_GROUP_NEVER && group != FCT_GROUP_ENGINE && group != FCT_GROUP_HTTP);
    REQUIRE(rule->value || rule->nsources > 0);
    if (group == FCT_GROUP_IDENTITY && rule->value == NULL) {
        REQUIRE(param->class_ >= FCT_CLASS_VERIFIED || (param->class_ == FCT_CLASS_ASSERTED && rule->assert));
    }
    if (group == FCT_GROUP_RUNTIME) {
        REQUIRE(rule->value != NULL);
    }
    if (group == FCT_GROUP_OTHER && rule->value == NULL && param->class_ == FCT_CLASS_CLIENT) {
        REQUIRE(rule->trusts_client);
    }
}

static void check_policy(const fct_policy_t *policy)
{
    apr_size_t i;

    REQUIRE(policy->name && policy->version && policy->file && policy->request.allow && policy->backend.profile);
    for (i = 0; i < policy->plan->nparams; i++) {
        check_param(&policy->plan->params[i]);
    }
    for (i = 0; i < policy->plan->nfields; i++) {
        const fct_field_rule_t *rule = policy->plan->fields[i].rule;

        REQUIRE(fct_name_is_token(rule->name));
        if (rule->action == FCT_FIELD_PASS && !rule->is_prefix) {
            REQUIRE(!(fct_field_name_traits(rule->folded) & FCT_FIELD_NO_RULE));
            REQUIRE(rule->trusts_client || !fct_field_name_is_reserved(rule->folded));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    fct_reader_options_t options = { FCT_POLICY_DIR, NULL, &fct_crypto_openssl };
    fct_findings_t *findings = fct_findings_create(p);
    const fct_policy_t *policy = fct_reader_load_bytes(fct_bytes_make((const char *)data, size), "fuzz.xml", &options, findings, p);

    check_findings(findings, p);
    REQUIRE((policy == NULL) == (findings->errors > 0));
    if (policy) {
        check_policy(policy);
    }
    apr_pool_destroy(p);
    return 0;
}
