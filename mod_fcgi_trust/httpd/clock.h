/* A clock that nobody sets. */
#ifndef FCT_CLOCK_H
#define FCT_CLOCK_H

#include <time.h>

#include <apr_time.h>

/* Microseconds since some moment before this process began. */
static inline apr_time_t fct_clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return apr_time_make(t.tv_sec, t.tv_nsec / 1000);
}

#endif
