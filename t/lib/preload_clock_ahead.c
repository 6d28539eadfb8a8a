/* A wall clock that is an hour ahead of the system's: what waits for a time of day waits as after a clock that was set back. */
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec real;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &real);
    now->tv_sec = real.tv_sec + 3600;
    now->tv_usec = (suseconds_t)(real.tv_nsec / 1000);
    return 0;
}
