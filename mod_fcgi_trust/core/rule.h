/* The rules of a policy as they were written and understood, before they are compiled. Strings live as long as the draft. */
#ifndef FCT_RULE_H
#define FCT_RULE_H

#include "condition.h"
#include "language.h"
#include "source.h"
#include "value.h"

/* on-missing, on-invalid */
typedef struct fct_outcome_t {
    int is_set;              /* else: the default of POLICY 3 */
    int status;              /* 0: omit; -1: refuse with the default status; else refuse with this one */
} fct_outcome_t;

#define FCT_OUTCOME_OMIT 0
#define FCT_OUTCOME_REFUSE (-1)

/* <param> */
typedef struct fct_param_rule_t {
    fct_place_t place;
    fct_bytes_t name;                  /* as it is sent */
    fct_bytes_t folded;
    const char *value;                 /* the literal; NULL: from sources */
    const char *from;                  /* as written; NULL: a literal */
    const fct_source_ref_t *sources;
    apr_size_t nsources;
    const char *when;                  /* as written */
    const fct_condition_t *condition;  /* NULL: always */
    int is_required;
    fct_outcome_t on_missing;
    fct_outcome_t on_invalid;
    fct_value_type_t type;             /* as written, or built in for the name */
    apr_size_t max_length;             /* 0: none */
    int trusts_client;
    int is_sensitive;
    int overrides;
    const char *assert;
    const char *why;
    const char *control;
} fct_param_rule_t;

typedef enum fct_field_action_t {
    FCT_FIELD_PASS,                    /* <header> */
    FCT_FIELD_DROP,                    /* <drop-header> */
    FCT_FIELD_REFUSE                   /* <refuse-header> */
} fct_field_action_t;

/* <header>, <drop-header>, <refuse-header> */
typedef struct fct_field_rule_t {
    fct_place_t place;
    fct_field_action_t action;
    fct_bytes_t name;                  /* as written, without the final '*' of a prefix */
    fct_bytes_t folded;
    int is_prefix;
    const char *when;
    const fct_condition_t *condition;
    apr_size_t max_length;
    apr_size_t max_count;
    int passes_changed;
    int trusts_client;
    int overrides;
    const char *assert;
    const char *why;
    const char *control;
} fct_field_rule_t;

/* One name of <identity names>. */
typedef struct fct_identity_rule_t {
    fct_place_t place;
    const char *pattern;               /* folded, perhaps with a final '*' */
    const char *why;
    const char *control;
} fct_identity_rule_t;

/* <without> */
typedef struct fct_without_rule_t {
    fct_place_t place;
    int is_header;
    fct_bytes_t name;                  /* as written, without a final '*' */
    fct_bytes_t folded;
    int is_prefix;
    int overrides;
    const char *why;
    const char *control;
} fct_without_rule_t;

/* One attribute of <request>, <response> or <backend>; text NULL: not set, the default holds. */
typedef struct fct_setting_t {
    fct_place_t place;
    const char *text;
    int overrides;
} fct_setting_t;

#endif
