/* A policy file as bytes → an XML document: capped, without network, document type, entities or XInclude. */
#ifndef FCT_DOCUMENT_H
#define FCT_DOCUMENT_H

#include <libxml/tree.h>

#include "finding.h"

#define FCT_DOCUMENT_MAX_BYTES (1024 * 1024)
#define FCT_DOCUMENT_MAX_LINES 65535
#define FCT_DOCUMENT_MAX_ERRORS 10

/* Reads and parses the file. The document lives as long as p; the line of each node is the one where its tag begins. Returns NULL
 * after adding findings, under the name `path`, when the file cannot be read, is too large, not UTF-8, not well-formed or has a
 * document type. */
xmlDoc *fct_document_read(const char *path, fct_findings_t *findings, apr_pool_t *p);

/* The same for bytes at hand. */
xmlDoc *fct_document_parse(fct_bytes_t text, const char *path, fct_findings_t *findings, apr_pool_t *p);

#endif
