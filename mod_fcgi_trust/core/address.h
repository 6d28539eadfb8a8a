/* IP addresses and ranges of them as text. */
#ifndef FCT_ADDRESS_H
#define FCT_ADDRESS_H

#include <apr_network_io.h>

#include "bytes.h"

/* All addresses that share the first `bits` bits; len: 4 or 16 bytes. */
typedef struct fct_range_t {
    unsigned char at[16];
    apr_size_t len;
    unsigned bits;
} fct_range_t;

/* An IPv4 or IPv6 address without brackets, zone or port. */
int fct_address_is_valid(fct_bytes_t text);

/* "192.0.2.1", "10.0.0.0/8", "2001:db8::/32". Returns 0 if it is none, or has bits set behind its mask. */
int fct_range_parse(fct_bytes_t text, fct_range_t *range);

/* "10.0.0.0/8", also where the mask was left out. In p. */
const char *fct_range_text(const fct_range_t *range, apr_pool_t *p);

/* The address is within; an IPv4-mapped IPv6 address counts as IPv4. False for NULL. */
int fct_range_has(const fct_range_t *range, const apr_sockaddr_t *address);

/* Every address of inner is within outer. */
int fct_range_covers(const fct_range_t *outer, const fct_range_t *inner);

#endif
