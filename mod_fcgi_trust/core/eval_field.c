/* Which header fields pass (POLICY 4): refusals first, then whole names, then the longest prefix; all else is dropped. */
#include "evaluation.h"
#include "name.h"
#include "value.h"

#define NAME_MAX_LEN 256
#define HTTP_PREFIX "HTTP_"
#define HTTP_PREFIX_LEN (sizeof(HTTP_PREFIX) - 1)

/* Methods that only read (RFC 9110 §9.2.1). */
static int is_safe_method(fct_bytes_t method)
{
    return fct_bytes_equal(method, FCT_BYTES_LITERAL("GET")) || fct_bytes_equal(method, FCT_BYTES_LITERAL("HEAD"))
        || fct_bytes_equal(method, FCT_BYTES_LITERAL("OPTIONS")) || fct_bytes_equal(method, FCT_BYTES_LITERAL("TRACE"));
}

static unsigned traits_of(const fct_field_group_t *group)
{
    return group->match.whole ? group->match.whole->traits : 0;
}

/* Dropping it would widen the request; a <param> that reads it has it in hand. */
static int is_restricting(const fct_evaluation_t *e, const fct_field_group_t *group)
{
    unsigned traits = traits_of(group);

    if (traits == 0 || group->match.whole->is_read) {
        return 0;
    }
    return (traits & FCT_FIELD_RESTRICTING)
        || ((traits & FCT_FIELD_RESTRICTING_UNSAFE) && !is_safe_method(e->facts->method));
}

static const fct_plan_field_t *first_that_holds(const fct_evaluation_t *e, const fct_plan_field_t *rule)
{
    while (rule && rule->rule->condition && !fct_condition_holds(rule->rule->condition, e->facts)) {
        rule = rule->next;
    }
    return rule;
}

/* Most clients write a name as the rule does. */
static int has_name(const fct_field_group_t *group, fct_bytes_t name)
{
    return fct_bytes_equal(group->name, name) || fct_bytes_equal_nocase(group->name, name);
}

/* Reserved names are asked for by their folded form, which exists only here. */
static int is_reserved(const fct_field_group_t *group)
{
    char folded[NAME_MAX_LEN];
    apr_size_t i, len = group->name.len < sizeof(folded) ? group->name.len : sizeof(folded);

    for (i = 0; i < len; i++) {
        folded[i] = (char)fct_name_fold_byte((unsigned char)group->name.at[i]);
    }
    return fct_field_name_is_reserved(fct_bytes_make(folded, len));
}

/* --- refusals --- */

static int check_refusals(fct_evaluation_t *e, const fct_field_group_t *group)
{
    const fct_plan_field_t *rule = first_that_holds(e, group->match.whole ? group->match.whole->refuse : NULL);

    if (rule == NULL) {
        rule = first_that_holds(e, group->match.refuse_prefix);
    }
    return rule == NULL || fct_evaluation_refuse(e, 400, FCT_FINDING_FIELD_REFUSED, &rule->rule->place,
                                                 "the policy refuses requests with the header field %s",
                                                 fct_evaluation_show(e, group->name));
}

/* A name that nobody here knows may fold with another such name: both are dropped. */
static int matters(const fct_field_group_t *group)
{
    const fct_field_entry_t *whole = group->match.whole;

    return (whole && (whole->traits || whole->pass || whole->is_read)) || group->match.prefix || group->is_alias_allowed
        || is_reserved(group);
}

static int check_aliases(fct_evaluation_t *e, const fct_field_group_t *group)
{
    const fct_received_t *fields = e->facts->fields;

    return !group->is_aliased || !matters(group)
        || fct_evaluation_refuse(e, 400, FCT_FINDING_FIELD_ALIASED, NULL,
                                 "an application takes the header fields %s and %s for one",
                                 fct_evaluation_show(e, group->name), fct_evaluation_show(e, fields[group->last].name));
}

static int check_singleton(fct_evaluation_t *e, const fct_field_group_t *group)
{
    return group->count == 1 || !(traits_of(group) & FCT_FIELD_SINGLETON)
        || fct_evaluation_refuse(e, 400, FCT_FINDING_FIELD_REPEATED, NULL, "the header field %s stands there %lu times",
                                 fct_evaluation_show(e, group->name), (unsigned long)group->count);
}

/* --- which rule lets it through --- */

static const fct_plan_field_t *find_rule(const fct_evaluation_t *e, const fct_field_group_t *group)
{
    const fct_plan_field_t *rule;

    if (group->match.whole && group->match.whole->pass) {
        rule = first_that_holds(e, group->match.whole->pass);
        return rule && has_name(group, rule->rule->name) ? rule : NULL;
    }
    if (group->match.prefix == NULL || is_reserved(group)) {
        return NULL;
    }
    rule = first_that_holds(e, group->match.prefix);
    return rule && fct_bytes_equal_nocase(rule->rule->name, fct_bytes_make(group->name.at, rule->rule->name.len)) ? rule : NULL;
}

static int drop(fct_evaluation_t *e, const fct_field_group_t *group)
{
    if (is_restricting(e, group)) {
        return fct_evaluation_refuse(e, 400, FCT_FINDING_FIELD_RESTRICTING, NULL,
                                     "the header field %s narrows the request and no rule lets it through",
                                     fct_evaluation_show(e, group->name));
    }
    if (e->observer && e->observer->dropped) {
        e->observer->dropped(e->observer->context, group->name);
    }
    return 1;
}

/* The server changed what the client sent: nobody's word as it stands, unless the rule says so. */
static int drop_changed(fct_evaluation_t *e, const fct_field_group_t *group, const fct_plan_field_t *rule)
{
    if (is_restricting(e, group)) {
        return fct_evaluation_refuse(e, 500, FCT_FINDING_FIELD_CHANGED, &rule->rule->place,
                                     "a module changed the header field %s, which narrows the request; say changed=\"yes\" "
                                     "in its <header> if that is meant", fct_evaluation_show(e, group->name));
    }
    return drop(e, group);
}

