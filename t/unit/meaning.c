/* core/draft*.c: what a policy says that can never be meant is told when it is loaded, with its line. */
#include "policy.h"

static apr_pool_t *pool;

typedef struct row_t {
    const char *about, *lines, *findings;
} row_t;

static const row_t rows[] = {
    { "workers of both kinds", "<backend workers=\"fcgi://127.0.0.1:9000 FCGI://app.example:1 fcgi://[::1]:65535 unix:/run/app.sock\"/>", "" },
    { "workers that are none pin nothing", "<backend workers=\" \"/>", "2:3213" },
    { "a worker without its scheme is never met", "<backend workers=\"127.0.0.1:9000\"/>", "2:3213" },
    { "a worker without a port", "<backend workers=\"fcgi://127.0.0.1\"/>", "2:3213" },
    { "a worker with an empty port", "<backend workers=\"fcgi://a:\"/>", "2:3213" },
    { "a worker of IPv6 without a port", "<backend workers=\"fcgi://[::1]\"/>", "2:3213" },
    { "a worker with a path", "<backend workers=\"fcgi://a:1/\"/>", "2:3213" },
    { "a worker of another protocol", "<backend workers=\"http://a:1\"/>", "2:3213" },
    { "a socket without a path", "<backend workers=\"fcgi://a:1 unix:\"/>", "2:3213" },
    { "a socket without its first slash", "<backend workers=\"unix:run/a\"/>", "2:3213" },
    { "a socket as ProxyPass has it", "<backend workers=\"unix:/run/a|fcgi://localhost\"/>", "2:3213" },
    { "an encoded value under a name of a built-in type", "<param name=\"REMOTE_ADDR\" from=\"connection.peer.address\" encode=\"base64\"/>", "2:3216" },
    { "and one that is not encoded", "<param name=\"REMOTE_ADDR\" from=\"connection.peer.address\" encode=\"none\"/>", "" },
    { "an identity of no name", "<identity names=\" \"/>", "2:3212" },
    { "a path with an empty segment", "<param name=\"A\" value=\"1\" when=\"!path:/a//b\"/>", "2:3205" },
    { "a path that begins with two slashes", "<param name=\"A\" value=\"1\" when=\"path://a\"/>", "2:3205" },
    { "a path with dots", "<param name=\"A\" value=\"1\" when=\"!path:/a/../b\"/>", "2:3205" },
    { "a path that ends with a dot", "<param name=\"A\" value=\"1\" when=\"!path:/a/.\"/>", "2:3205" },
    { "a path with dots in names", "<param name=\"A\" value=\"1\" when=\"path:/.a/b../...\"/>", "" },
    { "paths as a list", "<param name=\"A\" value=\"1\" when=\"!path:/a,/b\"/>", "2:3205" },
    { "a path with a comma", "<param name=\"A\" value=\"1\" when=\"path:/a,b\"/>", "" },
    { "the root, and final slashes", "<param name=\"A\" value=\"1\" when=\"path:/\"/><param name=\"B\" value=\"1\" when=\"path:/a//\"/>", "" },
    { "the value of Authorization in the log", "<param name=\"A\" from=\"header.Authorization\" trust=\"client\"/>\n<audit values=\"A\"/>", "3:3229" },
    { "all cookies in the log", "<param name=\"A\" from=\"config.A header.cookie\" trust=\"client\"/>\n<audit values=\"A\"/>", "3:3229" },
    { "one cookie in the log", "<param name=\"A\" from=\"cookie.lang\" trust=\"client\"/>\n<audit values=\"A\"/>", "" },
    { "a word boundary in a pattern", "<param name=\"A\" from=\"config.A\" pattern=\"a[[:&lt;:]]b\"/>", "2:3217" },
    { "a blank assertion", "<param name=\"REMOTE_USER\" from=\"env.U\" assert=\" \"/>", "2:3026" },
};

static const char *findings_of(const char *lines)
{
    fct_findings_t *findings;

    policy_load(lines, &findings, pool);
    policy_diag(findings, pool);
    return policy_findings_text(findings, pool);
}

static void test_literals(void)
{
    char *text = apr_palloc(pool, 65536);

    memset(text, 'x', 65535);
    text[65535] = '\0';
    tap_is_str(findings_of(apr_psprintf(pool, "<param name=\"AB\" value=\"%.65528s\"/>", text)), "", "a literal that fits into a record");
    tap_is_str(findings_of(apr_psprintf(pool, "<param name=\"AB\" value=\"%.65529s\"/>", text)), "2:3207", "one that is a byte longer");
}

int main(void)
{
    size_t i;

    pool = tap_begin();
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(findings_of(rows[i].lines), rows[i].findings, "%s", rows[i].about);
    }
    test_literals();
    return tap_end();
}
