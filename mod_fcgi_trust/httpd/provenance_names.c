/* The names that policies ask for by auth.env.NAME and auth.header.NAME, and the values that stand under them at one moment. */
#include "provenance_names.h"

typedef struct asked_t {
    fct_provenance_table_t table;
    fct_bytes_t name;             /* NUL-terminated */
    const char *reference;        /* as the rule that asked first holds it */
} asked_t;

/* Written at configuration time only, by one thread. */
static apr_array_header_t *asked;        /* of asked_t; NULL: none */
static int asks_realm;

static int count(void)
{
    return asked ? asked->nelts : 0;
}

static const asked_t *asked_at(int i)
{
    return &APR_ARRAY_IDX(asked, i, const asked_t);
}

static int find(fct_provenance_table_t table, fct_bytes_t name)
{
    int i;

    for (i = 0; i < count(); i++) {
        if (asked_at(i)->table == table && asked_at(i)->reference == name.at) {
            return i;             /* the rule's own bytes: the usual case */
        }
    }
    for (i = 0; i < count(); i++) {
        if (asked_at(i)->table == table && fct_bytes_equal_nocase(asked_at(i)->name, name)) {
            return i;
        }
    }
    return -1;
}

static void ask(void *context, const fct_policy_reference_t *reference)
{
    apr_pool_t *pconf = context;
    const fct_source_ref_t *ref = reference->ref;
    fct_provenance_table_t table = ref->id == FCT_SOURCE_AUTH_ENV ? FCT_PROVENANCE_ENV : FCT_PROVENANCE_HEADERS;

    asks_realm |= ref->id == FCT_SOURCE_AUTH_REALM;
    if ((ref->id == FCT_SOURCE_AUTH_ENV || ref->id == FCT_SOURCE_AUTH_HEADER) && find(table, ref->argument) < 0) {
        asked_t *one = apr_array_push(asked);

        one->table = table;
        one->name = fct_bytes_of(fct_bytes_string(ref->argument, pconf));
        one->reference = ref->argument.at;
    }
}

void fct_provenance_names_gather(apr_pool_t *pconf)
{
    int i;

    asked = apr_array_make(pconf, 8, sizeof(asked_t));
    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        const fct_policy_slot_t *slot = APR_ARRAY_IDX(fct_directives_slots(), i, const fct_policy_slot_t *);

        if (slot->policy) {
            fct_policy_visit_references(slot->policy, ask, pconf);
        }
    }
}

void fct_provenance_names_reset(void)
{
    asked = NULL;
    asks_realm = 0;
}

int fct_provenance_names_ask_realm(void)
{
    return asks_realm;
}

int fct_provenance_names_exist(void)
{
    return count() > 0;
}

static const char **make(apr_pool_t *p)
{
    return apr_palloc(p, (apr_size_t)count() * sizeof(const char *));
}

fct_provenance_look_t fct_provenance_names_look(request_rec *r)
{
    apr_table_t *const tables[FCT_PROVENANCE_TABLES] = { [FCT_PROVENANCE_ENV] = r->subprocess_env, [FCT_PROVENANCE_HEADERS] = r->headers_in };
    const char **look;
    int i;

    if (!count()) {
        return NULL;
    }
    look = make(r->pool);
    for (i = 0; i < count(); i++) {
        look[i] = apr_table_get(tables[asked_at(i)->table], asked_at(i)->name.at);
    }
    return look;
}

fct_provenance_look_t fct_provenance_names_written(fct_provenance_look_t earlier, fct_provenance_look_t before,
                                                   fct_provenance_look_t after, apr_pool_t *p)
{
    const char **written;
    int i;

    if (!before || !after) {
        return earlier;
    }
    written = make(p);
    for (i = 0; i < count(); i++) {
        written[i] = after[i] != before[i] ? after[i] : earlier ? earlier[i] : NULL;
    }
    return written;
}

const char *fct_provenance_names_find(fct_provenance_look_t look, fct_provenance_table_t table, fct_bytes_t name)
{
    int i = look ? find(table, name) : -1;

    return i >= 0 ? look[i] : NULL;
}
