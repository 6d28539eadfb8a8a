/* X-Sendfile, confined: what is opened is looked at, not what its name promised. */
#include "sendfile.h"

#include <apr_portable.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <unistd.h>

#include "escape.h"

#define SHOWN_MAX 200

static fct_bytes_t named_file(const fct_head_t *head)
{
    apr_size_t i;

    for (i = 0; i < head->nfields; i++) {
        if (fct_bytes_equal_nocase(head->fields[i].name, FCT_BYTES_LITERAL("X-Sendfile"))) {
            return head->fields[i].value;
        }
    }
    return FCT_BYTES_ABSENT;
}

static const char *real_path(const char *path, apr_pool_t *p)
{
    char *real = realpath(path, NULL);
    const char *copy = real ? apr_pstrdup(p, real) : NULL;

    free(real);
    return copy;
}

static int is_below(const char *path, const char *directory)
{
    apr_size_t len = strlen(directory);

    return strncmp(path, directory, len) == 0 && (path[len] == '/' || (len && directory[len - 1] == '/'));
}

/* Where the open file really is: a link may have changed since its path was looked at. */
static const char *path_of_open(apr_file_t *file, apr_pool_t *p)
{
    apr_os_file_t fd;

    apr_os_file_get(&fd, file);
    return real_path(apr_psprintf(p, "/proc/self/fd/%d", fd), p);
}

fct_finding_id_t fct_sendfile_open(fct_sendfile_t *sendfile, request_rec *r, const fct_response_rules_t *rules, const fct_head_t *head,
                                   const char **detail)
{
    fct_bytes_t name = fct_bytes_is_absent(rules->sendfile) ? FCT_BYTES_ABSENT : named_file(head);
    const char *root, *path, *opened;

    sendfile->file = NULL;
    if (fct_bytes_is_absent(name)) {
        return FCT_FINDING_NONE;
    }
    root = real_path(rules->sendfile.at, r->pool);
    path = name.len && name.at[0] != '/' ? apr_pstrcat(r->pool, rules->sendfile.at, "/", name.at, NULL) : name.at;
    path = real_path(path, r->pool);
    if (root && path && is_below(path, root)
        && apr_file_open(&sendfile->file, path, APR_FOPEN_READ | APR_FOPEN_BINARY | APR_FOPEN_NONBLOCK, APR_FPROT_OS_DEFAULT, r->pool) == APR_SUCCESS
        && (opened = path_of_open(sendfile->file, r->pool)) != NULL && is_below(opened, root)
        && apr_file_info_get(&sendfile->info, APR_FINFO_NORM, sendfile->file) == APR_SUCCESS && sendfile->info.filetype == APR_REG) {
        return FCT_FINDING_NONE;
    }
    sendfile->file = NULL;
    *detail = apr_psprintf(r->pool, "X-Sendfile: '%s' is no readable file below %s", fct_escape_copy(name, SHOWN_MAX, r->pool),
                           rules->sendfile.at);
    return FCT_FINDING_SENDFILE;
}
