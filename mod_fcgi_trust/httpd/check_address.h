/* What makes another address the client's than that of the connection's peer: mod_remoteip, and modules that are not part of httpd. */
#ifndef FCT_CHECK_ADDRESS_H
#define FCT_CHECK_ADDRESS_H

#include "mod_fcgi_trust.h"

/* This line does, or prepares it: from then on httpd's client address is what somebody in front says. */
int fct_check_address_is_replaced_by(const ap_directive_t *d);

/* A module that does without any line; NULL: none is loaded. */
const char *fct_check_address_module(void);

#endif
