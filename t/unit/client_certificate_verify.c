/* tls/verify.c: a leaf is verified against exactly the anchor: path, signatures, validity and use. And keys of every kind have fields. */
#include "verify.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "client_certificate.h"
#include "tap.h"
#include "values.h"

#define NOW apr_time_from_sec(1800000000)     /* 2027-01-15 */
#define DAY 86400L

static apr_pool_t *pool;

typedef struct party_t {
    X509 *x509;
    EVP_PKEY *key;
    fct_certificate_t certificate;
} party_t;

static EVP_PKEY *make_key(const char *kind)
{
    return strcmp(kind, "RSA") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
           : strcmp(kind, "EC") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256") : EVP_PKEY_Q_keygen(NULL, NULL, kind);
}

static void add_extension(X509 *x509, const char *name, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf(NULL, NULL, name, value);

    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
}

typedef struct wish_t {
    const char *name, *kind;
    const char *basic, *usage, *extended;       /* NULL: without */
    long from, to;                              /* days around NOW */
    const char *digest;
} wish_t;

#define CA(name) { name, "EC", "critical,CA:TRUE", "critical,keyCertSign,cRLSign", NULL, -100, 100, "SHA256" }
#define LEAF(name, kind) { name, kind, "critical,CA:FALSE", "critical,digitalSignature", "clientAuth", -10, 10, "SHA256" }

static void make_party(party_t *party, const wish_t *wish, const party_t *issuer)
{
    static long serial;
    X509 *x509 = X509_new();
    X509_NAME *name = X509_get_subject_name(x509);
    const EVP_MD *digest = strcmp(wish->kind, "ED25519") == 0 && !issuer ? NULL : EVP_get_digestbyname(wish->digest);
    unsigned char *der = NULL;
    int len;

    party->key = make_key(wish->kind);
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)wish->name, -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(issuer ? issuer->x509 : x509));
    ASN1_TIME_set(X509_getm_notBefore(x509), apr_time_sec(NOW) + wish->from * DAY);
    ASN1_TIME_set(X509_getm_notAfter(x509), apr_time_sec(NOW) + wish->to * DAY);
    X509_set_pubkey(x509, party->key);
    add_extension(x509, "basicConstraints", wish->basic);
    if (wish->usage) {
        add_extension(x509, "keyUsage", wish->usage);
    }
    if (wish->extended) {
        add_extension(x509, "extendedKeyUsage", wish->extended);
    }
    X509_sign(x509, issuer ? issuer->key : party->key, digest);
    len = i2d_X509(x509, &der);
    party->x509 = x509;
    party->certificate.der = fct_bytes_make(apr_pmemdup(pool, der, (apr_size_t)len), (apr_size_t)len);
    OPENSSL_free(der);
}

static party_t make(wish_t wish, const party_t *issuer)
{
    party_t party;

    memset(&party, 0, sizeof(party));
    make_party(&party, &wish, issuer);
    return party;
}

static void release(party_t *party)
{
    X509_free(party->x509);
    EVP_PKEY_free(party->key);
}

static fct_anchor_rule_t anchor_of(const party_t *ca, const party_t *intermediate)
{
    fct_anchor_rule_t anchor;
    apr_array_header_t *list = apr_array_make(pool, 1, sizeof(const fct_certificate_t *));

    memset(&anchor, 0, sizeof(anchor));
    anchor.certificate = &ca->certificate;
    if (intermediate) {
        APR_ARRAY_PUSH(list, const fct_certificate_t *) = &intermediate->certificate;
        anchor.intermediates = list;
    }
    return anchor;
}

/* want: a part of the reason; NULL: verified. */
static void expect(const fct_anchor_rule_t *anchor, const party_t *leaf, const party_t *sent, apr_time_t now, const char *want, const char *about)
{
    fct_bytes_t chain = sent ? sent->certificate.der : FCT_BYTES_ABSENT;
    fct_verification_t verdict = fct_verify_client(anchor, leaf->certificate.der, &chain, sent ? 1 : 0, now, pool);

    if (want) {
        tap_has(verdict.reason, want, "%s is not verified", about);
    }
    else {
        tap_is_str(verdict.reason, NULL, "%s is verified", about);
    }
}

