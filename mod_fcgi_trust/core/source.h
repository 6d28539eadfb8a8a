/* Sources and classes (POLICY 1): where a value comes from, and how far it can be trusted. */
#ifndef FCT_SOURCE_H
#define FCT_SOURCE_H

#include "bytes.h"
#include "certificate.h"

/* Low to high: the class of a combination is the lowest of its parts. */
typedef enum fct_class_t {
    FCT_CLASS_CLIENT,        /* the client wrote it or chooses it */
    FCT_CLASS_ASSERTED,      /* somebody else's word, taken on trust that the policy states */
    FCT_CLASS_VERIFIED,      /* established by cryptography or authentication for this request */
    FCT_CLASS_SERVER         /* this server's own configuration or socket */
} fct_class_t;

const char *fct_class_name(fct_class_t c);

/* FCT_SOURCE(NAME, "policy.name", class, argument) */
typedef enum fct_source_id_t {
    FCT_SOURCE_NONE = 0,
#define FCT_SOURCE(name, text, class_, argument) FCT_SOURCE_##name,
#include "source.def"
#undef FCT_SOURCE
    FCT_SOURCE_COUNT
} fct_source_id_t;

typedef enum fct_source_argument_t {
    FCT_ARGUMENT_NONE,
    FCT_ARGUMENT_NAME,       /* "config.NAME", "header.X" */
    FCT_ARGUMENT_FIELD,      /* a field of a certificate: "tls.client.san.email[0]" */
    FCT_ARGUMENT_UPSTREAM    /* "upstream.NAME.FIELD", or "upstream.NAME.client.FIELD" with a field of a certificate */
} fct_source_argument_t;

/* One reference to a source as a rule holds it. */
typedef struct fct_source_ref_t {
    fct_source_id_t id;
    fct_bytes_t argument;              /* all that follows the source's text; absent for sources without one */
    int has_field;                     /* it reads a client certificate: tls.client.FIELD, upstream.NAME.client.FIELD */
    fct_certificate_field_t field;     /* with has_field */
} fct_source_ref_t;

/* A reference to a source without an argument. */
#define FCT_SOURCE_REF(id) \
    ((fct_source_ref_t){ id, FCT_BYTES_ABSENT, 0, { FCT_CERTIFICATE_VERIFY, FCT_BYTES_ABSENT, FCT_CERTIFICATE_NO_INDEX } })

typedef struct fct_source_info_t {
    fct_source_id_t id;
    const char *text;         /* "request.method", or the prefix "config." for sources with an argument */
    fct_class_t class_;       /* the class as POLICY 1 has it; configuration can lower it (POLICY 1, column class) */
    fct_source_argument_t argument;
} fct_source_info_t;

const fct_source_info_t *fct_source_info(fct_source_id_t id);

/* The reference as a policy writes it: "request.method", "config.NAME". In p. */
const char *fct_source_text(const fct_source_ref_t *ref, apr_pool_t *p);

/* Parses "request.method" or "config.NAME". Returns 0 and leaves *ref alone if there is no such source. */
int fct_source_parse(fct_bytes_t text, fct_source_ref_t *ref);

/* What stands in the place of a certificate's field, right or wrong, in "tls.client.FIELD" and "upstream.NAME.client.FIELD"; absent
 * for texts of another form. */
fct_bytes_t fct_source_certificate_part(fct_bytes_t text);

/* It can have several values, and no index says which. */
int fct_source_is_list(const fct_source_ref_t *ref);

/* Its values have line ends, which only encode="…" lets through. */
int fct_source_has_lines(const fct_source_ref_t *ref);

/* It is neither a header field, a cookie, part of the script's name nor of a certificate: the facts of a request answer for it. */
int fct_source_is_fact(const fct_source_ref_t *ref);

/* The configuration of a server can make its class lower than POLICY 1's table says. */
int fct_source_can_be_lowered(const fct_source_ref_t *ref);

/* auth.*: what authentication and authorization of the request established. */
int fct_source_is_auth(const fct_source_ref_t *ref);

#endif