static int check_values(fct_evaluation_t *e, const fct_field_group_t *group, const fct_place_t *place)
{
    apr_size_t i;

    for (i = group->first; i != FCT_FIELD_NO_NEXT; i = e->groups.next[i]) {
        if (fct_value_has_control(e->facts->fields[i].value, 1)) {
            return fct_evaluation_refuse(e, 400, FCT_FINDING_FIELD_VALUE_INVALID, place,
                                         "a control byte stands in the header field %s", fct_evaluation_show(e, group->name));
        }
    }
    return 1;
}

static int check_limits(fct_evaluation_t *e, const fct_field_group_t *group, const fct_plan_field_t *rule, apr_size_t *tallies)
{
    apr_size_t count = group->count;

    if (rule->rule->is_prefix) {
        count = tallies[rule->tally] += group->count;
    }
    if (count > rule->rule->max_count) {
        return fct_evaluation_refuse(e, 431, FCT_FINDING_FIELD_TOO_MANY, &rule->rule->place,
                                     "more than %lu header fields come by the rule that lets %s through",
                                     (unsigned long)rule->rule->max_count, fct_evaluation_show(e, group->name));
    }
    if (group->length > rule->rule->max_length || group->name.len > NAME_MAX_LEN) {
        return fct_evaluation_refuse(e, 431, FCT_FINDING_FIELD_TOO_LONG, &rule->rule->place,
                                     "the header field %s has %lu bytes; max-length allows %lu",
                                     fct_evaluation_show(e, group->name), (unsigned long)group->length,
                                     (unsigned long)rule->rule->max_length);
    }
    return 1;
}

/* Host has been emitted from the request's authority already. */
static int judge(fct_evaluation_t *e, fct_field_group_t *group, apr_size_t *tallies)
{
    const fct_plan_field_t *rule;

    if (!check_refusals(e, group) || !check_aliases(e, group) || !check_singleton(e, group)) {
        return 0;
    }
    if (traits_of(group) & (FCT_FIELD_NO_RULE | FCT_FIELD_AUTHORITY)) {
        return 1;
    }
    rule = find_rule(e, group);
    if (rule && rule->rule->action == FCT_FIELD_DROP) {
        return 1;
    }
    if (rule == NULL || group->is_nominated) {
        return drop(e, group);
    }
    if (group->is_changed && !rule->rule->passes_changed) {
        return drop_changed(e, group, rule);
    }
    if (!check_values(e, group, &rule->rule->place) || !check_limits(e, group, rule, tallies)) {
        return 0;
    }
    group->rule = rule;
    return 1;
}

int fct_evaluation_judge_fields(fct_evaluation_t *e)
{
    apr_size_t *tallies = apr_pcalloc(e->p, sizeof(*tallies) * (e->plan->ntallies + 1));
    apr_size_t i;

    for (i = 0; i < e->groups.n; i++) {
        if (!judge(e, &e->groups.at[i], tallies)) {
            return 0;
        }
    }
    return 1;
}

/* --- emitting --- */

/* The name is written into buf unless the rule has it ready. */
static fct_bytes_t emitted_name(const fct_field_group_t *group, char buf[HTTP_PREFIX_LEN + NAME_MAX_LEN])
{
    apr_size_t i;

    if (!group->rule->rule->is_prefix) {
        return group->rule->emitted;
    }
    memcpy(buf, HTTP_PREFIX, HTTP_PREFIX_LEN);
    for (i = 0; i < group->name.len; i++) {
        buf[HTTP_PREFIX_LEN + i] = (char)fct_name_fold_byte((unsigned char)group->name.at[i]);
    }
    return fct_bytes_make(buf, HTTP_PREFIX_LEN + group->name.len);
}

static int emit_authority(fct_evaluation_t *e)
{
    fct_source_ref_t ref = { FCT_SOURCE_REQUEST_AUTHORITY, FCT_BYTES_ABSENT };
    const fct_plan_field_t *rule = first_that_holds(e, e->plan->host);
    fct_bytes_t authority = rule ? e->facts->source(e->facts->context, &ref) : FCT_BYTES_ABSENT;

    if (authority.len == 0) {
        return 1;
    }
    if (fct_value_has_control(authority, 0)) {
        return fct_evaluation_refuse(e, 400, FCT_FINDING_FIELD_VALUE_INVALID, &rule->rule->place,
                                     "a control byte stands in the request's authority");
    }
    if (authority.len > rule->rule->max_length) {
        return fct_evaluation_refuse(e, 431, FCT_FINDING_FIELD_TOO_LONG, &rule->rule->place,
                                     "the request's authority is longer than max-length");
    }
    return fct_evaluation_emit(e, rule->emitted, &authority, 1, "request.authority", FCT_CLASS_CLIENT, &rule->rule->place);
}

int fct_evaluation_emit_fields(fct_evaluation_t *e)
{
    char buf[HTTP_PREFIX_LEN + NAME_MAX_LEN];
    apr_size_t i;

    if (!emit_authority(e)) {
        return 0;
    }
    for (i = 0; i < e->groups.n; i++) {
        const fct_field_group_t *group = &e->groups.at[i];
        const fct_bytes_t *pieces;
        apr_size_t n;

        if (group->rule == NULL) {
            continue;
        }
        pieces = fct_evaluation_join(e, group, &n);
        if (!fct_evaluation_emit(e, emitted_name(group, buf), pieces, n, "header", FCT_CLASS_CLIENT, &group->rule->rule->place)) {
            return 0;
        }
    }
    return 1;
}
