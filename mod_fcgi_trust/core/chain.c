/* The steps between a source and a parameter (POLICY 3), in their one order. */
#include "chain.h"

#include <apr_strings.h>
#include <apr_tables.h>

/* A value on its way: one item or a list. */
typedef struct progress_t {
    const fct_chain_t *chain;
    const fct_chain_input_t *input;
    apr_array_header_t *items;         /* of fct_bytes_t */
    const char *why;
    apr_pool_t *p;
} progress_t;

#define ITEM(progress, i) APR_ARRAY_IDX((progress)->items, i, fct_bytes_t)

static fct_chain_result_t fail(progress_t *progress, const char *why)
{
    progress->why = why;
    return FCT_CHAIN_INVALID;
}

/* --- to a list --- */

static const char *find(fct_bytes_t in, fct_bytes_t what)
{
    apr_size_t i;

    for (i = 0; i + what.len <= in.len; i++) {
        if (memcmp(in.at + i, what.at, what.len) == 0) {
            return in.at + i;
        }
    }
    return NULL;
}

static int has_control(const progress_t *progress, fct_bytes_t value)
{
    return progress->input->has_lines ? fct_value_has_control_but_lines(value) : fct_value_has_control(value, 0);
}

/* Empty items are absent. What a step leaves out must not have a control byte either: "admin\0.evil" is no "admin". */
static fct_chain_result_t add_item(progress_t *progress, const char *at, apr_size_t len)
{
    if (len == 0) {
        return FCT_CHAIN_VALUE;
    }
    if (progress->items->nelts >= FCT_CHAIN_MAX_ITEMS) {
        return fail(progress, "there are more than 1000 items");
    }
    APR_ARRAY_PUSH(progress->items, fct_bytes_t) = fct_bytes_make(at, len);
    return has_control(progress, fct_bytes_make(at, len)) ? fail(progress, "a control byte stands in it") : FCT_CHAIN_VALUE;
}

static fct_chain_result_t split(progress_t *progress, fct_bytes_t value)
{
    fct_bytes_t separator = progress->chain->split;
    fct_chain_result_t result = FCT_CHAIN_VALUE;
    const char *end;

    while (result == FCT_CHAIN_VALUE && !fct_bytes_is_absent(separator) && (end = find(value, separator)) != NULL) {
        apr_size_t len = (apr_size_t)(end - value.at);

        result = add_item(progress, value.at, len);
        value = fct_bytes_from(value, len + separator.len);
    }
    return result == FCT_CHAIN_VALUE ? add_item(progress, value.at, value.len) : result;
}

static fct_chain_result_t make_list(progress_t *progress)
{
    fct_chain_result_t result = FCT_CHAIN_VALUE;
    apr_size_t i;

    progress->items = apr_array_make(progress->p, 8, sizeof(fct_bytes_t));
    for (i = 0; i < progress->input->n && result == FCT_CHAIN_VALUE; i++) {
        result = split(progress, progress->input->values[i]);
    }
    return result == FCT_CHAIN_VALUE && progress->items->nelts == 0 ? FCT_CHAIN_ABSENT : result;
}

static void keep_one(progress_t *progress, int i)
{
    fct_bytes_t item = ITEM(progress, i);

    apr_array_clear(progress->items);
    APR_ARRAY_PUSH(progress->items, fct_bytes_t) = item;
}

static fct_chain_result_t pick_matching(progress_t *progress)
{
    int i, found = -1;

    for (i = 0; i < progress->items->nelts; i++) {
        switch (fct_pattern_match(progress->chain->pattern, ITEM(progress, i), NULL)) {
        case FCT_PATTERN_MATCHES:
            if (found >= 0) {
                return fail(progress, "pick: more than one item matches the pattern");
            }
            found = i;
            break;
        case FCT_PATTERN_EXHAUSTED:
            return fail(progress, "pick: matching the pattern took too many steps");
        case FCT_PATTERN_DIFFERS:
            break;
        }
    }
    if (found < 0) {
        return FCT_CHAIN_ABSENT;
    }
    keep_one(progress, found);
    return FCT_CHAIN_VALUE;
}

