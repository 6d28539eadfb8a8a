/* What a policy names → a file, local and without a way out (POLICY 6). */
#ifndef FCT_EXTENDS_H
#define FCT_EXTENDS_H

#include "language.h"

/* The file that an <extends> names: next to the policy that says so or below it, or in the directory of the shipped policies.
 * Returns its path as messages name it, *real_path the one without links; NULL after adding a finding. */
const char *fct_extends_find(const fct_declaration_t *extends, const char *shipped_dir, fct_findings_t *findings,
                             const char **real_path, apr_pool_t *p);

/* The file of certificates that an element's file="…" names: next to the policy that says so or below it. Returns its path without links;
 * NULL after adding a finding. */
const char *fct_extends_find_certificates(const fct_declaration_t *declaration, fct_findings_t *findings, apr_pool_t *p);

/* The path without links and dots; the path itself where there is no such file. */
const char *fct_extends_real_path(const char *path, apr_pool_t *p);

#endif
