/* An <upstream> whose word this server itself can speak. */
#include "check_upstreams.h"

#include <ap_listen.h>
#include <apr_strings.h>

#include "check_override.h"
#include "conftree.h"
#include "plan.h"

typedef struct check_t {
    const ap_directive_t *forwarding;    /* the first line that lets a .htaccess send requests on; NULL: none */
    const apr_array_header_t *own;       /* of own_t: addresses from which this server's own requests come */
    apr_pool_t *p;
} check_t;

typedef struct own_t {
    fct_range_t range;
    const char *text;
} own_t;

/* Wherever it stands: the request that it sends is one for any virtual host. */
static void find_forwarding(void *context, const ap_directive_t *d)
{
    check_t *check = context;

    if (!check->forwarding && fct_check_override_is_forwarding(d, check->p)) {
        check->forwarding = d;
    }
}

static void add_own(apr_array_header_t *own, const char *text)
{
    own_t one = { .text = text };

    if (fct_range_parse(fct_bytes_of(text), &one.range)) {
        APR_ARRAY_PUSH(own, own_t) = one;
    }
}

/* Loopback, and what Listen names. Behind a wildcard the machine's addresses stand nowhere in the configuration. */
static const apr_array_header_t *own_addresses(apr_pool_t *p)
{
    apr_array_header_t *own = apr_array_make(p, 4, sizeof(own_t));
    const ap_listen_rec *listener;

    add_own(own, "127.0.0.0/8");
    add_own(own, "::1");
    for (listener = ap_listeners; listener; listener = listener->next) {
        char *text = NULL;

        if (listener->bind_addr && !apr_sockaddr_is_wildcard(listener->bind_addr)
            && apr_sockaddr_ip_get(&text, listener->bind_addr) == APR_SUCCESS) {
            add_own(own, text);
        }
    }
    return own;
}

/* An address of this server among the peers; NULL: none. */
static const char *own_peer(const check_t *check, const fct_upstream_rule_t *upstream)
{
    apr_size_t k;
    int i;

    for (i = 0; i < check->own->nelts; i++) {
        const own_t *own = &APR_ARRAY_IDX(check->own, i, own_t);

        for (k = 0; k < upstream->nranges; k++) {
            if (fct_range_covers(&upstream->ranges[k], &own->range) || fct_range_covers(&own->range, &upstream->ranges[k])) {
                return own->text;
            }
        }
    }
    return NULL;
}

static void check_policy(const check_t *check, const fct_policy_t *policy, fct_findings_t *findings)
{
    const apr_array_header_t *upstreams = policy->plan->upstreams;
    int i;

    for (i = 0; i < upstreams->nelts; i++) {
        const fct_upstream_rule_t *upstream = APR_ARRAY_IDX(upstreams, i, const fct_upstream_rule_t *);
        const char *own = own_peer(check, upstream);

        if (own) {
            fct_findings_add(findings, FCT_FINDING_UPSTREAM_IS_SELF, upstream->named.place.file, upstream->named.place.line,
                             "the peers of upstream %s (%s) include an address of this server's own (%s), and %s %s in %s:%d lets whoever writes a "
                             ".htaccess send requests from there, with header fields of his choice; take FileInfo away, or let the proxy in "
                             "front call from an address of its own", upstream->named.name, upstream->peers, own,
                             check->forwarding->directive, check->forwarding->args, check->forwarding->filename, check->forwarding->line_num);
        }
    }
}

void fct_check_upstreams(fct_findings_t *findings, apr_pool_t *ptemp)
{
    check_t check = { NULL, own_addresses(ptemp), ptemp };
    int i;

    fct_conftree_walk(find_forwarding, &check);
    for (i = 0; check.forwarding && i < fct_directives_slots()->nelts; i++) {
        const fct_policy_slot_t *slot = APR_ARRAY_IDX(fct_directives_slots(), i, const fct_policy_slot_t *);

        if (slot->policy) {
            check_policy(&check, slot->policy, findings);
        }
    }
}
