/* tls/certificate_decode.c: what a proxy in front writes is one certificate, exactly in its format, or none. */
#include "client_certificate.h"

#include "certificate_decode.h"
#include "der.h"
#include "encode.h"
#include "tap.h"
#include "values.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"
#define PEM FCT_CERTIFICATE_FORMAT_PEM_PERCENT
#define DER FCT_CERTIFICATE_FORMAT_DER_BASE64
#define RFC FCT_CERTIFICATE_FORMAT_RFC9440

static apr_pool_t *pool;
static fct_bytes_t der;
static const char *base64;          /* of der */
static const char *pem;

static const char *percent(const char *text)
{
    return fct_encode_apply(FCT_ENCODE_PERCENT, fct_bytes_of(text), pool).at;
}

static int is_taken(const char *text, fct_certificate_format_t format)
{
    return fct_client_certificate_decode(fct_bytes_of(text), format, pool) != NULL;
}

static const char *lines_of(const char *digits, int width, const char *end)
{
    const char *text = "";

    for (; *digits; digits += (int)strlen(digits) < width ? (int)strlen(digits) : width) {
        text = apr_psprintf(pool, "%s%.*s%s", text, width, digits, end);
    }
    return text;
}

static const char *block(const char *lines, const char *end)
{
    return apr_pstrcat(pool, BEGIN, end, lines, END, end, NULL);
}

static void test_formats(void)
{
    static const fct_certificate_format_t formats[] = { PEM, DER, RFC };
    const char *texts[3];
    int i;

    texts[0] = percent(pem);
    texts[1] = base64;
    texts[2] = apr_pstrcat(pool, ":", base64, ":", NULL);
    for (i = 0; i < 9; i++) {
        tap_is_int(is_taken(texts[i / 3], formats[i % 3]), i / 3 == i % 3, "format %d is %s format %d", i / 3, i / 3 == i % 3 ? "itself" : "not", i % 3);
    }
    for (i = 0; i < 3; i++) {
        const fct_client_certificate_t *certificate = fct_client_certificate_decode(fct_bytes_of(texts[i]), formats[i], pool);

        tap_is_str(values_text(certificate, FCT_CERTIFICATE_CERTIFICATE_DER_BASE64, NULL), base64, "format %d: the same bytes come out", i);
        tap_is_str(values_text(certificate, FCT_CERTIFICATE_SUBJECT, NULL), "CN=alice", "format %d: it has its fields", i);
        tap_is_str(values_text(certificate, FCT_CERTIFICATE_CHAIN, NULL), NULL, "format %d: it has no chain", i);
    }
    tap_ok(!is_taken(texts[1], FCT_CERTIFICATE_FORMAT_NONE), "without a format nothing is a certificate");
}

static void test_pem(void)
{
    const char *lines = lines_of(base64, 64, "\n");
    const struct {
        const char *about, *text;
        int is_one;
    } rows[] = {
        { "as everybody writes it", pem, 1 },
        { "without the last line end", apr_pstrndup(pool, pem, strlen(pem) - 1), 1 },
        { "with CR LF", block(lines_of(base64, 64, "\r\n"), "\r\n"), 1 },
        { "on one line", block(apr_pstrcat(pool, base64, "\n", NULL), "\n"), 1 },
        { "in lines of 76", block(lines_of(base64, 76, "\n"), "\n"), 1 },
        { "twice", apr_pstrcat(pool, pem, pem, NULL), 0 },
        { "with a line before it", apr_pstrcat(pool, "subject=x\n", pem, NULL), 0 },
        { "with a line behind it", apr_pstrcat(pool, pem, "x\n", NULL), 0 },
        { "with an empty line behind it", apr_pstrcat(pool, pem, "\n", NULL), 0 },
        { "with a blank before it", apr_pstrcat(pool, " ", pem, NULL), 0 },
        { "with an empty line in it", block(apr_pstrcat(pool, "\n", lines, NULL), "\n"), 0 },
        { "with an empty line between two", block(lines_of(base64, 64, "\n\n"), "\n"), 0 },
        { "with a header", block(apr_pstrcat(pool, "Proc-Type: 4,ENCRYPTED\n", lines, NULL), "\n"), 0 },
        { "with blanks for line ends", block(lines_of(base64, 64, " "), " "), 0 },
        { "with tabs before its lines", block(lines_of(base64, 64, "\n\t"), "\n"), 0 },
        { "with CR for line ends", block(lines_of(base64, 64, "\r"), "\r"), 0 },
        { "without its end", apr_pstrcat(pool, BEGIN "\n", lines, NULL), 0 },
        { "without its beginning", apr_pstrcat(pool, lines, END "\n", NULL), 0 },
        { "with nothing in it", block("", "\n"), 0 },
        { "as a key", apr_pstrcat(pool, "-----BEGIN PUBLIC KEY-----\n", lines, "-----END PUBLIC KEY-----\n", NULL), 0 },
        { "as a trusted certificate", apr_pstrcat(pool, "-----BEGIN TRUSTED CERTIFICATE-----\n", lines, "-----END TRUSTED CERTIFICATE-----\n", NULL), 0 },
        { "as something else that is base64", block("AAAA\n", "\n"), 0 },
        { "as the certificate and a byte", block(lines_of(fct_encode_apply(FCT_ENCODE_BASE64, der_join(der, DER_BYTES("\0")), pool).at, 64, "\n"), "\n"), 0 },
        { "as nothing", "", 0 },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_int(is_taken(percent(rows[i].text), PEM), rows[i].is_one, "PEM %s %s", rows[i].about, rows[i].is_one ? "is one" : "is none");
    }
}