static void test_paths(void)
{
    party_t root = make((wish_t)CA("root"), NULL), other = make((wish_t)CA("root"), NULL), middle = make((wish_t)CA("middle"), &root);
    party_t leaf = make((wish_t)LEAF("alice", "EC"), &root), deep = make((wish_t)LEAF("bob", "EC"), &middle), self = make((wish_t)LEAF("root", "EC"), NULL);
    party_t by_leaf = make((wish_t)LEAF("mallory", "EC"), &leaf);
    fct_anchor_rule_t at_root = anchor_of(&root, NULL), at_middle = anchor_of(&middle, NULL), with_middle = anchor_of(&root, &middle), at_other = anchor_of(&other, &middle);

    expect(&at_root, &leaf, NULL, NOW, NULL, "a leaf of the anchor");
    expect(&at_other, &leaf, NULL, NOW, "certificate signature failure", "a leaf of another CA of the same name");
    expect(&at_root, &self, NULL, NOW, "self-signed certificate", "a leaf that signed itself, by the anchor's name");
    expect(&at_root, &deep, NULL, NOW, "unable to get local issuer certificate", "a leaf whose intermediate is missing");
    expect(&at_root, &deep, &middle, NOW, NULL, "a leaf whose intermediate the client sent");
    expect(&with_middle, &deep, NULL, NOW, NULL, "a leaf whose intermediate the policy has");
    expect(&with_middle, &deep, &other, NOW, NULL, "a leaf with a useless certificate in its chain");
    expect(&at_middle, &deep, NULL, NOW, NULL, "a leaf of an intermediate that is the anchor");
    expect(&at_middle, &deep, &root, NOW, NULL, "even if the client sent the root");
    expect(&at_middle, &leaf, &root, NOW, "self-signed certificate in certificate chain", "a leaf of the root where the intermediate is the anchor");
    expect(&at_other, &deep, &root, NOW, "certificate signature failure", "a leaf of a root that the client brought");
    expect(&at_root, &by_leaf, &leaf, NOW, "invalid CA certificate", "a leaf that another leaf signed");
    release(&root), release(&other), release(&middle), release(&leaf), release(&deep), release(&self), release(&by_leaf);
}

static void test_validity(void)
{
    wish_t old_wish = CA("old"), short_wish = CA("short");
    party_t root = make((wish_t)CA("root"), NULL), leaf = make((wish_t)LEAF("alice", "EC"), &root), old, brief, below;
    fct_anchor_rule_t anchor = anchor_of(&root, NULL), at_old, with_brief;
    fct_verification_t verdict;

    old_wish.to = -1;
    short_wish.to = 3;
    old = make(old_wish, NULL);
    brief = make(short_wish, &root);
    below = make((wish_t)LEAF("bob", "EC"), &brief);
    at_old = anchor_of(&old, NULL);
    with_brief = anchor_of(&root, &brief);
    expect(&anchor, &leaf, NULL, NOW + apr_time_from_sec(9 * DAY), NULL, "a leaf on its last day");
    expect(&anchor, &leaf, NULL, NOW + apr_time_from_sec(11 * DAY), "certificate has expired", "a leaf that expired");
    expect(&anchor, &leaf, NULL, NOW - apr_time_from_sec(11 * DAY), "certificate is not yet valid", "a leaf before its time");
    expect(&at_old, &leaf, NULL, NOW, "unable to get local issuer certificate", "a leaf of another CA than an expired one");
    release(&leaf);
    leaf = make((wish_t)LEAF("carol", "EC"), &old);
    expect(&at_old, &leaf, NULL, NOW, "certificate has expired", "a leaf of an anchor that expired");
    verdict = fct_verify_client(&anchor, below.certificate.der, &brief.certificate.der, 1, NOW, pool);
    tap_is_int(apr_time_sec(verdict.until), apr_time_sec(NOW) + 3 * DAY, "a verdict ends with the first certificate of the path");
    verdict = fct_verify_client(&with_brief, below.certificate.der, NULL, 0, verdict.until + apr_time_from_sec(1), pool);
    tap_has(verdict.reason, "certificate has expired (certificate 1 of the path)", "which is the intermediate here");
    release(&root), release(&leaf), release(&old), release(&brief), release(&below);
}

