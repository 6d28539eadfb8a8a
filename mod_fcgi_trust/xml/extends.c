/* What a policy names → a file, local and without a way out (POLICY 6). */
#include "extends.h"

#include <apr_strings.h>
#include <stdlib.h>

static const char *resolve(const char *path, apr_pool_t *p)
{
    char *real = realpath(path, NULL);
    const char *copy = real ? apr_pstrdup(p, real) : NULL;

    free(real);
    return copy;
}

const char *fct_extends_real_path(const char *path, apr_pool_t *p)
{
    const char *real = resolve(path, p);

    return real ? real : path;
}

static const char *directory_of(const char *path, apr_pool_t *p)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL) {
        return ".";
    }
    return slash == path ? "/" : apr_pstrmemdup(p, path, (apr_size_t)(slash - path));
}

static const char *join(const char *directory, const char *name, apr_pool_t *p)
{
    return strcmp(directory, ".") == 0 ? name : apr_pstrcat(p, directory, "/", name, NULL);
}

/* A relative path of plain segments. */
static int is_plain_reference(const char *href)
{
    return href[0] != '/' && !strpbrk(href, "\\:?#%*") && strncmp(href, "../", 3) != 0 && !strstr(href, "/../")
        && strcmp(href, "..") != 0;
}

static int is_below(const char *real_path, const char *real_directory)
{
    apr_size_t len = strlen(real_directory);

    return strncmp(real_path, real_directory, len) == 0 && (real_path[len] == '/' || strcmp(real_directory, "/") == 0);
}

const char *fct_extends_find(const fct_declaration_t *extends, const char *shipped_dir, fct_findings_t *findings,
                             const char **real_path, apr_pool_t *p)
{
    const char *shipped = extends->value[FCT_ATTRIBUTE_SHIPPED];
    const char *href = extends->value[FCT_ATTRIBUTE_HREF];
    const char *directory = shipped ? shipped_dir : directory_of(extends->place.file, p);
    const char *path = shipped ? apr_pstrcat(p, directory, "/", shipped, ".xml", NULL) : join(directory, href, p);
    const char *real_directory = resolve(directory, p);

    *real_path = href && !is_plain_reference(href) ? NULL : resolve(path, p);
    if (href && (!is_plain_reference(href) || (*real_path && real_directory && !is_below(*real_path, real_directory)))) {
        fct_findings_add(findings, FCT_FINDING_EXTENDS_OUTSIDE, extends->place.file, extends->place.line,
                         "href=\"%.200s\" does not name a file in this policy's directory or below it", href);
        return NULL;
    }
    if (*real_path == NULL) {
        fct_findings_add(findings, FCT_FINDING_EXTENDS_UNREADABLE, extends->place.file, extends->place.line,
                         shipped ? "there is no shipped policy '%s' (%s)" : "there is no file '%s' (%s)",
                         shipped ? shipped : href, path);
        return NULL;
    }
    return path;
}

const char *fct_extends_find_certificates(const fct_declaration_t *d, fct_findings_t *findings, apr_pool_t *p)
{
    const char *name = d->value[FCT_ATTRIBUTE_FILE];
    const char *directory = directory_of(d->place.file, p);
    const char *path = join(directory, name, p);
    const char *real_directory = resolve(directory, p);
    const char *real_path = is_plain_reference(name) ? resolve(path, p) : NULL;

    if (!is_plain_reference(name) || (real_path && real_directory && !is_below(real_path, real_directory))) {
        fct_findings_add(findings, FCT_FINDING_CERTIFICATE_OUTSIDE, d->place.file, d->place.line,
                         "file=\"%.200s\" does not name a file in this policy's directory or below it", name);
        return NULL;
    }
    if (real_path == NULL) {
        fct_findings_add(findings, FCT_FINDING_CERTIFICATE_FILE, d->place.file, d->place.line, "there is no file '%.200s' (%s)", name, path);
    }
    return real_path;
}
