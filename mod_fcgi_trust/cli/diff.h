/* The parts of the command diff. */
#ifndef FCT_DIFF_H
#define FCT_DIFF_H

#include "out.h"
#include "policy_diff.h"
#include "reader.h"

typedef struct fct_diff_settings_t {
    fct_reader_options_t reader;         /* first: --shipped is stored here */
    unsigned fail_on;                    /* of fct_change_kind_t; 0: any */
    int format;                          /* 0: text, 1: JSON */
} fct_diff_settings_t;

/* Two policies and what changes from the one to the other. */
typedef struct fct_diff_t {
    const fct_policy_t *was;
    const fct_policy_t *is;
    const apr_array_header_t *changes;   /* of fct_policy_change_t */
} fct_diff_t;

void fct_diff_text(const fct_diff_t *diff, int colour, fct_out_t *out);

void fct_diff_json(const fct_diff_t *diff, fct_out_t *out);

#endif
