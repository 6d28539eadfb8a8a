/* Sources whose class depends on directives of other modules. */
#include "check_classes.h"

#include <apr_strings.h>

#include "conftree.h"

typedef struct remoteip_t {
    apr_array_header_t *replaces;    /* of const ap_directive_t *: lines that make another address the client's */
    apr_array_header_t *headers;     /* of const ap_directive_t *: RemoteIPHeader */
    apr_array_header_t *proxies;     /* of const ap_directive_t *: lists of proxies that are believed */
} remoteip_t;

static void gather(void *context, const ap_directive_t *d)
{
    remoteip_t *remoteip = context;

    if (fct_conftree_is(d, "RemoteIPHeader")) {
        APR_ARRAY_PUSH(remoteip->headers, const ap_directive_t *) = d;
        APR_ARRAY_PUSH(remoteip->replaces, const ap_directive_t *) = d;
    }
    else if (fct_conftree_is(d, "RemoteIPProxyProtocol") && ap_cstr_casecmp(d->args, "Off") != 0) {
        APR_ARRAY_PUSH(remoteip->replaces, const ap_directive_t *) = d;
    }
    else if (ap_cstr_casecmpn(d->directive, "RemoteIPTrustedProxy", 20) == 0
             || ap_cstr_casecmpn(d->directive, "RemoteIPInternalProxy", 21) == 0) {
        APR_ARRAY_PUSH(remoteip->proxies, const ap_directive_t *) = d;
    }
}

static const ap_directive_t *first_that_meets(const apr_array_header_t *directives, const ap_directive_t *d)
{
    int i;

    for (i = 0; i < directives->nelts; i++) {
        if (fct_conftree_meet(APR_ARRAY_IDX(directives, i, const ap_directive_t *), d)) {
            return APR_ARRAY_IDX(directives, i, const ap_directive_t *);
        }
    }
    return NULL;
}

static int some_meets(const apr_array_header_t *directives, const ap_directive_t *d)
{
    return first_that_meets(directives, d) != NULL;
}

/* Without a list mod_remoteip believes whoever sends the field. */
static void check_headers(const remoteip_t *remoteip, fct_findings_t *findings)
{
    int i;

    for (i = 0; i < remoteip->headers->nelts; i++) {
        const ap_directive_t *header = APR_ARRAY_IDX(remoteip->headers, i, const ap_directive_t *);

        if (!some_meets(remoteip->proxies, header) && some_meets(fct_directives_uses(), header)) {
            fct_findings_add(findings, FCT_FINDING_REMOTEIP_WITHOUT_PROXIES, header->filename, header->line_num, NULL);
        }
    }
}

static const ap_directive_t *use_that_meets(const apr_array_header_t *directives, const fct_policy_slot_t *slot, apr_pool_t *p)
{
    const apr_array_header_t *uses = fct_directives_uses();
    int i;

    for (i = 0; i < uses->nelts; i++) {
        const ap_directive_t *use = APR_ARRAY_IDX(uses, i, const ap_directive_t *);
        const char *path = ap_server_root_relative(p, fct_conftree_word(use, 0, p));

        if (path && strcmp(path, slot->path) == 0 && some_meets(directives, use)) {
            return use;
        }
    }
    return NULL;
}

/* What the configuration around one use of a policy makes of the sources. */
typedef struct scope_t {
    const ap_directive_t *replaced;       /* the line that makes another address the client's; NULL: none */
    apr_pool_t *p;
} scope_t;

static const char *line_text(const ap_directive_t *d, apr_pool_t *p)
{
    return apr_psprintf(p, "%s:%d (%s)", d->filename, d->line_num, d->directive);
}

static fct_class_t class_of(void *context, const fct_source_ref_t *ref, const char **because)
{
    const scope_t *scope = context;

    if (ref->id == FCT_SOURCE_CONNECTION_CLIENT_ADDRESS && scope->replaced) {
        *because = line_text(scope->replaced, scope->p);
        return FCT_CLASS_ASSERTED;
    }
    return fct_source_info(ref->id)->class_;
}

static void check_slot(const fct_policy_slot_t *slot, const remoteip_t *remoteip, fct_findings_t *findings, apr_pool_t *p)
{
    const ap_directive_t *use = slot->policy ? use_that_meets(remoteip->replaces, slot, p) : NULL;
    scope_t scope = { use ? first_that_meets(remoteip->replaces, use) : NULL, p };
    fct_classes_t classes = { class_of, &scope };

    if (use) {
        fct_policy_check_classes(slot->policy, &classes, findings);
    }
}

void fct_check_classes(fct_findings_t *findings, apr_pool_t *ptemp)
{
    remoteip_t remoteip;
    int i;

    remoteip.replaces = apr_array_make(ptemp, 2, sizeof(const ap_directive_t *));
    remoteip.headers = apr_array_make(ptemp, 2, sizeof(const ap_directive_t *));
    remoteip.proxies = apr_array_make(ptemp, 2, sizeof(const ap_directive_t *));
    fct_conftree_walk(gather, &remoteip);
    check_headers(&remoteip, findings);
    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        check_slot(APR_ARRAY_IDX(fct_directives_slots(), i, const fct_policy_slot_t *), &remoteip, findings, ptemp);
    }
}
