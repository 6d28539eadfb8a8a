/* How the script is named (POLICY 5, <backend>): one function a mode, one place where every name is checked. */
#include "script.h"

#include <apr_strings.h>

#define SCRIPT_SUFFIX ".php"

/* What a mode works with and fills. */
typedef struct resolution_t {
    const fct_script_rules_t *rules;
    const fct_mapping_t *mapping;
    fct_script_t *script;
    apr_pool_t *p;
} resolution_t;

static fct_bytes_t join(apr_pool_t *p, fct_bytes_t a, fct_bytes_t b)
{
    char *s = apr_palloc(p, a.len + b.len + 1);

    memcpy(s, a.at, a.len);
    memcpy(s + a.len, b.at, b.len);
    s[a.len + b.len] = '\0';
    return fct_bytes_make(s, a.len + b.len);
}

static fct_bytes_t without_final_slashes(fct_bytes_t path)
{
    while (path.len > 0 && path.at[path.len - 1] == '/') {
        path.len--;
    }
    return path;
}

/* --- the path as received --- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)fct_bytes_lower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes one byte off the front, decoding it where it is encoded. -1: a percent sign without two digits. */
static int take_byte(fct_bytes_t *raw, int *is_encoded)
{
    int high, low;

    *is_encoded = raw->at[0] == '%';
    if (!*is_encoded) {
        int c = (unsigned char)raw->at[0];

        *raw = fct_bytes_from(*raw, 1);
        return c;
    }
    high = raw->len > 2 ? hex_value(raw->at[1]) : -1;
    low = raw->len > 2 ? hex_value(raw->at[2]) : -1;
    if (high < 0 || low < 0) {
        return -1;
    }
    *raw = fct_bytes_from(*raw, 3);
    return high * 16 + low;
}

/* Walks a path byte by byte, encoded or not, and refuses what no path may have. */
static fct_finding_id_t check_bytes(fct_bytes_t path, int is_raw, fct_encoded_slash_t encoded_slash)
{
    apr_size_t segment = 0;
    apr_size_t dots = 0;

    while (path.len > 0) {
        int is_encoded = 0;
        int c = is_raw ? take_byte(&path, &is_encoded) : (unsigned char)path.at[0];

        if (!is_raw) {
            path = fct_bytes_from(path, 1);
        }
        if (c < 0) {
            return FCT_FINDING_PATH_ENCODING;
        }
        if (c < 0x20 || c == 0x7f) {
            return FCT_FINDING_PATH_CONTROL;
        }
        if (c == '/' && is_encoded && encoded_slash == FCT_ENCODED_SLASH_REFUSE) {
            return FCT_FINDING_PATH_ENCODED_SLASH;
        }
        if (c != '/') {
            segment++;
            dots += c == '.';
        }
        if ((c == '/' || path.len == 0) && segment == dots && (dots == 1 || dots == 2)) {
            return FCT_FINDING_PATH_DOT_SEGMENT;
        }
        if (c == '/') {
            segment = dots = 0;
        }
    }
    return FCT_FINDING_NONE;
}

fct_finding_id_t fct_script_check_path(const fct_script_rules_t *rules, const fct_mapping_t *mapping)
{
    fct_finding_id_t finding = check_bytes(mapping->raw_path, 1, rules->encoded_slash);

    return finding ? finding : check_bytes(mapping->path, 0, FCT_ENCODED_SLASH_RAW);
}

/* --- names --- */

static int has_unsafe_byte(fct_bytes_t name)
{
    return name.len > 0 && (memchr(name.at, '?', name.len) || memchr(name.at, '#', name.len)
                            || memchr(name.at, '\\', name.len));
}

static fct_finding_id_t check_names(const fct_script_t *script)
{
    if (has_unsafe_byte(script->name) || has_unsafe_byte(script->filename) || has_unsafe_byte(script->path_translated)) {
        return FCT_FINDING_PATH_UNSAFE;
    }
    if (check_bytes(script->name, 0, FCT_ENCODED_SLASH_RAW) || check_bytes(script->path_info, 0, FCT_ENCODED_SLASH_RAW)) {
        return FCT_FINDING_PATH_DOT_SEGMENT;
    }
    if (!fct_bytes_is_absent(script->filename)
        && (script->filename.len < 2 || script->filename.at[0] != '/'
            || check_bytes(script->filename, 0, FCT_ENCODED_SLASH_RAW))) {
        return FCT_FINDING_SCRIPT_FILE_UNSAFE;
    }
    return FCT_FINDING_NONE;
}

static fct_bytes_t document_root(const resolution_t *r)
{
    return fct_bytes_is_absent(r->rules->docroot) ? r->mapping->document_root : r->rules->docroot;
}

/* RFC 3875 §4.1.6: where the rest of the path would be, were it one of its own. */
static void translate_path_info(resolution_t *r)
{
    fct_bytes_t root = document_root(r);

    r->script->document_root = root;
    if (r->rules->wants_path_translated && r->script->path_info.len > 0 && root.len > 0) {
        r->script->path_translated = join(r->p, without_final_slashes(root), r->script->path_info);
    }
}

/* --- modes --- */

