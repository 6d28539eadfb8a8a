/* core/certificate.c, core/nearest.c: the names of a certificate's fields, and what a certificate says of each. */
#include "certificate.h"

#include "nearest.h"
#include "tap.h"

#include <apr_strings.h>

static apr_pool_t *pool;

static const struct {
    const char *name;
    const char *text;                     /* without attribute and index */
    int is_list, has_lines;
} fields[] = {
#define ONE 0
#define LIST 1
#define ATTRIBUTE 1
#define FCT_CERTIFICATE_FIELD(name, text, form) { #name, text, form, 0 },
#include "certificate.def"
#undef FCT_CERTIFICATE_FIELD
};

static const char *const attributes[] = {
#define FCT_CERTIFICATE_ATTRIBUTE(name, oid) name,
#include "certificate_attribute.def"
#undef FCT_CERTIFICATE_ATTRIBUTE
};

static int parse(const char *text, fct_certificate_field_t *field)
{
    return fct_certificate_field_parse(fct_bytes_of(text), field);
}

static void test_every_name(void)
{
    size_t i, k;

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        int is_attribute = fields[i].text[strlen(fields[i].text) - 1] == '.';

        for (k = 0; k < (is_attribute ? sizeof(attributes) / sizeof(attributes[0]) : 1); k++) {
            const char *name = apr_pstrcat(pool, fields[i].text, is_attribute ? attributes[k] : "", NULL);
            fct_certificate_field_t field;
            int is_field = parse(name, &field);

            tap_ok(is_field && field.id == (fct_certificate_field_id_t)i && field.index == FCT_CERTIFICATE_NO_INDEX
                   && fct_bytes_equal(field.attribute, is_attribute ? fct_bytes_of(attributes[k]) : FCT_BYTES_ABSENT), "%s is a field", name);
            tap_is_int(is_field && fct_certificate_field_is_list(&field), fields[i].is_list, "%s %s", name, fields[i].is_list ? "is a list" : "is no list");
            tap_is_int(parse(apr_pstrcat(pool, name, "[7]", NULL), &field), fields[i].is_list, "%s[7] %s", name, fields[i].is_list ? "is one of it" : "is none");
            tap_ok(!fields[i].is_list || (field.index == 7 && !fct_certificate_field_is_list(&field)), "and no list itself");
        }
    }
}

static void test_names(void)
{
    static const char *const bad[] = {
        "", "x", "Subject", "subject.", "subject.cn", "subject.XX", "subject.CN.", "subject.CN.x", "san", "san.", "san.email.x", "san.mail", "san.email[", "san.email[]",
        "san.email]", "san.email[0", "san.email0]", "san.email[00]", "san.email[01]", "san.email[1000]", "san.email[-1]", "san.email[+1]", "san.email[ 1]", "san.email[a]",
        "san.email[1a]", "san.email[0]x", "san.email[0][1]", "[0]", "subject[0]", "serial[0]", "verify[0]", "certificate.pem[0]", "fingerprint", "certificate", "chain.pem", "CHAIN",
    };
    fct_certificate_field_t field = { FCT_CERTIFICATE_SERIAL, FCT_BYTES_ABSENT, 5 };
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        tap_ok(!parse(bad[i], &field) && field.id == FCT_CERTIFICATE_SERIAL && field.index == 5, "'%s' is no field, and what was there stays", bad[i]);
    }
    tap_ok(parse("san.email[0]", &field) && field.index == 0, "the first index is 0");
    tap_ok(parse("chain[999]", &field) && field.index == 999, "the last is 999");
    tap_ok(!fct_certificate_field_parse(fct_bytes_make("serial\0", 7), &field), "a NUL is part of a name");
    tap_ok(parse("certificate.pem", &field) && fct_certificate_field_has_lines(&field), "PEM has lines");
    tap_ok(parse("chain[0]", &field) && fct_certificate_field_has_lines(&field), "so has the chain");
    tap_ok(parse("certificate.der-base64", &field) && !fct_certificate_field_has_lines(&field), "base64 has none");
}

/* --- values --- */

