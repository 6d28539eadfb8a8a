/* What is known of request header fields by their name: hop-by-hop, restricting, singleton, reserved (POLICY 4). */
#ifndef FCT_FIELD_NAME_H
#define FCT_FIELD_NAME_H

#include "bytes.h"

/* Traits of exact names; a name can have several. */
typedef enum fct_field_trait_t {
    FCT_FIELD_HOP_BY_HOP = 1,            /* never passes */
    FCT_FIELD_NEVER = 2,                 /* never passes */
    FCT_FIELD_ENGINE = 4,                /* never passes: goes under its own name */
    FCT_FIELD_AUTHORITY = 8,             /* Host: the value is request.authority */
    FCT_FIELD_RESTRICTING = 16,          /* 400 where no rule names it */
    FCT_FIELD_RESTRICTING_UNSAFE = 32,   /* the same, with an unsafe method */
    FCT_FIELD_SINGLETON = 64,            /* 400 when repeated */
    FCT_FIELD_COOKIE = 128,              /* repeated fields are joined with "; " */
    FCT_FIELD_WITH_COMMAS = 256,         /* a singleton whose one value may hold ", " */
    FCT_FIELD_DATE = 512,                /* a singleton whose one value may be a date, which has one ", " */
    FCT_FIELD_CREDENTIALS = 1024         /* a singleton whose one value is a scheme, whose parameters are joined with ", " */
} fct_field_trait_t;

#define FCT_FIELD_NO_RULE (FCT_FIELD_HOP_BY_HOP | FCT_FIELD_NEVER | FCT_FIELD_ENGINE)

typedef struct fct_field_info_t {
    const char *folded;
    unsigned traits;
} fct_field_info_t;

/* All exact names with traits; *n is set to their count. */
const fct_field_info_t *fct_field_name_table(apr_size_t *n);

/* The traits of a folded name; 0: none. */
unsigned fct_field_name_traits(fct_bytes_t folded);

/* Does a singleton with these traits have a value that can only be two fields, joined by the server with ", "? */
int fct_field_name_is_joined(unsigned traits, fct_bytes_t value);

/* A folded name that only an exact rule with trust="client" lets through. */
int fct_field_name_is_reserved(fct_bytes_t folded);

#endif
