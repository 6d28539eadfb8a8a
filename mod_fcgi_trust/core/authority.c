/* A request's authority: a host with an optional port. */
#include "authority.h"

static int is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(unsigned char c)
{
    return fct_bytes_lower(c) >= 'a' && fct_bytes_lower(c) <= 'z';
}

static int is_address_byte(unsigned char c)
{
    return is_digit(c) || (fct_bytes_lower(c) >= 'a' && fct_bytes_lower(c) <= 'f') || c == ':' || c == '.';
}

static int is_name_byte(unsigned char c)
{
    return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '_';
}

static int is_host(fct_bytes_t host)
{
    int is_literal = host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
    apr_size_t i;

    for (i = is_literal ? 1 : 0; i < host.len - (is_literal ? 1 : 0); i++) {
        unsigned char c = (unsigned char)host.at[i];

        if (!(is_literal ? is_address_byte(c) : is_name_byte(c))) {
            return 0;
        }
    }
    return host.len > 0;
}

static int is_port(fct_bytes_t port)
{
    unsigned long n = 0;
    apr_size_t i;

    for (i = 0; i < port.len && i < 6; i++) {
        if (!is_digit((unsigned char)port.at[i])) {
            return 0;
        }
        n = n * 10 + (unsigned long)(port.at[i] - '0');
    }
    return port.len >= 1 && port.len <= 5 && n >= 1 && n <= 65535;
}

int fct_authority_is_valid(fct_bytes_t authority)
{
    const char *bracket = authority.len ? memchr(authority.at, ']', authority.len) : NULL;
    apr_size_t skipped = bracket ? (apr_size_t)(bracket - authority.at) : 0;
    const char *colon = authority.len ? memchr(authority.at + skipped, ':', authority.len - skipped) : NULL;
    apr_size_t len = colon ? (apr_size_t)(colon - authority.at) : authority.len;

    return is_host(fct_bytes_make(authority.at, len)) && (!colon || is_port(fct_bytes_from(authority, len + 1)));
}
