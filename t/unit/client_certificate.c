/* tls/client_certificate.c: every field of a certificate as POLICY 1 names it; what is ambiguous or no text is present and invalid. */
#include "client_certificate.h"

#include "der.h"
#include "digest.h"
#include "encode.h"
#include "tap.h"
#include "values.h"

#define CN "2.5.4.3"
#define OU "2.5.4.11"
#define O "2.5.4.10"
#define SAN_MANY 100

static apr_pool_t *pool;

static const fct_client_certificate_t *read_der(const der_certificate_t *c)
{
    const fct_client_certificate_t *certificate = fct_client_certificate_from_der(der_certificate(c), NULL, 0, pool);

    tap_ok(certificate != NULL, "this is a certificate");
    return certificate;
}

static const fct_client_certificate_t *with_subject(fct_bytes_t rdns)
{
    der_certificate_t c = der_certificate_default();

    c.subject = rdns;
    return read_der(&c);
}

static const fct_client_certificate_t *with_extensions(fct_bytes_t extensions)
{
    der_certificate_t c = der_certificate_default();

    c.extensions = extensions;
    return read_der(&c);
}

/* --- names --- */

static void test_names(void)
{
    der_certificate_t c = der_certificate_default();
    const fct_client_certificate_t *certificate;

    c.subject = der_join(der_rdn("2.5.4.6", DER_PRINTABLE, DER_BYTES("DE")), der_rdn(O, DER_UTF8, DER_BYTES("Example, Inc.")));
    c.subject = der_join(c.subject, der_join(der_rdn(OU, DER_UTF8, DER_BYTES("one")), der_rdn(OU, DER_PRINTABLE, DER_BYTES("two"))));
    c.subject = der_join(c.subject, der_tlv(DER_SET, der_join(der_attribute(CN, DER_UTF8, DER_BYTES("J\xc3\xb6rg")),
                                                              der_attribute("0.9.2342.19200300.100.1.1", DER_UTF8, DER_BYTES("joerg")))));
    certificate = read_der(&c);
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT, NULL), "UID=joerg+CN=J\xc3\xb6rg,OU=two,OU=one,O=Example\\, Inc.,C=DE",
               "the subject is RFC 4514 in UTF-8, the last RDN first, a comma escaped");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT_LEGACY, NULL), "/C=DE/O=Example, Inc./OU=one/OU=two/CN=J\\xC3\\xB6rg+UID=joerg",
               "the old form is what OpenSSL's oneline has");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT_ATTRIBUTE, "OU"), "one|two", "an attribute that comes twice has two values, in the certificate's order");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT_ATTRIBUTE, "UID"), "joerg", "a multi-valued RDN has each of its attributes");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT_ATTRIBUTE, "O"), "Example, Inc.", "an attribute is not escaped");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT_ATTRIBUTE, "L"), NULL, "what is not there has no value");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_ISSUER, NULL), "CN=ca", "the issuer is a name of its own");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_ISSUER_LEGACY, NULL), "/CN=ca", "in the old form, too");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_ISSUER_ATTRIBUTE, "CN"), "ca", "with its attributes");
    certificate = with_subject(DER_NOTHING);
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT, NULL), NULL, "an empty subject is absent");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT_LEGACY, NULL), NULL, "in the old form, too");
}

static void test_attributes(void)
{
    static const struct {
        const char *name, *oid;
    } rows[] = {
#define FCT_CERTIFICATE_ATTRIBUTE(name, oid) { name, oid },
#include "certificate_attribute.def"
#undef FCT_CERTIFICATE_ATTRIBUTE
    };
    fct_bytes_t rdns = DER_NOTHING;
    const fct_client_certificate_t *certificate;
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rdns = der_join(rdns, der_rdn(rows[i].oid, DER_UTF8, fct_bytes_of(rows[i].name)));
    }
    certificate = with_subject(rdns);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT_ATTRIBUTE, rows[i].name), rows[i].name, "%s is %s", rows[i].oid, rows[i].name);
    }
    certificate = with_subject(der_join(der_rdn("1.2.3.4.5", DER_UTF8, DER_BYTES("x")), der_rdn(CN, DER_UTF8, DER_BYTES("y"))));
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT, NULL), "CN=y,1.2.3.4.5=#0C0178", "an attribute without a name stands there by its OID and encoding");
}

/* What a string of each type becomes, as attribute, in the name as a whole, and in its old form. Where the name as a whole is not valid
 * OpenSSL may refuse the certificate. */
