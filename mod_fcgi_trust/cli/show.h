/* The parts of the command show. */
#ifndef FCT_SHOW_H
#define FCT_SHOW_H

#include "out.h"
#include "policy.h"
#include "reader.h"
#include "sheet.h"

typedef enum fct_show_format_t {
    FCT_SHOW_TEXT,
    FCT_SHOW_JSON,
    FCT_SHOW_MARKDOWN,
    FCT_SHOW_HTML,
    FCT_SHOW_CANONICAL                   /* the bytes whose SHA-256 is the digest */
} fct_show_format_t;

typedef struct fct_show_settings_t {
    fct_reader_options_t reader;         /* first: --shipped is stored here */
    int format;
} fct_show_settings_t;

void fct_show_text(const fct_policy_t *policy, fct_out_t *out);

/* The document for an auditor, in a sheet's format; files: of const char *, those that the policy was made of. */
void fct_show_page(const fct_policy_t *policy, const apr_array_header_t *files, const fct_sheet_format_t *format, fct_out_t *out);

void fct_show_json(const fct_policy_t *policy, const apr_array_header_t *files, fct_out_t *out);

#endif
