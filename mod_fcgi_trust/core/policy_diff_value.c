/* Which of two limits, lists or conditions admits more. */
#include "policy_diff_value.h"

#include <apr_strings.h>

#include "name.h"
#include "words.h"

/* From two proofs: `is` admits all that `was` does; `was` admits all that `is` does. */
static unsigned kinds_of(int is_admits_all, int was_admits_all)
{
    if (is_admits_all && was_admits_all) {
        return 0;
    }
    return is_admits_all ? FCT_CHANGE_WIDENED : was_admits_all ? FCT_CHANGE_NARROWED : FCT_CHANGE_EITHER;
}

unsigned fct_policy_diff_value_reverse(unsigned kinds)
{
    return (kinds & ~(unsigned)FCT_CHANGE_EITHER) | (kinds & FCT_CHANGE_WIDENED ? FCT_CHANGE_NARROWED : 0)
        | (kinds & FCT_CHANGE_NARROWED ? FCT_CHANGE_WIDENED : 0);
}

unsigned fct_policy_diff_value_numbers(apr_int64_t was, apr_int64_t is)
{
    return kinds_of(is >= was, was >= is);
}

/* --- words --- */

/* The word of this length stands in the list. */
static int has_word(const char *list, const char *word, apr_size_t len)
{
    while (list && *list) {
        apr_size_t n = strcspn(list, " ");

        if (n == len && memcmp(list, word, len) == 0) {
            return 1;
        }
        list += n + (list[n] != '\0');
    }
    return 0;
}

static int has_words(const char *list, const char *words)
{
    while (words && *words) {
        apr_size_t n = strcspn(words, " ");

        if (!has_word(list, words, n)) {
            return 0;
        }
        words += n + (words[n] != '\0');
    }
    return 1;
}

unsigned fct_policy_diff_value_words(const char *was, const char *is)
{
    return kinds_of(has_words(is, was), has_words(was, is));
}

/* --- conditions, addresses --- */

unsigned fct_policy_diff_value_conditions(const fct_condition_t *was, const fct_condition_t *is)
{
    return kinds_of(fct_condition_entails(was, is), fct_condition_entails(is, was));
}

static int has_range(const fct_upstream_rule_t *upstream, const fct_range_t *range)
{
    apr_size_t i;

    for (i = 0; i < upstream->nranges; i++) {
        if (fct_range_covers(&upstream->ranges[i], range)) {
            return 1;
        }
    }
    return 0;
}

static int has_ranges(const fct_upstream_rule_t *outer, const fct_upstream_rule_t *inner)
{
    apr_size_t i;

    for (i = 0; i < inner->nranges; i++) {
        if (!has_range(outer, &inner->ranges[i])) {
            return 0;
        }
    }
    return 1;
}

unsigned fct_policy_diff_value_peers(const fct_upstream_rule_t *was, const fct_upstream_rule_t *is)
{
    return kinds_of(has_ranges(is, was), has_ranges(was, is));
}

/* --- cookies --- */

/* Every name that the pattern matches is matched by one of the filter's with the same sense. */
static int has_pattern(const fct_cookie_filter_t *filter, const fct_cookie_pattern_t *pattern)
{
    apr_size_t i;

    for (i = 0; i < filter->n; i++) {
        const fct_cookie_pattern_t *other = &filter->patterns[i];

        if (other->excludes != pattern->excludes) {
            continue;
        }
        if (other->is_prefix ? fct_bytes_starts_with(pattern->name, other->name)
                             : !pattern->is_prefix && fct_bytes_equal(pattern->name, other->name)) {
            return 1;
        }
    }
    return 0;
}

/* Names that an application takes for a whole name are kept back beside it: does the filter let one of them through so far? */
static int lets_alias_through(const fct_cookie_filter_t *filter, fct_bytes_t name)
{
    apr_size_t i;

    for (i = 0; i < filter->n; i++) {
        const fct_cookie_pattern_t *pattern = &filter->patterns[i];

        if (!pattern->excludes && pattern->name.len <= name.len
            && (pattern->is_prefix || pattern->name.len == name.len)
            && fct_name_folds_equal(pattern->name, fct_bytes_make(name.at, pattern->name.len))
            && (pattern->is_prefix || !fct_bytes_equal(pattern->name, name))) {
            return 1;
        }
    }
    return 0;
}

static int has_whole_name(const fct_cookie_filter_t *filter, fct_bytes_t name)
{
    apr_size_t i;

    for (i = 0; i < filter->n; i++) {
        if (!filter->patterns[i].excludes && !filter->patterns[i].is_prefix && fct_bytes_equal(filter->patterns[i].name, name)) {
            return 1;
        }
    }
    return 0;
}

/* Every cookie that `inner` lets through, `outer` does. */
static int admits_all(const fct_cookie_filter_t *outer, const fct_cookie_filter_t *inner)
{
    apr_size_t i;

    for (i = 0; i < inner->n; i++) {
        if (!inner->patterns[i].excludes && !has_pattern(outer, &inner->patterns[i])) {
            return 0;
        }
    }
    for (i = 0; i < outer->n; i++) {
        const fct_cookie_pattern_t *pattern = &outer->patterns[i];

        if (pattern->excludes ? !has_pattern(inner, pattern)
                              : !pattern->is_prefix && !has_whole_name(inner, pattern->name) && lets_alias_through(inner, pattern->name)) {
            return 0;
        }
    }
    return 1;
}

unsigned fct_policy_diff_value_cookies(const fct_cookie_filter_t *was, const fct_cookie_filter_t *is)
{
    if (was == NULL || is == NULL) {
        return kinds_of(is == NULL, was == NULL);
    }
    return kinds_of(admits_all(is, was), admits_all(was, is));
}