static void test_strings(void)
{
    static const struct {
        const char *about;
        int tag;
        const char *bytes;
        apr_size_t len;
        const char *text, *whole, *legacy;
    } rows[] = {
#define ROW(about, tag, bytes, text, whole, legacy) { about, tag, bytes, sizeof(bytes) - 1, text, whole, legacy }
        ROW("UTF8String", DER_UTF8, "\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80", "CN=\xe2\x82\xac\xf0\x9f\x98\x80", "/CN=\\xE2\\x82\\xAC\\xF0\\x9F\\x98\\x80"),
        ROW("UTF8String with half a character", DER_UTF8, "a\xc3", "!", "!", "!"),
        ROW("UTF8String with an overlong one", DER_UTF8, "a\xc0\xaf", "!", "!", "!"),
        ROW("UTF8String with a surrogate", DER_UTF8, "\xed\xa0\x80", "!", "!", "!"),
        ROW("BMPString", DER_BMP, "\0J\0\xf6\x20\xac", "J\xc3\xb6\xe2\x82\xac", "CN=J\xc3\xb6\xe2\x82\xac", "/CN=\\x00J\\x00\\xF6 \\xAC"),
        ROW("BMPString with a surrogate", DER_BMP, "\xd8\x3d\xde\x00", "!", "!", "!"),
        ROW("UniversalString", DER_UNIVERSAL, "\0\1\xf6\0\0\0\0\x61", "\xf0\x9f\x98\x80""a", "CN=\xf0\x9f\x98\x80""a", "!"),
        ROW("BMPString that looks like another name", DER_BMP, "admins", "\xe6\x85\xa4\xe6\xb5\xa9\xe6\xb9\xb3", "CN=\xe6\x85\xa4\xe6\xb5\xa9\xe6\xb9\xb3", "!"),
        ROW("UTF8String that looks like a BMPString", DER_UTF8, "\0a", "", "CN=\\00a", "!"),
        ROW("UniversalString with more than Unicode has", DER_UNIVERSAL, "\0\x11\0\0", "!", "!", "!"),
        ROW("UniversalString with a surrogate", DER_UNIVERSAL, "\0\0\xdf\xff", "!", "!", "!"),
        ROW("T61String of ASCII", DER_T61, "plain", "plain", "CN=plain", "/CN=plain"),
        ROW("T61String of more", DER_T61, "J\xf6rg", "!", "!", "!"),
        ROW("PrintableString with a byte above 7F", DER_PRINTABLE, "J\xf6rg", "!", "!", "!"),
        ROW("IA5String with UTF-8 in it", DER_IA5, "J\xc3\xb6rg", "!", "!", "!"),
        ROW("NumericString", DER_NUMERIC, "12 34", "12 34", "CN=12 34", "/CN=12 34"),
        ROW("empty string", DER_UTF8, "", "", "CN=", "/CN="),
        ROW("INTEGER", DER_INTEGER, "\5", "!", "!", "!"),
        ROW("BIT STRING", DER_BIT_STRING, "\0\5", "!", "CN=#03020005", "!"),
        ROW("BIT STRING that looks like a name", DER_BIT_STRING, "\0admin", "!", "CN=#03060061646D696E", "!"),
        ROW("slash", DER_UTF8, "A/S Bank", "A/S Bank", "CN=A/S Bank", "/CN=A\\/S Bank"),
        ROW("slash that looks like another RDN", DER_UTF8, "x/CN=admin", "x/CN=admin", "CN=x/CN=admin", "/CN=x\\/CN=admin"),
        ROW("backslash and slash", DER_UTF8, "x\\/CN=admin", "x\\/CN=admin", "CN=x\\\\/CN=admin", "!"),
        ROW("backslash and plus", DER_UTF8, "x\\+CN=admin", "x\\+CN=admin", "CN=x\\\\\\+CN=admin", "!"),
        ROW("backslash at the end", DER_UTF8, "x\\", "x\\", "CN=x\\\\", "!"),
        ROW("text that looks like an escape", DER_UTF8, "\\x00", "\\x00", "CN=\\\\x00", "!"),
        ROW("backslash", DER_UTF8, "CORP\\alice", "CORP\\alice", "CN=CORP\\\\alice", "/CN=CORP\\alice"),
        ROW("specials", DER_UTF8, " #a,b+c\"d<e>f;g= ", " #a,b+c\"d<e>f;g= ", "CN=\\ #a\\,b\\+c\\\"d\\<e\\>f\\;g=\\ ", "/CN= #a,b\\+c\"d<e>f;g= "),
        ROW("line feed", DER_UTF8, "a\nb", "a\nb", "CN=a\\0Ab", "/CN=a\\x0Ab"),
#undef ROW
    };
    der_certificate_t c = der_certificate_default();
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const fct_client_certificate_t *certificate;

        c.subject = der_rdn(CN, rows[i].tag, fct_bytes_make(rows[i].bytes, rows[i].len));
        certificate = fct_client_certificate_from_der(der_certificate(&c), NULL, 0, pool);
        if (certificate == NULL) {
            tap_is_str(rows[i].whole, "!", "%s: no certificate", rows[i].about);
            continue;
        }
        tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT_ATTRIBUTE, "CN"), rows[i].text, "%s: the attribute", rows[i].about);
        tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT, NULL), rows[i].whole, "%s: the name", rows[i].about);
        tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT_LEGACY, NULL), rows[i].legacy, "%s: its old form", rows[i].about);
    }
}

