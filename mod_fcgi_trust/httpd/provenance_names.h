/* The names that policies ask for by auth.env.NAME and auth.header.NAME, and the values that stand under them at one moment. */
#ifndef FCT_PROVENANCE_NAMES_H
#define FCT_PROVENANCE_NAMES_H

#include "mod_fcgi_trust.h"

typedef enum fct_provenance_table_t {
    FCT_PROVENANCE_ENV,           /* r->subprocess_env */
    FCT_PROVENANCE_HEADERS,       /* r->headers_in */
    FCT_PROVENANCE_TABLES
} fct_provenance_table_t;

/* One look at the tables: for each name that is asked for, the string that stands there or NULL. Pointers, not copies: httpd's tables
 * never write into a string, so that another pointer is another writer. NULL: no name is asked for. */
typedef const char *const *fct_provenance_look_t;

/* Gathers the names from the loaded policies, in pconf; and forgets them. Configuration time only. */
void fct_provenance_names_gather(apr_pool_t *pconf);
void fct_provenance_names_reset(void);

/* Some policy asks for a name. */
int fct_provenance_names_exist(void);

/* Some policy asks for auth.realm. */
int fct_provenance_names_ask_realm(void);

/* Looks now. */
fct_provenance_look_t fct_provenance_names_look(request_rec *r);

/* What somebody wrote between two looks: under a name whose value nobody touched stands what `earlier` has (NULL: nothing). In p. */
fct_provenance_look_t fct_provenance_names_written(fct_provenance_look_t earlier, fct_provenance_look_t before,
                                                   fct_provenance_look_t after, apr_pool_t *p);

/* The string under a name; NULL: none, or not asked for. Names are compared as httpd's tables do, without regard to case. */
const char *fct_provenance_names_find(fct_provenance_look_t look, fct_provenance_table_t table, fct_bytes_t name);

#endif
