/* A request's authority: a host with an optional port. */
#ifndef FCT_AUTHORITY_H
#define FCT_AUTHORITY_H

#include "bytes.h"

/* A name or an address, those of IPv6 in brackets, and perhaps a port from 1 to 65535. RFC 9110 §7.2, RFC 3986 §3.2. */
int fct_authority_is_valid(fct_bytes_t authority);

#endif
