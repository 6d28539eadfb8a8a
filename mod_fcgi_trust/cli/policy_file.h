/* How commands load a policy and print what was found in it. */
#ifndef FCT_POLICY_FILE_H
#define FCT_POLICY_FILE_H

#include <stdio.h>

#include "reader.h"
#include "tool.h"

/* The option --shipped DIR; its settings begin with a fct_reader_options_t. */
#define FCT_POLICY_FILE_SHIPPED \
    { "shipped", "DIR", "where <extends shipped=\"...\"> looks\n(" FCT_POLICY_DIR ")", fct_policy_file_set_shipped }

const char *fct_policy_file_set_shipped(void *options, const char *value, apr_pool_t *p);

/* All of these paths are files that can be read: 1, or 0 after a sentence on stderr for each that is not. */
int fct_policy_file_check(const fct_tool_t *tool, const apr_array_header_t *paths);

/* Prints the findings, sorted, and returns how many of them are more than information. */
int fct_policy_file_print(const fct_tool_t *tool, fct_findings_t *findings, FILE *to, int colour);

#endif
