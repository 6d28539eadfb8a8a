/* What leads up from a client's certificate. */
#ifndef FCT_CERTIFICATE_PATH_H
#define FCT_CERTIFICATE_PATH_H

#include <apr.h>
#include <openssl/x509.h>

/* Finds among n certificates that came beside a leaf those that lead up from it: each signed the one before it, by name and by key, up to
 * one that signed itself. path has room for n and gets their indices in that order; returns how many. Whatever else came is nobody's word
 * but the client's. Whether the last one is to be trusted is not asked here. */
apr_size_t fct_certificate_path_find(X509 *leaf, X509 *const *sent, apr_size_t n, apr_size_t *path);

#endif
