/* core/script.c: how each mode names the script, and which paths are refused. */
#include "script.h"

#include <apr_strings.h>

#include "tap.h"

static apr_pool_t *pool;

static const char *show(fct_bytes_t b)
{
    return fct_bytes_is_absent(b) ? "-" : apr_pstrmemdup(pool, b.at, b.len);
}

/* "name|path_info|filename|path_translated|document_root", or "status finding". */
static const char *resolve(fct_script_rules_t rules, fct_mapping_t mapping)
{
    fct_script_t script;
    int status = -1;
    fct_finding_id_t finding;

    rules.wants_path_translated = 1;
    if (fct_bytes_is_absent(mapping.raw_path)) {
        mapping.raw_path = mapping.path;
    }
    finding = fct_script_resolve(&rules, &mapping, &script, &status, pool);
    if (finding) {
        return apr_psprintf(pool, "%d %d", status, (int)finding);
    }
    return apr_psprintf(pool, "%s|%s|%s|%s|%s", show(script.name), show(script.path_info), show(script.filename),
                        show(script.path_translated), show(script.document_root));
}

static fct_mapping_t mapping_of(const char *path)
{
    fct_mapping_t mapping;

    memset(&mapping, 0, sizeof(mapping));
    mapping.path = fct_bytes_of(path);
    mapping.document_root = FCT_BYTES_LITERAL("/srv/www/");
    return mapping;
}

static fct_script_rules_t rules_of(fct_script_mode_t mode)
{
    fct_script_rules_t rules;

    memset(&rules, 0, sizeof(rules));
    rules.mode = mode;
    return rules;
}

typedef struct row_t {
    const char *path;
    const char *expected;
} row_t;

static void run_rows(const char *about, fct_script_rules_t rules, fct_mapping_t mapping, const row_t *rows)
{
    for (; rows->path; rows++) {
        mapping.path = fct_bytes_of(rows->path);
        tap_is_str(resolve(rules, mapping), rows->expected, "%s: %s", about, rows->path);
    }
}

static void test_split(void)
{
    static const row_t bare[] = {
        { "/x.php", "/x.php|-|/srv/www/x.php|-|/srv/www/" },
        { "/a/b.php/c/d", "/a/b.php|/c/d|/srv/www/a/b.php|/srv/www/c/d|/srv/www/" },
        { "/a.php/b.php", "/a.php|/b.php|/srv/www/a.php|/srv/www/b.php|/srv/www/" },
        { "/x.php/", "/x.php|/|/srv/www/x.php|/srv/www/|/srv/www/" },
        { "/x.PHP", "404 2206" }, { "/x.phpx", "404 2206" }, { "/.php", "404 2206" }, { "/", "404 2206" }, { "/x", "404 2206" },
        { "/x.php ", "404 2206" }, { "/x.ph\xd0\xa0", "404 2206" }, { "", "400 2212" }, { "x.php", "400 2212" }, { "*", "400 2212" },
        { NULL, NULL }
    };
    static const row_t index[] = {
        { "/", "/index.php|-|/srv/www/index.php|-|/srv/www/" }, { "/a/", "/a/index.php|-|/srv/www/a/index.php|-|/srv/www/" },
        { "/a", "404 2206" }, { NULL, NULL }
    };
    static const row_t front[] = {
        { "/", "/index.php|-|/srv/www/index.php|-|/srv/www/" }, { "/blog/post/", "/app.php|-|/srv/www/app.php|-|/srv/www/" },
        { "/blog/post", "/app.php|-|/srv/www/app.php|-|/srv/www/" }, { "/x.php", "/x.php|-|/srv/www/x.php|-|/srv/www/" },
        { NULL, NULL }
    };
    static const row_t docroot[] = { { "/x.php/y", "/x.php|/y|/opt/app/x.php|/opt/app/y|/opt/app" }, { NULL, NULL } };
    fct_script_rules_t rules = rules_of(FCT_SCRIPT_SPLIT);
    fct_mapping_t mapping = mapping_of("/");

    run_rows("split", rules, mapping, bare);
    rules.index = FCT_BYTES_LITERAL("index.php");
    run_rows("split with an index", rules, mapping, index);
    rules.front_controller = FCT_BYTES_LITERAL("/app.php");
    run_rows("split with index and front controller", rules, mapping, front);
    rules.docroot = FCT_BYTES_LITERAL("/opt/app");
    run_rows("split with a docroot", rules, mapping, docroot);
    rules.docroot = FCT_BYTES_ABSENT;
    mapping.document_root = FCT_BYTES_ABSENT;
    tap_is_str(resolve(rules, mapping), "500 2210", "split without any docroot is a fault of the configuration");
}

