/* Which header fields pass (POLICY 4): refusals first, then whole names, then the longest prefix; all else is dropped. */
#include "evaluation.h"
#include "name.h"
#include "value.h"

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

const fct_plan_field_t *fct_evaluation_first_that_holds(const fct_evaluation_t *e, const fct_plan_field_t *rule)
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
    char folded[FCT_FIELD_NAME_MAX];
    apr_size_t i, len = group->name.len < sizeof(folded) ? group->name.len : sizeof(folded);

    for (i = 0; i < len; i++) {
        folded[i] = (char)fct_name_fold_byte((unsigned char)group->name.at[i]);
    }
    return fct_field_name_is_reserved(fct_bytes_make(folded, len));
}

/* --- refusals --- */

static int check_refusals(fct_evaluation_t *e, const fct_field_group_t *group)
{
    const fct_plan_field_t *rule = fct_evaluation_first_that_holds(e, group->match.whole ? group->match.whole->refuse : NULL);

    if (rule == NULL) {
        rule = fct_evaluation_first_that_holds(e, group->match.refuse_prefix);
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

/* Where the server joined repeated fields and nothing else tells, the value is asked. What it wrote itself in their place is one. Cookies
 * that it joined with a comma cannot be joined as cookies any more. */
static int is_repeated_in_vain(const fct_evaluation_t *e, const fct_field_group_t *group)
{
    unsigned traits = traits_of(group);

    if (group->joined == FCT_JOINED_CERTAINLY && !group->is_changed && (traits & (FCT_FIELD_SINGLETON | FCT_FIELD_COOKIE))) {
        return 1;
    }
    return (group->count > 1 && (traits & FCT_FIELD_SINGLETON))
        || (group->count == 1 && fct_field_name_is_joined(traits, e->facts->fields[group->first].value));
}

static int check_singleton(fct_evaluation_t *e, const fct_field_group_t *group)
{
    return !is_repeated_in_vain(e, group)
        || fct_evaluation_refuse(e, 400, FCT_FINDING_FIELD_REPEATED, NULL, "the header field %s stands there more than once",
                                 fct_evaluation_show(e, group->name));
}

/* What only the server makes, no client sends. What only an upstream may send comes once, from it, by its exact name. */
static int check_server_only(fct_evaluation_t *e, const fct_field_group_t *group)
{
    const fct_param_rule_t *server = group->match.whole ? group->match.whole->server : NULL;

    return server == NULL
        || fct_evaluation_refuse(e, 400, FCT_FINDING_FIELD_SERVER_ONLY, &server->place,
                                 "the client sent %s, which only the server makes", fct_evaluation_show(e, group->name));
}

static int is_peer_of(const fct_upstream_rule_t *upstream, const apr_sockaddr_t *peer)
{
    apr_size_t i;

    for (i = 0; i < upstream->nranges; i++) {
        if (fct_range_has(&upstream->ranges[i], peer)) {
            return 1;
        }
    }
    return 0;
}

static int check_upstream(fct_evaluation_t *e, const fct_field_group_t *group)
{
    const fct_upstream_field_t *field = group->match.whole->upstream;
    const char *why = NULL;

    if (!is_peer_of(field->upstream, e->facts->peer)) {
        why = "comes from somebody else";
    }
    else if (group->is_aliased || !has_name(group, field->name)) {
        why = "is written as another name that an application takes for it";
    }
    else if (group->count > 1 || group->joined == FCT_JOINED_CERTAINLY) {
        why = "stands there more than once";
    }
    else if (group->joined == FCT_JOINED_PERHAPS) {
        why = "may stand there more than once (HTTP/2, and a comma with a blank in its value)";
    }
    else if (group->is_nominated) {
        why = "is named in Connection";
    }
    if (why == NULL) {
        fct_evaluation_tell(e, FCT_RULING_APPLIES, group->name, &field->place, NULL);
        return 1;
    }
    return fct_evaluation_refuse(e, 400, FCT_FINDING_FIELD_UPSTREAM, &field->place, "the header field %s, which only the upstream %s may send, %s",
                                                fct_evaluation_show(e, group->name), field->upstream->named.name, why);
}

/* --- which rule lets it through --- */

static const fct_plan_field_t *find_rule(const fct_evaluation_t *e, const fct_field_group_t *group)
{
    const fct_plan_field_t *rule;

    if (group->match.whole && group->match.whole->pass) {
        rule = fct_evaluation_first_that_holds(e, group->match.whole->pass);
        return rule && has_name(group, rule->rule->name) ? rule : NULL;
    }
    if (group->match.prefix == NULL || is_reserved(group)) {
        return NULL;
    }
    rule = fct_evaluation_first_that_holds(e, group->match.prefix);
    return rule && fct_bytes_equal_nocase(rule->rule->name, fct_bytes_make(group->name.at, rule->rule->name.len)) ? rule : NULL;
}

/* Why the rules of one chain, which there are, do not let it through. */
static void tell_rules(const fct_evaluation_t *e, const fct_field_group_t *group, const fct_plan_field_t *chain)
{
    const fct_plan_field_t *rule = fct_evaluation_first_that_holds(e, chain);

    fct_evaluation_tell(e, !rule ? FCT_RULING_CONDITION : group->is_nominated ? FCT_RULING_NOMINATED : group->is_changed ? FCT_RULING_CHANGED
                        : FCT_RULING_OTHER_NAME, group->name, &(rule ? rule : chain)->rule->place, NULL);
}

static void tell_drop(const fct_evaluation_t *e, const fct_field_group_t *group)
{
    const fct_plan_field_t *prefix = group->match.prefix;

    if (group->match.whole && group->match.whole->pass) {
        tell_rules(e, group, group->match.whole->pass);
    }
    else if (prefix && is_reserved(group)) {
        fct_evaluation_tell(e, FCT_RULING_RESERVED, group->name, &prefix->rule->place, NULL);
    }
    else if (prefix) {
        tell_rules(e, group, prefix);
    }
    else {
        fct_evaluation_tell(e, FCT_RULING_NO_RULE, group->name, NULL, NULL);
    }
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
    tell_drop(e, group);
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
    if (group->name.len > FCT_FIELD_NAME_MAX) {
        return fct_evaluation_refuse(e, 431, FCT_FINDING_FIELD_TOO_LONG, &rule->rule->place,
                                     "the name of the header field %s has %lu bytes; at most %d are let through",
                                     fct_evaluation_show(e, group->name), (unsigned long)group->name.len, FCT_FIELD_NAME_MAX);
    }
    if (group->length > rule->rule->max_length) {
        return fct_evaluation_refuse(e, 431, FCT_FINDING_FIELD_TOO_LONG, &rule->rule->place,
                                     "the header field %s has %lu bytes; max-length allows %lu",
                                     fct_evaluation_show(e, group->name), (unsigned long)group->length,
                                     (unsigned long)rule->rule->max_length);
    }
    return 1;
}

/* Keeps the pairs that the filter lets through. Returns 0 where none is left. */
static int filter_cookies(fct_evaluation_t *e, fct_field_group_t *group, const fct_cookie_filter_t *filter)
{
    apr_array_header_t *pieces = apr_array_make(e->p, 16, sizeof(fct_bytes_t));
    apr_size_t i;

    group->length = 0;
    for (i = group->first; i != FCT_FIELD_NO_NEXT; i = e->groups.next[i]) {
        fct_bytes_t rest = e->facts->fields[i].value;
        fct_cookie_t cookie;

        while (fct_cookie_next(&rest, &cookie)) {
            if (!cookie.is_valid || !fct_cookie_filter_passes(filter, cookie.name)) {
                continue;
            }
            if (pieces->nelts) {
                APR_ARRAY_PUSH(pieces, fct_bytes_t) = FCT_BYTES_LITERAL("; ");
                group->length += strlen("; ");
            }
            APR_ARRAY_PUSH(pieces, fct_bytes_t) = cookie.pair;
            group->length += cookie.pair.len;
        }
    }
    group->pieces = (const fct_bytes_t *)pieces->elts;
    group->npieces = (apr_size_t)pieces->nelts;
    return pieces->nelts > 0;
}

/* Host has been emitted from the request's authority already. */
static int judge(fct_evaluation_t *e, fct_field_group_t *group, apr_size_t *tallies)
{
    const fct_plan_field_t *rule;

    if (!check_server_only(e, group) || !check_refusals(e, group)) {
        return 0;
    }
    if (group->match.whole && group->match.whole->upstream) {
        return check_upstream(e, group);
    }
    if (!check_aliases(e, group) || !check_singleton(e, group)) {
        return 0;
    }
    if (traits_of(group) & (FCT_FIELD_NO_RULE | FCT_FIELD_AUTHORITY)) {
        fct_evaluation_tell(e, FCT_RULING_ENGINE, group->name, NULL, NULL);
        return 1;
    }
    rule = find_rule(e, group);
    if (rule && rule->rule->action == FCT_FIELD_DROP) {
        fct_evaluation_tell(e, FCT_RULING_APPLIES, group->name, &rule->rule->place, NULL);
        return 1;
    }
    if (rule == NULL || group->is_nominated) {
        return drop(e, group);
    }
    if (group->is_changed && !rule->rule->passes_changed) {
        return drop_changed(e, group, rule);
    }
    if (rule->rule->cookie_filter && !filter_cookies(e, group, rule->rule->cookie_filter)) {
        fct_evaluation_tell(e, FCT_RULING_COOKIES, group->name, &rule->rule->place, NULL);
        return 1;
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
            e->verdict.field = e->groups.at[i].name;
            return 0;
        }
    }
    return 1;
}