static fct_chain_result_t pick(progress_t *progress)
{
    switch (progress->chain->pick) {
    case FCT_CHAIN_PICK_ALL:
        if (progress->items->nelts > 1 && fct_bytes_is_absent(progress->chain->join)) {
            return fail(progress, "there is more than one value, and neither pick nor join");
        }
        break;
    case FCT_CHAIN_PICK_ONLY:
        return progress->items->nelts == 1 ? FCT_CHAIN_VALUE : fail(progress, "pick: there is more than one item");
    case FCT_CHAIN_PICK_INDEX:
        if (progress->chain->index >= (apr_size_t)progress->items->nelts) {
            return FCT_CHAIN_ABSENT;
        }
        keep_one(progress, (int)progress->chain->index);
        break;
    case FCT_CHAIN_PICK_MATCHING:
        return pick_matching(progress);
    }
    return FCT_CHAIN_VALUE;
}

/* --- each item --- */

static fct_chain_result_t strip_suffix(progress_t *progress, fct_bytes_t *item)
{
    fct_bytes_t suffix = progress->chain->strip_suffix;

    if (fct_bytes_is_absent(suffix)) {
        return FCT_CHAIN_VALUE;
    }
    if (item->len <= suffix.len || memcmp(item->at + item->len - suffix.len, suffix.at, suffix.len) != 0) {
        return fail(progress, "strip-suffix: the value does not end with it");
    }
    item->len -= suffix.len;
    return FCT_CHAIN_VALUE;
}

static fct_chain_result_t extract(progress_t *progress, fct_bytes_t *item)
{
    fct_bytes_t group;

    if (progress->chain->extract == NULL) {
        return FCT_CHAIN_VALUE;
    }
    switch (fct_pattern_match(progress->chain->extract, *item, &group)) {
    case FCT_PATTERN_MATCHES:
        break;
    case FCT_PATTERN_DIFFERS:
        return fail(progress, "extract: the value does not match");
    case FCT_PATTERN_EXHAUSTED:
        return fail(progress, "extract: matching took too many steps");
    }
    if (group.len == 0) {
        return fail(progress, "extract: the group took nothing");
    }
    *item = group;
    return FCT_CHAIN_VALUE;
}

static void change_case(progress_t *progress, fct_bytes_t *item)
{
    int upper = progress->chain->letter_case == FCT_CHAIN_CASE_UPPER;
    char *changed;
    apr_size_t i;

    if (progress->chain->letter_case == FCT_CHAIN_CASE_KEEP) {
        return;
    }
    changed = apr_palloc(progress->p, item->len + 1);
    for (i = 0; i < item->len; i++) {
        char c = item->at[i];

        if (upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z') {
            c = (char)(c ^ 0x20);
        }
        changed[i] = c;
    }
    changed[item->len] = '\0';
    item->at = changed;
}

/* ABSENT: the item is left out. */
static fct_chain_result_t map_item(progress_t *progress, fct_bytes_t *item)
{
    const fct_map_entry_t *entry;

    if (progress->chain->map == NULL) {
        return FCT_CHAIN_VALUE;
    }
    entry = fct_map_find(progress->chain->map, *item);
    if (entry == NULL) {
        return fct_bytes_is_absent(progress->chain->join) ? fail(progress, "map: it has no entry for the value") : FCT_CHAIN_ABSENT;
    }
    *item = entry->to;
    return fct_bytes_is_absent(entry->to) ? FCT_CHAIN_ABSENT : FCT_CHAIN_VALUE;
}

static fct_chain_result_t change_items(progress_t *progress)
{
    int i, kept = 0;

    for (i = 0; i < progress->items->nelts; i++) {
        fct_bytes_t item = ITEM(progress, i);
        fct_chain_result_t result = strip_suffix(progress, &item);

        if (result == FCT_CHAIN_VALUE) {
            result = extract(progress, &item);
        }
        if (result == FCT_CHAIN_VALUE) {
            change_case(progress, &item);
            result = map_item(progress, &item);
        }
        if (result == FCT_CHAIN_INVALID) {
            return result;
        }
        if (result == FCT_CHAIN_VALUE) {
            ITEM(progress, kept++) = item;
        }
    }
    progress->items->nelts = kept;
    return kept ? FCT_CHAIN_VALUE : FCT_CHAIN_ABSENT;
}

/* --- to one value --- */