static fct_mapping_t mapped_file(const char *path, const char *file, const char *info)
{
    fct_mapping_t mapping = mapping_of(path);

    mapping.file = fct_bytes_of(file);
    mapping.path_info = fct_bytes_of(info);
    return mapping;
}

static void test_file(void)
{
    fct_script_rules_t rules = rules_of(FCT_SCRIPT_FILE);
    fct_script_rules_t any = rules_of(FCT_SCRIPT_AUTO);

    tap_is_str(resolve(rules, mapped_file("/x.php", "/data/x.php", NULL)), "/x.php|-|/data/x.php|-|/srv/www/",
               "file: the file is the one httpd mapped");
    tap_is_str(resolve(rules, mapped_file("/x.php/i", "/data/x.php", "/i")), "/x.php|/i|/data/x.php|/srv/www/i|/srv/www/",
               "file: what follows its URL is PATH_INFO");
    tap_is_str(resolve(rules, mapped_file("/x.php", "/data/x.php", "")), "/x.php|-|/data/x.php|-|/srv/www/",
               "file: no PATH_INFO where nothing follows");
    tap_is_str(resolve(rules, mapped_file("/x.php", NULL, NULL)), "500 2207", "file: none mapped");
    tap_is_str(resolve(rules, mapped_file("/x.php/i", "/data/x.php", "/other")), "500 2207",
               "file: a PATH_INFO that is not the end of the path");
    tap_is_str(resolve(rules, mapped_file("/i", "/data/x.php", "/longer")), "500 2207", "file: a PATH_INFO longer than the path");
    tap_is_str(resolve(rules, mapped_file("/x.php", "proxy:fcgi://h/data/x.php", NULL)), "500 2211",
               "file: never a name that mod_proxy rewrote");
    tap_is_str(resolve(rules, mapped_file("/x.php", "/data/../x.php", NULL)), "500 2211", "file: never a way out");
    tap_is_str(resolve(rules, mapped_file("/x.php", "/da#ta/x.php", NULL)), "400 2204", "file: no # in SCRIPT_FILENAME");
    tap_is_str(resolve(any, mapped_file("/x.php", "/data/x.php", NULL)), "/x.php|-|/data/x.php|-|/srv/www/",
               "auto: the file where one is mapped");
    tap_is_str(resolve(any, mapping_of("/x.php")), "/x.php|-|/srv/www/x.php|-|/srv/www/", "auto: else docroot and path");
}

static void test_mount(void)
{
    static const row_t app[] = {
        { "/app", "/app||-|-|/srv/www/" }, { "/app/", "/app|/|-|/srv/www/|/srv/www/" },
        { "/app/a/b", "/app|/a/b|-|/srv/www/a/b|/srv/www/" }, { "/application", "500 2209" }, { "/ap", "500 2209" },
        { "/App/x", "500 2209" }, { "/", "500 2209" }, { NULL, NULL }
    };
    static const row_t root[] = {
        { "/", "|/|-|/srv/www/|/srv/www/" }, { "/a/b", "|/a/b|-|/srv/www/a/b|/srv/www/" }, { NULL, NULL }
    };
    fct_script_rules_t rules = rules_of(FCT_SCRIPT_MOUNT);
    fct_mapping_t mapping = mapping_of("/");

    tap_is_str(resolve(rules, mapping), "500 2208", "mount: none known");
    mapping.mount = FCT_BYTES_LITERAL("relative");
    tap_is_str(resolve(rules, mapping), "500 2208", "mount: one that is no path");
    mapping.mount = FCT_BYTES_LITERAL("/app");
    run_rows("mount /app", rules, mapping, app);
    mapping.mount = FCT_BYTES_LITERAL("/app/");
    run_rows("mount /app/", rules, mapping, app);
    mapping.mount = FCT_BYTES_LITERAL("/");
    run_rows("mount /", rules, mapping, root);
    rules.mount = FCT_BYTES_LITERAL("/app");
    run_rows("mount=\"/app\" in the policy, another one mapped", rules, mapping, app);
}

static void test_plain(void)
{
    static const row_t rows[] = { { "/a/b", "|/a/b|-|/srv/www/a/b|/srv/www/" }, { NULL, NULL } };

    run_rows("none", rules_of(FCT_SCRIPT_PLAIN), mapping_of("/"), rows);
}

