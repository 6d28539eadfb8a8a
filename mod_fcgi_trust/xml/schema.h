/* One XML element held against the table of the language: a declaration, or findings. */
#ifndef FCT_SCHEMA_H
#define FCT_SCHEMA_H

#include <libxml/tree.h>

#include "language.h"

/* Reads an element that must be the root <policy>. Returns 0 after adding findings that make its content meaningless. */
int fct_schema_read_root(const xmlNode *node, const char *file, fct_findings_t *findings, fct_declaration_t *declaration,
                         apr_pool_t *p);

/* Reads a child of the element `parent`, but not its own children. Returns 0 after adding findings. Values are copied into p. */
int fct_schema_read(const xmlNode *node, fct_element_t parent, const char *file, fct_findings_t *findings,
                    fct_declaration_t *declaration, apr_pool_t *p);

/* Adds a finding if the node is text or CDATA and not blank, and names the element that holds it. */
void fct_schema_check_text(const xmlNode *node, const char *file, fct_findings_t *findings);

#endif
