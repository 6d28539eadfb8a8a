/* What a policy needs of cryptography, done by OpenSSL. */
#ifndef FCT_CRYPTO_OPENSSL_H
#define FCT_CRYPTO_OPENSSL_H

#include "crypto.h"

extern const fct_crypto_t fct_crypto_openssl;

#endif
