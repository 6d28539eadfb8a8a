/* A file that a command reads whole. */
#include "text_file.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

static const char *reason(apr_status_t rv, apr_pool_t *p)
{
    char buf[120];

    return apr_pstrdup(p, apr_strerror(rv, buf, sizeof(buf)));
}

/* Doubles its room as it goes: the length of a pipe is not known. */
static apr_status_t read_all(apr_file_t *file, fct_bytes_t *text, apr_pool_t *p)
{
    apr_size_t room = 16 * 1024, len = 0, got;
    char *buf = apr_palloc(p, room);
    apr_status_t rv;

    do {
        if (len == room) {
            char *larger = apr_palloc(p, room * 2);

            memcpy(larger, buf, len);
            buf = larger;
            room *= 2;
        }
        got = room - len;
        rv = apr_file_read_full(file, buf + len, got, &got);
        len += got;
    } while (rv == APR_SUCCESS && len <= FCT_TEXT_FILE_MAX);
    *text = fct_bytes_make(buf, len);
    return rv;
}

const char *fct_text_file_read(const char *path, fct_bytes_t *text, apr_pool_t *p)
{
    apr_file_t *file;
    apr_status_t rv = strcmp(path, "-") == 0 ? apr_file_open_stdin(&file, p)
                                             : apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, APR_FPROT_OS_DEFAULT, p);

    if (rv != APR_SUCCESS) {
        return reason(rv, p);
    }
    rv = read_all(file, text, p);
    apr_file_close(file);
    return APR_STATUS_IS_EOF(rv) ? NULL : rv == APR_SUCCESS ? "longer than 64 MiB" : reason(rv, p);
}
