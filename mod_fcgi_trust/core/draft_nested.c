/* <map> with <entry>, <upstream> with <field>: declarations that belong to the one before them. */
#include "draft_nested.h"

#include <apr_strings.h>

#include "field_name.h"
#include "name.h"
#include "text.h"

/* --- what is referred to by name --- */

static const fct_named_rule_t *find_named(const apr_array_header_t *rules, fct_bytes_t name)
{
    int i;

    for (i = 0; i < rules->nelts; i++) {
        const fct_named_rule_t *rule = APR_ARRAY_IDX(rules, i, const fct_named_rule_t *);

        if (fct_bytes_equal(fct_bytes_of(rule->name), name)) {
            return rule;
        }
    }
    return NULL;
}

static void *last_of(const apr_array_header_t *rules)
{
    return APR_ARRAY_IDX(rules, rules->nelts - 1, void *);
}

static void read_named(const fct_declaration_t *d, fct_named_rule_t *rule)
{
    rule->place = d->place;
    rule->name = d->value[FCT_ATTRIBUTE_NAME];
    rule->overrides = fct_language_is_yes(d->value[FCT_ATTRIBUTE_OVERRIDE]);
    rule->why = d->value[FCT_ATTRIBUTE_WHY];
    rule->control = d->value[FCT_ATTRIBUTE_CONTROL];
}

/* --- <map> --- */

void fct_draft_nested_declare_map(fct_draft_t *draft, const fct_declaration_t *d)
{
    fct_map_rule_t *rule = apr_pcalloc(draft->p, sizeof(*rule));

    read_named(d, &rule->named);
    rule->entries = apr_array_make(draft->p, 8, sizeof(fct_map_entry_t));
    if (find_named(draft->maps, fct_bytes_of(rule->named.name))) {
        fct_findings_add(draft->findings, FCT_FINDING_MAP_AMBIGUOUS, d->place.file, d->place.line,
                         "<map name=\"%s\"> stands in this file already", rule->named.name);
    }
    APR_ARRAY_PUSH(draft->maps, fct_named_rule_t *) = &rule->named;
}

void fct_draft_nested_declare_entry(fct_draft_t *draft, const fct_declaration_t *d)
{
    fct_map_rule_t *map = last_of(draft->maps);
    fct_map_entry_t *entry = apr_array_push(map->entries);

    entry->from = fct_bytes_of(d->value[FCT_ATTRIBUTE_FROM]);
    entry->to = fct_bytes_of(d->value[FCT_ATTRIBUTE_TO]);
    entry->line = d->place.line;
}

static void finish_map(fct_draft_t *draft, fct_map_rule_t *map)
{
    const fct_map_entry_t *twice = fct_map_sort((fct_map_entry_t *)map->entries->elts, (apr_size_t)map->entries->nelts);

    if (map->entries->nelts == 0) {
        fct_findings_add(draft->findings, FCT_FINDING_MAP_AMBIGUOUS, map->named.place.file, map->named.place.line,
                         "<map name=\"%s\"> has no entry", map->named.name);
    }
    if (twice) {
        fct_findings_add(draft->findings, FCT_FINDING_MAP_AMBIGUOUS, map->named.place.file, twice->line,
                         "<map name=\"%s\"> has two entries from=\"%.100s\"", map->named.name, twice->from.at);
    }
}

const fct_map_rule_t *fct_draft_nested_find_map(const fct_draft_t *draft, const char *name)
{
    return (const fct_map_rule_t *)find_named(draft->maps, fct_bytes_of(name));
}

/* --- <upstream> --- */

static void complain(fct_draft_t *draft, fct_place_t place, const char *name, const char *why)
{
    fct_findings_add(draft->findings, FCT_FINDING_UPSTREAM_INVALID, place.file, place.line, "%.100s: %s", name, why);
}

static void read_peers(fct_draft_t *draft, fct_upstream_rule_t *rule)
{
    apr_array_header_t *ranges = apr_array_make(draft->p, 4, sizeof(fct_range_t));
    char *state = NULL;
    char *word = apr_strtok(apr_pstrdup(draft->p, rule->peers), FCT_DRAFT_BLANKS, &state);

    if (word == NULL) {
        complain(draft, rule->named.place, rule->named.name, "peers=\"...\" names nobody");
    }
    for (; word; word = apr_strtok(NULL, FCT_DRAFT_BLANKS, &state)) {
        if (!fct_range_parse(fct_bytes_of(word), apr_array_push(ranges))) {
            complain(draft, rule->named.place, word, "is no address and no range; write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32");
        }
    }
    rule->ranges = (const fct_range_t *)ranges->elts;
    rule->nranges = (apr_size_t)ranges->nelts;
}

static fct_certificate_format_t read_format(const char *text)
{
    if (text == NULL) {
        return FCT_CERTIFICATE_FORMAT_NONE;
    }
    return strcmp(text, "pem-percent") == 0 ? FCT_CERTIFICATE_FORMAT_PEM_PERCENT
        : strcmp(text, "der-base64") == 0 ? FCT_CERTIFICATE_FORMAT_DER_BASE64 : FCT_CERTIFICATE_FORMAT_RFC9440;
}

