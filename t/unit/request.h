/* Requests for unit tests: facts from a short text, the outcome as a short text. */
#ifndef REQUEST_H
#define REQUEST_H

#include "eval.h"
#include "tap.h"

#include <apr_strings.h>

#define REQUEST_FIELDS 200
#define REQUEST_SOURCES 32
#define REQUEST_CERTIFICATE_VALUES 2000

typedef struct request_t {
    fct_facts_t facts;
    fct_received_t fields[REQUEST_FIELDS];
    struct {
        const char *name;
        const char *value;
        int calls;
    } sources[REQUEST_SOURCES];
    int nsources;
    fct_client_certificate_t certificate;        /* with request_certify */
    fct_certificate_value_t *values;
    const char *dropped;
    apr_pool_t *p;
} request_t;

static inline fct_bytes_t request_source(void *context, const fct_source_ref_t *ref)
{
    request_t *request = context;
    const char *name = apr_psprintf(request->p, "%s%.*s", fct_source_info(ref->id)->text, (int)ref->argument.len,
                                    ref->argument.at ? ref->argument.at : "");
    int i;

    for (i = 0; i < request->nsources; i++) {
        if (strcmp(request->sources[i].name, name) == 0) {
            request->sources[i].calls++;
            return fct_bytes_of(request->sources[i].value);
        }
    }
    return FCT_BYTES_ABSENT;
}

/* GET of a path below the mount "/", without fields. */
static inline request_t *request_make(const char *path, apr_pool_t *p)
{
    request_t *request = apr_pcalloc(p, sizeof(*request));

    request->p = p;
    request->facts.method = FCT_BYTES_LITERAL("GET");
    request->facts.path = fct_bytes_of(path);
    request->facts.fields = request->fields;
    request->facts.mapping.path = fct_bytes_of(path);
    request->facts.mapping.raw_path = fct_bytes_of(path);
    request->facts.mapping.mount = FCT_BYTES_LITERAL("/");
    request->facts.mapping.document_root = FCT_BYTES_LITERAL("/var/www");
    request->facts.source = request_source;
    request->facts.context = request;
    return request;
}

static inline void request_add_bytes(request_t *request, fct_bytes_t name, fct_bytes_t value, fct_field_origin_t origin)
{
    request->fields[request->facts.nfields++] = (fct_received_t){ name, value, origin, FCT_JOINED_NOT, 0 };
}

static inline void request_add(request_t *request, const char *name, const char *value)
{
    request_add_bytes(request, fct_bytes_of(name), fct_bytes_of(value), FCT_ORIGIN_CLIENT);
}

static inline void request_set(request_t *request, const char *source, const char *value)
{
    request->sources[request->nsources].name = source;
    request->sources[request->nsources++].value = value;
}

static inline const fct_client_certificate_t *request_certificate(void *context)
{
    return &((request_t *)context)->certificate;
}

/* The client has a verified certificate, which says this of a field ("san.email"); field NULL: nothing more. */
static inline void request_certify_bytes(request_t *request, const char *field, fct_bytes_t value, int is_invalid)
{
    fct_certificate_field_t known;

    if (request->values == NULL) {
        request->values = apr_pcalloc(request->p, sizeof(*request->values) * REQUEST_CERTIFICATE_VALUES);
    }
    request->certificate.values = request->values;
    request->certificate.sha256 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    request->facts.certificate = request_certificate;
    if (field && fct_certificate_field_parse(fct_bytes_of(field), &known)) {
        request->values[request->certificate.nvalues++] = (fct_certificate_value_t){ known.id, known.attribute, value, is_invalid };
    }
}

static inline void request_certify(request_t *request, const char *field, const char *value)
{
    request_certify_bytes(request, field, fct_bytes_of(value), 0);
}

static inline void request_note_drop(void *context, fct_bytes_t name)
{
    request_t *request = context;

    request->dropped = apr_psprintf(request->p, "%s%s%.*s", request->dropped ? request->dropped : "",
                                    request->dropped ? " " : "", (int)name.len, name.at);
}

/* "A=1\nB=2\n", or "403 2015 2" (status, finding, line) where the request is refused. */
static inline const char *request_run(request_t *request, const fct_policy_t *policy)
{
    fct_params_t *params = fct_params_create(512, 1 << 20, request->p);
    fct_observer_t observer = { NULL, request_note_drop, request, NULL };
    fct_verdict_t verdict;
    const char *text = "";
    fct_bytes_t name, value;
    apr_size_t cookie = 0;

    request->dropped = NULL;
    verdict = fct_eval_request(policy, &request->facts, params, &observer, request->p);
    if (verdict.status) {
        tap_diag("%s", verdict.detail);
        return apr_psprintf(request->p, "%d %d %d", verdict.status, (int)verdict.finding, verdict.line);
    }
    while (fct_params_next(params, &cookie, &name, &value)) {
        text = apr_psprintf(request->p, "%s%.*s=%.*s\n", text, (int)name.len, name.at, (int)value.len, value.at);
    }
    return text;
}

#endif