/* The one value of a field, with every byte. */
static fct_bytes_t read_one(const fct_client_certificate_t *certificate, fct_certificate_field_id_t id)
{
    apr_size_t i;

    for (i = 0; i < certificate->nvalues; i++) {
        if (certificate->values[i].id == id) {
            return certificate->values[i].value;
        }
    }
    return FCT_BYTES_ABSENT;
}

static void test_nul(void)
{
    const fct_client_certificate_t *certificate = with_subject(der_rdn(CN, DER_UTF8, DER_BYTES("admin\0.example")));
    fct_bytes_t value = read_one(certificate, FCT_CERTIFICATE_SUBJECT_ATTRIBUTE);

    tap_is_mem(value.at, value.len, "admin\0.example", 14, "a NUL stays in an attribute");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT, NULL), "CN=admin\\00.example", "and is escaped in the name");
    certificate = with_extensions(der_san(der_join(der_tlv(0x81, DER_BYTES("a@corp.example\0@evil")), der_tlv(0x82, DER_BYTES("h\0.example")))));
    value = read_one(certificate, FCT_CERTIFICATE_SAN_EMAIL);
    tap_is_mem(value.at, value.len, "a@corp.example\0@evil", 20, "a NUL stays in an address");
    value = read_one(certificate, FCT_CERTIFICATE_SAN_DNS);
    tap_is_mem(value.at, value.len, "h\0.example", 10, "and in a host name");
}

/* --- SANs --- */

static fct_bytes_t other_name(const char *oid, int tag, fct_bytes_t value)
{
    return der_tlv(0xa0, der_join(der_oid(oid), der_tlv(0xa0, der_tlv(tag, value))));
}

static void test_san(void)
{
    static const struct {
        const char *about;
        int tag;
        const char *bytes;
        apr_size_t len;
        fct_certificate_field_id_t id;
        const char *text;
    } rows[] = {
#define ROW(about, tag, bytes, field, text) { about, tag, bytes, sizeof(bytes) - 1, FCT_CERTIFICATE_SAN_##field, text }
        ROW("an address", 0x81, "alice@corp.example", EMAIL, "alice@corp.example"), ROW("an address in UTF-8", 0x81, "j\xc3\xb6rg@corp.example", EMAIL, "!"),
        ROW("an empty address", 0x81, "", EMAIL, ""), ROW("a host name", 0x82, "*.corp.example", DNS, "*.corp.example"), ROW("a host name with a byte of 80", 0x82, "a\x80", DNS, "!"),
        ROW("a URI", 0x86, "spiffe://corp.example/ns/a/sa/b", URI, "spiffe://corp.example/ns/a/sa/b"), ROW("a URI with a byte of FF", 0x86, "u:\xff", URI, "!"),
        ROW("an IPv4 address", 0x87, "\xc0\0\2\1", IP, "192.0.2.1"), ROW("an IPv6 address", 0x87, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", IP, "2001:db8::1"),
        ROW("one with two runs of zeros", 0x87, "\x20\1\0\0\0\0\0\1\0\0\0\0\0\0\0\1", IP, "2001:0:0:1::1"), ROW("one with a single zero", 0x87, "\x20\1\xd\xb8\0\0\0\1\0\1\0\1\0\1\0\1", IP, "2001:db8:0:1:1:1:1:1"),
        ROW("the unspecified one", 0x87, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", IP, "::"), ROW("an IPv4-mapped one", 0x87, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", IP, "::ffff:192.0.2.1"),
        ROW("an address with its mask", 0x87, "\xc0\0\2\1\xff\xff\xff\xff", IP, "!"), ROW("an address of no bytes", 0x87, "", IP, "!"), ROW("an address of five bytes", 0x87, "\1\2\3\4\5", IP, "!"),
#undef ROW
    };
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const fct_client_certificate_t *certificate = with_extensions(der_san(der_tlv(rows[i].tag, fct_bytes_make(rows[i].bytes, rows[i].len))));
        int id;

        tap_is_str(values_text(certificate, rows[i].id, NULL), rows[i].text, "%s", rows[i].about);
        for (id = FCT_CERTIFICATE_SAN_EMAIL; id <= FCT_CERTIFICATE_SAN_UPN; id++) {
            if (id != (int)rows[i].id && values_text(certificate, (fct_certificate_field_id_t)id, NULL)) {
                tap_ok(0, "%s is nothing else", rows[i].about);
            }
        }
    }
}

