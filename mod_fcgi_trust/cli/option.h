/* What most options do: store one value into a member of the command's settings. Each macro defines one function for a row of a table. */
#ifndef FCT_OPTION_H
#define FCT_OPTION_H

#include "tool.h"

/* The text as it is given, which is not empty: `empty` says why not. */
#define FCT_OPTION_TEXT(function, type, member, empty)                                    \
    static const char *function(void *settings, const char *value, apr_pool_t *p)         \
    {                                                                                     \
        (void)p;                                                                          \
        ((type *)settings)->member = value;                                               \
        return *value ? NULL : (empty);                                                   \
    }

/* The text as it is given, also an empty one. */
#define FCT_OPTION_ANY_TEXT(function, type, member)                                       \
    static const char *function(void *settings, const char *value, apr_pool_t *p)         \
    {                                                                                     \
        (void)p;                                                                          \
        ((type *)settings)->member = value;                                               \
        return NULL;                                                                      \
    }

/* 1 where the option is given. */
#define FCT_OPTION_FLAG(function, type, member)                                           \
    static const char *function(void *settings, const char *value, apr_pool_t *p)         \
    {                                                                                     \
        (void)value;                                                                      \
        (void)p;                                                                          \
        ((type *)settings)->member = 1;                                                   \
        return NULL;                                                                      \
    }

/* A whole number from min to max, into an apr_int64_t. */
#define FCT_OPTION_NUMBER(function, type, member, min, max)                               \
    static const char *function(void *settings, const char *value, apr_pool_t *p)         \
    {                                                                                     \
        return fct_tool_number(value, (min), (max), &((type *)settings)->member, p);      \
    }

/* A number of bytes up to max, into a member of the type `bytes`. */
#define FCT_OPTION_SIZE(function, type, member, bytes, max)                               \
    static const char *function(void *settings, const char *value, apr_pool_t *p)         \
    {                                                                                     \
        apr_int64_t number = 0;                                                           \
        const char *why = fct_tool_size(value, (max), &number, p);                        \
                                                                                          \
        ((type *)settings)->member = (bytes)number;                                       \
        return why;                                                                       \
    }

/* The place of the word in a list that ends with NULL, into an int. */
#define FCT_OPTION_CHOICE(function, type, member, words)                                  \
    static const char *function(void *settings, const char *value, apr_pool_t *p)         \
    {                                                                                     \
        return fct_tool_choice(value, (words), &((type *)settings)->member, p);           \
    }

#endif
