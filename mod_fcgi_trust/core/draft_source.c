/* from="…": the sources of a rule. */
#include "draft_source.h"

#include <apr_strings.h>

#include "nearest.h"

/* --- saying what is wrong --- */

static void complain(const fct_draft_t *draft, const fct_declaration_t *d, const char *why)
{
    fct_findings_add(draft->findings, FCT_FINDING_SOURCE_UNKNOWN, d->place.file, d->place.line, "%s: %s", d->value[FCT_ATTRIBUTE_NAME], why);
}

/* A field without its index, as the language has it. */
static const char *explain_index(fct_bytes_t field, const char *word, apr_pool_t *p)
{
    const char *open = field.len ? memchr(field.at, '[', field.len) : NULL;
    fct_bytes_t name = fct_bytes_make(field.at, open ? (apr_size_t)(open - field.at) : 0);
    fct_certificate_field_t known;

    if (open == NULL || !fct_certificate_field_parse(name, &known)) {
        return NULL;
    }
    return apr_psprintf(p, fct_certificate_field_is_list(&known) ? "%s: the index of a certificate's field is written [0] to [999], behind its name"
                                                                : "%s: this field of a certificate has one value and takes no index", word);
}

static const char *explain_field(fct_bytes_t field, const char *word, apr_pool_t *p)
{
    apr_array_header_t *names = apr_array_make(p, FCT_CERTIFICATE_FIELD_COUNT, sizeof(const char *));
    const char *name, *nearest;
    apr_size_t i;

    for (i = 0; (name = fct_certificate_field_name(i, p)) != NULL; i++) {
        APR_ARRAY_PUSH(names, const char *) = name;
    }
    nearest = fct_nearest_word(field, names);
    return nearest ? apr_psprintf(p, "%.200s: a certificate has no such field; did you mean %s?", word, nearest)
                   : apr_psprintf(p, "%.200s: a certificate has no such field; its fields are %s", word, fct_certificate_field_list(p));
}

/* The source as it would be with what this word has for an argument: "auth.env.X" of "auth.evn.X", "config." of "config". */
static const char *with_argument_of(const fct_source_info_t *info, const char *word, apr_pool_t *p)
{
    const char *prefix = info->text, *rest = word;

    for (; *prefix && rest; prefix++) {
        if (*prefix == '.') {
            rest = strchr(rest, '.');
            rest = rest ? rest + 1 : NULL;
        }
    }
    return apr_pstrcat(p, info->text, rest ? rest : "", NULL);
}

static const char *explain_source(const char *word, apr_pool_t *p)
{
    apr_array_header_t *words = apr_array_make(p, FCT_SOURCE_COUNT, sizeof(const char *));
    const char *nearest;
    int id;

    for (id = FCT_SOURCE_NONE + 1; id < FCT_SOURCE_COUNT; id++) {
        const fct_source_info_t *info = fct_source_info(id);

        APR_ARRAY_PUSH(words, const char *) = info->argument == FCT_ARGUMENT_NONE ? info->text : with_argument_of(info, word, p);
    }
    nearest = fct_nearest_word(fct_bytes_of(word), words);
    if (nearest == NULL || strcmp(nearest, word) == 0) {
        return apr_psprintf(p, "language %s has no source %s; a fixed text is written value=\"...\"", FCT_LANGUAGE_VERSION, word);
    }
    return apr_psprintf(p, "language %s has no source %s; did you mean %s%s?", FCT_LANGUAGE_VERSION, word, nearest,
                        nearest[strlen(nearest) - 1] == '.' ? "NAME" : "");
}

static const char *explain(const char *word, apr_pool_t *p)
{
    fct_bytes_t field = fct_source_certificate_part(fct_bytes_of(word));
    fct_certificate_field_t known;
    const char *why;

    if (fct_bytes_is_absent(field)) {
        return explain_source(word, p);
    }
    if (fct_certificate_field_parse(field, &known)) {
        return apr_psprintf(p, "%s: an upstream hands over one certificate; whether it was verified, and its chain, are not in it: let the "
                            "upstream say so in a <field>", word);
    }
    why = explain_index(field, word, p);
    return why ? why : explain_field(field, word, p);
}

/* --- reading --- */

static void read_word(const fct_draft_t *draft, const fct_declaration_t *d, const char *word, apr_array_header_t *sources)
{
    fct_source_ref_t ref;

    if (fct_source_parse(fct_bytes_of(word), &ref)) {
        APR_ARRAY_PUSH(sources, fct_source_ref_t) = ref;
    }
    else {
        complain(draft, d, explain(word, draft->p));
    }
}

void fct_draft_source_read(fct_draft_t *draft, const fct_declaration_t *d, fct_param_rule_t *rule)
{
    apr_array_header_t *sources = apr_array_make(draft->p, 2, sizeof(fct_source_ref_t));
    char *state = NULL;
    char *word;

    rule->from = d->value[FCT_ATTRIBUTE_FROM];
    if (rule->from == NULL) {
        return;
    }
    word = apr_strtok(apr_pstrdup(draft->p, rule->from), FCT_DRAFT_BLANKS, &state);
    if (word == NULL) {
        read_word(draft, d, "", sources);
    }
    for (; word; word = apr_strtok(NULL, FCT_DRAFT_BLANKS, &state)) {
        read_word(draft, d, word, sources);
    }
    if (sources->nelts > FCT_DRAFT_MAX_SOURCES) {
        fct_findings_add(draft->findings, FCT_FINDING_POLICY_TOO_MANY, d->place.file, d->place.line,
                         "%s has more than %d sources", d->value[FCT_ATTRIBUTE_NAME], FCT_DRAFT_MAX_SOURCES);
    }
    rule->sources = (const fct_source_ref_t *)sources->elts;
    rule->nsources = (apr_size_t)sources->nelts;
}