static fct_certificate_value_t value(const char *name, fct_bytes_t bytes, int is_invalid)
{
    fct_certificate_field_t field;

    if (!parse(name, &field)) {
        tap_ok(0, "%s is a field", name);
    }
    return (fct_certificate_value_t){ field.id, field.attribute, bytes, is_invalid };
}

/* "a|b", "!a|b" where the field is invalid. */
static const char *say(const fct_client_certificate_t *certificate, const char *name)
{
    fct_certificate_field_t field;
    int is_invalid = 0;
    const fct_bytes_t *list;
    const char *text = "";
    apr_size_t i, n = 99;

    if (!parse(name, &field)) {
        return "no field";
    }
    list = fct_client_certificate_read(certificate, &field, &n, &is_invalid, pool);
    if (n == 0) {
        return list == NULL && !is_invalid ? "nothing" : "a list of nothing";
    }
    for (i = 0; i < n; i++) {
        text = apr_pstrcat(pool, text, i ? "|" : "", fct_bytes_string(list[i], pool), NULL);
    }
    return apr_pstrcat(pool, is_invalid ? "!" : "", text, NULL);
}

static void test_values(void)
{
    const fct_certificate_value_t values[] = {
        value("subject", fct_bytes_of("CN=a"), 0), value("subject.OU", fct_bytes_of("one"), 0), value("san.email", fct_bytes_of("a@x"), 0),
        value("issuer.OU", fct_bytes_of("other"), 0), value("subject.OU", fct_bytes_of("two"), 0), value("subject.O", fct_bytes_of("o"), 0),
        value("san.email", fct_bytes_of("b@x"), 1), value("san.email", fct_bytes_of("c@x"), 0), value("subject.OU", fct_bytes_of("three"), 0),
    };
    const fct_client_certificate_t certificate = { values, sizeof(values) / sizeof(values[0]), "abc" };
    static const struct {
        const char *name, *expected;
    } rows[] = {
        { "subject", "CN=a" }, { "subject.OU", "one|two|three" }, { "subject.OU[0]", "one" }, { "subject.OU[2]", "three" }, { "subject.OU[3]", "nothing" },
        { "issuer.OU", "other" }, { "issuer.OU[1]", "nothing" }, { "subject.O", "o" }, { "subject.CN", "nothing" }, { "issuer", "nothing" },
        { "san.email", "!a@x|b@x|c@x" }, { "san.email[0]", "a@x" }, { "san.email[1]", "!b@x" }, { "san.email[2]", "c@x" }, { "san.dns", "nothing" },
        { "verify", "SUCCESS" }, { "fingerprint.sha256", "abc" },
    };
    const fct_client_certificate_t empty = { NULL, 0, "0" };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(say(&certificate, rows[i].name), rows[i].expected, "%s is '%s'", rows[i].name, rows[i].expected);
    }
    tap_is_str(say(&empty, "subject"), "nothing", "a certificate without values says nothing");
    tap_is_str(say(&empty, "verify"), "SUCCESS", "but that it is verified");
}

/* --- the nearest word --- */

static void test_nearest(void)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        { "san.mail", "san.email" }, { "san.emails", "san.email" }, { "SAN.EMAIL", "san.email" }, { "serail", "serial" }, { "quux", NULL }, { "", NULL }, { "x", NULL },
        { "san.email", "san.email" }, { "san.emailsan.emailsan.emailsan.emailsan.emailsan.emailsan.emailsan.email", NULL },
    };
    apr_array_header_t *words = apr_array_make(pool, 4, sizeof(const char *));
    size_t i;

    APR_ARRAY_PUSH(words, const char *) = "serial";
    APR_ARRAY_PUSH(words, const char *) = "san.email";
    APR_ARRAY_PUSH(words, const char *) = "a word that is longer than any field of a certificate could ever be, in all";
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(fct_nearest_word(fct_bytes_of(rows[i].text), words), rows[i].expected, "'%s' comes nearest to %s", rows[i].text,
                   rows[i].expected ? rows[i].expected : "nothing");
    }
    words->nelts = 0;
    tap_ok(fct_nearest_word(fct_bytes_of("a"), words) == NULL, "among no words nothing is near");
}

int main(void)
{
    pool = tap_begin();
    test_every_name();
    test_names();
    test_values();
    test_nearest();
    return tap_end();
}
