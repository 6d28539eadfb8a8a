/* One evaluation in progress; for eval*.c alone. */
#ifndef FCT_EVALUATION_H
#define FCT_EVALUATION_H

#include "eval.h"
#include "plan.h"

/* All fields of one folded name. */
typedef struct fct_field_group_t {
    fct_field_match_t match;
    fct_bytes_t name;                  /* of the first */
    apr_size_t first;                  /* index among the facts' fields; the next one: fct_field_groups_t.next */
    apr_size_t last;
    apr_size_t count;
    apr_size_t length;                 /* of all values, joined */
    int is_aliased;                    /* not all have the same name */
    int is_alias_allowed;              /* one of the other names would be let through by a prefix */
    int is_nominated;                  /* the client named it in Connection */
    int is_changed;                    /* the server changed a value */
    fct_joined_t joined;               /* whether one of the values is more than one field */
    const fct_plan_field_t *rule;      /* judged: lets it through; NULL: it does not pass */
    const fct_bytes_t *pieces;         /* what is left of its values with cookies="…"; NULL: all of them */
    apr_size_t npieces;
} fct_field_group_t;

#define FCT_FIELD_NAME_MAX 256         /* bytes of a name that a prefix can let through */
#define FCT_FIELD_NO_NEXT ((apr_size_t)-1)

/* The client's fields by folded name, in the order they came. */
typedef struct fct_field_groups_t {
    fct_field_group_t *at;
    apr_size_t n;
    apr_size_t *next;                  /* for each field the next one of its group */
    apr_size_t *slots;                 /* open addressing; 0 is free, else the group's index + 1 */
    apr_size_t mask;
} fct_field_groups_t;

/* What an upstream sent as its client's certificate, decoded. */
typedef struct fct_decoded_certificate_t {
    const fct_upstream_rule_t *upstream;
    const fct_client_certificate_t *certificate;       /* NULL: it is none */
    struct fct_decoded_certificate_t *next;
} fct_decoded_certificate_t;

typedef struct fct_evaluation_t {
    const fct_policy_t *policy;
    const fct_plan_t *plan;
    const fct_facts_t *facts;
    fct_params_t *params;
    const fct_observer_t *observer;
    const fct_plan_request_t *request;    /* in force for this request */
    fct_field_groups_t groups;
    fct_script_t script;
    fct_decoded_certificate_t *decoded;   /* those that a rule asked for */
    fct_verdict_t verdict;
    apr_pool_t *p;
} fct_evaluation_t;

/* Each step returns 1 to go on; 0 when the request is refused and the verdict says why. */

/* Sets the verdict; fmt == NULL uses the finding's sentence. place NULL: no rule. Returns 0. */
int fct_evaluation_refuse(fct_evaluation_t *e, int status, fct_finding_id_t finding, const fct_place_t *place,
                          const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Appends one pair; place and source are for the observer. `class_` decides the status where it does not fit. */
int fct_evaluation_emit(fct_evaluation_t *e, fct_bytes_t name, const fct_bytes_t *pieces, apr_size_t n, const char *source,
                        fct_class_t class_, const fct_place_t *place);

/* Tells the observer what became of a rule or a field. */
static inline void fct_evaluation_tell(const fct_evaluation_t *e, fct_ruling_t ruling, fct_bytes_t name, const fct_place_t *rule, const char *why)
{
    if (e->observer && e->observer->ruled) {
        e->observer->ruled(e->observer->context, ruling, name, rule, why);
    }
}

/* Any number of pieces as one run of bytes, in the pool of the request. */
fct_bytes_t fct_evaluation_copy_pieces(const fct_evaluation_t *e, const fct_bytes_t *pieces, apr_size_t n);

/* The pieces as one run of bytes: the piece itself where there is one, else in the pool of the request. */
static inline fct_bytes_t fct_evaluation_concatenate(const fct_evaluation_t *e, const fct_bytes_t *pieces, apr_size_t n)
{
    return n == 1 ? pieces[0] : fct_evaluation_copy_pieces(e, pieces, n);
}

/* A name or value excerpt as a message can show it. */
const char *fct_evaluation_show(const fct_evaluation_t *e, fct_bytes_t bytes);

/* eval_group.c: sorts the client's fields into groups; refuses names that are no tokens. */
int fct_evaluation_group_fields(fct_evaluation_t *e);

/* The group of exactly this field name (without regard to case); NULL: the client sent none. */
const fct_field_group_t *fct_evaluation_find_group(const fct_evaluation_t *e, fct_bytes_t name);

/* The values of a group as pieces with their separators between them; *n is set to the number of pieces. */
const fct_bytes_t *fct_evaluation_join(const fct_evaluation_t *e, const fct_field_group_t *group, apr_size_t *n);

/* eval_judge.c: decides for each group whether it passes, is dropped or ends the request. */
int fct_evaluation_judge_fields(fct_evaluation_t *e);

/* The first rule of a chain whose condition holds; NULL: none. */
const fct_plan_field_t *fct_evaluation_first_that_holds(const fct_evaluation_t *e, const fct_plan_field_t *rule);

/* eval_field.c */
int fct_evaluation_emit_fields(fct_evaluation_t *e);

/* What one source says. */
typedef struct fct_reading_t {
    fct_bytes_t value;                 /* the only one, or the first that is not empty; absent: nothing */
    const fct_bytes_t *values;         /* with n > 1: all of them */
    apr_size_t n;
    int has_lines;                     /* line feeds belong to it */
    const char *invalid;               /* present, but no value: why; NULL: it is one, or absent */
} fct_reading_t;

/* eval_source.c */
void fct_evaluation_read(fct_evaluation_t *e, const fct_source_ref_t *ref, fct_reading_t *reading);

/* eval_param.c */
int fct_evaluation_emit_params(fct_evaluation_t *e);

#endif
