/* The parts of a policy as JSON; for show_json*.c alone. */
#ifndef FCT_SHOW_JSON_H
#define FCT_SHOW_JSON_H

#include "plan.h"
#include "show.h"

/* Each adds ", \"name\": value"; nothing for NULL, absent, 0. */
void fct_show_json_member(fct_out_t *out, const char *name, const char *value);
void fct_show_json_bytes(fct_out_t *out, const char *name, fct_bytes_t value);
void fct_show_json_number(fct_out_t *out, const char *name, apr_int64_t number);
void fct_show_json_flag(fct_out_t *out, const char *name, int is_set);
void fct_show_json_place(fct_out_t *out, const fct_place_t *place);

/* ", \"files\": [...]" */
void fct_show_json_files(const apr_array_header_t *files, fct_out_t *out);

/* "identities", "maps" and "upstreams", each with a comma behind it. */
void fct_show_json_named(const fct_plan_t *plan, fct_out_t *out);

/* "settings": every setting in force by its element and attribute, with its rule and reason; and "conditional_requests", where settings are
 * others under a condition. With a comma behind it. */
void fct_show_json_settings(const fct_plan_t *plan, fct_out_t *out);

#endif
