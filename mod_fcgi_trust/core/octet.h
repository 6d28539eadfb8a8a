/* What each byte is to names and values: its folded form and its class, as tables for the paths that every request takes. */
#ifndef FCT_OCTET_H
#define FCT_OCTET_H

#define FCT_OCTET_TOKEN 1       /* tchar, RFC 9110 §5.6.2 */
#define FCT_OCTET_CONTROL 2     /* 00-1F and 7F but HTAB */
#define FCT_OCTET_TAB 4         /* HTAB */

/* [A-Z0-9_]: letters as capitals, every other byte as '_'. */
extern const char fct_octet_folded[257];

extern const unsigned char fct_octet_class[256];

#endif
