/* X-Sendfile: the application names a file below a directory that the policy names, and httpd sends it. POLICY 5. */
#ifndef FCT_SENDFILE_H
#define FCT_SENDFILE_H

#include <apr_file_io.h>

#include "head.h"
#include "mod_fcgi_trust.h"

/* A file to be sent; file NULL: the response has its own body. */
typedef struct fct_sendfile_t {
    apr_file_t *file;
    apr_finfo_t info;
} fct_sendfile_t;

/* Opens the file that the block's X-Sendfile names, if the policy has <response sendfile>. A relative name is below that directory; a link
 * that leaves it, a directory or a device is no file of it. Returns FCT_FINDING_NONE, also where there is nothing to send, or
 * FCT_FINDING_SENDFILE with *detail (the name, escaped). The file is closed with r's pool. */
fct_finding_id_t fct_sendfile_open(fct_sendfile_t *sendfile, request_rec *r, const fct_response_rules_t *rules, const fct_head_t *head,
                                   const char **detail);

#endif
