/* Sources and classes (POLICY 1): where a value comes from, and how far it can be trusted. */
#ifndef FCT_SOURCE_H
#define FCT_SOURCE_H

#include "bytes.h"

/* Low to high: the class of a combination is the lowest of its parts. */
typedef enum fct_class_t {
    FCT_CLASS_CLIENT,        /* the client wrote it or chooses it */
    FCT_CLASS_ASSERTED,      /* somebody else's word, taken on trust that the policy states */
    FCT_CLASS_VERIFIED,      /* established by cryptography or authentication for this request */
    FCT_CLASS_SERVER         /* this server's own configuration or socket */
} fct_class_t;

const char *fct_class_name(fct_class_t c);

/* FCT_SOURCE(NAME, "policy.name", class, argument) — argument: NONE or NAME ("config.NAME", "header.X"). */
typedef enum fct_source_id_t {
    FCT_SOURCE_NONE = 0,
#define FCT_SOURCE(name, text, class_, argument) FCT_SOURCE_##name,
#include "source.def"
#undef FCT_SOURCE
    FCT_SOURCE_COUNT
} fct_source_id_t;

typedef enum fct_source_argument_t {
    FCT_ARGUMENT_NONE,
    FCT_ARGUMENT_NAME
} fct_source_argument_t;

/* One reference to a source as a rule holds it. */
typedef struct fct_source_ref_t {
    fct_source_id_t id;
    fct_bytes_t argument;     /* absent for sources without one */
} fct_source_ref_t;

typedef struct fct_source_info_t {
    fct_source_id_t id;
    const char *text;         /* "request.method", or the prefix "config." for sources with an argument */
    fct_class_t class_;       /* the class as POLICY 1 has it; configuration can lower it (POLICY 1, column class) */
    fct_source_argument_t argument;
} fct_source_info_t;

const fct_source_info_t *fct_source_info(fct_source_id_t id);

/* Parses "request.method" or "config.NAME". Returns 0 and leaves *ref alone if there is no such source. */
int fct_source_parse(fct_bytes_t text, fct_source_ref_t *ref);

/* The language has it (POLICY 1), this version does not. */
int fct_source_is_later(fct_bytes_t text);

#endif
