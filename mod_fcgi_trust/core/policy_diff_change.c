/* One change: what was and is, as a policy writes it, where, and of which kinds. */
#include <apr_strings.h>
#include <stdlib.h>

#include "policy_diff_part.h"

/* Attributes of the canonical text that a policy writes otherwise. */
static const struct {
    const char *canonical;
    const char *attribute;
} spellings[] = {
    { "missing", "on-missing" }, { "invalid", "on-invalid" }, { "too-long", "on-invalid, too long" }, { "trust-client", "trust" },
    { "value-sha256", "value" },
};

static const char *spelling_of(const char *attribute)
{
    apr_size_t i;

    for (i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        if (strcmp(spellings[i].canonical, attribute) == 0) {
            return spellings[i].attribute;
        }
    }
    return attribute;
}

/* The value as a policy would have it; NULL for none. In p. */
static const char *value_as_written(const char *attribute, const char *text, apr_pool_t *p)
{
    const char *spelling = spelling_of(attribute);

    if (text == NULL) {
        return NULL;
    }
    if (strncmp(spelling, "on-", 3) == 0) {
        return strcmp(text, "0") == 0 ? "omit" : apr_psprintf(p, "refuse:%s", text);
    }
    if (strcmp(attribute, "trust-client") == 0) {
        return strcmp(text, "yes") == 0 ? "client" : NULL;
    }
    if (strcmp(attribute, "type") == 0) {
        fct_value_type_t type = FCT_VALUE_ANY;

        while (type < FCT_VALUE_COUNT && strcmp(fct_value_type_name(type), text) != 0) {
            type++;
        }
        return type == FCT_VALUE_ANY ? NULL : fct_value_type_sentence(type);
    }
    if (strcmp(attribute, "max-body") == 0 && strcmp(text, "-1") == 0) {
        return "unlimited";
    }
    if (strcmp(attribute, "hold-time") == 0) {
        return apr_psprintf(p, "%" APR_INT64_T_FMT "ms", apr_strtoi64(text, NULL, 10) / 1000);
    }
    return strncmp(attribute, "max-", 4) == 0 && strcmp(text, "0") == 0 ? NULL : text;
}

void fct_policy_diff_change_add(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair, const fct_policy_change_t *change)
{
    fct_policy_change_t *added;

    if (change->kinds == 0) {
        return;
    }
    added = apr_array_push(diff->changes);
    *added = *change;
    if (change->attribute) {
        added->attribute = spelling_of(change->attribute);
        added->was = value_as_written(change->attribute, change->was, diff->p);
        added->is = value_as_written(change->attribute, change->is, diff->p);
    }
    if (added->kinds & ~(unsigned)FCT_CHANGE_METADATA) {
        added->kinds &= ~(unsigned)FCT_CHANGE_METADATA;
    }
    added->was_at = pair->was ? pair->was->place : (fct_place_t){ NULL, 0 };
    added->is_at = pair->is ? pair->is->place : (fct_place_t){ NULL, 0 };
}

const char *fct_policy_diff_change_text(const fct_canonical_line_t *line, const char *attribute)
{
    int i;

    for (i = 0; line && i < line->attributes->nelts; i++) {
        const fct_canonical_attribute_t *at = &APR_ARRAY_IDX(line->attributes, i, fct_canonical_attribute_t);

        if (strcmp(at->name, attribute) == 0) {
            return at->value;
        }
    }
    return NULL;
}

/* --- attributes --- */

static int is_for_people(const char *attribute)
{
    return strcmp(attribute, "why") == 0 || strcmp(attribute, "control") == 0 || strcmp(attribute, "assert") == 0;
}

static void compare_attribute(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair, const char *subject, const char *attribute,
                              fct_policy_diff_judge_t *judge, const void *context)
{
    fct_policy_change_t change = { .kinds = FCT_CHANGE_METADATA, .subject = subject, .attribute = attribute };

    change.was = fct_policy_diff_change_text(pair->was, attribute);
    change.is = fct_policy_diff_change_text(pair->is, attribute);
    if (change.was && change.is && strcmp(change.was, change.is) == 0) {
        return;
    }
    if (!is_for_people(attribute)) {
        change.kinds = judge(context, attribute, change.was, change.is, &change.effect);
    }
    fct_policy_diff_change_add(diff, pair, &change);
}

void fct_policy_diff_change_attributes(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair, const char *subject,
                                       fct_policy_diff_judge_t *judge, const void *context)
{
    int i;

    for (i = 0; i < pair->is->attributes->nelts; i++) {
        compare_attribute(diff, pair, subject, APR_ARRAY_IDX(pair->is->attributes, i, fct_canonical_attribute_t).name, judge, context);
    }
    for (i = 0; i < pair->was->attributes->nelts; i++) {
        const char *attribute = APR_ARRAY_IDX(pair->was->attributes, i, fct_canonical_attribute_t).name;

        if (fct_policy_diff_change_text(pair->is, attribute) == NULL) {
            compare_attribute(diff, pair, subject, attribute, judge, context);
        }
    }
}

unsigned fct_policy_diff_change_unknown(const void *context, const char *attribute, const char *was, const char *is, const char **effect)
{
    (void)context, (void)attribute, (void)was, (void)is;
    *effect = "its effect on a request cannot be proven";
    return FCT_CHANGE_EITHER;
}
