/* What changes in meaning from one policy to another: the lines that their digests are of, paired rule by rule. */
#include "policy_diff.h"

#include <apr_strings.h>
#include <stdlib.h>

#include "policy_diff_part.h"

#define LINE(lines, i) APR_ARRAY_IDX(lines, i, const fct_canonical_line_t *)

/* A line that the other policy does not have. */
typedef struct odd_t {
    const fct_canonical_line_t *line;      /* NULL: it has found its pair */
    const char *key;                       /* lines with the same key are of one rule */
    const char *when;
} odd_t;

#define ODD(lines, i) (&APR_ARRAY_IDX(lines, i, odd_t))

/* --- families without particulars --- */

static const fct_canonical_line_t *any_of(const fct_policy_diff_pair_t *pair)
{
    return pair->is ? pair->is : pair->was;
}

/* "identity APP_*" */
static const char *subject_of(const fct_policy_diff_pair_t *pair, apr_pool_t *p)
{
    const fct_canonical_line_t *line = any_of(pair);

    return apr_pstrcat(p, line->element, " ",
                       line->attributes->nelts ? APR_ARRAY_IDX(line->attributes, 0, fct_canonical_attribute_t).value : "", NULL);
}

static unsigned judge_as_metadata(const void *context, const char *attribute, const char *was, const char *is, const char **effect)
{
    (void)context, (void)attribute, (void)was, (void)is, (void)effect;
    return FCT_CHANGE_METADATA;
}

static void compare_policies(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    fct_policy_diff_change_attributes(diff, pair, "policy", judge_as_metadata, NULL);
}

static void compare_unknown(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    fct_policy_change_t change = { .kinds = FCT_CHANGE_EITHER, .subject = subject_of(pair, diff->p) };

    change.effect = "its effect on a request cannot be proven";
    if (pair->was && pair->is) {
        fct_policy_diff_change_attributes(diff, pair, change.subject, fct_policy_diff_change_unknown, NULL);
    }
    else {
        fct_policy_diff_change_add(diff, pair, &change);
    }
}

static void compare_identities(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    fct_policy_change_t change = { .subject = subject_of(pair, diff->p) };

    if (pair->was && pair->is) {
        fct_policy_diff_change_attributes(diff, pair, change.subject, fct_policy_diff_change_unknown, NULL);
        return;
    }
    change.kinds = pair->is ? FCT_CHANGE_NARROWED : FCT_CHANGE_WIDENED;
    change.effect = pair->is ? "such names take only trusted sources now" : "such names may come from less trusted sources";
    fct_policy_diff_change_add(diff, pair, &change);
}

/* --- pairs --- */

/* What the lines of an element are about, and by which of their first attributes they are known. */
static const struct {
    const char *element;
    const char *family;              /* only lines of one family are of one rule */
    int nkeys;
    void (*compare)(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair);
} families[] = {
    { "policy", "policy", 0, compare_policies },
    { "param", "param", 1, fct_policy_diff_param },
    { "server-header", "param", 1, fct_policy_diff_param },
    { "header", "header", 1, fct_policy_diff_field },
    { "drop-header", "header", 1, fct_policy_diff_field },
    { "refuse-header", "refuse-header", 1, fct_policy_diff_field },
    { "identity", "identity", 1, compare_identities },
    { "map", "map", 1, fct_policy_diff_map },
    { "map-entry", "map-entry", 2, fct_policy_diff_entry },
    { "upstream", "upstream", 1, fct_policy_diff_upstream },
    { "upstream-field", "upstream-field", 2, fct_policy_diff_upstream_field },
    { "trust-anchor", "trust-anchor", 0, fct_policy_diff_anchor },
    { "intermediate", "intermediate", 1, fct_policy_diff_anchor },
    { "request", "request", -1, fct_policy_diff_setting },
    { "response", "response", -1, fct_policy_diff_setting },
    { "backend", "backend", -1, fct_policy_diff_setting },
    { "accept", "accept", -1, fct_policy_diff_setting },
    { "audit", "audit", -1, fct_policy_diff_setting },
    { NULL, NULL, 1, compare_unknown },
};

static int family_of(const fct_canonical_line_t *line)
{
    int i = 0;

    while (families[i].element && strcmp(families[i].element, line->element) != 0) {
        i++;
    }
    return i;
}

/* A <request when> is compared as a whole: which one is in force depends on those before it. */
static int is_conditional(const fct_canonical_line_t *line)
{
    return strcmp(line->element, "request") == 0 && fct_policy_diff_change_text(line, "when") != NULL;
}

/* Two lines with this key are of one rule. In p. */
static const char *key_of(const fct_canonical_line_t *line, apr_pool_t *p)
{
    int i, family = family_of(line);
    const char *key = families[family].element ? families[family].family : line->element;

    if (families[family].nkeys < 0) {                    /* a setting is known by what it sets */
        return apr_pstrcat(p, key, " ", APR_ARRAY_IDX(line->attributes, 0, fct_canonical_attribute_t).name, NULL);
    }
    for (i = 0; i < families[family].nkeys && i < line->attributes->nelts; i++) {
        key = apr_pstrcat(p, key, "\n", APR_ARRAY_IDX(line->attributes, i, fct_canonical_attribute_t).value, NULL);
    }
    return key;
}

