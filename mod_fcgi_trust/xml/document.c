/* A policy file as bytes → an XML document: capped, without network, document type, entities or XInclude. */
#include "document.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

/* What the callbacks of one parse know; the parser context's private data. */
typedef struct parse_t {
    const char *path;
    fct_findings_t *findings;
    apr_array_header_t *lines;      /* of int: where each element's tag begins, in their order */
    int errors;
    int has_doctype;
} parse_t;

/* --- bytes --- */

static fct_bytes_t read_file(const char *path, fct_findings_t *findings, apr_pool_t *p)
{
    apr_file_t *file;
    apr_finfo_t info;
    apr_size_t len = FCT_DOCUMENT_MAX_BYTES + 1;
    char *buf;
    char why[120];
    apr_status_t rv = apr_stat(&info, path, APR_FINFO_TYPE | APR_FINFO_SIZE, p);

    if (rv == APR_SUCCESS && info.filetype != APR_REG) {
        fct_findings_add(findings, FCT_FINDING_POLICY_FILE, path, 0, "this is not a regular file");
        return FCT_BYTES_ABSENT;
    }
    if (rv == APR_SUCCESS) {
        rv = apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, APR_FPROT_OS_DEFAULT, p);
    }
    if (rv == APR_SUCCESS) {
        buf = apr_palloc(p, len);
        rv = apr_file_read_full(file, buf, len, &len);
        apr_file_close(file);
        if (rv == APR_SUCCESS || APR_STATUS_IS_EOF(rv)) {
            return fct_bytes_make(buf, len);
        }
    }
    fct_findings_add(findings, FCT_FINDING_POLICY_FILE, path, 0, "the file cannot be read: %s",
                     apr_strerror(rv, why, sizeof(why)));
    return FCT_BYTES_ABSENT;
}

static apr_size_t count_lines(fct_bytes_t text)
{
    apr_size_t i, lines = 1;

    for (i = 0; i < text.len; i++) {
        lines += text.at[i] == '\n';
    }
    return lines;
}

/* UTF-16 and UTF-32 have zero bytes in every tag; what else calls itself something is refused after it is parsed. */
static int check_bytes(fct_bytes_t text, const char *path, fct_findings_t *findings)
{
    if (text.len > FCT_DOCUMENT_MAX_BYTES || count_lines(text) > FCT_DOCUMENT_MAX_LINES) {
        fct_findings_add(findings, FCT_FINDING_POLICY_TOO_LARGE, path, 0, NULL);
        return 0;
    }
    if (text.len > 0 && memchr(text.at, '\0', text.len)) {
        fct_findings_add(findings, FCT_FINDING_POLICY_ENCODING, path, 0, "a policy file is UTF-8; this one has zero bytes");
        return 0;
    }
    return 1;
}

static int check_encoding(const xmlDoc *doc, const char *path, fct_findings_t *findings)
{
    const char *encoding = (const char *)doc->encoding;

    if (encoding == NULL || strcasecmp(encoding, "UTF-8") == 0 || strcasecmp(encoding, "US-ASCII") == 0
        || strcasecmp(encoding, "ASCII") == 0) {
        return 1;
    }
    fct_findings_add(findings, FCT_FINDING_POLICY_ENCODING, path, 1, "a policy file is UTF-8, not %.40s", encoding);
    return 0;
}

/* --- the parser's callbacks --- */

static void on_error(void *context, const xmlError *error)
{
    parse_t *parse = ((xmlParserCtxt *)context)->_private;
    char *message;

    if (error->level < XML_ERR_ERROR || parse->has_doctype || parse->errors++ >= FCT_DOCUMENT_MAX_ERRORS) {
        return;
    }
    message = apr_pstrdup(parse->findings->pool, error->message ? error->message : "unknown error");
    message[strcspn(message, "\r\n")] = '\0';
    fct_findings_add(parse->findings, FCT_FINDING_POLICY_XML, parse->path, error->line, "not well-formed XML: %.200s", message);
}

