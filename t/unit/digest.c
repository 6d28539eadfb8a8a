/* core/canonical.c, tls/digest.c: the digest changes with what a policy means, and with nothing else. */
#include "canonical.h"

#include "digest.h"
#include "policy.h"
#include "words.h"

static apr_pool_t *pool;

static const char *digest_of(const char *lines)
{
    return policy_must_load(lines, pool)->digest;
}

static void test_sha256(void)
{
    static const struct {
        const char *text, *hex;
    } vectors[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
          "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
    };
    char *million = apr_palloc(pool, 1000000);
    size_t i;

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        tap_is_str(fct_digest_hex(fct_bytes_of(vectors[i].text), pool), vectors[i].hex, "SHA-256 of %lu bytes, as FIPS 180-4 has it",
                   (unsigned long)strlen(vectors[i].text));
    }
    memset(million, 'a', 1000000);
    tap_is_str(fct_digest_hex(fct_bytes_make(million, 1000000), pool), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
               "SHA-256 of a million bytes");
}

static const char old[] =
    "<upstream name=\"lb\" peers=\"10.0.0.0/8 ::1\" assert=\"ours\"><field name=\"X-U\" needs=\"X-O\"/><field name=\"X-O\" equals=\"y\"/></upstream>"
    "<param name=\"REMOTE_USER\" from=\"auth.user\" required=\"yes\" why=\"w\"/><param name=\"APP_Z\" from=\"upstream.lb.X-U\" assert=\"x\" type=\"email\"/>"
    "<server-header name=\"X-A\" from=\"tls.protocol\" when=\"tls\" encode=\"base64\"/><request when=\"path:/x\" methods=\"PUT\"/>";

static const char whole[] =
    "<identity names=\"APP_ROLE APP_X*\" why=\"w\"/>"
    "<map name=\"m\"><entry from=\"a\" to=\"1\"/><entry from=\"b\" omit=\"yes\"/></map>"
    "<upstream name=\"lb\" peers=\"10.0.0.0/8 ::1\" certificate=\"X-C\" format=\"rfc9440\" assert=\"ours\"><field name=\"X-U\" needs=\"X-O X-P\"/><field name=\"X-O\" equals=\"y\"/><field name=\"X-P\"/></upstream>"
    "<param name=\"APP_A\" value=\"1\" when=\"tls method:GET,POST peer:10.0.0.0/8,192.0.2.1 path:/a/\" why=\"w\" control=\"c\"/>"
    "<param name=\"APP_L\" from=\"config.L\" split=\",\" map=\"m\" join=\"|\" max-items=\"3\" case=\"lower\" required=\"yes\"/>"
    "<param name=\"APP_Z\" from=\"upstream.lb.X-U\" assert=\"x\" type=\"email\" max-length=\"9\" on-invalid=\"omit\"/>"
    "<param name=\"APP_S\" value=\"secret\" sensitive=\"yes\"/>"
    "<server-header name=\"X-Remote-User\" from=\"auth.user\"/>"
    "<param name=\"APP_C\" from=\"tls.client.san.email[0] upstream.lb.client.subject.OU\" pick=\"only\" assert=\"x\" when=\"tls.client.verified auth-type:Basic\"/>"
    "<param name=\"APP_U\" from=\"auth.env.U\" auth-type=\"Negotiate\"/><accept htaccess-auth=\"why\"/><audit values=\"APP_A APP_L\" control=\"d\"/>"
    "<header name=\"X-A\" max-length=\"7\"/><header name=\"X-P-*\"/><header name=\"Cookie\" cookies=\"a b !c*\"/>"
    "<drop-header name=\"Depth\" assert=\"x\"/><refuse-header name=\"X-D\"/>"
    "<request methods=\"GET HEAD\" max-body=\"2M\" why=\"w\"/><request when=\"tls\" max-body=\"5M\"/><response hide=\"A B\" hold-time=\"2s\"/><backend profile=\"go\" mount=\"/x\" workers=\"unix:/a unix:/b\"/>";

/* The whole policy with one piece of its text replaced. */
static const char *with(const char *piece, const char *instead)
{
    const char *at = strstr(whole, piece);

    if (at == NULL) {
        tap_ok(0, "'%s' stands in the policy", piece);
        return whole;
    }
    return apr_pstrcat(pool, apr_pstrmemdup(pool, whole, (apr_size_t)(at - whole)), instead, at + strlen(piece), NULL);
}

