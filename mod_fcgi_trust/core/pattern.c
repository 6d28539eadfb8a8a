/* Regular expressions (POLICY 3): anchored at both ends, without look-around and back-references, in bounded steps. */
#include "pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <apr_strings.h>

#define PATTERN_MAX 1024
#define STEPS_MAX 100000
#define DEPTH_MAX 1000
#define HEAP_MAX 1024         /* KiB */

struct fct_pattern_t {
    pcre2_code *code;
    pcre2_match_context *limits;
};

/* --- what a policy may write --- */

/* The escape after a backslash: a class, or a byte that is none of letters and digits. */
static int is_plain_escape(char c)
{
    int is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

    return c != '\0' && (!is_alphanumeric || strchr("dDwWsS", c) != NULL);
}

/* In a bracketed class: the last byte of "[:alpha:]", which is no end of it; else where it stands. */
static const char *skip_named_class(const char *at)
{
    apr_size_t len = at[0] == '[' && at[1] == ':' ? strspn(at + 2, "^abcdefghijklmnopqrstuvwxyz") : 0;

    return len && at[2 + len] == ':' && at[3 + len] == ']' ? at + 3 + len : at;
}

/* NULL, or what stands there that a policy may not use. */
static const char *find_forbidden(const char *text)
{
    const char *at, *first = NULL;       /* of a bracketed class: there a ']' stands for itself; NULL: in none */

    for (at = text; *at; at++) {
        if (*at == '\\') {
            if (!is_plain_escape(at[1])) {
                return "an escape other than \\d \\w \\s \\D \\W \\S and escaped punctuation";
            }
            at++;
        }
        else if (first) {
            first = *at == ']' && at != first ? NULL : first;
            at = skip_named_class(at);
        }
        else if (strncmp(at, "[[:<:]]", 7) == 0 || strncmp(at, "[[:>:]]", 7) == 0) {
            return "a word boundary [[:<:]]: no look-around";
        }
        else if (*at == '[') {
            first = at + 1 + (at[1] == '^');
        }
        else if (*at == '(' && at[1] == '*') {
            return "a verb (*...)";
        }
        else if (*at == '(' && at[1] == '?' && at[2] != ':') {
            return "a group (?...) other than (?:...): no look-around, no options, no recursion";
        }
    }
    return NULL;
}

/* --- PCRE2 --- */

static void *allocate(PCRE2_SIZE size, void *p)
{
    return apr_palloc(p, size);
}

static void release(void *memory, void *p)
{
    (void)memory;
    (void)p;
}

static const char *count_groups(const pcre2_code *code, unsigned groups)
{
    uint32_t count = 0;

    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &count);
    if (count == groups) {
        return NULL;
    }
    return groups ? "exactly one group (...) says what is taken; write others as (?:...)"
                  : "a group is written (?:...) here";
}

const fct_pattern_t *fct_pattern_compile(const char *text, unsigned groups, const char **why, apr_pool_t *p)
{
    pcre2_general_context *memory = pcre2_general_context_create(allocate, release, p);
    pcre2_compile_context *options = pcre2_compile_context_create(memory);
    fct_pattern_t *pattern = apr_palloc(p, sizeof(*pattern));
    char *message = apr_palloc(p, 120);
    PCRE2_SIZE offset = 0;
    int error = 0;

    *why = strlen(text) > PATTERN_MAX ? "a pattern of more than 1024 bytes" : find_forbidden(text);
    if (*why) {
        return NULL;
    }
    pcre2_set_max_pattern_length(options, PATTERN_MAX);
    pcre2_set_parens_nest_limit(options, 20);
    pattern->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                                  PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY
                                  | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF, &error, &offset, options);
    if (pattern->code == NULL) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *)message, 120);
        *why = apr_psprintf(p, "%s, at byte %lu", message, (unsigned long)offset);
        return NULL;
    }
    *why = count_groups(pattern->code, groups);
    pattern->limits = pcre2_match_context_create(memory);
    pcre2_set_match_limit(pattern->limits, STEPS_MAX);
    pcre2_set_depth_limit(pattern->limits, DEPTH_MAX);
    pcre2_set_heap_limit(pattern->limits, HEAP_MAX);
    return *why ? NULL : pattern;
}

fct_pattern_result_t fct_pattern_match(const fct_pattern_t *pattern, fct_bytes_t value, fct_bytes_t *group)
{
    pcre2_match_data *data = pcre2_match_data_create(2, NULL);
    fct_pattern_result_t result = FCT_PATTERN_EXHAUSTED;
    int count = data ? pcre2_match(pattern->code, (PCRE2_SPTR)value.at, value.len, 0, 0, data, pattern->limits)
                     : PCRE2_ERROR_NOMEMORY;

    if (count > 0) {
        result = FCT_PATTERN_MATCHES;
    }
    else if (count == PCRE2_ERROR_NOMATCH) {
        result = FCT_PATTERN_DIFFERS;
    }
    if (group) {
        const PCRE2_SIZE *at = count > 1 ? pcre2_get_ovector_pointer(data) : NULL;

        *group = at && at[2] != PCRE2_UNSET ? fct_bytes_make(value.at + at[2], at[3] - at[2]) : FCT_BYTES_ABSENT;
    }
    pcre2_match_data_free(data);
    return result;
}
