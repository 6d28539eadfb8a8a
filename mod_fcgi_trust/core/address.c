/* IP addresses and ranges of them as text. */
#include "address.h"

#include <apr_strings.h>
#include <arpa/inet.h>

#define TEXT_MAX 64

/* What IPv4 addresses begin with where they are written as IPv6 (RFC 4291 §2.5.5.2). */
static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

/* Returns the length of the address in bytes, 0 if the text is none. */
static apr_size_t parse_address(fct_bytes_t text, unsigned char out[16])
{
    char buf[TEXT_MAX];

    if (text.len >= sizeof(buf) || memchr(text.at, '\0', text.len)) {
        return 0;
    }
    memcpy(buf, text.at, text.len);
    buf[text.len] = '\0';
    if (inet_pton(AF_INET, buf, out) == 1) {
        return 4;
    }
    return inet_pton(AF_INET6, buf, out) == 1 ? 16 : 0;
}

int fct_address_is_valid(fct_bytes_t text)
{
    unsigned char ignored[16];

    return text.len > 0 && parse_address(text, ignored) > 0;
}

/* One to three digits; -1 if it is something else. */
static int parse_bits(fct_bytes_t text)
{
    int bits = 0;
    apr_size_t i;

    if (text.len < 1 || text.len > 3) {
        return -1;
    }
    for (i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return -1;
        }
        bits = bits * 10 + (text.at[i] - '0');
    }
    return bits;
}

static int has_same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    unsigned rest = bits % 8;
    unsigned char mask = (unsigned char)(0xff00u >> rest);

    return memcmp(a, b, bits / 8) == 0 && (rest == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0);
}

static int is_zero_behind(const fct_range_t *range)
{
    unsigned i;

    for (i = range->bits; i < range->len * 8; i++) {
        if (range->at[i / 8] & (0x80u >> (i % 8))) {
            return 0;
        }
    }
    return 1;
}

/* IPv4 addresses written as IPv6 mean the same. */
static void unmap(fct_range_t *range)
{
    if (range->len == 16 && range->bits >= 96 && memcmp(range->at, mapped, sizeof(mapped)) == 0) {
        memmove(range->at, range->at + sizeof(mapped), 4);
        range->len = 4;
        range->bits -= 96;
    }
}

int fct_range_parse(fct_bytes_t text, fct_range_t *range)
{
    const char *slash = text.len ? memchr(text.at, '/', text.len) : NULL;
    fct_bytes_t address = slash ? fct_bytes_make(text.at, (apr_size_t)(slash - text.at)) : text;
    int bits;

    range->len = address.len ? parse_address(address, range->at) : 0;
    if (range->len == 0) {
        return 0;
    }
    bits = slash ? parse_bits(fct_bytes_from(text, address.len + 1)) : (int)range->len * 8;
    if (bits < 0 || bits > (int)range->len * 8) {
        return 0;
    }
    range->bits = (unsigned)bits;
    if (!is_zero_behind(range)) {
        return 0;
    }
    unmap(range);
    return 1;
}

const char *fct_range_text(const fct_range_t *range, apr_pool_t *p)
{
    char buf[TEXT_MAX];

    if (inet_ntop(range->len == 4 ? AF_INET : AF_INET6, range->at, buf, sizeof(buf)) == NULL) {
        return "";
    }
    return apr_psprintf(p, "%s/%u", buf, range->bits);
}

int fct_range_has(const fct_range_t *range, const apr_sockaddr_t *address)
{
    const unsigned char *at;
    apr_size_t len;

    if (address == NULL || (address->family != APR_INET && address->family != APR_INET6)) {
        return 0;
    }
    at = address->ipaddr_ptr;
    len = (apr_size_t)address->ipaddr_len;
    if (len == 16 && memcmp(at, mapped, sizeof(mapped)) == 0) {
        at += sizeof(mapped);
        len = 4;
    }
    return len == range->len && has_same_bits(at, range->at, range->bits);
}

int fct_range_covers(const fct_range_t *outer, const fct_range_t *inner)
{
    return outer->len == inner->len && outer->bits <= inner->bits && has_same_bits(outer->at, inner->at, outer->bits);
}
