/* The end of a log's file, read again. */
#include "audit_tail.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PART_LEN 4096
#define WINDOW (1024 * 1024)             /* others write too: more than all children of a usual server can have at once */
#define FRONT_LEN 80                     /* of a line: its time and its request */

int fct_audit_tail_has(apr_os_file_t fd, apr_off_t start, fct_bytes_t bytes)
{
    char part[PART_LEN];
    ssize_t n;

    for (; bytes.len > 0; bytes = fct_bytes_from(bytes, (apr_size_t)n), start += n) {
        n = pread(fd, part, bytes.len < sizeof(part) ? bytes.len : sizeof(part), start);
        if (n <= 0 || memcmp(part, bytes.at, (apr_size_t)n) != 0) {
            return 0;
        }
    }
    return 1;
}

/* As much as there is, WINDOW bytes at most. */
static fct_bytes_t read_from(apr_os_file_t fd, apr_off_t start, char *window)
{
    apr_size_t len = 0;
    ssize_t n = 1;

    while (n > 0 && len < WINDOW) {
        n = pread(fd, window + len, WINDOW - len, start + (apr_off_t)len);
        len += n > 0 ? (apr_size_t)n : 0;
    }
    return fct_bytes_make(window, len);
}

/* Where the front stands: whole, or cut by the end. The end itself where it does not stand. */
static apr_size_t find_front(fct_bytes_t in, fct_bytes_t front)
{
    const char *found = memmem(in.at, in.len, front.at, front.len);
    apr_size_t n = front.len < in.len ? front.len : in.len;

    if (found) {
        return (apr_size_t)(found - in.at);
    }
    while (n > 0 && memcmp(in.at + in.len - n, front.at, n) != 0) {
        n--;
    }
    return in.len - n;
}

static apr_size_t measure_common(fct_bytes_t a, fct_bytes_t b)
{
    apr_size_t n = 0;

    while (n < a.len && n < b.len && a.at[n] == b.at[n]) {
        n++;
    }
    return n;
}

apr_size_t fct_audit_tail_measure(apr_os_file_t fd, apr_off_t start, fct_bytes_t bytes, int *is_end)
{
    char *window = malloc(WINDOW);
    apr_size_t at, n = 0;
    fct_bytes_t in;

    *is_end = 0;
    if (window) {
        in = read_from(fd, start, window);
        at = find_front(in, fct_bytes_make(bytes.at, bytes.len < FRONT_LEN ? bytes.len : FRONT_LEN));
        n = measure_common(fct_bytes_from(in, at), bytes);
        *is_end = in.len < WINDOW && at + n == in.len;
        free(window);
    }
    return n;
}