/* httpd mapped a file: the URL is what is left without PATH_INFO. */
static fct_finding_id_t resolve_file(resolution_t *r)
{
    fct_bytes_t path = r->mapping->path;
    fct_bytes_t info = r->mapping->path_info;

    if (r->mapping->file.len == 0 || info.len > path.len
        || !fct_bytes_equal(fct_bytes_from(path, path.len - info.len), info)) {
        return FCT_FINDING_SCRIPT_NOT_MAPPED;
    }
    r->script->filename = r->mapping->file;
    r->script->name = fct_bytes_make(path.at, path.len - info.len);
    if (info.len > 0) {
        r->script->path_info = info;
    }
    return FCT_FINDING_NONE;
}

/* The length of the path up to the end of the first segment that ends with .php; 0: there is none. */
static apr_size_t measure_script(fct_bytes_t path)
{
    fct_bytes_t suffix = FCT_BYTES_LITERAL(SCRIPT_SUFFIX);
    apr_size_t start = 0, end;

    for (end = 0; end <= path.len; end++) {
        if (end < path.len && path.at[end] != '/') {
            continue;
        }
        if (end - start > suffix.len && memcmp(path.at + end - suffix.len, suffix.at, suffix.len) == 0) {
            return end;
        }
        start = end + 1;
    }
    return 0;
}

/* A path that names no script: the index for a directory, else the front controller. "/" prefers the index; any other
 * directory cannot be told from a pretty URL, and goes to the front controller where there is one. */
static fct_bytes_t find_default_script(resolution_t *r)
{
    fct_bytes_t path = r->mapping->path;
    fct_bytes_t front = r->rules->front_controller;
    int is_directory = path.len > 0 && path.at[path.len - 1] == '/';

    if (is_directory && r->rules->index.len > 0 && (path.len == 1 || fct_bytes_is_absent(front))) {
        return join(r->p, path, r->rules->index);
    }
    return front;
}

static fct_finding_id_t resolve_split(resolution_t *r)
{
    fct_bytes_t path = r->mapping->path;
    fct_bytes_t root = document_root(r);
    apr_size_t len = measure_script(path);

    if (root.len == 0) {
        return FCT_FINDING_SCRIPT_NO_DOCROOT;
    }
    r->script->name = len ? fct_bytes_make(path.at, len) : find_default_script(r);
    if (fct_bytes_is_absent(r->script->name)) {
        return FCT_FINDING_SCRIPT_NOT_NAMED;
    }
    if (len > 0 && len < path.len) {
        r->script->path_info = fct_bytes_from(path, len);
    }
    r->script->filename = join(r->p, without_final_slashes(root), r->script->name);
    return FCT_FINDING_NONE;
}

static fct_finding_id_t resolve_mount(resolution_t *r)
{
    fct_bytes_t path = r->mapping->path;
    fct_bytes_t mount = fct_bytes_is_absent(r->rules->mount) ? r->mapping->mount : r->rules->mount;

    if (mount.len == 0 || mount.at[0] != '/') {
        return FCT_FINDING_SCRIPT_NO_MOUNT;
    }
    mount = without_final_slashes(mount);
    if (!fct_bytes_starts_with(path, mount) || (path.len > mount.len && path.at[mount.len] != '/')) {
        return FCT_FINDING_SCRIPT_MOUNT_MISMATCH;
    }
    r->script->name = fct_bytes_make(path.at, mount.len);
    r->script->path_info = fct_bytes_from(path, mount.len);
    return FCT_FINDING_NONE;
}

static fct_finding_id_t resolve_plain(resolution_t *r)
{
    r->script->name = FCT_BYTES_LITERAL("");
    r->script->path_info = r->mapping->path;
    return FCT_FINDING_NONE;
}

static fct_finding_id_t resolve_by_mode(resolution_t *r)
{
    switch (r->rules->mode) {
    case FCT_SCRIPT_AUTO:
        return r->mapping->file.len > 0 ? resolve_file(r) : resolve_split(r);
    case FCT_SCRIPT_FILE:
        return resolve_file(r);
    case FCT_SCRIPT_SPLIT:
        return resolve_split(r);
    case FCT_SCRIPT_MOUNT:
        return resolve_mount(r);
    case FCT_SCRIPT_PLAIN:
        break;
    }
    return resolve_plain(r);
}

static int status_of(fct_finding_id_t finding)
{
    switch (finding) {
    case FCT_FINDING_SCRIPT_NOT_NAMED:
        return 404;
    case FCT_FINDING_SCRIPT_NOT_MAPPED:
    case FCT_FINDING_SCRIPT_NO_MOUNT:
    case FCT_FINDING_SCRIPT_MOUNT_MISMATCH:
    case FCT_FINDING_SCRIPT_NO_DOCROOT:
    case FCT_FINDING_SCRIPT_FILE_UNSAFE:
        return 500;
    default:
        return 400;
    }
}

fct_finding_id_t fct_script_resolve(const fct_script_rules_t *rules, const fct_mapping_t *mapping, fct_script_t *script,
                                    int *status, apr_pool_t *p)
{
    resolution_t r = { rules, mapping, script, p };
    fct_finding_id_t finding = fct_script_check_path(rules, mapping);

    memset(script, 0, sizeof(*script));
    if (!finding && (mapping->path.len == 0 || mapping->path.at[0] != '/')) {
        finding = FCT_FINDING_PATH_RELATIVE;
    }
    if (!finding) {
        finding = resolve_by_mode(&r);
    }
    if (!finding) {
        translate_path_info(&r);
        finding = check_names(script);
    }
    *status = finding ? status_of(finding) : 0;
    return finding;
}