/* Whoever takes the text apart at the separators gets the items again: none contains one, nor makes one with what stands behind it. */
static int comes_apart(progress_t *progress, fct_bytes_t joined)
{
    fct_bytes_t separator = progress->chain->join;
    const char *end;
    int i = 0;

    for (; (end = find(joined, separator)) != NULL && end == joined.at + ITEM(progress, i).len; i++) {
        joined = fct_bytes_from(joined, ITEM(progress, i).len + separator.len);
    }
    return end == NULL && i + 1 == progress->items->nelts;
}

static fct_bytes_t concatenate(progress_t *progress)
{
    fct_bytes_t separator = progress->chain->join;
    apr_size_t len = 0;
    char *joined, *to;
    int i;

    for (i = 0; i < progress->items->nelts; i++) {
        len += ITEM(progress, i).len + separator.len;
    }
    joined = to = apr_palloc(progress->p, len + 1);
    for (i = 0; i < progress->items->nelts; i++) {
        memcpy(to, separator.at, i ? separator.len : 0);
        to += i ? separator.len : 0;
        memcpy(to, ITEM(progress, i).at, ITEM(progress, i).len);
        to += ITEM(progress, i).len;
    }
    *to = '\0';
    return fct_bytes_make(joined, (apr_size_t)(to - joined));
}

static fct_chain_result_t join(progress_t *progress, fct_bytes_t *value)
{
    if (progress->chain->max_items && (apr_size_t)progress->items->nelts > progress->chain->max_items) {
        return fail(progress, "max-items: there are more");
    }
    if (fct_bytes_is_absent(progress->chain->join)) {
        *value = ITEM(progress, 0);
        return FCT_CHAIN_VALUE;
    }
    *value = concatenate(progress);
    return comes_apart(progress, *value) ? FCT_CHAIN_VALUE : fail(progress, "join: an item contains the separator, or makes one with what follows");
}

/* --- the whole --- */

static int has_list_steps(const fct_chain_t *chain)
{
    return !fct_bytes_is_absent(chain->split) || chain->pick != FCT_CHAIN_PICK_ALL || !fct_bytes_is_absent(chain->strip_suffix)
        || chain->extract || chain->letter_case != FCT_CHAIN_CASE_KEEP || chain->map || !fct_bytes_is_absent(chain->join);
}

static fct_chain_result_t run_list_steps(progress_t *progress, fct_bytes_t *value)
{
    fct_chain_result_t result = make_list(progress);

    if (result == FCT_CHAIN_VALUE) {
        result = pick(progress);
    }
    if (result == FCT_CHAIN_VALUE) {
        result = change_items(progress);
    }
    return result == FCT_CHAIN_VALUE ? join(progress, value) : result;
}

static fct_chain_result_t check(progress_t *progress, fct_bytes_t value)
{
    const fct_chain_t *chain = progress->chain;

    if (has_control(progress, value)) {
        return fail(progress, "a control byte stands in it");
    }
    if (value.len > 0 && !fct_value_is(chain->type, value)) {
        return fail(progress, apr_pstrcat(progress->p, "it is not ", fct_value_type_sentence(chain->type), NULL));
    }
    if (chain->pattern && chain->pick != FCT_CHAIN_PICK_MATCHING
        && fct_pattern_match(chain->pattern, value, NULL) != FCT_PATTERN_MATCHES) {
        return fail(progress, "it does not match the pattern");
    }
    if (chain->max_length && value.len > chain->max_length) {
        progress->why = "it is longer than max-length";
        return FCT_CHAIN_TOO_LONG;
    }
    return FCT_CHAIN_VALUE;
}

fct_chain_result_t fct_chain_apply(const fct_chain_t *chain, const fct_chain_input_t *input, fct_bytes_t *value, const char **why,
                                   apr_pool_t *p)
{
    progress_t progress = { chain, input, NULL, NULL, p };
    fct_chain_result_t result = FCT_CHAIN_VALUE;

    *value = input->values[0];
    if (input->n > 1 || has_list_steps(chain)) {
        result = run_list_steps(&progress, value);
    }
    if (result == FCT_CHAIN_VALUE) {
        result = check(&progress, *value);
    }
    if (result == FCT_CHAIN_VALUE && chain->encode != FCT_ENCODE_NONE) {
        *value = fct_encode_apply(chain->encode, *value, p);
    }
    *why = progress.why;
    return result;
}