static void read_certificate(fct_draft_t *draft, const fct_declaration_t *d, fct_upstream_rule_t *rule)
{
    rule->certificate = fct_bytes_of(d->value[FCT_ATTRIBUTE_CERTIFICATE]);
    rule->format = read_format(d->value[FCT_ATTRIBUTE_FORMAT]);
    if (fct_bytes_is_absent(rule->certificate) != (rule->format == FCT_CERTIFICATE_FORMAT_NONE)) {
        complain(draft, d->place, rule->named.name, "certificate=\"FIELD\" and format=\"...\" go together");
    }
}

void fct_draft_nested_declare_upstream(fct_draft_t *draft, const fct_declaration_t *d)
{
    fct_upstream_rule_t *rule = apr_pcalloc(draft->p, sizeof(*rule));

    read_named(d, &rule->named);
    rule->peers = d->value[FCT_ATTRIBUTE_PEERS];
    rule->assert = d->value[FCT_ATTRIBUTE_ASSERT];
    rule->fields = apr_array_make(draft->p, 4, sizeof(const fct_upstream_field_t *));
    if (strchr(rule->named.name, '.')) {
        complain(draft, d->place, rule->named.name, "the name of an <upstream> has no dot: upstream.NAME.FIELD has one behind it");
    }
    if (find_named(draft->upstreams, fct_bytes_of(rule->named.name))) {
        complain(draft, d->place, rule->named.name, "an <upstream> of this name stands in this file already");
    }
    read_peers(draft, rule);
    read_certificate(draft, d, rule);
    APR_ARRAY_PUSH(draft->upstreams, fct_named_rule_t *) = &rule->named;
}

static int can_be_field(fct_bytes_t folded)
{
    return !(fct_field_name_traits(folded) & (FCT_FIELD_NO_RULE | FCT_FIELD_AUTHORITY | FCT_FIELD_COOKIE))
        && !fct_bytes_equal(folded, FCT_BYTES_LITERAL("X_FORWARDED_FOR")) && !fct_bytes_equal(folded, FCT_BYTES_LITERAL("FORWARDED"));
}

static void add_field(fct_draft_t *draft, fct_upstream_rule_t *upstream, fct_upstream_field_t *field)
{
    field->upstream = upstream;
    field->folded = fct_name_fold(field->name, draft->p);
    if (!fct_name_is_token(field->name) || memchr(field->name.at, '*', field->name.len)) {
        complain(draft, field->place, field->name.at, "this is no header name");
    }
    else if (!can_be_field(field->folded)) {
        complain(draft, field->place, field->name.at, "this field has a meaning of its own; for X-Forwarded-For and Forwarded use "
                 "mod_remoteip and connection.client.address");
    }
    else if (fct_bytes_starts_with(field->name, FCT_BYTES_LITERAL("client."))) {
        complain(draft, field->place, field->name.at, "upstream.NAME.client. is followed by a field of a certificate");
    }
    APR_ARRAY_PUSH(upstream->fields, const fct_upstream_field_t *) = field;
}

void fct_draft_nested_declare_field(fct_draft_t *draft, const fct_declaration_t *d)
{
    fct_upstream_field_t *field = apr_pcalloc(draft->p, sizeof(*field));

    field->place = d->place;
    field->name = fct_bytes_of(d->value[FCT_ATTRIBUTE_NAME]);
    field->equals = fct_bytes_of(d->value[FCT_ATTRIBUTE_EQUALS]);
    field->needs = d->value[FCT_ATTRIBUTE_NEEDS];
    add_field(draft, last_of(draft->upstreams), field);
}

static const fct_upstream_field_t *find_field(const fct_upstream_rule_t *upstream, fct_bytes_t name)
{
    int i;

    for (i = 0; i < upstream->fields->nelts; i++) {
        const fct_upstream_field_t *field = APR_ARRAY_IDX(upstream->fields, i, const fct_upstream_field_t *);

        if (fct_bytes_equal_nocase(field->name, name)) {
            return field;
        }
    }
    return NULL;
}

/* What a field needs is another field of its upstream, which itself needs none. */
static void check_needs(fct_draft_t *draft, const fct_upstream_field_t *field)
{
    char *state = NULL;
    char *word = field->needs ? apr_strtok(apr_pstrdup(draft->p, field->needs), FCT_DRAFT_BLANKS, &state) : NULL;

    for (; word; word = apr_strtok(NULL, FCT_DRAFT_BLANKS, &state)) {
        const fct_upstream_field_t *needed = find_field(field->upstream, fct_bytes_of(word));

        if (needed == NULL || needed == field || needed->needs) {
            complain(draft, field->place, word, "needs=\"...\" names other fields of this <upstream> that need none themselves");
        }
    }
}

/* certificate="FIELD" names a <field>, which can have needs, or is one by itself. */
static void finish_certificate(fct_draft_t *draft, fct_upstream_rule_t *upstream)
{
    fct_upstream_field_t *field;

    if (!fct_bytes_is_absent(upstream->certificate) && !find_field(upstream, upstream->certificate)) {
        field = apr_pcalloc(draft->p, sizeof(*field));
        field->place = upstream->named.place;
        field->name = upstream->certificate;
        add_field(draft, upstream, field);
    }
}

