/* What fuzz targets share: a claim that must hold, and input fed in pieces. A target's input is one byte that seeds the cuts,
 * then the bytes under test. */
#ifndef FUZZ_H
#define FUZZ_H

#include <apr_general.h>
#include <apr_pools.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(claim) \
    do { \
        if (!(claim)) { \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #claim); \
            abort(); \
        } \
    } while (0)

/* A pool for one input; APR is started with the first. */
static inline apr_pool_t *fuzz_pool(void)
{
    static int is_started;
    apr_pool_t *p = NULL;

    if (!is_started) {
        REQUIRE(apr_initialize() == APR_SUCCESS);
        is_started = 1;
    }
    REQUIRE(apr_pool_create(&p, NULL) == APR_SUCCESS);
    return p;
}

/* The length of the next piece, 1 to left: seed 0 is all at once, 1 byte by byte, others pseudo-random. */
static inline size_t fuzz_piece(unsigned *seed, size_t left)
{
    size_t n;

    if (*seed <= 1) {
        return *seed ? 1 : left;
    }
    *seed = (*seed * 1103515245u + 12345u) | 2;
    n = (*seed >> 16) % 37 + 1;
    return n < left ? n : left;
}

#endif
