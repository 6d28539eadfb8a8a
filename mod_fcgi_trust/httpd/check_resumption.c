/* Whether a TLS session may be resumed in another virtual host than the one that verified its certificate. */
#include "check_resumption.h"

#include <apr_strings.h>

#include "conftree.h"

/* What decides whether a client's certificate is verified. */
static const char *const settings[] = {
    "SSLCACertificateFile", "SSLCACertificatePath", "SSLCARevocationFile", "SSLCARevocationPath", "SSLCARevocationCheck", "SSLVerifyDepth",
    "SSLOCSPEnable"
};

#define NSETTINGS (sizeof(settings) / sizeof(settings[0]))

/* What stands in one virtual host, its sections included, or in the main server without its virtual hosts. */
typedef struct place_t {
    const ap_directive_t *vhost;         /* NULL: the main server */
    const char *values[NSETTINGS];       /* every line's, one after the other; NULL: no line */
    const char *name;                    /* ServerName without a port; NULL: none */
    int verifies;                        /* SSLVerifyClient asks for certificates */
    int has_verify;                      /* it stands directly in the virtual host */
    int is_tls;                          /* SSLEngine, not Off */
    int is_plain;                        /* SSLEngine Off */
} place_t;

typedef struct places_t {
    apr_array_header_t *all;             /* of place_t; the main server first */
    apr_pool_t *p;
} places_t;

static int is_old(void)
{
    ap_version_t version;

    ap_get_server_revision(&version);
    return version.major == 2 && version.minor == 4 && version.patch < 64;
}

static place_t *place_of(const places_t *places, const ap_directive_t *d)
{
    const ap_directive_t *vhost = fct_conftree_is(d, "<VirtualHost") ? d : fct_conftree_vhost(d);
    int i;

    for (i = 0; i < places->all->nelts; i++) {
        if (APR_ARRAY_IDX(places->all, i, place_t).vhost == vhost) {
            return &APR_ARRAY_IDX(places->all, i, place_t);
        }
    }
    *(place_t *)apr_array_push(places->all) = (place_t){ .vhost = vhost };
    return &APR_ARRAY_IDX(places->all, places->all->nelts - 1, place_t);
}

/* "https://a.example:443" → "a.example" */
static const char *host_of(const char *name, apr_pool_t *p)
{
    const char *scheme = strstr(name, "://");

    name = scheme ? scheme + 3 : name;
    return apr_pstrmemdup(p, name, strcspn(name, ":"));
}

static void gather(void *context, const ap_directive_t *d)
{
    const places_t *places = context;
    place_t *place = place_of(places, d);
    int is_off = ap_cstr_casecmp(d->args, "Off") == 0;
    apr_size_t i;

    if (fct_conftree_is(d, "SSLVerifyClient")) {
        place->verifies |= ap_cstr_casecmp(fct_conftree_word(d, 0, places->p), "none") != 0;
        place->has_verify |= d->parent == place->vhost;
    }
    else if (fct_conftree_is(d, "SSLEngine")) {
        place->is_plain = is_off;
        place->is_tls = !is_off;
    }
    else if (fct_conftree_is(d, "ServerName")) {
        place->name = host_of(fct_conftree_word(d, 0, places->p), places->p);
    }
    for (i = 0; i < NSETTINGS; i++) {
        if (fct_conftree_is(d, settings[i])) {
            place->values[i] = apr_pstrcat(places->p, place->values[i] ? place->values[i] : "", d->args, "\n", NULL);
        }
    }
}

/* Sessions that hold a certificate begin here. The main server is one only where it says so: most only lend their settings. */
static int asks(const place_t *place, const place_t *server)
{
    if (place == server) {
        return place->is_tls && place->verifies;
    }
    return !place->is_plain && (place->verifies || (!place->has_verify && server->verifies));
}

static int is_same(const place_t *a, const place_t *b, const place_t *server)
{
    apr_size_t i;

    for (i = 0; i < NSETTINGS; i++) {
        const char *x = a->values[i] ? a->values[i] : server->values[i], *y = b->values[i] ? b->values[i] : server->values[i];

        if (strcmp(x ? x : "", y ? y : "") != 0) {
            return 0;
        }
    }
    return 1;
}

/* Sessions belong to a name and a port, which is the same at every address unless ServerName says it. Without a name httpd finds one. */
static int may_share(const place_t *a, const place_t *b)
{
    return is_old() || !a->name || !b->name || ap_cstr_casecmp(a->name, b->name) == 0;
}

/* One before it that verifies otherwise. */
static int has_other(const places_t *places, int n)
{
    const place_t *all = (const place_t *)places->all->elts;
    int i;

    for (i = 0; i < n; i++) {
        if (asks(&all[i], all) && may_share(&all[i], &all[n]) && !is_same(&all[i], &all[n], all)) {
            return 1;
        }
    }
    return 0;
}

const ap_directive_t *fct_check_resumption_find(apr_pool_t *p)
{
    places_t places = { apr_array_make(p, 8, sizeof(place_t)), p };
    const place_t *all;
    int i;

    *(place_t *)apr_array_push(places.all) = (place_t){ .vhost = NULL };
    fct_conftree_walk(gather, &places);
    all = (const place_t *)places.all->elts;
    for (i = 1; i < places.all->nelts; i++) {
        if (asks(&all[i], all) && has_other(&places, i)) {
            return all[i].vhost;
        }
    }
    return NULL;
}