static void test_use(void)
{
    static const struct {
        const char *usage, *extended, *reason;
    } rows[] = {
        { "critical,digitalSignature", "clientAuth", NULL }, { NULL, NULL, NULL }, { "critical,digitalSignature", "serverAuth,clientAuth", NULL }, { "critical,digitalSignature", "serverAuth", "unsuitable certificate purpose" },
        { "critical,digitalSignature", "emailProtection", "unsuitable certificate purpose" }, { "critical,cRLSign", NULL, "unsuitable certificate purpose" },
    };
    party_t root = make((wish_t)CA("root"), NULL), weak;
    fct_anchor_rule_t anchor = anchor_of(&root, NULL);
    wish_t wish = LEAF("alice", "EC");
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        party_t leaf;

        wish.usage = rows[i].usage;
        wish.extended = rows[i].extended;
        leaf = make(wish, &root);
        expect(&anchor, &leaf, NULL, NOW, rows[i].reason, apr_psprintf(pool, "a leaf for %s, %s", rows[i].usage ? rows[i].usage : "anything", rows[i].extended ? rows[i].extended : "anything"));
        release(&leaf);
    }
    wish = (wish_t)LEAF("alice", "EC");
    wish.digest = "SHA1";
    weak = make(wish, &root);
    expect(&anchor, &weak, NULL, NOW, "too weak", "a leaf that was signed with SHA-1");
    release(&weak);
    release(&root);
}

/* --- what of the further certificates leads up from the leaf --- */

/* The same name and key as a real CA's: what it signed seems to be signed by this one, too. Anybody can make it. */
static party_t make_twin(const party_t *of, const char *name)
{
    party_t evil = make((wish_t)CA("evil"), NULL), twin = make((wish_t)CA(name), &evil);
    unsigned char *der = NULL;
    int len;

    X509_set_pubkey(twin.x509, of->key);
    X509_sign(twin.x509, evil.key, EVP_sha256());
    len = i2d_X509(twin.x509, &der);
    twin.certificate.der = fct_bytes_make(apr_pmemdup(pool, der, (apr_size_t)len), (apr_size_t)len);
    OPENSSL_free(der);
    release(&evil);
    return twin;
}

static const char *chain_text(const fct_bytes_t *chain, apr_size_t n)
{
    const char *text = "";
    apr_size_t i;

    for (i = 0; i < n; i++) {
        const fct_client_certificate_t *one = fct_client_certificate_from_der(chain[i], NULL, 0, pool);

        text = apr_pstrcat(pool, text, values_text(one, FCT_CERTIFICATE_SUBJECT, NULL), " of ", values_text(one, FCT_CERTIFICATE_ISSUER, NULL), ";", NULL);
    }
    return text;
}

/* Of five further certificates at most. */
static void expect_chain(const party_t *leaf, const party_t *const *sent, const party_t *const *wanted, const char *about)
{
    fct_bytes_t chain[5];
    const char *text = NULL;
    apr_size_t n;

    for (n = 0; sent[n]; n++) {
        chain[n] = sent[n]->certificate.der;
    }
    for (; *wanted; wanted++) {
        fct_bytes_t der = (*wanted)->certificate.der;
        const char *pem = values_text(fct_client_certificate_from_der(der, NULL, 0, pool), FCT_CERTIFICATE_CERTIFICATE_PEM, NULL);

        text = text ? apr_pstrcat(pool, text, "|", pem, NULL) : pem;
    }
    tap_is_str(values_text(fct_client_certificate_from_der(leaf->certificate.der, chain, n, pool), FCT_CERTIFICATE_CHAIN, NULL), text, "%s", about);
}

#define PARTIES(...) ((const party_t *const[]){ __VA_ARGS__, NULL })
#define NOBODY ((const party_t *const[]){ NULL })