static void test_san_together(void)
{
    const char *upn = "1.3.6.1.4.1.311.20.2.3";
    fct_bytes_t names = der_join(der_tlv(0x81, DER_BYTES("b@x")), der_tlv(0x82, DER_BYTES("h.x")));
    const fct_client_certificate_t *certificate;

    names = der_join(names, der_join(der_tlv(0x81, DER_BYTES("a@x")), der_tlv(0xa4, der_tlv(DER_SEQUENCE, DER_NOTHING))));
    names = der_join(names, der_join(other_name(upn, DER_UTF8, DER_BYTES("\xc3\xa4@x")), other_name("1.2.3.4", DER_UTF8, DER_BYTES("other"))));
    names = der_join(names, der_join(other_name(upn, DER_IA5, DER_BYTES("c@x")), other_name(upn, DER_UTF8, DER_BYTES("\xff"))));
    certificate = with_extensions(der_san(names));
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SAN_EMAIL, NULL), "b@x|a@x", "several addresses stay in the certificate's order");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SAN_DNS, NULL), "h.x", "between them stands a host name");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SAN_UPN, NULL), "\xc3\xa4@x|!|!", "a UPN is a UTF8String and nothing else");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SAN_URI, NULL), NULL, "names of other kinds are passed over");

    names = der_san(der_tlv(0x81, DER_BYTES("a@x")));
    certificate = with_extensions(der_join(names, der_san(der_tlv(0x81, DER_BYTES("b@x")))));
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SAN_EMAIL, NULL), "!", "two extensions of SANs are ambiguous");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SAN_UPN, NULL), "!", "for every kind of name");
    certificate = with_extensions(der_extension("2.5.29.17", DER_BYTES("\x30\x05\x81\x01")));
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SAN_DNS, NULL), "!", "so is one that cannot be parsed");
    certificate = with_extensions(der_extension("2.5.29.17", der_join(der_tlv(DER_SEQUENCE, der_tlv(0x81, DER_BYTES("a@x"))), DER_BYTES("\5\0"))));
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SAN_EMAIL, NULL), "!", "and one with more bytes behind it");
    certificate = with_extensions(der_san(der_tlv(0xa1, der_join(der_tlv(DER_IA5, DER_BYTES("a")), der_tlv(DER_IA5, DER_BYTES("@x"))))));
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SAN_EMAIL, NULL), "!", "and a name in pieces, which BER has and DER has not");
    certificate = with_extensions(der_extension("2.5.29.19", der_tlv(DER_SEQUENCE, DER_NOTHING)));
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_SAN_EMAIL, NULL), NULL, "without the extension there is none");
}

/* What a rule that names the field reads: "a|b", "-" for nothing, "!" where it is invalid. */
static const char *read_field(const fct_client_certificate_t *certificate, const char *name)
{
    fct_certificate_field_t field;
    const fct_bytes_t *values;
    const char *text = "";
    apr_size_t i, n;
    int is_invalid = 0;

    if (!fct_certificate_field_parse(fct_bytes_of(name), &field)) {
        return "no field";
    }
    values = fct_client_certificate_read(certificate, &field, &n, &is_invalid, pool);
    for (i = 0; i < n; i++) {
        text = apr_pstrcat(pool, text, i ? "|" : "", fct_bytes_string(values[i], pool), NULL);
    }
    return is_invalid ? "!" : n ? text : "-";
}

