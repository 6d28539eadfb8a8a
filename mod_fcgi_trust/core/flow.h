/* The flow rule (POLICY 2): which class of source each group of names demands. One table, read by loader, tests and people. */
#ifndef FCT_FLOW_H
#define FCT_FLOW_H

#include "finding.h"
#include "source.h"

/* POLICY 2's first column. */
typedef enum fct_name_group_t {
    FCT_GROUP_IDENTITY,
    FCT_GROUP_OWN_SOURCE,
    FCT_GROUP_ENGINE,
    FCT_GROUP_HTTP,
    FCT_GROUP_RUNTIME,
    FCT_GROUP_NEVER,
    FCT_GROUP_OTHER,
    FCT_GROUP_COUNT
} fct_name_group_t;

const char *fct_flow_group_name(fct_name_group_t group);

/* The group of a folded parameter name; what a policy declares with <identity> is not known here. */
fct_name_group_t fct_flow_group(fct_bytes_t folded);

/* The source defined for a name of the own-source group; NONE where only a literal will do. */
fct_source_id_t fct_flow_own_source(fct_bytes_t folded);

/* One emission as the flow rule sees it. */
typedef struct fct_flow_t {
    fct_name_group_t group;
    fct_class_t class_;           /* the lowest of the sources; of a literal: what POLICY 1's first row makes of it */
    int is_literal;
    int is_own_source;            /* it comes from fct_flow_own_source alone */
    int has_assert;               /* assert="…" */
    int trusts_client;            /* trust="client" */
} fct_flow_t;

/* NONE where the emission is allowed, else the finding that says what is missing or why it never will be. */
fct_finding_id_t fct_flow_judge(const fct_flow_t *flow);

#endif
