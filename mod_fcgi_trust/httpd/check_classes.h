/* Classes that this configuration lowers (POLICY 1): what mod_remoteip and its like make of connection.client.address, mod_authn_anon of
 * auth.*, and directives that copy what a client sent of env.NAME and set-header.NAME. */
#ifndef FCT_CHECK_CLASSES_H
#define FCT_CHECK_CLASSES_H

#include "mod_fcgi_trust.h"

/* Holds every loaded policy against the classes that are left where its FcgiTrustPolicy lines stand, and refuses a RemoteIPHeader that
 * trusts everybody's word. */
void fct_check_classes(fct_findings_t *findings, apr_pool_t *ptemp);

#endif
