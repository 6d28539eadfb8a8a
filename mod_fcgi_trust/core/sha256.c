/* SHA-256 (FIPS 180-4), for digests of policies. */
#include "sha256.h"

#define BLOCK 64
#define ROUNDS 64

/* FIPS 180-4 §4.2.2 */
static const apr_uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static apr_uint32_t rotate(apr_uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

/* §6.2.2, step 1: the message schedule. */
static void schedule(const unsigned char *block, apr_uint32_t w[ROUNDS])
{
    int t;

    for (t = 0; t < 16; t++) {
        w[t] = (apr_uint32_t)block[t * 4] << 24 | (apr_uint32_t)block[t * 4 + 1] << 16 | (apr_uint32_t)block[t * 4 + 2] << 8
            | block[t * 4 + 3];
    }
    for (; t < ROUNDS; t++) {
        apr_uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
        apr_uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;

        w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
}

/* Steps 2 to 4. */
static void process(apr_uint32_t state[8], const unsigned char *block)
{
    apr_uint32_t w[ROUNDS], v[8];
    int t;

    schedule(block, w);
    memcpy(v, state, sizeof(v));
    for (t = 0; t < ROUNDS; t++) {
        apr_uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        apr_uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        apr_uint32_t t1 = v[7] + s1 + choice + constants[t] + w[t];
        apr_uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        apr_uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);

        memmove(v + 1, v, 7 * sizeof(v[0]));
        v[4] += t1;
        v[0] = t1 + s0 + majority;
    }
    for (t = 0; t < 8; t++) {
        state[t] += v[t];
    }
}

/* §5.1.1: what is left, a one bit, zeros, and the length in bits. */
static void finish(apr_uint32_t state[8], fct_bytes_t rest, apr_uint64_t bits)
{
    unsigned char last[2 * BLOCK];
    apr_size_t len = rest.len < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    int i;

    memset(last, 0, sizeof(last));
    if (rest.len) {
        memcpy(last, rest.at, rest.len);
    }
    last[rest.len] = 0x80;
    for (i = 0; i < 8; i++) {
        last[len - 1 - (apr_size_t)i] = (unsigned char)(bits >> (8 * i));
    }
    process(state, last);
    if (len > BLOCK) {
        process(state, last + BLOCK);
    }
}

void fct_sha256_of(fct_bytes_t bytes, unsigned char digest[FCT_SHA256_LEN])
{
    apr_uint32_t state[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    apr_uint64_t bits = (apr_uint64_t)bytes.len * 8;
    int i;

    while (bytes.len >= BLOCK) {
        process(state, (const unsigned char *)bytes.at);
        bytes = fct_bytes_from(bytes, BLOCK);
    }
    finish(state, bytes, bits);
    for (i = 0; i < FCT_SHA256_LEN; i++) {
        digest[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

const char *fct_sha256_hex(fct_bytes_t bytes, apr_pool_t *p)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[FCT_SHA256_LEN];
    char *hex = apr_palloc(p, FCT_SHA256_LEN * 2 + 1);
    int i;

    fct_sha256_of(bytes, digest);
    for (i = 0; i < FCT_SHA256_LEN; i++) {
        hex[i * 2] = digits[digest[i] >> 4];
        hex[i * 2 + 1] = digits[digest[i] & 15];
    }
    hex[FCT_SHA256_LEN * 2] = '\0';
    return hex;
}
