/* The rules of a policy as they were written and understood, before they are compiled. Strings live as long as the draft. */
#ifndef FCT_RULE_H
#define FCT_RULE_H

#include "address.h"
#include "chain.h"
#include "condition.h"
#include "cookie.h"
#include "crypto.h"
#include "language.h"
#include "source.h"

/* on-missing, on-invalid */
typedef struct fct_outcome_t {
    int is_set;              /* else: the default of POLICY 3 */
    int status;              /* 0: omit; -1: refuse with the default status; else refuse with this one */
} fct_outcome_t;

#define FCT_OUTCOME_OMIT 0
#define FCT_OUTCOME_REFUSE (-1)

/* <param> and <server-header> */
typedef struct fct_param_rule_t {
    fct_place_t place;
    fct_bytes_t name;                  /* as it is sent */
    fct_bytes_t folded;
    fct_bytes_t header;                /* <server-header>: the field's name; absent for <param> */
    const char *value;                 /* the literal; NULL: from sources */
    const char *from;                  /* as written; NULL: a literal */
    const fct_source_ref_t *sources;
    apr_size_t nsources;
    const char *when;                  /* as written */
    const fct_condition_t *condition;  /* NULL: always */
    fct_bytes_t auth_type;             /* auth.* has a value only where auth.type is this one; absent: whatever it is */
    int is_required;
    fct_outcome_t on_missing;
    fct_outcome_t on_invalid;
    fct_value_type_t type;             /* as written, or built in for the name */
    apr_size_t max_length;             /* 0: none */
    fct_chain_t chain;                 /* complete but for the map, which is found when the policy is sealed */
    const char *map;                   /* the name of the map; NULL: none */
    const char *extract;               /* as written */
    const char *pattern;               /* as written */
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
    const char *cookies;               /* as written; NULL: all */
    const fct_cookie_filter_t *cookie_filter;
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

/* What <map> and <upstream> have in common: rules refer to them by name. */
typedef struct fct_named_rule_t {
    fct_place_t place;
    const char *name;
    int overrides;
    const char *why;
    const char *control;
} fct_named_rule_t;

/* <map> with its entries */
typedef struct fct_map_rule_t {
    fct_named_rule_t named;            /* first, so that a list of either can be read as one of these */
    apr_array_header_t *entries;       /* of fct_map_entry_t, sorted */
} fct_map_rule_t;

struct fct_upstream_rule_t;

/* <field> in <upstream> */
typedef struct fct_upstream_field_t {
    fct_place_t place;
    const struct fct_upstream_rule_t *upstream;
    fct_bytes_t name;
    fct_bytes_t folded;
    fct_bytes_t equals;                /* absent: any value */
    const char *needs;                 /* names of other fields of the upstream; NULL: none */
} fct_upstream_field_t;

/* <upstream> with its fields */
typedef struct fct_upstream_rule_t {
    fct_named_rule_t named;            /* first, as in a map */
    const char *peers;                 /* as written */
    const fct_range_t *ranges;
    apr_size_t nranges;
    apr_array_header_t *fields;        /* of const fct_upstream_field_t * */
    fct_bytes_t certificate;           /* the name of the field that holds the client's certificate; absent: none does */
    fct_certificate_format_t format;   /* with a certificate */
    const char *assert;
} fct_upstream_rule_t;

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

/* <trust-anchor> with its <intermediates> */
typedef struct fct_anchor_rule_t {
    fct_place_t place;
    const fct_certificate_t *certificate;      /* NULL: its file could not be read */
    const apr_array_header_t *intermediates;   /* of const fct_certificate_t *, sorted; NULL: none */
    int overrides;
    const char *why;
    const char *control;
} fct_anchor_rule_t;

/* One attribute of <request>, <response> or <backend>; text NULL: not set, the default holds. */
typedef struct fct_setting_t {
    fct_place_t place;
    const char *text;
    int overrides;
    const char *why;
    const char *control;
} fct_setting_t;

/* <request when="…">: settings that take the place of the policy's own where the condition holds. */
typedef struct fct_request_rule_t {
    fct_place_t place;
    const char *when;
    const fct_condition_t *condition;
    int overrides;
    fct_setting_t settings[FCT_ATTRIBUTE_COUNT];
} fct_request_rule_t;

#endif
