/* What a policy needs of cryptography, done by OpenSSL. */
#include "crypto_openssl.h"

#include "anchor.h"
#include "digest.h"

const fct_crypto_t fct_crypto_openssl = {
    fct_digest_hex,
    fct_anchor_read
};
