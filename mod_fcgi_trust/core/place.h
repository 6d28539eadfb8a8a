/* Where a rule stands. */
#ifndef FCT_PLACE_H
#define FCT_PLACE_H

typedef struct fct_place_t {
    const char *file;        /* NULL: no file, the engine's own */
    int line;
} fct_place_t;

#endif