static void test_same(void)
{
    static const char *const changes[][2] = {
        { "<map", "\n\n<!-- a comment -->\n<map" }, { "names=\"APP_ROLE APP_X*\"", "names=\" APP_X*   APP_ROLE \"" },
        { "<entry from=\"a\" to=\"1\"/><entry from=\"b\" omit=\"yes\"/>", "<entry from=\"b\" omit=\"yes\"/><entry to=\"1\" from=\"a\"/>" },
        { "peers=\"10.0.0.0/8 ::1\"", "peers=\"::1/128 10.0.0.0/8\"" }, { "needs=\"X-O X-P\"", "needs=\"X-P X-O\"" },
        { "when=\"tls method:GET,POST peer:10.0.0.0/8,192.0.2.1 path:/a/\"", "when=\"path:/a   peer:192.0.2.1/32,10.0.0.0/8 method:POST,GET tls\"" },
        { "value=\"1\"", "value=\"&#49;\"" }, { "<header name=\"X-A\" max-length=\"7\"/><header name=\"X-P-*\"/>", "<header name=\"x-p-*\"/><header max-length=\"7\" name=\"X-a\"/>" },
        { "cookies=\"a b !c*\"", "cookies=\"!c* b a\"" }, { "methods=\"GET HEAD\"", "methods=\"HEAD GET\"" }, { "max-body=\"2M\"", "max-body=\"2048K\"" },
        { "hold-time=\"2s\"", "hold-time=\"2000ms\"" }, { "hide=\"A B\"", "hide=\"B A\" local-redirect=\"refuse\"" }, { "mount=\"/x\"", "mount=\"/x\" script=\"mount\"" },
        { "max-length=\"7\"", "max-length=\"7\" max-count=\"100\" changed=\"no\"" }, { "value=\"secret\"", "value=\"secret\" override=\"yes\"" },
        { "auth-type:Basic", "auth-type:BASIC" }, { "auth-type=\"Negotiate\"", "auth-type=\"negotiate\"" }, { "values=\"APP_A APP_L\"", "values=\" APP_L  APP_A\"" },
        { "<field name=\"X-P\"/>", "<field name=\"X-P\"/><field name=\"X-C\"/>" },
        { "required=\"yes\"", "on-missing=\"refuse\"" }, { "<refuse", "<description>words</description><refuse" },
    };
    const char *digest = digest_of(whole);
    size_t i;

    tap_is_str(digest_of(old), "4eecb17cd7c4d928fff1476e96794595f793e81af3714f4184cc28e26ddb1951", "a policy that knows nothing of certificates has the digest that it always had");
    tap_is_int((long long)strlen(digest), 64, "a digest has 64 digits");
    for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        tap_is_str(digest_of(with(changes[i][0], changes[i][1])), digest, "the digest is the same with %s", changes[i][1]);
    }
}

