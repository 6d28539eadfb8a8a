/* The fixups of authentication modules, called between two looks. */
#include "provenance_fixups.h"

typedef enum publisher_t {
#define FCT_PROVENANCE_FIXUPS(name, file) PUBLISHER_##name,
#include "provenance_fixups.def"
#undef FCT_PROVENANCE_FIXUPS
    PUBLISHERS
} publisher_t;

/* The modules' own functions. Written at configuration time only. */
static ap_HOOK_fixups_t *own[PUBLISHERS];

#define FCT_PROVENANCE_FIXUPS(name, file)                          \
    static int run_##name(request_rec *r)                          \
    {                                                              \
        return fct_provenance_run_fixups(r, own[PUBLISHER_##name]); \
    }
#include "provenance_fixups.def"
#undef FCT_PROVENANCE_FIXUPS

static const struct {
    const char *file;
    ap_HOOK_fixups_t *run;
} publishers[PUBLISHERS] = {
#define FCT_PROVENANCE_FIXUPS(name, file) [PUBLISHER_##name] = { file, run_##name },
#include "provenance_fixups.def"
#undef FCT_PROVENANCE_FIXUPS
};

/* A module's first fixups only: one that has several would need a function for each. */
static void wrap(ap_LINK_fixups_t *link, int is_wrapped[PUBLISHERS])
{
    int i;

    for (i = 0; i < PUBLISHERS; i++) {
        if (is_wrapped[i] || strcmp(link->szName, publishers[i].file) != 0) {
            continue;
        }
        is_wrapped[i] = 1;
        if (link->pFunc != publishers[i].run) {
            own[i] = link->pFunc;
            link->pFunc = publishers[i].run;
        }
    }
}

int fct_provenance_fixups_wrap(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    apr_array_header_t *links = ap_hook_get_fixups();
    int is_wrapped[PUBLISHERS] = { 0 };
    int i;

    (void)pconf;
    (void)plog;
    (void)ptemp;
    (void)s;
    for (i = 0; links && i < links->nelts; i++) {
        wrap(&APR_ARRAY_IDX(links, i, ap_LINK_fixups_t), is_wrapped);
    }
    return OK;
}