static void test_percent(void)
{
    const char *text = percent(pem);
    apr_size_t i, len = strlen(text);
    int taken = 0;

    tap_ok(is_taken(apr_pstrcat(pool, "-----BEGIN%20CERTIFICATE-----%0a", strstr(text, "-----%0A") + 8, NULL), PEM), "hexadecimal digits may be small");
    tap_ok(!is_taken(pem, PEM), "a line end that is not encoded is none");
    tap_ok(!is_taken(apr_pstrcat(pool, text, "%", NULL), PEM), "a percent sign stands before two digits");
    tap_ok(!is_taken(apr_pstrcat(pool, text, "%0", NULL), PEM), "two");
    tap_ok(!is_taken(apr_pstrcat(pool, text, "%0g", NULL), PEM), "hexadecimal ones");
    tap_ok(!is_taken(apr_pstrcat(pool, "%00", text, NULL), PEM), "a NUL is none of PEM");
    tap_ok(!is_taken(apr_pstrcat(pool, "-----BEGIN+CERTIFICATE-----", strstr(text, "%0A"), NULL), PEM), "a plus is a plus");
    tap_ok(is_taken(apr_pstrcat(pool, "-----BEGIN%20CERTIFICATE-----%0A", lines_of(base64, 64, "%0A"), "-----END%20CERTIFICATE-----", NULL), PEM),
           "what need not be encoded may stand plain");
    for (i = 0; i + 3 < len; i++) {
        taken += fct_client_certificate_decode(fct_bytes_make(text, i), PEM, pool) != NULL;
    }
    tap_is_int(taken, 0, "no beginning of it is one");
}

static void test_base64(void)
{
    static const struct {
        const char *about, *text;
        int len;             /* of what it means; -1: nothing */
    } rows[] = {
        { "of three bytes", "AAAA", 3 }, { "of two", "AAA=", 2 }, { "of one", "AA==", 1 }, { "of none", "", -1 }, { "of six", "+/+/AbZ9", 6 }, { "without its padding", "AAA", -1 },
        { "with too much padding", "AAAA====", -1 }, { "of padding", "====", -1 }, { "of one digit", "A===", -1 }, { "with padding in the middle", "AA==AAAA", -1 }, { "with bits left over", "AAB=", -1 },
        { "with more bits left over", "AB==", -1 }, { "with a blank", "AA A", -1 }, { "with a line end", "AAAA\n", -1 }, { "with a blank before it", " AAAA", -1 }, { "for URLs", "-_AA", -1 },
        { "with a star", "AA*A", -1 }, { "with a byte above 7F", "AA\xc3""A", -1 }, { "behind more padding", "=AAA", -1 }, { "with padding and a digit", "AA=A", -1 },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fct_bytes_t plain = fct_certificate_decode_text(fct_bytes_of(rows[i].text), DER, pool);
        fct_bytes_t wrapped = fct_certificate_decode_text(fct_bytes_of(apr_psprintf(pool, ":%s:", rows[i].text)), RFC, pool);

        tap_is_int(fct_bytes_is_absent(plain) ? -1 : (int)plain.len, rows[i].len, "base64 %s: %d bytes", rows[i].about, rows[i].len);
        tap_is_int(fct_bytes_is_absent(wrapped) ? -1 : (int)wrapped.len, rows[i].len, "between colons: the same");
    }
    tap_is_mem(fct_certificate_decode_text(DER_BYTES("+/+/AbZ9"), DER, pool).at, 6, "\xfb\xff\xbf\x01\xb6\x7d", 6, "each digit has its value");
}

static void test_rfc9440(void)
{
    static const char *const none[] = { ":%s", "%s:", "%s", "::%s:", ":%s:;a=1", ":%s:, :%s:", ":%s: ", " :%s:", "\"%s\"", ":", "::", "" };
    apr_size_t i;

    for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        const char *at = strstr(none[i], "%s"), *text = none[i];

        if (at) {
            text = apr_pstrcat(pool, apr_pstrmemdup(pool, text, (apr_size_t)(at - text)), base64, at + 2, NULL);
        }
        tap_ok(!is_taken(text, RFC), "'%s' is no byte sequence of a certificate", none[i]);
    }
}

int main(void)
{
    der_certificate_t c;

    pool = der_pool = tap_begin();
    c = der_certificate_default();
    der = der_certificate(&c);
    base64 = fct_encode_apply(FCT_ENCODE_BASE64, der, pool).at;
    pem = block(lines_of(base64, 64, "\n"), "\n");
    test_formats();
    test_pem();
    test_percent();
    test_base64();
    test_rfc9440();
    return tap_end();
}