static void test_different(void)
{
    static const char *const changes[][2] = {
        { "certificate=\"X-C\" format=\"rfc9440\" ", "certificate=\"X-E\" format=\"rfc9440\" " }, { "rfc9440", "der-base64" }, { "san.email[0]", "san.email[1]" }, { "san.email[0]", "san.dns" },
        { "client.subject.OU", "client.subject.O" }, { "client.subject.OU", "client.issuer.OU" }, { "pick=\"only\" ", "" }, { "pick=\"only\" ", "pick=\"0\" " },
        { "tls.client.verified", "tls" }, { "tls.client.verified", "!tls.client.verified" }, { "auth-type:Basic", "auth-type:Digest" }, { " auth-type=\"Negotiate\"", "" },
        { "auth-type=\"Negotiate\"", "auth-type=\"Basic\"" }, { "auth.env.U", "auth.header.U" }, { "auth.env.U", "auth.env.u" }, { "htaccess-auth=\"why\"", "htaccess-auth=\"because\"" },
        { "<accept htaccess-auth=\"why\"/>", "" }, { "values=\"APP_A APP_L\"", "values=\"APP_A\"" }, { "<audit values=\"APP_A APP_L\" control=\"d\"/>", "" },
        { "control=\"d\"", "control=\"e\"" }, { "control=\"d\"", "why=\"e\" control=\"d\"" },
        { "APP_ROLE ", "" }, { "APP_X*", "APP_Y*" }, { "why=\"w\"/><map", "why=\"v\"/><map" }, { "to=\"1\"", "to=\"2\"" }, { "from=\"b\" omit", "from=\"c\" omit" },
        { "omit=\"yes\"", "to=\"b\"" }, { "10.0.0.0/8 ::1", "10.0.0.0/9 ::1" }, { "assert=\"ours\"", "assert=\"yours\"" }, { "needs=\"X-O X-P\"", "needs=\"X-O\"" },
        { "equals=\"y\"", "equals=\"z\"" }, { "equals=\"y\"", "" }, { "value=\"1\"", "value=\"2\"" }, { "tls method", "!tls method" }, { "GET,POST", "GET,PUT" },
        { "192.0.2.1", "192.0.2.2" }, { "path:/a/", "path:/b/" }, { "why=\"w\" control", "why=\"v\" control" }, { "control=\"c\"", "control=\"d\"" }, { "control=\"c\"", "" },
        { "config.L", "config.M" }, { "split=\",\"", "split=\";\"" }, { "join=\"|\"", "join=\";\"" }, { "max-items=\"3\"", "max-items=\"4\"" }, { "case=\"lower\"", "case=\"upper\"" },
        { "map=\"m\" ", "" }, { "required=\"yes\"", "" }, { "required=\"yes\"", "on-missing=\"refuse:404\"" }, { "type=\"email\"", "type=\"text\"" }, { "max-length=\"9\"", "max-length=\"8\"" },
        { "on-invalid=\"omit\"", "on-invalid=\"refuse\"" }, { "assert=\"x\" type", "assert=\"y\" type" }, { "value=\"secret\"", "value=\"Secret\"" }, { "sensitive=\"yes\"", "" },
        { "X-Remote-User", "X-Remote-Name" }, { "from=\"auth.user\"", "from=\"auth.type\"" }, { "name=\"X-A\" max-length=\"7\"", "name=\"X-A\" max-length=\"8\"" },
        { "name=\"X-A\" max-length=\"7\"", "name=\"X-A\" max-length=\"7\" changed=\"yes\"" }, { "name=\"X-A\" max-length=\"7\"", "name=\"X-A\" max-length=\"7\" when=\"tls\"" },
        { "X-P-*", "X-Q-*" }, { "cookies=\"a b !c*\"", "cookies=\"a b\"" }, { "<drop-header name=\"Depth\"", "<drop-header name=\"If\"" }, { "<refuse-header name=\"X-D\"/>", "" },
        { "<refuse-header name=\"X-D\"/>", "<header name=\"X-D\"/>" }, { "methods=\"GET HEAD\"", "methods=\"GET\"" }, { "max-body=\"2M\"", "max-body=\"3M\"" },
        { "max-body=\"2M\" why=\"w\"", "max-body=\"2M\" why=\"v\"" }, { "max-body=\"2M\"", "max-body=\"2M\" upgrade=\"refuse\"" }, { "hide=\"A B\"", "hide=\"A\"" }, { "when=\"tls\" max-body", "when=\"!tls\" max-body" }, { "max-body=\"5M\"", "max-body=\"6M\"" },
        { "<request when=\"tls\"", "<request when=\"path:/z\" max-body=\"5M\"/><request when=\"tls\"" }, { "hold-time=\"2s\"", "hold-time=\"3s\"" },
        { "hide=\"A B\"", "hide=\"A B\" interim=\"forward\"" }, { "profile=\"go\"", "profile=\"wsgi\"" }, { "mount=\"/x\"", "mount=\"/y\"" }, { "workers=\"unix:/a unix:/b\"", "workers=\"unix:/a\"" },
        { "from=\"config.L\"", "from=\"config.L\" pattern=\"a\"" }, { "from=\"config.L\"", "from=\"config.L\" extract=\"(a)b\"" }, { "from=\"config.L\"", "from=\"config.L\" encode=\"base64\"" },
        { "from=\"config.L\"", "from=\"config.L\" strip-suffix=\"a\"" }, { "from=\"config.L\"", "from=\"config.L config.M\"" }, { "from=\"config.L\"", "from=\"config.M config.L\"" },
    };
    apr_array_header_t *digests = apr_array_make(pool, 64, sizeof(const char *));
    size_t i, n = sizeof(changes) / sizeof(changes[0]);
    const char *base = digest_of(whole);

    for (i = 0; i < n; i++) {
        const char *digest = digest_of(with(changes[i][0], changes[i][1]));

        tap_ok(strcmp(digest, base) != 0, "the digest is another with '%s' for '%s'", changes[i][1], changes[i][0]);
        APR_ARRAY_PUSH(digests, const char *) = digest;
    }
    fct_words_sort(digests);
    tap_is_int(digests->nelts, (long long)n, "and no two of these are alike");
}

static void test_secret(void)
{
    fct_bytes_t text = fct_canonical_of(policy_must_load(whole, pool), &fct_crypto_openssl, pool);

    tap_ok(strstr(text.at, "secret\"") == NULL, "a sensitive literal is not in the canonical text");
    tap_has(text.at, "value-sha256=\"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\"", "its hash is");
    tap_has(text.at, "\nparam name=\"APP_A\" value=\"1\" when=\"method:GET,POST path:/a peer:10.0.0.0/8,192.0.2.1/32 tls\"", "a rule is one line");
    tap_ok(strncmp(text.at, "policy name=\"t\" version=\"1\" language=\"1.0\"\n", 43) == 0, "name and version come first");
    tap_is_str(policy_must_load(whole, pool)->digest, fct_digest_hex(text, pool), "the digest is the SHA-256 of exactly these bytes");
}

/* What stands inside <policy> of a shipped file. */
static const char *inside(const char *name)
{
    static char buf[65536];
    FILE *file = fopen(apr_psprintf(pool, "%s/%s.xml", FCT_POLICY_DIR, name), "r");
    size_t len = file ? fread(buf, 1, sizeof(buf) - 1, file) : 0;
    char *start;

    buf[len] = '\0';
    if (file) {
        fclose(file);
    }
    start = strstr(buf, "<description>");
    tap_ok(start && strstr(start, "</policy>"), "%s.xml is read", name);
    *strstr(start, "</policy>") = '\0';
    return start;
}

int main(void)
{
    pool = tap_begin();
    test_sha256();
    test_same();
    test_different();
    test_secret();
    tap_is_str(digest_of(inside("rfc3875")), digest_of("<extends shipped=\"rfc3875\"/>"), "where the files end does not matter");
    return tap_end();
}
