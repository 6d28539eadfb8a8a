/* The flow rule (POLICY 2): which class of source each group of names demands. */
#include "flow.h"

#include "name.h"

/* What a cell of the table demands of an emission. */
typedef enum demand_t {
    FREE,             /* nothing */
    ASSERT,           /* assert="why this is safe" */
    TRUST,            /* trust="client" */
    OWN,              /* the source defined for the name, or a literal */
    LITERAL,          /* a literal */
    NO_CLIENT,        /* never from the client */
    NO_ENGINE,        /* never: the engine sends it */
    NO_HTTP,          /* never by <param>: header rules make it */
    NO                /* never */
} demand_t;

static const unsigned char demands[FCT_GROUP_COUNT][FCT_CLASS_SERVER + 1] = {
/*                            client     asserted   verified   server */
    [FCT_GROUP_IDENTITY]   = { NO_CLIENT, ASSERT,    FREE,      FREE },
    [FCT_GROUP_OWN_SOURCE] = { OWN,       OWN,       OWN,       OWN },
    [FCT_GROUP_ENGINE]     = { NO_ENGINE, NO_ENGINE, NO_ENGINE, NO_ENGINE },
    [FCT_GROUP_HTTP]       = { NO_HTTP,   NO_HTTP,   NO_HTTP,   NO_HTTP },
    [FCT_GROUP_RUNTIME]    = { LITERAL,   LITERAL,   LITERAL,   LITERAL },
    [FCT_GROUP_NEVER]      = { NO,        NO,        NO,        NO },
    [FCT_GROUP_OTHER]      = { TRUST,     ASSERT,    FREE,      FREE },
};

typedef struct group_row_t {
    const char *pattern;
    fct_name_group_t group;
    fct_source_id_t own_source;
} group_row_t;

static const group_row_t groups[] = {
#define FCT_NAME_GROUP(group, pattern) { pattern, FCT_GROUP_##group, FCT_SOURCE_NONE },
#define FCT_NAME_OWN_SOURCE(pattern, source) { pattern, FCT_GROUP_OWN_SOURCE, FCT_SOURCE_##source },
#include "name_group.def"
#undef FCT_NAME_GROUP
#undef FCT_NAME_OWN_SOURCE
};

static const group_row_t *find_row(fct_bytes_t folded)
{
    apr_size_t i;

    for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (fct_name_matches(folded, groups[i].pattern)) {
            return &groups[i];
        }
    }
    return NULL;
}

const char *fct_flow_group_name(fct_name_group_t group)
{
    static const char *const names[FCT_GROUP_COUNT] = {
        [FCT_GROUP_IDENTITY] = "identity", [FCT_GROUP_OWN_SOURCE] = "own source", [FCT_GROUP_ENGINE] = "engine",
        [FCT_GROUP_HTTP] = "HTTP_", [FCT_GROUP_RUNTIME] = "runtime", [FCT_GROUP_NEVER] = "never",
        [FCT_GROUP_OTHER] = "other",
    };

    return names[group];
}

fct_name_group_t fct_flow_group(fct_bytes_t folded)
{
    const group_row_t *row = find_row(folded);

    return row ? row->group : FCT_GROUP_OTHER;
}

fct_source_id_t fct_flow_own_source(fct_bytes_t folded)
{
    const group_row_t *row = find_row(folded);

    return row ? row->own_source : FCT_SOURCE_NONE;
}

fct_finding_id_t fct_flow_judge(const fct_flow_t *flow)
{
    switch ((demand_t)demands[flow->group][flow->class_]) {
    case FREE:
        return FCT_FINDING_NONE;
    case ASSERT:
        return flow->has_assert ? FCT_FINDING_NONE : FCT_FINDING_FLOW_ASSERT;
    case TRUST:
        return flow->trusts_client ? FCT_FINDING_NONE : FCT_FINDING_FLOW_TRUST;
    case OWN:
        return flow->is_literal || flow->is_own_source ? FCT_FINDING_NONE : FCT_FINDING_FLOW_OWN_SOURCE;
    case LITERAL:
        return flow->is_literal ? FCT_FINDING_NONE : FCT_FINDING_FLOW_LITERAL;
    case NO_CLIENT:
        return FCT_FINDING_FLOW_CLIENT;
    case NO_ENGINE:
        return FCT_FINDING_FLOW_ENGINE;
    case NO_HTTP:
        return FCT_FINDING_FLOW_HTTP;
    case NO:
        break;
    }
    return FCT_FINDING_FLOW_NEVER;
}