/* Called where <!DOCTYPE begins, before anything in it is read. */
static void on_doctype(void *context, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
    xmlParserCtxt *parser = context;
    parse_t *parse = parser->_private;

    (void)name;
    (void)public_id;
    (void)system_id;
    parse->has_doctype = 1;
    fct_findings_add(parse->findings, FCT_FINDING_POLICY_DOCTYPE, parse->path, xmlSAX2GetLineNumber(parser), NULL);
    xmlStopParser(parser);
}

/* The parser stands at the end of the tag; a tag has no other '<' than its first byte. */
static int find_first_line(xmlParserCtxt *parser)
{
    int line = xmlSAX2GetLineNumber(parser);
    const xmlChar *at = parser->input->cur;

    while (at > parser->input->base && *at != '<') {
        at--;
        line -= *at == '\n';
    }
    return *at == '<' && line > 0 ? line : xmlSAX2GetLineNumber(parser);
}

static void on_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int nnamespaces,
                       const xmlChar **namespaces, int nattributes, int ndefaulted, const xmlChar **attributes)
{
    parse_t *parse = ((xmlParserCtxt *)context)->_private;

    APR_ARRAY_PUSH(parse->lines, int) = find_first_line(context);
    xmlSAX2StartElementNs(context, name, prefix, uri, nnamespaces, namespaces, nattributes, ndefaulted, attributes);
}

/* --- the document --- */

static apr_status_t free_document(void *doc)
{
    xmlFreeDoc(doc);
    return APR_SUCCESS;
}

static xmlNode *next_in_order(xmlNode *node)
{
    if (node->children) {
        return node->children;
    }
    while (node && !node->next) {
        node = node->parent;
    }
    return node ? node->next : NULL;
}

static void set_lines(xmlDoc *doc, const apr_array_header_t *lines)
{
    xmlNode *node = doc->children;
    int i = 0;

    for (; node && i < lines->nelts; node = next_in_order(node)) {
        if (node->type == XML_ELEMENT_NODE) {
            node->line = (unsigned short)APR_ARRAY_IDX(lines, i++, int);
        }
    }
}

static xmlDoc *run_parser(fct_bytes_t text, parse_t *parse)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    xmlDoc *doc;

    if (parser == NULL) {
        return NULL;
    }
    parser->_private = parse;
    parser->sax->internalSubset = on_doctype;
    parser->sax->startElementNs = on_element;
    parser->sax->serror = (xmlStructuredErrorFunc)on_error;
    doc = xmlCtxtReadMemory(parser, text.at, (int)text.len, NULL, NULL, XML_PARSE_NONET);
    xmlFreeParserCtxt(parser);
    return doc;
}

xmlDoc *fct_document_parse(fct_bytes_t text, const char *path, fct_findings_t *findings, apr_pool_t *p)
{
    parse_t parse = { path, findings, apr_array_make(p, 64, sizeof(int)), 0, 0 };
    int errors = findings->errors;
    xmlDoc *doc;

    if (!check_bytes(text, path, findings)) {
        return NULL;
    }
    doc = run_parser(text, &parse);
    if (doc) {
        apr_pool_cleanup_register(p, doc, free_document, apr_pool_cleanup_null);
    }
    if (findings->errors == errors && doc == NULL) {
        fct_findings_add(findings, FCT_FINDING_POLICY_XML, path, 0, NULL);
    }
    if (findings->errors != errors || !check_encoding(doc, path, findings)) {
        return NULL;
    }
    set_lines(doc, parse.lines);
    return doc;
}

xmlDoc *fct_document_read(const char *path, fct_findings_t *findings, apr_pool_t *p)
{
    fct_bytes_t text = read_file(path, findings, p);

    return fct_bytes_is_absent(text) ? NULL : fct_document_parse(text, path, findings, p);
}
