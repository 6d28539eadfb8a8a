/* The parts of a policy as text; for show_text*.c alone. */
#ifndef FCT_SHOW_TEXT_H
#define FCT_SHOW_TEXT_H

#include "plan.h"
#include "show.h"

#define FCT_SHOW_TEXT_INDENT "      "

/* "file.xml:12", without directories. */
const char *fct_show_text_place(const fct_place_t *place, apr_pool_t *p);

void fct_show_text_escaped(fct_out_t *out, fct_bytes_t text);

/* An indented line "label: text"; nothing for NULL. */
void fct_show_text_reason(fct_out_t *out, const char *label, const char *text);
void fct_show_text_reasons(fct_out_t *out, const char *when, const char *why, const char *assert_, const char *control);

/* Identity names, maps and proxies in front, where the policy has some. */
void fct_show_text_named(fct_out_t *out, const fct_plan_t *plan);

/* The reasons for the settings of <request>, <response> or <backend>. */
void fct_show_text_setting_reasons(fct_out_t *out, const fct_plan_t *plan, fct_element_t element);

/* What is different for requests under a condition. */
void fct_show_text_conditional(fct_out_t *out, const fct_plan_t *plan);

/* What the policy accepts, and whose values it lets into the log. */
void fct_show_text_accepted(fct_out_t *out, const fct_plan_t *plan);

#endif
