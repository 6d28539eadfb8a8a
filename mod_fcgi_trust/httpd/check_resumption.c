/* Whether what one virtual host verified of a client's certificate may count in another: in a resumed session, or in a misdirected request. */
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

/* Which of the virtual hosts verify alike. */
typedef struct group_t {
    const char *file;                    /* where the virtual host begins; NULL: the main server */
    int line;
    int number;
} group_t;

/* Written at configuration time only, by one thread. */
static apr_array_header_t *groups;       /* of group_t */
static int is_insecure;                  /* SSLVHostSNIPolicy */

/* httpd is older than 2.4.patch. */
static int is_older(int patch)
{
    ap_version_t version;

    ap_get_server_revision(&version);
    return version.major == 2 && version.minor == 4 && version.patch < patch;
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
    else if (fct_conftree_is(d, "SSLVHostSNIPolicy")) {
        is_insecure = ap_cstr_casecmp(fct_conftree_word(d, 0, places->p), "insecure") == 0;
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
    return is_older(64) || !a->name || !b->name || ap_cstr_casecmp(a->name, b->name) == 0;
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

/* --- misdirected requests --- */

static void add_group(const places_t *places, int n, apr_pool_t *pconf)
{
    const place_t *all = (const place_t *)places->all->elts;
    const ap_directive_t *vhost = all[n].vhost;
    group_t *group = apr_array_push(groups);
    int i = 0;

    while (i < n && (asks(&all[i], all) != asks(&all[n], all) || (asks(&all[n], all) && !is_same(&all[i], &all[n], all)))) {
        i++;
    }
    *group = (group_t){ vhost ? apr_pstrdup(pconf, vhost->filename) : NULL, vhost ? vhost->line_num : 0, i };
}

/* -1: none is known. */
static int group_of(const server_rec *s)
{
    int i;

    for (i = 0; groups && i < groups->nelts; i++) {
        const group_t *group = &APR_ARRAY_IDX(groups, i, const group_t);

        if (s->is_virtual ? group->file && s->defn_name && s->defn_line_number == (unsigned)group->line && strcmp(s->defn_name, group->file) == 0
                          : !group->file) {
            return group->number;
        }
    }
    return -1;
}

int fct_check_resumption_may_be_misdirected(void)
{
    return is_insecure || is_older(66);
}

int fct_check_resumption_is_alike(const server_rec *a, const server_rec *b)
{
    return a == b || (group_of(a) >= 0 && group_of(a) == group_of(b));
}

/* --- all --- */

const ap_directive_t *fct_check_resumption_find(apr_pool_t *pconf, apr_pool_t *ptemp)
{
    places_t places = { apr_array_make(ptemp, 8, sizeof(place_t)), ptemp };
    const ap_directive_t *found = NULL;
    const place_t *all;
    int i;

    *(place_t *)apr_array_push(places.all) = (place_t){ .vhost = NULL };
    is_insecure = 0;
    fct_conftree_walk(gather, &places);
    all = (const place_t *)places.all->elts;
    groups = apr_array_make(pconf, places.all->nelts, sizeof(group_t));
    for (i = 0; i < places.all->nelts; i++) {
        add_group(&places, i, pconf);
        if (i > 0 && !found && asks(&all[i], all) && has_other(&places, i)) {
            found = all[i].vhost;
        }
    }
    return found;
}
