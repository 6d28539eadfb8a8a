/* Changes of <request>, <response>, <backend>, <accept> and <audit>: limits, how the script is named, what is put up with and logged. */
#include <apr_strings.h>
#include <stdlib.h>

#include "policy_diff_value.h"

/* How two texts of a setting compare. */
typedef enum measure_t {
    NUMBER,              /* more admits more */
    SIZE,                /* the same; -1 is unlimited */
    WORDS,               /* more words admit more; none: none */
    HIDDEN,              /* more words admit less */
    PINNED,              /* more words admit more; none: everything */
    WIDE,                /* this one word admits more than the others */
    NARROW,              /* this one word admits less than the others */
    THERE,               /* being there admits more */
    REASON               /* the same; what it says is for people */
} measure_t;

/* A setting that is not here is of both kinds, whatever it changes to. */
static const struct {
    const char *attribute;
    measure_t measure;
    const char *word;
    const char *widened, *narrowed, *other;
} settings[] = {
    { "methods", WORDS, NULL, "requests with more methods pass", "requests with fewer methods pass", "requests with other methods pass" },
    { "max-body", SIZE, NULL, "larger bodies pass", "only smaller bodies pass", NULL },
    { "chunked", NARROW, "refuse", "bodies without a length pass", "bodies without a length are refused", "bodies without a length are sent otherwise" },
    { "upgrade", WIDE, "ignore", "requests for another protocol pass", "requests for another protocol are refused", NULL },
    { "encoded-slash", WIDE, "raw", "paths with an encoded slash pass", "paths with an encoded slash are refused", NULL },
    { "max-header-bytes", NUMBER, NULL, "larger answers pass", "only smaller answers pass", NULL },
    { "max-header-count", NUMBER, NULL, "answers with more fields pass", "only answers with fewer fields pass", NULL },
    { "max-interim", NUMBER, NULL, "more interim answers pass", "fewer interim answers pass", NULL },
    { "hide", HIDDEN, NULL, "clients are shown more fields", "clients are shown fewer fields", "clients are shown other fields" },
    { "missing-content-type", WIDE, "octet-stream", "answers without a type pass", "answers without a type are refused", NULL },
    { "local-redirect", WIDE, "follow", "the application may redirect within the server", "the application may not redirect within the server", NULL },
    { "interim", WIDE, "forward", "interim answers reach the client", "interim answers do not reach the client", NULL },
    { "hold", NUMBER, NULL, NULL, NULL, "answers are held back otherwise" },
    { "hold-time", NUMBER, NULL, NULL, NULL, "answers are held back otherwise" },
    { "max-stderr", NUMBER, NULL, "more of what the application says is logged", "less of what the application says is logged", NULL },
    { "sendfile", THERE, NULL, "the application may name files to be sent", "the application may not name files to be sent", "the application may name other files to be sent" },
    { "htaccess-auth", REASON, NULL, "a .htaccess may say who is authenticated", "no .htaccess may say who is authenticated", NULL },
    { "values", WORDS, NULL, "more values are logged", "fewer values are logged", "other values are logged" },
    { "workers", PINNED, NULL, "more backends may serve", "fewer backends may serve", "other backends may serve" },
};

static const char other_effect[] = "the application is told another script or path, or reached otherwise";

static unsigned judge_numbers(const char *was, const char *is, int has_unlimited)
{
    apr_int64_t numbers[2] = { apr_strtoi64(was, NULL, 10), apr_strtoi64(is, NULL, 10) };
    int i;

    for (i = 0; i < 2; i++) {
        numbers[i] = has_unlimited && numbers[i] < 0 ? APR_INT64_MAX : numbers[i];
    }
    return fct_policy_diff_value_numbers(numbers[0], numbers[1]);
}

static unsigned judge_word(const char *was, const char *is, const char *word)
{
    if (strcmp(was, word) != 0 && strcmp(is, word) != 0) {
        return FCT_CHANGE_EITHER;
    }
    return strcmp(is, word) == 0 ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;
}

static unsigned judge_presence(const char *was, const char *is)
{
    return was && is ? FCT_CHANGE_EITHER : is ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;
}

static unsigned measure(apr_size_t i, const char *was, const char *is)
{
    switch (settings[i].measure) {
    case WORDS:
        return fct_policy_diff_value_words(was, is);
    case HIDDEN:
        return fct_policy_diff_value_reverse(fct_policy_diff_value_words(was, is));
    case PINNED:
        return was && is ? fct_policy_diff_value_words(was, is) : fct_policy_diff_value_reverse(judge_presence(was, is));
    case THERE:
        return judge_presence(was, is);
    case REASON:
        return was && is ? FCT_CHANGE_METADATA : judge_presence(was, is);
    default:
        break;
    }
    if (!was || !is) {
        return FCT_CHANGE_EITHER;
    }
    switch (settings[i].measure) {
    case WIDE:
        return judge_word(was, is, settings[i].word);
    case NARROW:
        return fct_policy_diff_value_reverse(judge_word(was, is, settings[i].word));
    default:
        return judge_numbers(was, is, settings[i].measure == SIZE);
    }
}

unsigned fct_policy_diff_setting_judge(const char *attribute, const char *was, const char *is, const char **effect)
{
    apr_size_t i = 0;
    unsigned kinds;

    while (i < sizeof(settings) / sizeof(settings[0]) && strcmp(settings[i].attribute, attribute) != 0) {
        i++;
    }
    *effect = other_effect;
    if (i == sizeof(settings) / sizeof(settings[0])) {
        return FCT_CHANGE_EITHER;
    }
    kinds = settings[i].widened ? measure(i, was, is) : FCT_CHANGE_EITHER;
    *effect = kinds == FCT_CHANGE_WIDENED ? settings[i].widened : kinds == FCT_CHANGE_NARROWED ? settings[i].narrowed : settings[i].other;
    return kinds;
}

static unsigned judge(const void *context, const char *attribute, const char *was, const char *is, const char **effect)
{
    (void)context;
    return fct_policy_diff_setting_judge(attribute, was, is, effect);
}

void fct_policy_diff_setting(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    const fct_canonical_line_t *line = pair->is ? pair->is : pair->was;
    const fct_canonical_attribute_t *setting = &APR_ARRAY_IDX(line->attributes, 0, fct_canonical_attribute_t);
    fct_policy_change_t change = { .subject = line->element, .attribute = setting->name };

    if (pair->was && pair->is) {
        fct_policy_diff_change_attributes(diff, pair, change.subject, judge, NULL);
        return;
    }
    change.was = pair->was ? setting->value : NULL;
    change.is = pair->is ? setting->value : NULL;
    change.kinds = fct_policy_diff_setting_judge(setting->name, change.was, change.is, &change.effect);
    fct_policy_diff_change_add(diff, pair, &change);
}