static void test_index(void)
{
    static const char *const rows[][2] = {
        { "san.email", "a@x|b@x|c@x" }, { "san.email[0]", "a@x" }, { "san.email[1]", "b@x" }, { "san.email[2]", "c@x" }, { "san.email[3]", "-" },
        { "san.ip", "!" }, { "san.ip[0]", "192.0.2.1" }, { "san.ip[1]", "!" }, { "san.dns", "h.x" }, { "san.uri", "-" }, { "san.uri[0]", "-" },
        { "subject.CN", "alice" }, { "subject.CN[0]", "alice" }, { "subject.CN[1]", "-" }, { "issuer.CN", "ca" }, { "verify", "SUCCESS" },
    };
    fct_bytes_t names = der_join(der_tlv(0x81, DER_BYTES("a@x")), der_tlv(0x82, DER_BYTES("h.x")));
    const fct_client_certificate_t *certificate;
    apr_size_t i;

    names = der_join(names, der_join(der_tlv(0x81, DER_BYTES("b@x")), der_tlv(0x87, DER_BYTES("\xc0\0\2\1"))));
    names = der_join(names, der_join(der_tlv(0x81, DER_BYTES("c@x")), der_tlv(0x87, DER_BYTES("\1"))));
    certificate = with_extensions(der_san(names));
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(read_field(certificate, rows[i][0]), rows[i][1], "%s is %s", rows[i][0], rows[i][1]);
    }
}

/* --- plain fields --- */

static void test_serial(void)
{
    static const struct {
        const char *bytes;
        apr_size_t len;
        const char *text;
    } rows[] = {
#define ROW(bytes, text) { bytes, sizeof(bytes) - 1, text }
        ROW("\x01", "01"), ROW("\0", "00"), ROW("\x12\xab\xcd", "12ABCD"), ROW("\0\xff", "FF"), ROW("\x80", "-80"), ROW("\xff", "-01"),
        ROW("\x10\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20\x21\x22\x23\x24\x25\x26\x27",
            "100102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F2021222324252627"),
#undef ROW
    };
    der_certificate_t c = der_certificate_default();
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        c.serial = fct_bytes_make(rows[i].bytes, rows[i].len);
        tap_is_str(values_text(read_der(&c), FCT_CERTIFICATE_SERIAL, NULL), rows[i].text, "the serial number is %s", rows[i].text);
    }
}

static void test_times(void)
{
    static const struct {
        int tag;
        const char *written, *text;
    } rows[] = {
        { DER_UTC_TIME, "260131080910Z", "2026-01-31T08:09:10Z" }, { DER_UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z" }, { DER_UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z" },
        { DER_GENERAL_TIME, "20500101000000Z", "2050-01-01T00:00:00Z" }, { DER_GENERAL_TIME, "99991231235959Z", "9999-12-31T23:59:59Z" },
        { DER_UTC_TIME, "261331080910Z", "!" }, { DER_UTC_TIME, "x60131080910Z", "!" }, { DER_GENERAL_TIME, "", "!" },
    };
    der_certificate_t c = der_certificate_default();
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        c.not_after = der_tlv(rows[i].tag, fct_bytes_of(rows[i].written));
        tap_is_str(values_text(read_der(&c), FCT_CERTIFICATE_NOT_AFTER, NULL), rows[i].text, "'%s' is %s", rows[i].written, rows[i].text);
    }
    tap_is_str(values_text(read_der(&c), FCT_CERTIFICATE_NOT_BEFORE, NULL), "2026-01-01T00:00:00Z", "its beginning is another field");
}

static const char *base64_of(fct_bytes_t bytes)
{
    return fct_encode_apply(FCT_ENCODE_BASE64, bytes, pool).at;
}

/* Lines of 64, as everybody writes them. */
static const char *pem_of(fct_bytes_t der)
{
    const char *left = base64_of(der), *text = "-----BEGIN CERTIFICATE-----\n";

    for (; *left; left += strlen(left) < 64 ? strlen(left) : 64) {
        text = apr_psprintf(pool, "%s%.64s\n", text, left);
    }
    return apr_pstrcat(pool, text, "-----END CERTIFICATE-----\n", NULL);
}

