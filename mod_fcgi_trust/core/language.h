/* The policy language: which elements and attributes there are, and the form of their values. */
#ifndef FCT_LANGUAGE_H
#define FCT_LANGUAGE_H

#include <apr_time.h>

#include "finding.h"
#include "place.h"

#define FCT_LANGUAGE_VERSION "1.0"
#define FCT_LANGUAGE_NAMESPACE "urn:mod-fcgi-trust:policy:1"

typedef enum fct_element_t {
#define FCT_ELEMENT(name, text, parent, kind) FCT_ELEMENT_##name,
#include "language.def"
    FCT_ELEMENT_COUNT
} fct_element_t;

typedef enum fct_attribute_t {
#define FCT_ATTRIBUTE(name, text) FCT_ATTRIBUTE_##name,
#include "language.def"
    FCT_ATTRIBUTE_COUNT
} fct_attribute_t;

typedef enum fct_element_kind_t {
    FCT_ELEMENT_KIND_MANY,
    FCT_ELEMENT_KIND_ONCE,     /* at most once in a policy */
    FCT_ELEMENT_KIND_TEXT      /* MANY, and may hold text */
} fct_element_kind_t;

typedef enum fct_need_t {
    FCT_NEED_OPTIONAL,
    FCT_NEED_REQUIRED,
    FCT_NEED_EITHER            /* exactly one of these attributes of an element */
} fct_need_t;

/* The lexical form of an attribute's value. */
typedef enum fct_form_t {
    FCT_FORM_TEXT,                 /* anything but nothing and controls */
    FCT_FORM_REASON,               /* text that is not only blanks */
    FCT_FORM_TOKEN,                /* letters, digits, '.', '_' and '-'; the first is a letter or digit */
    FCT_FORM_WORD,                 /* one of the row's words */
    FCT_FORM_NUMBER,               /* 1 to 999999999 */
    FCT_FORM_SIZE,                 /* 0 to 999999999, or one with K, M or G */
    FCT_FORM_SIZE_OR_UNLIMITED,
    FCT_FORM_DURATION,             /* 20ms, 2s */
    FCT_FORM_OUTCOME,              /* omit, refuse, refuse:403 */
    FCT_FORM_PICK                  /* only, matching, or an index: 0 to 999 */
} fct_form_t;

typedef struct fct_row_t {
    fct_element_t element;
    fct_attribute_t attribute;
    fct_need_t need;
    fct_form_t form;
    const char *words;             /* "yes|no", with FCT_FORM_WORD */
} fct_row_t;

/* One element of a policy file: its attributes by their ids, NULL where one does not stand. What the XML floor hands down. */
typedef struct fct_declaration_t {
    fct_element_t element;                        /* after the one that holds it, unless that is <policy> */
    fct_place_t place;
    const char *value[FCT_ATTRIBUTE_COUNT];
    const char *text;                             /* what an element that may hold text holds, one blank between words; else NULL */
} fct_declaration_t;

/* Returns 0 and leaves *element alone if the language has no such element. */
int fct_language_find_element(const char *name, fct_element_t *element);

const char *fct_language_element_name(fct_element_t element);
const char *fct_language_attribute_name(fct_attribute_t attribute);
fct_element_kind_t fct_language_element_kind(fct_element_t element);

/* The element that holds it; <policy> for <policy> itself. */
fct_element_t fct_language_element_parent(fct_element_t element);

/* Some element stands inside this one. */
int fct_language_holds_elements(fct_element_t element);

/* What somebody meant who wrote an element in `parent`, or an attribute of `element`, that is none: the end of a sentence, perhaps "". In p. */
const char *fct_language_suggest_element(fct_element_t parent, const char *name, apr_pool_t *p);
const char *fct_language_suggest_attribute(fct_element_t element, const char *name, apr_pool_t *p);

/* The row of an element's attribute; NULL if it has none of this name. */
const fct_row_t *fct_language_find_row(fct_element_t element, const char *attribute);

/* The text has the row's form. */
int fct_language_has_form(const fct_row_t *row, const char *text);

/* What the row's form is, for a message: "one of yes, no". In p. */
const char *fct_language_form_sentence(const fct_row_t *row, apr_pool_t *p);

/* Adds a finding for every attribute that is missing or excludes another. Returns how many. */
int fct_language_check_needs(const fct_declaration_t *declaration, fct_findings_t *findings);

/* The values of texts that have their forms. */
apr_off_t fct_language_read_size(const char *text);              /* bytes; -1 for "unlimited" */
apr_interval_time_t fct_language_read_duration(const char *text);
int fct_language_read_number(const char *text);
int fct_language_is_yes(const char *text);                        /* no for NULL */

#endif