static void finish_upstream(fct_draft_t *draft, fct_upstream_rule_t *upstream)
{
    int i, k;

    finish_certificate(draft, upstream);
    if (upstream->fields->nelts == 0) {
        complain(draft, upstream->named.place, upstream->named.name, "an <upstream> without <field> says nothing");
    }
    for (i = 0; i < upstream->fields->nelts; i++) {
        const fct_upstream_field_t *field = APR_ARRAY_IDX(upstream->fields, i, const fct_upstream_field_t *);

        check_needs(draft, field);
        for (k = 0; k < i; k++) {
            if (fct_bytes_equal(APR_ARRAY_IDX(upstream->fields, k, const fct_upstream_field_t *)->folded, field->folded)) {
                complain(draft, field->place, field->name.at, "this <upstream> has a field that folds to the same name already");
            }
        }
    }
}

/* The upstream of "NAME.FIELD", and what stands behind the dot. */
static const fct_upstream_rule_t *split_reference(const fct_draft_t *draft, fct_bytes_t reference, fct_bytes_t *behind)
{
    const char *dot = memchr(reference.at, '.', reference.len);
    apr_size_t len = dot ? (apr_size_t)(dot - reference.at) : 0;

    *behind = dot ? fct_bytes_from(reference, len + 1) : FCT_BYTES_ABSENT;
    return dot ? (const fct_upstream_rule_t *)find_named(draft->upstreams, fct_bytes_make(reference.at, len)) : NULL;
}

const fct_upstream_field_t *fct_draft_nested_find_field(const fct_draft_t *draft, const fct_source_ref_t *ref)
{
    fct_bytes_t field;
    const fct_upstream_rule_t *upstream = split_reference(draft, ref->argument, &field);

    if (upstream && ref->has_field) {
        field = upstream->certificate;
    }
    return upstream && !fct_bytes_is_absent(field) ? find_field(upstream, field) : NULL;
}

const fct_upstream_field_t *fct_draft_nested_find_folded(const fct_draft_t *draft, fct_bytes_t folded)
{
    int i, k;

    for (i = 0; i < draft->upstreams->nelts; i++) {
        const fct_upstream_rule_t *upstream = APR_ARRAY_IDX(draft->upstreams, i, void *);

        for (k = 0; k < upstream->fields->nelts; k++) {
            const fct_upstream_field_t *field = APR_ARRAY_IDX(upstream->fields, k, const fct_upstream_field_t *);

            if (fct_bytes_equal(field->folded, folded)) {
                return field;
            }
        }
    }
    return NULL;
}

void fct_draft_nested_finish(fct_draft_t *draft)
{
    int i;

    for (i = 0; i < draft->maps->nelts; i++) {
        finish_map(draft, APR_ARRAY_IDX(draft->maps, i, void *));
    }
    for (i = 0; i < draft->upstreams->nelts; i++) {
        finish_upstream(draft, APR_ARRAY_IDX(draft->upstreams, i, void *));
    }
}

/* --- what two of them say --- */

int fct_draft_nested_is_same_map(const fct_named_rule_t *a, const fct_named_rule_t *b)
{
    const apr_array_header_t *of_a = ((const fct_map_rule_t *)a)->entries, *of_b = ((const fct_map_rule_t *)b)->entries;
    int i;

    for (i = 0; i < of_a->nelts && i < of_b->nelts; i++) {
        const fct_map_entry_t *one = &APR_ARRAY_IDX(of_a, i, fct_map_entry_t), *other = &APR_ARRAY_IDX(of_b, i, fct_map_entry_t);

        if (!fct_bytes_equal(one->from, other->from) || !fct_bytes_equal(one->to, other->to)
            || fct_bytes_is_absent(one->to) != fct_bytes_is_absent(other->to)) {
            return 0;
        }
    }
    return of_a->nelts == of_b->nelts;
}

static int has_fields_of(const fct_upstream_rule_t *a, const fct_upstream_rule_t *b)
{
    int i;

    for (i = 0; i < a->fields->nelts; i++) {
        const fct_upstream_field_t *field = APR_ARRAY_IDX(a->fields, i, const fct_upstream_field_t *);
        const fct_upstream_field_t *other = find_field(b, field->name);

        if (other == NULL || !fct_bytes_equal(field->equals, other->equals) || !fct_text_is_same(field->needs, other->needs)) {
            return 0;
        }
    }
    return a->fields->nelts == b->fields->nelts;
}

int fct_draft_nested_is_same_upstream(const fct_named_rule_t *one, const fct_named_rule_t *other)
{
    const fct_upstream_rule_t *a = (const fct_upstream_rule_t *)one, *b = (const fct_upstream_rule_t *)other;

    return fct_text_is_same(a->peers, b->peers) && fct_bytes_equal_nocase(a->certificate, b->certificate) && a->format == b->format
        && has_fields_of(a, b);
}
