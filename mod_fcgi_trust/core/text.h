/* Texts: whether two are the same, and those with a grammar of their own, UTF-8 and distinguished names. */
#ifndef FCT_TEXT_H
#define FCT_TEXT_H

#include "bytes.h"

/* The same bytes, or neither is there (NULL). */
int fct_text_is_same(const char *a, const char *b);

/* RFC 3629: well-formed, no surrogates, nothing overlong. True for no bytes at all. */
int fct_text_is_utf8(fct_bytes_t text);

/* The length in bytes of the character at the front of text, which is not empty; 0 if it is no UTF-8. */
apr_size_t fct_text_character(fct_bytes_t text);

/* RFC 4514 §3: one or more RDNs, "CN=Jane\, Doe,O=Example+L=Here". */
int fct_text_is_dn(fct_bytes_t text);

#endif