static const char *with_raw(const char *path, const char *raw, fct_encoded_slash_t encoded_slash)
{
    fct_script_rules_t rules = rules_of(FCT_SCRIPT_PLAIN);
    fct_mapping_t mapping = mapping_of(path);
    const char *said;

    rules.encoded_slash = encoded_slash;
    mapping.raw_path = fct_bytes_of(raw);
    mapping.document_root = FCT_BYTES_ABSENT;
    said = resolve(rules, mapping);
    return strchr(said, '|') ? "passes" : said;
}

static void test_raw(void)
{
    static const struct {
        const char *raw, *refused, *raw_passes;
    } rows[] = {
        { "/a", "passes", "passes" }, { "/a%20b", "passes", "passes" }, { "/a%2fb", "400 2203", "passes" },
        { "/a%2Fb", "400 2203", "passes" }, { "/a%00b", "400 2201", "400 2201" }, { "/a%0d%0ab", "400 2201", "400 2201" },
        { "/a%7f", "400 2201", "400 2201" }, { "/a\x01", "400 2201", "400 2201" }, { "/a/../b", "400 2202", "400 2202" },
        { "/a/%2e%2E/b", "400 2202", "400 2202" }, { "/a/.%2e", "400 2202", "400 2202" }, { "/./a", "400 2202", "400 2202" },
        { "/a/..%2fb", "400 2203", "400 2202" }, { "/a%2f..", "400 2203", "400 2202" }, { "/...", "passes", "passes" },
        { "/a..", "passes", "passes" }, { "/..a", "passes", "passes" }, { "/.a/b.", "passes", "passes" },
        { "/a%2", "400 2205", "400 2205" }, { "/a%", "400 2205", "400 2205" }, { "/a%zz", "400 2205", "400 2205" },
        { "/a%3fb%23c%5cd", "passes", "passes" }, { "/%c3%a4", "passes", "passes" }, { "/a//b", "passes", "passes" },
        { "*", "passes", "passes" }, { "", "passes", "passes" },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(with_raw("/a", rows[i].raw, FCT_ENCODED_SLASH_REFUSE), rows[i].refused, "as received: %s", rows[i].raw);
        tap_is_str(with_raw("/a", rows[i].raw, FCT_ENCODED_SLASH_RAW), rows[i].raw_passes,
                   "as received, with encoded-slash=\"raw\": %s", rows[i].raw);
    }
    tap_is_str(with_raw("/a/../b", "/x", FCT_ENCODED_SLASH_RAW), "400 2202", "dot segments in the decoded path");
    tap_is_str(with_raw("/a\nb", "/x", FCT_ENCODED_SLASH_RAW), "400 2201", "control bytes in the decoded path");
    tap_is_str(with_raw("/a%2fb", "/x", FCT_ENCODED_SLASH_RAW), "passes", "a decoded path is not decoded again");
}

static void test_unsafe(void)
{
    static const char bytes[] = "?#\\";
    int i;

    for (i = 0; bytes[i]; i++) {
        const char *path = apr_psprintf(pool, "/a%cb.php", bytes[i]);
        const char *info = apr_psprintf(pool, "/b.php/a%cb", bytes[i]);
        fct_script_rules_t split = rules_of(FCT_SCRIPT_SPLIT), mount = rules_of(FCT_SCRIPT_MOUNT);
        fct_mapping_t mapping = mapping_of(info);
        fct_script_t script;
        int status;

        mount.mount = FCT_BYTES_LITERAL("/b.php");
        tap_is_str(resolve(split, mapping_of(path)), "400 2204", "no %c in SCRIPT_NAME", bytes[i]);
        tap_is_str(resolve(mount, mapping), "400 2204", "no %c in PATH_TRANSLATED", bytes[i]);
        mapping.raw_path = mapping.path;
        tap_is_int(fct_script_resolve(&mount, &mapping, &script, &status, pool), FCT_FINDING_NONE,
                   "where nobody asks for PATH_TRANSLATED, PATH_INFO may have %c", bytes[i]);
        tap_is_str(show(script.path_info), info + 6, "and has it");
        tap_ok(fct_bytes_is_absent(script.path_translated), "and PATH_TRANSLATED is not made");
    }
}

int main(void)
{
    pool = tap_begin();
    test_split();
    test_file();
    test_mount();
    test_plain();
    test_raw();
    test_unsafe();
    return tap_end();
}
