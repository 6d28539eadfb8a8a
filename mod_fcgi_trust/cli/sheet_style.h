/* The style sheets of an HTML document. */
#ifndef FCT_SHEET_STYLE_H
#define FCT_SHEET_STYLE_H

/* For every medium: light and dark, from a phone's width up. No bytes that XML would want escaped. */
extern const char *const fct_sheet_style_screen;

/* What is different on paper. */
extern const char *const fct_sheet_style_print;

#endif