static void test_chains(void)
{
    party_t root = make((wish_t)CA("root"), NULL), middle = make((wish_t)CA("middle"), &root), low = make((wish_t)CA("low"), &middle);
    party_t leaf = make((wish_t)LEAF("alice", "EC"), &low), other = make((wish_t)CA("low"), &root), stray = make((wish_t)CA("stray"), NULL);
    party_t twin = make_twin(&low, "low");
    fct_anchor_rule_t at_root = anchor_of(&root, NULL);
    fct_bytes_t chain[3];
    fct_verification_t verdict;

    expect_chain(&leaf, PARTIES(&low, &middle, &root), PARTIES(&low, &middle, &root), "what signed the leaf, and what signed that, is its chain");
    expect_chain(&leaf, PARTIES(&root, &stray, &low, &middle), PARTIES(&low, &middle, &root), "in the order of who signed whom, and without what signed none");
    expect_chain(&leaf, PARTIES(&other, &low), PARTIES(&low), "one of the issuer's name with another key signed nothing");
    expect_chain(&leaf, PARTIES(&middle, &stray), NOBODY, "without the one that signed the leaf there is no chain");
    expect_chain(&leaf, PARTIES(&low, &middle, &root, &root), PARTIES(&low, &middle, &root), "one that signed itself is the last");
    expect_chain(&root, PARTIES(&root, &stray), NOBODY, "a leaf that signed itself has no chain");

    chain[0] = twin.certificate.der;
    chain[1] = middle.certificate.der;
    chain[2] = low.certificate.der;
    verdict = fct_verify_client(&at_root, leaf.certificate.der, chain, 3, NOW, pool);
    tap_is_str(chain_text(verdict.path, verdict.npath), verdict.reason ? "" : "CN=low of CN=middle;CN=middle of CN=root;",
               "no path that an anchor verified goes over a certificate of another CA, even with the right name and key");
    chain[0] = stray.certificate.der;
    verdict = fct_verify_client(&at_root, leaf.certificate.der, chain, 3, NOW, pool);
    tap_is_str(verdict.reason ? verdict.reason : chain_text(verdict.path, verdict.npath), "CN=low of CN=middle;CN=middle of CN=root;", "the path has what it goes over");
    release(&root), release(&middle), release(&low), release(&leaf), release(&other), release(&stray), release(&twin);
}

static void test_garbage(void)
{
    party_t root = make((wish_t)CA("root"), NULL), leaf = make((wish_t)LEAF("alice", "EC"), &root), torn = leaf;
    fct_anchor_rule_t anchor = anchor_of(&root, NULL);

    torn.certificate.der.len -= 5;
    expect(&anchor, &torn, NULL, NOW, "OpenSSL cannot parse", "half a certificate");
    expect(&anchor, &leaf, &torn, NOW, "OpenSSL cannot parse", "a leaf with half a certificate in its chain");
    torn.certificate.der.len = 0;
    expect(&anchor, &torn, NULL, NOW, "OpenSSL cannot parse", "nothing");
    release(&root), release(&leaf);
}

/* Real certificates with keys of every kind. */
static void test_kinds(void)
{
    static const char *const kinds[] = { "RSA", "EC", "ED25519" };
    party_t root = make((wish_t)CA("root"), NULL);
    fct_anchor_rule_t anchor = anchor_of(&root, NULL);
    apr_size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        wish_t wish = LEAF("alice", kinds[i]);
        party_t leaf = make(wish, &root), own = make(wish, NULL);
        const fct_client_certificate_t *certificate = fct_client_certificate_from_der(leaf.certificate.der, NULL, 0, pool);

        expect(&anchor, &leaf, NULL, NOW, NULL, apr_psprintf(pool, "a leaf with a key of %s", kinds[i]));
        tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT, NULL), "CN=alice", "%s: it has its subject", kinds[i]);
        tap_is_str(values_text(certificate, FCT_CERTIFICATE_ISSUER, NULL), "CN=root", "%s: and its issuer", kinds[i]);
        tap_is_str(values_text(certificate, FCT_CERTIFICATE_NOT_AFTER, NULL), "2027-01-25T08:00:00Z", "%s: and its end", kinds[i]);
        certificate = fct_client_certificate_from_der(own.certificate.der, NULL, 0, pool);
        tap_is_str(values_text(certificate, FCT_CERTIFICATE_ISSUER, NULL), "CN=alice", "%s: a self-signed one, too", kinds[i]);
        release(&leaf), release(&own);
    }
    release(&root);
}

int main(void)
{
    pool = tap_begin();
    test_paths();
    test_validity();
    test_use();
    test_chains();
    test_garbage();
    test_kinds();
    return tap_end();
}