static void test_encoded(void)
{
    der_certificate_t c = der_certificate_default();
    fct_bytes_t der = der_certificate(&c), chain[2];
    const fct_client_certificate_t *certificate;

    c.subject = der_rdn(CN, DER_UTF8, DER_BYTES("one"));
    chain[0] = der_certificate(&c);
    c.subject = der_rdn(CN, DER_UTF8, DER_BYTES("two"));
    chain[1] = der_certificate(&c);
    certificate = fct_client_certificate_from_der(der, chain, 2, pool);
    tap_is_str(certificate->sha256, fct_digest_hex(der, pool), "its digest is that of the DER");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_CERTIFICATE_PEM, NULL), pem_of(der), "as PEM");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_CERTIFICATE_DER_BASE64, NULL), base64_of(der), "as base64");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_CERTIFICATE_RFC9440, NULL), apr_pstrcat(pool, ":", base64_of(der), ":", NULL), "as RFC 9440 has it");
    tap_is_str(values_text(certificate, FCT_CERTIFICATE_CHAIN, NULL), NULL, "what came beside it and did not sign it is no chain of it");
    tap_is_str(values_text(fct_client_certificate_from_der(der, NULL, 0, pool), FCT_CERTIFICATE_CHAIN, NULL), NULL, "without a chain there is none");
    chain[1].len--;
    tap_ok(fct_client_certificate_from_der(der, chain, 2, pool) == NULL, "half a certificate in the chain spoils the whole");
}

/* --- what is no certificate --- */

static void test_whole(void)
{
    der_certificate_t c = der_certificate_default();
    fct_bytes_t der = der_certificate(&c), other;
    apr_size_t i;
    int taken = 0;

    for (i = 0; i < der.len; i++) {
        taken += fct_client_certificate_from_der(fct_bytes_make(der.at, i), NULL, 0, pool) != NULL;
    }
    tap_is_int(taken, 0, "no beginning of a certificate is one");
    tap_ok(fct_client_certificate_from_der(der_join(der, DER_BYTES("\0")), NULL, 0, pool) == NULL, "a byte behind it is too much");
    tap_ok(fct_client_certificate_from_der(der_join(der, der), NULL, 0, pool) == NULL, "so is a second one");
    other = fct_bytes_make(apr_pmemdup(pool, der.at, der.len), der.len);
    tap_ok(other.at[0] == 0x30 && (unsigned char)other.at[1] == 0x81, "the length of this one is one byte");
    other = der_join(DER_BYTES("\x30\x82\0"), fct_bytes_from(der, 2));
    tap_ok(fct_client_certificate_from_der(other, NULL, 0, pool) == NULL, "a length that is not as short as it can be is no DER");
}

static void test_large(void)
{
    fct_bytes_t names = DER_NOTHING;
    const fct_client_certificate_t *certificate;
    char *filler = apr_palloc(pool, FCT_CLIENT_CERTIFICATE_MAX_DER);
    der_certificate_t c = der_certificate_default();
    int i, n = 0;
    apr_size_t k, overhead;

    for (i = 0; i < SAN_MANY; i++) {
        names = der_join(names, der_tlv(0x82, fct_bytes_of(apr_psprintf(pool, "host-%03d.%0640d.example", i, i))));
    }
    certificate = with_extensions(der_san(names));
    for (k = 0; k < certificate->nvalues; k++) {
        n += certificate->values[k].id == FCT_CERTIFICATE_SAN_DNS && !certificate->values[k].is_invalid;
    }
    tap_is_int(n, SAN_MANY, "a certificate of 64 KB has all its names");
    tap_ok(read_one(certificate, FCT_CERTIFICATE_CERTIFICATE_DER_BASE64).len > 87000, "and is whole as base64");
    memset(filler, 'x', FCT_CLIENT_CERTIFICATE_MAX_DER);
    c.extensions = der_extension("1.2.3", fct_bytes_make(filler, 100000));
    overhead = der_certificate(&c).len - 100000;
    c.extensions = der_extension("1.2.3", fct_bytes_make(filler, FCT_CLIENT_CERTIFICATE_MAX_DER - overhead));
    tap_is_int((long long)der_certificate(&c).len, FCT_CLIENT_CERTIFICATE_MAX_DER, "this one is as large as they may be");
    tap_ok(fct_client_certificate_from_der(der_certificate(&c), NULL, 0, pool) != NULL, "which is read");
    c.extensions = der_extension("1.2.3", fct_bytes_make(filler, FCT_CLIENT_CERTIFICATE_MAX_DER - overhead + 1));
    tap_ok(fct_client_certificate_from_der(der_certificate(&c), NULL, 0, pool) == NULL, "a byte more is too much");
}

int main(void)
{
    pool = der_pool = tap_begin();
    test_names();
    test_attributes();
    test_strings();
    test_nul();
    test_san();
    test_san_together();
    test_index();
    test_serial();
    test_times();
    test_encoded();
    test_whole();
    test_large();
    return tap_end();
}
