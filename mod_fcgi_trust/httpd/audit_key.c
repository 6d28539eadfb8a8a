/* The key of hashes in decision logs: from a file, or random and kept as long as this httpd runs. */
#include "audit_key.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_siphash.h>
#include <apr_strings.h>

#include "digest.h"

#define KEY "mod_fcgi_trust: key of hashes"
#define FILE_MIN 16
#define FILE_MAX 4096

static unsigned char key[APR_SIPHASH_KSIZE];
static int is_from_file;

void fct_audit_key_reset(void)
{
    is_from_file = 0;
}

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Any file of enough bytes makes a key: its digest does. */
static const char *take(const char *bytes, apr_size_t len, const char *path, apr_pool_t *p)
{
    const char *hex = fct_digest_hex(fct_bytes_make(bytes, len), p);
    int i;

    if (len < FILE_MIN) {
        return apr_psprintf(p, "FcgiTrustAuditKey: '%s' has fewer than %d bytes; make one with: openssl rand -hex 32", path, FILE_MIN);
    }
    if (!hex) {
        return "FcgiTrustAuditKey: this OpenSSL gives no SHA-256";
    }
    for (i = 0; i < APR_SIPHASH_KSIZE; i++) {
        key[i] = (unsigned char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    }
    is_from_file = 1;
    return NULL;
}

const char *fct_audit_key_read(const char *path, apr_pool_t *p)
{
    char bytes[FILE_MAX];
    apr_size_t len = sizeof(bytes);
    apr_finfo_t info;
    apr_file_t *file;

    if (apr_file_open(&file, path, APR_FOPEN_READ, 0, p) != APR_SUCCESS) {
        return apr_psprintf(p, "FcgiTrustAuditKey: '%s' cannot be read", path);
    }
    if (apr_file_info_get(&info, APR_FINFO_PROT, file) == APR_SUCCESS
        && (info.protection & (APR_FPROT_WREAD | APR_FPROT_WWRITE | APR_FPROT_GWRITE))) {
        apr_file_close(file);
        return apr_psprintf(p, "FcgiTrustAuditKey: others may read or write '%s'; take that permission away (chmod 600)", path);
    }
    if (apr_file_read_full(file, bytes, sizeof(bytes), &len) == APR_SUCCESS) {
        len = FILE_MAX;                  /* what follows does not matter */
    }
    apr_file_close(file);
    return take(bytes, len, path, p);
}

int fct_audit_key_make(server_rec *s)
{
    apr_pool_t *p = s->process->pool;
    void *kept = NULL;

    if (is_from_file) {
        return OK;
    }
    apr_pool_userdata_get(&kept, KEY, p);
    if (!kept) {
        kept = apr_palloc(p, sizeof(key));
        if (apr_generate_random_bytes(kept, sizeof(key)) != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_ERR, 0, s, "fcgi_trust: the system gives no random bytes for the key of hashes");
            return HTTP_INTERNAL_SERVER_ERROR;
        }
        apr_pool_userdata_set(kept, KEY, NULL, p);        /* the name is copied: this module is unmapped at a restart */
    }
    memcpy(key, kept, sizeof(key));
    return OK;
}

apr_uint64_t fct_audit_key_number(const void *bytes, apr_size_t len)
{
    return apr_siphash24(bytes, len, key);
}

#define EACH(byte) (APR_UINT64_C(0x0101010101010101) * (byte))

/* The eight digits of four bytes, the first digit in the least byte: all eight at once. */
static apr_uint64_t digits_of(apr_uint64_t bytes)
{
    apr_uint64_t halves, letters;

    bytes = (bytes | bytes << 16) & APR_UINT64_C(0x0000ffff0000ffff);
    bytes = (bytes | bytes << 8) & APR_UINT64_C(0x00ff00ff00ff00ff);
    halves = (bytes >> 4 | bytes << 8) & EACH(0x0f);
    letters = (halves + EACH(6)) >> 4 & EACH(1);             /* 1 in each byte from 10 up */
    return halves + EACH('0') + letters * ('a' - '9' - 1);
}

static void write_least_first(char *to, apr_uint64_t bytes)
{
#if APR_IS_BIGENDIAN
    bytes = __builtin_bswap64(bytes);
#endif
    memcpy(to, &bytes, sizeof(bytes));
}

/* The digits of the hash's bytes as SipHash's reference writes them, the least first. */
void fct_audit_key_hash(char hex[FCT_AUDIT_KEY_HEX], fct_bytes_t value)
{
    apr_uint64_t hash = apr_siphash24(value.at ? value.at : "", value.len, key);

    write_least_first(hex, digits_of(hash & 0xffffffff));
    write_least_first(hex + 8, digits_of(hash >> 32));
}
