/* One XML element held against the table of the language: a declaration, or findings. */
#include "schema.h"

#include <apr_strings.h>

static const char *name_of(const xmlNode *node)
{
    return (const char *)node->name;
}

static int is_ours(const xmlNode *node)
{
    return node->ns && node->ns->href && strcmp((const char *)node->ns->href, FCT_LANGUAGE_NAMESPACE) == 0;
}

/* The parser gives text the line of its end, and CDATA none: it begins where what is before it ends. */
static int first_line_of_text(const xmlNode *node)
{
    const char *at = (const char *)node->content;
    int line = node->line;

    if (node->type == XML_CDATA_SECTION_NODE) {
        return (int)xmlGetLineNo((xmlNode *)node);
    }
    for (at += strspn(at, " \t\r\n"); *at; at++) {
        line -= *at == '\n';
    }
    return line;
}

void fct_schema_check_text(const xmlNode *node, const char *file, fct_findings_t *findings)
{
    if ((node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) && !xmlIsBlankNode(node)) {
        fct_findings_add(findings, FCT_FINDING_TEXT_UNEXPECTED, file, first_line_of_text(node), "<%s> holds no text",
                         name_of(node->parent));
    }
}

/* --- attributes --- */

static const char *value_of(const xmlAttr *attribute, apr_pool_t *p)
{
    xmlChar *value = xmlNodeListGetString(attribute->doc, attribute->children, 1);
    const char *copy = apr_pstrdup(p, value ? (const char *)value : "");

    xmlFree(value);
    return copy;
}

static void read_attribute(const xmlAttr *attribute, fct_findings_t *findings, fct_declaration_t *d, apr_pool_t *p)
{
    const char *element = fct_language_element_name(d->element);
    const char *name = (const char *)attribute->name;
    const fct_row_t *row = fct_language_find_row(d->element, name);
    const char *value;

    if (attribute->ns) {
        fct_findings_add(findings, FCT_FINDING_POLICY_NAMESPACE, d->place.file, d->place.line,
                         "<%s>: attributes have no namespace; %.64s has one", element, name);
        return;
    }
    if (row == NULL) {
        fct_findings_add(findings, FCT_FINDING_ATTRIBUTE_UNKNOWN, d->place.file, d->place.line,
                         "<%s> has no attribute %.64s in language %s%s", element, name, FCT_LANGUAGE_VERSION,
                         fct_language_suggest_attribute(d->element, name, findings->pool));
        return;
    }
    value = value_of(attribute, p);
    d->value[row->attribute] = value;
    if (!fct_language_has_form(row, value)) {
        fct_findings_add(findings, FCT_FINDING_ATTRIBUTE_FORM, d->place.file, d->place.line, "<%s>: %s=\"%.64s\" is not %s",
                         element, name, value, fct_language_form_sentence(row, p));
    }
}

static void read_attributes(const xmlNode *node, fct_findings_t *findings, fct_declaration_t *d, apr_pool_t *p)
{
    const xmlAttr *attribute;

    for (attribute = node->properties; attribute; attribute = attribute->next) {
        read_attribute(attribute, findings, d, p);
    }
    fct_language_check_needs(d, findings);
}

/* --- content --- */

static void check_content(const xmlNode *node, fct_findings_t *findings, const fct_declaration_t *d)
{
    int holds_text = fct_language_element_kind(d->element) == FCT_ELEMENT_KIND_TEXT;
    const xmlNode *child;

    for (child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && !fct_language_holds_elements(d->element)) {
            fct_findings_add(findings, FCT_FINDING_ELEMENT_UNKNOWN, d->place.file, child->line,
                             "<%s> holds no elements in language %s; <%.64s> is one", name_of(node), FCT_LANGUAGE_VERSION,
                             name_of(child));
        }
        else if (!holds_text) {
            fct_schema_check_text(child, d->place.file, findings);
        }
    }
}

/* The text of an element, with one blank where there are several, or line ends. */
static const char *text_of(const xmlNode *node, apr_pool_t *p)
{
    xmlChar *content = xmlNodeGetContent(node);
    char *text = apr_pstrdup(p, content ? (const char *)content : "");
    char *to = text;
    const char *at;

    for (at = text; *at; at++) {
        if (!strchr(" \t\r\n", *at)) {
            *to++ = *at;
        }
        else if (to > text && to[-1] != ' ') {
            *to++ = ' ';
        }
    }
    to -= to > text && to[-1] == ' ';
    *to = '\0';
    xmlFree(content);
    return text;
}

/* --- elements --- */

static void begin(fct_declaration_t *d, fct_element_t element, const xmlNode *node, const char *file)
{
    memset(d, 0, sizeof(*d));
    d->element = element;
    d->place.file = file;
    d->place.line = node->line;
}

static int find_element(const xmlNode *node, fct_element_t parent, const char *file, fct_findings_t *findings,
                        fct_element_t *element)
{
    if (!is_ours(node)) {
        fct_findings_add(findings, FCT_FINDING_POLICY_NAMESPACE, file, node->line,
                         "<%.64s> is not in the namespace %s", name_of(node), FCT_LANGUAGE_NAMESPACE);
        return 0;
    }
    if (!fct_language_find_element(name_of(node), element) || *element == FCT_ELEMENT_POLICY
        || fct_language_element_parent(*element) != parent) {
        fct_findings_add(findings, FCT_FINDING_ELEMENT_UNKNOWN, file, node->line,
                         "<%s> has no element <%.64s> in language %s%s", fct_language_element_name(parent), name_of(node),
                         FCT_LANGUAGE_VERSION, fct_language_suggest_element(parent, name_of(node), findings->pool));
        return 0;
    }
    return 1;
}

int fct_schema_read(const xmlNode *node, fct_element_t parent, const char *file, fct_findings_t *findings,
                    fct_declaration_t *declaration, apr_pool_t *p)
{
    int errors = findings->errors;
    fct_element_t element;

    if (!find_element(node, parent, file, findings, &element)) {
        return 0;
    }
    begin(declaration, element, node, file);
    read_attributes(node, findings, declaration, p);
    check_content(node, findings, declaration);
    if (fct_language_element_kind(element) == FCT_ELEMENT_KIND_TEXT) {
        declaration->text = text_of(node, p);
    }
    return findings->errors == errors;
}

int fct_schema_read_root(const xmlNode *node, const char *file, fct_findings_t *findings, fct_declaration_t *declaration,
                         apr_pool_t *p)
{
    const char *language;

    begin(declaration, FCT_ELEMENT_POLICY, node, file);
    if (strcmp(name_of(node), "policy") != 0) {
        fct_findings_add(findings, FCT_FINDING_POLICY_ROOT, file, node->line, "the root of a policy is <policy>, not <%.64s>",
                         name_of(node));
        return 0;
    }
    if (!is_ours(node)) {
        fct_findings_add(findings, FCT_FINDING_POLICY_NAMESPACE, file, node->line, "<policy> needs xmlns=\"%s\"",
                         FCT_LANGUAGE_NAMESPACE);
        return 0;
    }
    read_attributes(node, findings, declaration, p);
    language = declaration->value[FCT_ATTRIBUTE_LANGUAGE];
    if (language && strcmp(language, FCT_LANGUAGE_VERSION) != 0) {
        fct_findings_add(findings, FCT_FINDING_POLICY_LANGUAGE, file, node->line,
                         "this version reads policies of language %s, not %.64s", FCT_LANGUAGE_VERSION, language);
        return 0;
    }
    return 1;
}
