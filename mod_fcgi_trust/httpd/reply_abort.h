/* The end of a response that is not whole. SPEC 3, Abort. */
#ifndef FCT_REPLY_ABORT_H
#define FCT_REPLY_ABORT_H

#include <util_filter.h>

#include "mod_fcgi_trust.h"

/* Ends what r has sent of a response so that the client can tell that it is not whole: no last chunk and no further request on HTTP/1.1, a
 * reset of the connection where nothing else tells, a reset of the stream on HTTP/2. bb: empty, of r. */
void fct_reply_abort_send(request_rec *r, apr_bucket_brigade *bb);

#endif
