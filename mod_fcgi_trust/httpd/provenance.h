/* Provenance (SPEC 6): what came into being while this server authenticated and authorized a request, told apart from what anybody else
 * wrote into the same tables. */
#ifndef FCT_PROVENANCE_H
#define FCT_PROVENANCE_H

#include "mod_fcgi_trust.h"

/* What the phases left for one request; opaque. */
typedef struct fct_provenance_t fct_provenance_t;

/* Gathers the names that the loaded policies ask for (auth.env.NAME, auth.header.NAME): others are never looked at. */
void fct_provenance_prepare(apr_pool_t *pconf);

/* Forgets them: a new configuration is being read. */
void fct_provenance_reset(void);

/* Registers the hooks around the phases. */
void fct_provenance_register_hooks(apr_pool_t *p);

/* The following have a value only if somebody was authenticated by this request's own phases, or those of the request whose result httpd
 * lets it inherit, and was authorized; and, where the user was made of a client certificate, only if that was verified. NULL: none.
 * The strings live as long as r. */
const char *fct_provenance_user(request_rec *r);     /* as it stood when the phases ended */
const char *fct_provenance_type(request_rec *r);
const char *fct_provenance_realm(request_rec *r);    /* the AuthName in effect there */

/* The environment entry of this name as the phases, or a listed module's own fixups, left it, whoever wrote there later. */
const char *fct_provenance_env(request_rec *r, fct_bytes_t name);

/* The value of this request field as the phases left it; NULL also where it is the one that stood there before them. */
const char *fct_provenance_header(request_rec *r, const char *name);

#endif