static int is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Behind <policy>'s own line both are sorted. */
static int has_line(const apr_array_header_t *lines, const fct_canonical_line_t *line, int *from)
{
    while (*from < lines->nelts && strcmp(LINE(lines, *from)->text, line->text) < 0) {
        (*from)++;
    }
    return *from < lines->nelts && strcmp(LINE(lines, *from)->text, line->text) == 0;
}

/* The lines that the other policy does not have, of odd_t. */
static apr_array_header_t *select_lines(const apr_array_header_t *lines, const apr_array_header_t *others, int conditional, apr_pool_t *p)
{
    apr_array_header_t *selected = apr_array_make(p, 16, sizeof(odd_t));
    int i, from = 1;

    for (i = 0; i < lines->nelts; i++) {
        const fct_canonical_line_t *line = LINE(lines, i);
        int is_there = i ? has_line(others, line, &from) : strcmp(line->text, LINE(others, 0)->text) == 0;

        if (!is_there && is_conditional(line) == conditional) {
            APR_ARRAY_PUSH(selected, odd_t) = (odd_t){ line, key_of(line, p), fct_policy_diff_change_text(line, "when") };
        }
    }
    return selected;
}

static odd_t *find_pair(const odd_t *odd, const apr_array_header_t *lines, int any_condition)
{
    int i;

    for (i = 0; i < lines->nelts; i++) {
        odd_t *other = ODD(lines, i);

        if (other->line && strcmp(odd->key, other->key) == 0 && (any_condition || is_same_text(odd->when, other->when))) {
            return other;
        }
    }
    return NULL;
}

static void pair_lines(fct_policy_diff_t *diff, const apr_array_header_t *was, const apr_array_header_t *is, int any_condition)
{
    int i;

    for (i = 0; i < was->nelts; i++) {
        odd_t *odd = ODD(was, i);
        odd_t *other = odd->line ? find_pair(odd, is, any_condition) : NULL;
        fct_policy_diff_pair_t pair = { odd->line, other ? other->line : NULL };

        if (other) {
            families[family_of(odd->line)].compare(diff, &pair);
            odd->line = other->line = NULL;
        }
    }
}

static void compare_singles(fct_policy_diff_t *diff, const apr_array_header_t *lines, int are_old)
{
    int i;

    for (i = 0; i < lines->nelts; i++) {
        const fct_canonical_line_t *line = ODD(lines, i)->line;
        fct_policy_diff_pair_t pair = { are_old ? line : NULL, are_old ? NULL : line };

        if (line) {
            families[family_of(line)].compare(diff, &pair);
        }
    }
}

/* --- order --- */

static int rank(unsigned kinds)
{
    return kinds & FCT_CHANGE_WIDENED ? 0 : kinds & FCT_CHANGE_RESOURCED ? 1 : kinds & FCT_CHANGE_NARROWED ? 2 : 3;
}

static int line_of(const fct_policy_change_t *change)
{
    return change->is_at.file ? change->is_at.line : change->was_at.line;
}

/* By kind, then by name, then as they stand. */
static int compare_changes(const void *a, const void *b)
{
    const fct_policy_change_t *x = a, *y = b;
    int order = rank(x->kinds) - rank(y->kinds);

    if (order == 0) {
        order = strcmp(x->subject, y->subject);
    }
    if (order == 0) {
        order = line_of(x) - line_of(y);
    }
    return order ? order : strcmp(x->attribute ? x->attribute : "", y->attribute ? y->attribute : "");
}

const apr_array_header_t *fct_policy_diff(const fct_policy_t *was, const fct_policy_t *is, const fct_crypto_t *crypto, apr_pool_t *p)
{
    fct_policy_diff_t diff = { was, is, apr_array_make(p, 16, sizeof(fct_policy_change_t)), p };
    const apr_array_header_t *was_all = fct_canonical_lines(was, crypto, p), *is_all = fct_canonical_lines(is, crypto, p);
    apr_array_header_t *was_lines = select_lines(was_all, is_all, 0, p), *is_lines = select_lines(is_all, was_all, 0, p);

    pair_lines(&diff, was_lines, is_lines, 0);
    pair_lines(&diff, was_lines, is_lines, 1);
    compare_singles(&diff, was_lines, 1);
    compare_singles(&diff, is_lines, 0);
    if (select_lines(was_all, is_all, 1, p)->nelts || select_lines(is_all, was_all, 1, p)->nelts) {
        fct_policy_diff_requests(&diff);
    }
    if (diff.changes->nelts > 1) {
        qsort(diff.changes->elts, (size_t)diff.changes->nelts, sizeof(fct_policy_change_t), compare_changes);
    }
    return diff.changes;
}

const char *fct_policy_diff_kinds_text(unsigned kinds, apr_pool_t *p)
{
    static const char *const names[] = { "widened", "narrowed", "re-sourced", "metadata" };
    const char *text = "";
    int i;

    for (i = 0; i < 4; i++) {
        if (kinds & (1u << i)) {
            text = apr_pstrcat(p, text, *text ? ", " : "", names[i], NULL);
        }
    }
    return text;
}
