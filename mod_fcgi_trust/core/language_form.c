/* The forms that values of attributes have, and how they are read. */
#include <apr_strings.h>

#include "language.h"

#define NUMBER_DIGITS 9

static int is_word_of(const char *text, const char *words)
{
    apr_size_t len = strlen(text);
    const char *at = words;

    for (;;) {
        apr_size_t word = strcspn(at, "|");

        if (word == len && memcmp(at, text, len) == 0) {
            return 1;
        }
        if (at[word] == '\0') {
            return 0;
        }
        at += word + 1;
    }
}

/* At most nine digits without leading zeros, then exactly one of the units. */
static int is_number_with_unit(const char *text, const char *const *units)
{
    apr_size_t digits = strspn(text, "0123456789");

    if (digits < 1 || digits > NUMBER_DIGITS || (text[0] == '0' && digits > 1)) {
        return 0;
    }
    for (; *units; units++) {
        if (strcmp(text + digits, *units) == 0) {
            return 1;
        }
    }
    return 0;
}

static int is_token_form(const char *text)
{
    static const char alphanumeric[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
    apr_size_t len = strlen(text);

    return len > 0 && len <= 64 && strspn(text, alphanumeric) == len && strchr("-._", text[0]) == NULL;
}

static int is_plain_text(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    for (; *at; at++) {
        if ((*at < 0x20 && *at != '\t' && *at != '\n' && *at != '\r') || *at == 0x7f) {
            return 0;
        }
    }
    return text[0] != '\0';
}

static int is_outcome(const char *text)
{
    if (strcmp(text, "omit") == 0 || strcmp(text, "refuse") == 0) {
        return 1;
    }
    return strncmp(text, "refuse:", 7) == 0 && strlen(text) == 10 && strspn(text + 7, "0123456789") == 3
        && (text[7] == '4' || text[7] == '5');
}

static int is_pick(const char *text)
{
    static const char *const plain[] = { "", NULL };

    return strcmp(text, "only") == 0 || strcmp(text, "matching") == 0
        || (strlen(text) <= 3 && is_number_with_unit(text, plain));
}

int fct_language_has_form(const fct_row_t *row, const char *text)
{
    static const char *const plain[] = { "", NULL };
    static const char *const sizes[] = { "", "K", "M", "G", NULL };
    static const char *const times[] = { "ms", "s", NULL };

    switch (row->form) {
    case FCT_FORM_TEXT:
        return is_plain_text(text);
    case FCT_FORM_REASON:
        return is_plain_text(text) && text[strspn(text, " \t\r\n")] != '\0';
    case FCT_FORM_TOKEN:
        return is_token_form(text);
    case FCT_FORM_WORD:
        return is_word_of(text, row->words);
    case FCT_FORM_NUMBER:
        return text[0] != '0' && is_number_with_unit(text, plain);
    case FCT_FORM_SIZE:
        return is_number_with_unit(text, sizes);
    case FCT_FORM_SIZE_OR_UNLIMITED:
        return strcmp(text, "unlimited") == 0 || is_number_with_unit(text, sizes);
    case FCT_FORM_DURATION:
        return is_number_with_unit(text, times);
    case FCT_FORM_OUTCOME:
        return is_outcome(text);
    case FCT_FORM_PICK:
        return is_pick(text);
    }
    return 0;
}

static const char *list_words(const char *words, apr_pool_t *p)
{
    const char *list = "";
    const char *at = words;

    while (*at) {
        apr_size_t len = strcspn(at, "|");

        list = apr_pstrcat(p, list, *list ? ", " : "", apr_pstrmemdup(p, at, len), NULL);
        at += len + (at[len] == '|');
    }
    return list;
}

const char *fct_language_form_sentence(const fct_row_t *row, apr_pool_t *p)
{
    switch (row->form) {
    case FCT_FORM_REASON:
        return "a reason for a reader: text without control bytes, and not blank";
    case FCT_FORM_TOKEN:
        return "a name of letters, digits, '.', '_' and '-'";
    case FCT_FORM_WORD:
        return strchr(row->words, '|') ? apr_pstrcat(p, "one of ", list_words(row->words, p), NULL)
                                       : apr_pstrcat(p, "'", row->words, "'", NULL);
    case FCT_FORM_NUMBER:
        return "a number from 1 to 999999999";
    case FCT_FORM_SIZE:
        return "a number of bytes, or one with K, M or G";
    case FCT_FORM_SIZE_OR_UNLIMITED:
        return "a number of bytes, or one with K, M or G, or 'unlimited'";
    case FCT_FORM_DURATION:
        return "a duration such as 20ms or 2s";
    case FCT_FORM_OUTCOME:
        return "'omit', 'refuse' or 'refuse:NNN' with a status from 400 to 599";
    case FCT_FORM_PICK:
        return "'only', 'matching' or an index from 0 to 999";
    default:
        return "text without control bytes, and not empty";
    }
}

apr_off_t fct_language_read_size(const char *text)
{
    char *unit = NULL;
    apr_off_t size;

    if (strcmp(text, "unlimited") == 0) {
        return -1;
    }
    size = (apr_off_t)apr_strtoi64(text, &unit, 10);
    switch (*unit) {
    case 'K':
        return size * 1024;
    case 'M':
        return size * 1024 * 1024;
    case 'G':
        return size * 1024 * 1024 * 1024;
    default:
        return size;
    }
}

apr_interval_time_t fct_language_read_duration(const char *text)
{
    char *unit = NULL;
    apr_int64_t number = apr_strtoi64(text, &unit, 10);

    return strcmp(unit, "ms") == 0 ? apr_time_from_msec(number) : apr_time_from_sec(number);
}

int fct_language_read_number(const char *text)
{
    return (int)apr_strtoi64(text, NULL, 10);
}

int fct_language_is_yes(const char *text)
{
    return text != NULL && strcmp(text, "yes") == 0;
}
