/* The policy file reader: files and what they extend, each read once, parents before children. */
#include "reader.h"

#include <apr_strings.h>

#include "document.h"
#include "draft.h"
#include "draft_anchor.h"
#include "extends.h"
#include "schema.h"

#define ELEMENTS_MAX 8192
#define PARENTS_MAX 16
#define FILES_MAX 64

/* One file read or being read. */
typedef struct file_t {
    const char *real_path;
    fct_draft_t *draft;           /* effective; NULL while it is being read, and when it could not be */
    int is_open;                  /* being read: whoever extends it now closes a cycle */
} file_t;

typedef struct reader_t {
    fct_bytes_t text;             /* of the first file, where it need not be read; else absent */
    const fct_reader_options_t *options;
    fct_findings_t *findings;
    apr_array_header_t *files;    /* of file_t * */
    apr_pool_t *p;
} reader_t;

static const fct_draft_t *read_policy(reader_t *reader, const char *path, const char *real_path, int depth);

/* --- <extends> --- */

static file_t *find_file(reader_t *reader, const char *real_path)
{
    int i;

    for (i = 0; i < reader->files->nelts; i++) {
        file_t *file = APR_ARRAY_IDX(reader->files, i, file_t *);

        if (strcmp(file->real_path, real_path) == 0) {
            return file;
        }
    }
    return NULL;
}

static const fct_draft_t *read_parent(reader_t *reader, const fct_declaration_t *extends, int depth)
{
    const char *real_path;
    const char *path = fct_extends_find(extends, reader->options->shipped_dir, reader->findings, &real_path, reader->p);
    file_t *file = path ? find_file(reader, real_path) : NULL;

    if (path == NULL) {
        return NULL;
    }
    if (file && file->is_open) {
        fct_findings_add(reader->findings, FCT_FINDING_EXTENDS_CYCLE, extends->place.file, extends->place.line,
                         "%s extends, in the end, this policy again", path);
        return NULL;
    }
    if (file) {
        return file->draft;
    }
    if (depth >= PARENTS_MAX || reader->files->nelts >= FILES_MAX) {
        fct_findings_add(reader->findings, FCT_FINDING_EXTENDS_TOO_DEEP, extends->place.file, extends->place.line,
                         "policies extend each other %d deep at most, %d files in all", PARENTS_MAX, FILES_MAX);
        return NULL;
    }
    return read_policy(reader, path, real_path, depth + 1);
}

static void note_file(const reader_t *reader, const char *real_path)
{
    if (reader->options->files) {
        APR_ARRAY_PUSH(reader->options->files, const char *) = real_path;
    }
}

/* --- one file --- */

/* What the elements of one file say: declared in the draft, but for <extends>, which are kept. */
typedef struct content_t {
    fct_draft_t *draft;
    apr_array_header_t *extends;            /* of fct_declaration_t */
    int seen[FCT_ELEMENT_COUNT];
    int elements;
} content_t;

static void declare_anchor(reader_t *reader, fct_draft_t *draft, const fct_declaration_t *d)
{
    const char *path = fct_extends_find_certificates(d, reader->findings, reader->p);
    const apr_array_header_t *certificates = NULL;

    if (path) {
        note_file(reader, path);
        certificates = reader->options->crypto->read_authorities(path, d->value[FCT_ATTRIBUTE_FILE], fct_draft_anchor_max(d->element),
                                                                 d->place, reader->findings, reader->p);
    }
    fct_draft_anchor_declare(draft, d, certificates);
}

static void declare(reader_t *reader, content_t *content, const fct_declaration_t *d)
{
    if (content->seen[d->element]++ && fct_language_element_kind(d->element) == FCT_ELEMENT_KIND_ONCE) {
        fct_findings_add(reader->findings, FCT_FINDING_ELEMENT_REPEATED, d->place.file, d->place.line,
                         "<%s> stands at most once in a file", fct_language_element_name(d->element));
        return;
    }
    if (d->element == FCT_ELEMENT_EXTENDS) {
        APR_ARRAY_PUSH(content->extends, fct_declaration_t) = *d;
        return;
    }
    if (d->element == FCT_ELEMENT_TRUST_ANCHOR || d->element == FCT_ELEMENT_INTERMEDIATES) {
        declare_anchor(reader, content->draft, d);
        return;
    }
    fct_draft_declare(content->draft, d);
}

/* Declares an element and those in it, in their order; what stands in a faulty one is checked all the same. Returns 0 where
 * there are too many. */
