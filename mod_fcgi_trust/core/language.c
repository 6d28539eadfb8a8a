/* The policy language: which elements and attributes there are, and the form of their values. */
#include "language.h"

#include <apr_strings.h>

#include "nearest.h"

static const struct {
    const char *name;
    fct_element_t parent;
    fct_element_kind_t kind;
} elements[] = {
#define FCT_ELEMENT(name, text, parent, kind) [FCT_ELEMENT_##name] = { text, FCT_ELEMENT_##parent, FCT_ELEMENT_KIND_##kind },
#include "language.def"
};

static const char *const attributes[] = {
#define FCT_ATTRIBUTE(name, text) [FCT_ATTRIBUTE_##name] = text,
#include "language.def"
};

static const fct_row_t rows[] = {
#define FCT_ROW(element, attribute, need, form, words) \
    { FCT_ELEMENT_##element, FCT_ATTRIBUTE_##attribute, FCT_NEED_##need, FCT_FORM_##form, words },
#include "language.def"
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* --- the table --- */

int fct_language_find_element(const char *name, fct_element_t *element)
{
    int i;

    for (i = 0; i < FCT_ELEMENT_COUNT; i++) {
        if (strcmp(elements[i].name, name) == 0) {
            *element = (fct_element_t)i;
            return 1;
        }
    }
    return 0;
}

const char *fct_language_element_name(fct_element_t element)
{
    return elements[element].name;
}

const char *fct_language_attribute_name(fct_attribute_t attribute)
{
    return attributes[attribute];
}

fct_element_kind_t fct_language_element_kind(fct_element_t element)
{
    return elements[element].kind;
}

fct_element_t fct_language_element_parent(fct_element_t element)
{
    return elements[element].parent;
}

int fct_language_holds_elements(fct_element_t element)
{
    int i;

    for (i = 0; i < FCT_ELEMENT_COUNT; i++) {
        if (i != FCT_ELEMENT_POLICY && elements[i].parent == element) {
            return 1;
        }
    }
    return 0;
}

const fct_row_t *fct_language_find_row(fct_element_t element, const char *attribute)
{
    apr_size_t i;

    for (i = 0; i < ROWS; i++) {
        if (rows[i].element == element && strcmp(attributes[rows[i].attribute], attribute) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static const char *suggest(const char *name, const apr_array_header_t *words, const char *open, const char *close, apr_pool_t *p)
{
    const char *nearest = fct_nearest_word(fct_bytes_of(name), words);

    return nearest ? apr_psprintf(p, "; did you mean %s%s%s?", open, nearest, close) : "";
}

const char *fct_language_suggest_element(fct_element_t parent, const char *name, apr_pool_t *p)
{
    apr_array_header_t *names = apr_array_make(p, FCT_ELEMENT_COUNT, sizeof(const char *));
    fct_element_t known;
    int i;

    if (fct_language_find_element(name, &known) && known != FCT_ELEMENT_POLICY) {
        return apr_psprintf(p, "; it stands in <%s>", elements[elements[known].parent].name);
    }
    for (i = 0; i < FCT_ELEMENT_COUNT; i++) {
        if (i != FCT_ELEMENT_POLICY && elements[i].parent == parent) {
            APR_ARRAY_PUSH(names, const char *) = elements[i].name;
        }
    }
    return suggest(name, names, "<", ">", p);
}

const char *fct_language_suggest_attribute(fct_element_t element, const char *name, apr_pool_t *p)
{
    apr_array_header_t *names = apr_array_make(p, FCT_ATTRIBUTE_COUNT, sizeof(const char *));
    apr_size_t i;

    for (i = 0; i < ROWS; i++) {
        if (rows[i].element == element) {
            APR_ARRAY_PUSH(names, const char *) = attributes[rows[i].attribute];
        }
    }
    return suggest(name, names, "", "", p);
}

static const char *name_alternatives(fct_element_t element, apr_pool_t *p)
{
    const char *names = NULL;
    apr_size_t i;

    for (i = 0; i < ROWS; i++) {
        if (rows[i].element == element && rows[i].need == FCT_NEED_EITHER) {
            names = names ? apr_pstrcat(p, names, " and ", attributes[rows[i].attribute], NULL) : attributes[rows[i].attribute];
        }
    }
    return names;
}

int fct_language_check_needs(const fct_declaration_t *declaration, fct_findings_t *findings)
{
    fct_place_t place = declaration->place;
    const char *name = elements[declaration->element].name;
    int alternatives = 0, present = 0, faults = 0;
    apr_size_t i;

    for (i = 0; i < ROWS; i++) {
        int stands = declaration->value[rows[i].attribute] != NULL;

        if (rows[i].element != declaration->element) {
            continue;
        }
        if (rows[i].need == FCT_NEED_REQUIRED && !stands) {
            fct_findings_add(findings, FCT_FINDING_ATTRIBUTE_MISSING, place.file, place.line,
                             "<%s> needs %s=\"...\"", name, attributes[rows[i].attribute]);
            faults++;
        }
        alternatives += rows[i].need == FCT_NEED_EITHER;
        present += rows[i].need == FCT_NEED_EITHER && stands;
    }
    if (alternatives && present != 1) {
        fct_findings_add(findings, FCT_FINDING_ATTRIBUTE_MISSING, place.file, place.line, "<%s> needs exactly one of %s",
                         name, name_alternatives(declaration->element, findings->pool));
        faults++;
    }
    return faults;
}
