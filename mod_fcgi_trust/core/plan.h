/* The compiled rules: flat arrays that the evaluation walks. Immutable; for draft_seal.c, eval*.c and what shows a policy. */
#ifndef FCT_PLAN_H
#define FCT_PLAN_H

#include "field_table.h"
#include "flow.h"
#include "policy.h"
#include "rule.h"

/* One <param> or <server-header>, compiled. */
typedef struct fct_plan_param_t {
    const fct_param_rule_t *rule;
    fct_bytes_t literal;                 /* absent: from the rule's sources */
    const fct_source_ref_t *plain;       /* its one source, that the facts answer for whatever the rule; NULL: another, or several */
    const char *source_text;             /* for the observer: "value" or the sources as written */
    fct_chain_t chain;                   /* the rule's, with its map */
    fct_name_group_t group;
    fct_class_t class_;                  /* the lowest of its sources, or the literal's */
    int goes_empty;                      /* an empty value is sent (QUERY_STRING, SCRIPT_NAME, PATH_INFO) */
    int goes_always;                     /* an absent one too (QUERY_STRING) */
    int status_missing;                  /* 0: omitted */
    int status_invalid;
    int status_too_long;
} fct_plan_param_t;

/* What a request may be like: of <request>, or of <request when>. */
typedef struct fct_plan_request_t {
    const fct_request_rule_t *rule;      /* NULL: without a condition */
    fct_request_rules_t rules;
    const fct_bytes_t *methods;
    apr_size_t nmethods;
    fct_encoded_slash_t encoded_slash;
} fct_plan_request_t;

struct fct_plan_t {
    const fct_plan_request_t *requests;  /* the first whose condition holds counts; the last has none */
    apr_size_t nrequests;
    const fct_plan_param_t *params;
    apr_size_t nparams;
    const fct_plan_field_t *fields;
    apr_size_t nfields;
    const fct_plan_field_t *host;        /* the rules for Host; NULL: none */
    fct_field_table_t table;
    apr_size_t ntallies;                 /* counters that a request needs */
    const apr_array_header_t *identities;    /* of const fct_identity_rule_t * */
    const apr_array_header_t *maps;          /* of const fct_map_rule_t * */
    const apr_array_header_t *upstreams;     /* of const fct_upstream_rule_t * */
    const fct_anchor_rule_t *anchor;         /* NULL: none */
    const fct_setting_t *settings;           /* FCT_ATTRIBUTE_COUNT of them */
    const fct_bytes_t *audited;              /* names of parameters whose values may be logged */
    apr_size_t naudited;
    const fct_bytes_t *methods;
    apr_size_t nmethods;
    unsigned char uses[FCT_SOURCE_COUNT];
    int uses_script;                     /* some rule asks for script.* */
};

/* The upstream of this name; NULL: none. */
const fct_upstream_rule_t *fct_plan_find_upstream(const fct_plan_t *plan, fct_bytes_t name);

#endif
