/* The client's header fields sorted by folded name, in one pass, so that names an application takes for one are seen together. */
#include "evaluation.h"
#include "name.h"

#define FIELDS_MAX 1000          /* of a request, whatever its rules say */

static void allocate(fct_evaluation_t *e)
{
    apr_size_t n = e->facts->nfields ? e->facts->nfields : 1;
    apr_size_t slots = 8;

    while (slots < n * 2) {
        slots *= 2;
    }
    e->groups.at = apr_palloc(e->p, n * sizeof(*e->groups.at));
    e->groups.next = apr_palloc(e->p, n * sizeof(*e->groups.next));
    e->groups.slots = apr_pcalloc(e->p, slots * sizeof(*e->groups.slots));
    e->groups.mask = slots - 1;
    e->groups.n = 0;
}

/* The slot of a folded name, or the free one where it would be. */
static apr_size_t *probe(const fct_field_groups_t *groups, fct_bytes_t name, apr_uint32_t hash)
{
    apr_size_t i = hash & groups->mask;

    while (groups->slots[i] != 0) {
        const fct_field_group_t *group = &groups->at[groups->slots[i] - 1];

        if (group->match.hash == hash && fct_name_folds_equal(group->name, name)) {
            break;
        }
        i = (i + 1) & groups->mask;
    }
    return &groups->slots[i];
}

static void begin_group(fct_field_groups_t *groups, apr_size_t *slot, const fct_field_match_t *match,
                        const fct_received_t *field, apr_size_t index)
{
    fct_field_group_t *group = &groups->at[groups->n++];

    memset(group, 0, sizeof(*group));
    group->match = *match;
    group->name = field->name;
    group->first = group->last = index;
    group->count = 1;
    group->length = field->value.len;
    *slot = groups->n;
}

static void extend_group(fct_field_groups_t *groups, fct_field_group_t *group, const fct_field_match_t *match,
                         const fct_received_t *field, apr_size_t index)
{
    groups->next[group->last] = index;
    group->last = index;
    group->count++;
    group->length += field->value.len + strlen(", ");
    if (!fct_bytes_equal_nocase(group->name, field->name)) {
        group->is_aliased = 1;
        group->is_alias_allowed |= match->prefix != NULL;
    }
}

static void add_field(fct_evaluation_t *e, apr_size_t index)
{
    const fct_received_t *field = &e->facts->fields[index];
    fct_field_groups_t *groups = &e->groups;
    fct_field_match_t match;
    apr_size_t *slot;

    fct_field_table_match(&e->plan->table, field->name, &match);
    groups->next[index] = FCT_FIELD_NO_NEXT;
    slot = probe(groups, field->name, match.hash);
    if (*slot) {
        extend_group(groups, &groups->at[*slot - 1], &match, field, index);
    }
    else {
        begin_group(groups, slot, &match, field, index);
    }
    groups->at[*slot - 1].is_changed |= field->origin == FCT_ORIGIN_CHANGED;
    if (field->joined > groups->at[*slot - 1].joined) {
        groups->at[*slot - 1].joined = field->joined;
    }
}

/* --- what Connection names (RFC 9110 §7.6.1) --- */

static void nominate(fct_evaluation_t *e, fct_bytes_t name)
{
    apr_size_t slot = *probe(&e->groups, name, fct_name_hash(name));

    if (slot && fct_bytes_equal_nocase(e->groups.at[slot - 1].name, name)) {
        e->groups.at[slot - 1].is_nominated = 1;
    }
}

static void nominate_list(fct_evaluation_t *e, fct_bytes_t list)
{
    apr_size_t i, start = 0;

    for (i = 0; i <= list.len; i++) {
        if (i < list.len && list.at[i] != ',' && list.at[i] != ' ' && list.at[i] != '\t') {
            continue;
        }
        if (i > start) {
            nominate(e, fct_bytes_make(list.at + start, i - start));
        }
        start = i + 1;
    }
}

static void nominate_all(fct_evaluation_t *e)
{
    const fct_field_group_t *connection = fct_evaluation_find_group(e, FCT_BYTES_LITERAL("Connection"));
    apr_size_t i;

    for (i = connection ? connection->first : FCT_FIELD_NO_NEXT; i != FCT_FIELD_NO_NEXT; i = e->groups.next[i]) {
        nominate_list(e, e->facts->fields[i].value);
    }
}

/* --- */

const fct_field_group_t *fct_evaluation_find_group(const fct_evaluation_t *e, fct_bytes_t name)
{
    apr_size_t slot = *probe(&e->groups, name, fct_name_hash(name));

    return slot && fct_bytes_equal_nocase(e->groups.at[slot - 1].name, name) ? &e->groups.at[slot - 1] : NULL;
}

const fct_bytes_t *fct_evaluation_join(const fct_evaluation_t *e, const fct_field_group_t *group, apr_size_t *n)
{
    const fct_received_t *fields = e->facts->fields;
    int is_cookie = group->match.whole && (group->match.whole->traits & FCT_FIELD_COOKIE);
    fct_bytes_t *pieces;
    apr_size_t i;

    *n = 0;
    if (group->count == 1) {
        *n = 1;
        return &fields[group->first].value;
    }
    pieces = apr_palloc(e->p, sizeof(*pieces) * (group->count * 2));
    for (i = group->first; i != FCT_FIELD_NO_NEXT; i = e->groups.next[i]) {
        if (*n) {
            pieces[(*n)++] = is_cookie ? FCT_BYTES_LITERAL("; ") : FCT_BYTES_LITERAL(", ");
        }
        pieces[(*n)++] = fields[i].value;
    }
    return pieces;
}

int fct_evaluation_group_fields(fct_evaluation_t *e)
{
    apr_size_t i;

    if (e->facts->nfields > FIELDS_MAX) {
        return fct_evaluation_refuse(e, 431, FCT_FINDING_FIELD_TOO_MANY, NULL, "the request has more than %d header fields",
                                     FIELDS_MAX);
    }
    allocate(e);
    for (i = 0; i < e->facts->nfields; i++) {
        const fct_received_t *field = &e->facts->fields[i];

        if (field->origin == FCT_ORIGIN_SERVER) {
            continue;
        }
        if (!fct_name_is_token(field->name)) {
            return fct_evaluation_refuse(e, 400, FCT_FINDING_FIELD_NAME_INVALID, NULL,
                                         "the header field name '%s' is not a token", fct_evaluation_show(e, field->name));
        }
        add_field(e, i);
    }
    nominate_all(e);
    return 1;
}