static int read_element(reader_t *reader, content_t *content, const xmlNode *node, fct_element_t parent, int is_sound,
                        const char *path)
{
    const xmlNode *child;
    fct_declaration_t d;

    if (++content->elements > ELEMENTS_MAX) {
        fct_findings_add(reader->findings, FCT_FINDING_POLICY_TOO_MANY, path, node->line, "the file has more than %d elements",
                         ELEMENTS_MAX);
        return 0;
    }
    d.element = FCT_ELEMENT_POLICY;
    is_sound &= fct_schema_read(node, parent, path, reader->findings, &d, reader->p);
    if (is_sound) {
        declare(reader, content, &d);
    }
    if (d.element == FCT_ELEMENT_POLICY || !fct_language_holds_elements(d.element)) {
        return 1;
    }
    for (child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && !read_element(reader, content, child, d.element, is_sound, path)) {
            return 0;
        }
    }
    return 1;
}

static void read_children(reader_t *reader, content_t *content, const xmlNode *root, const char *path)
{
    const xmlNode *node;

    for (node = root->children; node; node = node->next) {
        fct_schema_check_text(node, path, reader->findings);
        if (node->type == XML_ELEMENT_NODE && !read_element(reader, content, node, FCT_ELEMENT_POLICY, 1, path)) {
            return;
        }
    }
}

static void inherit(reader_t *reader, content_t *content, int depth)
{
    apr_array_header_t *parents = apr_array_make(reader->p, 4, sizeof(const fct_draft_t *));
    int i;

    for (i = 0; i < content->extends->nelts; i++) {
        const fct_draft_t *parent = read_parent(reader, &APR_ARRAY_IDX(content->extends, i, fct_declaration_t), depth);

        if (parent) {
            APR_ARRAY_PUSH(parents, const fct_draft_t *) = parent;
        }
        content->draft->is_incomplete |= parent == NULL || parent->is_incomplete;
    }
    fct_draft_inherit(content->draft, (const fct_draft_t *const *)parents->elts, (apr_size_t)parents->nelts);
}

/* The document is gone when this returns; the draft has copies. */
static fct_draft_t *read_document(reader_t *reader, const char *path, content_t *content)
{
    apr_pool_t *scratch;
    fct_declaration_t d;
    xmlDoc *doc;

    apr_pool_create(&scratch, reader->p);
    doc = reader->files->nelts == 1 && !fct_bytes_is_absent(reader->text)
        ? fct_document_parse(reader->text, path, reader->findings, scratch)
        : fct_document_read(path, reader->findings, scratch);
    if (doc && fct_schema_read_root(xmlDocGetRootElement(doc), path, reader->findings, &d, reader->p)) {
        content->draft = fct_draft_create(&d, reader->findings, reader->p);
        content->extends = apr_array_make(reader->p, 4, sizeof(fct_declaration_t));
        read_children(reader, content, xmlDocGetRootElement(doc), path);
    }
    apr_pool_destroy(scratch);
    return content->draft;
}

static const fct_draft_t *read_policy(reader_t *reader, const char *path, const char *real_path, int depth)
{
    content_t *content = apr_pcalloc(reader->p, sizeof(*content));
    file_t *file = apr_pcalloc(reader->p, sizeof(*file));

    file->real_path = real_path;
    file->is_open = 1;
    APR_ARRAY_PUSH(reader->files, file_t *) = file;
    note_file(reader, real_path);
    if (read_document(reader, path, content)) {
        inherit(reader, content, depth);
        fct_draft_check(content->draft);
        file->draft = content->draft;
    }
    file->is_open = 0;
    return file->draft;
}

static const fct_policy_t *load(reader_t *reader, const char *path)
{
    int errors = reader->findings->errors;
    const char *kept = apr_pstrdup(reader->p, path);
    const fct_draft_t *draft;

    reader->files = apr_array_make(reader->p, 8, sizeof(file_t *));
    draft = read_policy(reader, kept, fct_extends_real_path(kept, reader->p), 1);
    fct_findings_sort(reader->findings);
    return draft && reader->findings->errors == errors ? fct_draft_seal(draft, reader->options->crypto, reader->p) : NULL;
}

const fct_policy_t *fct_reader_load(const char *path, const fct_reader_options_t *options, fct_findings_t *findings,
                                    apr_pool_t *p)
{
    reader_t reader = { FCT_BYTES_ABSENT, options, findings, NULL, p };

    return load(&reader, path);
}

const fct_policy_t *fct_reader_load_bytes(fct_bytes_t text, const char *path, const fct_reader_options_t *options,
                                          fct_findings_t *findings, apr_pool_t *p)
{
    reader_t reader = { text, options, findings, NULL, p };

    return load(&reader, path);
}
