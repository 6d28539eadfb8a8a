/* Sources whose class depends on directives of other modules. */
#include "check_classes.h"

#include <apr_strings.h>

#include "check_address.h"
#include "check_formats.h"
#include "check_scope.h"
#include "check_writers.h"
#include "conftree.h"

/* What the configuration has that lowers classes. */
typedef struct lowering_t {
    apr_array_header_t *replaces;    /* of const ap_directive_t *: lines that make another address the client's */
    apr_array_header_t *headers;     /* of const ap_directive_t *: RemoteIPHeader */
    apr_array_header_t *proxies;     /* of const ap_directive_t *: lists of proxies that are believed */
    apr_array_header_t *anyone;      /* of const ap_directive_t *: lines by which a client names himself */
    apr_array_header_t *aliases;     /* of const char *: other names of mod_authn_anon's provider */
    apr_array_header_t *named;       /* of const ap_directive_t *: AuthName, AuthType with what a client sends */
    const fct_writers_t *writers;
    apr_pool_t *p;
} lowering_t;

static void keep(apr_array_header_t *directives, const ap_directive_t *d)
{
    APR_ARRAY_PUSH(directives, const ap_directive_t *) = d;
}

static void gather_addresses(lowering_t *lowering, const ap_directive_t *d)
{
    if (fct_check_address_is_replaced_by(d)) {
        keep(lowering->replaces, d);
    }
    if (fct_conftree_is(d, "RemoteIPHeader")) {
        keep(lowering->headers, d);
    }
    else if (ap_cstr_casecmpn(d->directive, "RemoteIPTrustedProxy", 20) == 0
             || ap_cstr_casecmpn(d->directive, "RemoteIPInternalProxy", 21) == 0) {
        keep(lowering->proxies, d);
    }
}

static int is_anyone(const lowering_t *lowering, const char *provider)
{
    int i;

    for (i = 0; i < lowering->aliases->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(lowering->aliases, i, const char *), provider) == 0) {
            return 1;
        }
    }
    return strcmp(provider, "anon") == 0;
}

/* mod_ssl knows more than certificates under these names: HTTP:X-User and SSL_TLS_SNI are the client's own word. */
static int is_of_certificate(const char *variable)
{
    return ap_cstr_casecmpn(variable, "SSL_CLIENT_", 11) == 0 || ap_cstr_casecmpn(variable, "SSL_SERVER_", 11) == 0;
}

/* mod_authnz_fcgi: AuthnzFcgiCheckAuthnProvider NAME … UserExpr EXPRESSION names the user where the authorizer does not. */
static int names_user_by_client(const lowering_t *lowering, const ap_directive_t *d)
{
    const char *word;
    int n;

    for (n = 1; *(word = fct_conftree_word(d, n, lowering->p)); n++) {
        if (ap_cstr_casecmp(word, "UserExpr") == 0) {
            return fct_check_formats_is_clients_beside_env(fct_conftree_word(d, n + 1, lowering->p));
        }
    }
    return 0;
}

/* <AuthnProviderAlias anon NAME> stands before the line that uses it. */
static void gather_auth(lowering_t *lowering, const ap_directive_t *d)
{
    const char *word;
    int n;

    if (fct_conftree_is(d, "<AuthnProviderAlias") && is_anyone(lowering, fct_conftree_word(d, 0, lowering->p))) {
        APR_ARRAY_PUSH(lowering->aliases, const char *) = fct_conftree_word(d, 1, lowering->p);
    }
    else if (fct_conftree_is(d, "AuthBasicProvider") || fct_conftree_is(d, "AuthFormProvider")) {
        for (n = 0; *(word = fct_conftree_word(d, n, lowering->p)); n++) {
            if (is_anyone(lowering, word)) {
                keep(lowering->anyone, d);
                return;
            }
        }
    }
    else if (fct_conftree_is(d, "AuthnzFcgiCheckAuthnProvider") && names_user_by_client(lowering, d)) {
        keep(lowering->anyone, d);
    }
    else if (fct_conftree_is(d, "SSLUserName") && !is_of_certificate(fct_conftree_word(d, 0, lowering->p))) {
        keep(lowering->anyone, d);
    }
    else if ((fct_conftree_is(d, "AuthName") || fct_conftree_is(d, "AuthType")) && fct_check_formats_is_clients(d->args)) {
        keep(lowering->named, d);
    }
}

static void gather(void *context, const ap_directive_t *d)
{
    gather_addresses(context, d);
    gather_auth(context, d);
}

static int some_meets(const apr_array_header_t *directives, const ap_directive_t *d)
{
    int i;

    for (i = 0; i < directives->nelts; i++) {
        if (fct_conftree_meet(APR_ARRAY_IDX(directives, i, const ap_directive_t *), d)) {
            return 1;
        }
    }
    return 0;
}

/* Without a list mod_remoteip believes whoever sends the field. */
static void check_headers(const lowering_t *lowering, fct_findings_t *findings)
{
    int i;

    for (i = 0; i < lowering->headers->nelts; i++) {
        const ap_directive_t *header = APR_ARRAY_IDX(lowering->headers, i, const ap_directive_t *);

        if (!some_meets(lowering->proxies, header) && some_meets(fct_directives_uses(), header)) {
            fct_findings_add(findings, FCT_FINDING_REMOTEIP_WITHOUT_PROXIES, header->filename, header->line_num, NULL);
        }
    }
}

/* One policy in this configuration. */
typedef struct scope_t {
    const lowering_t *lowering;
    const fct_policy_slot_t *slot;
} scope_t;

static const ap_directive_t *first_in(const scope_t *scope, const apr_array_header_t *directives)
{
    int i;

    for (i = 0; i < directives->nelts; i++) {
        const ap_directive_t *d = APR_ARRAY_IDX(directives, i, const ap_directive_t *);

        if (fct_check_scope_reaches(scope->slot, d)) {
            return d;
        }
    }
    return NULL;
}

/* The directive that lowers the class of this reference; NULL: none does. */
static const ap_directive_t *lowered_by(const scope_t *scope, const fct_source_ref_t *ref)
{
    const lowering_t *lowering = scope->lowering;
    const ap_directive_t *d = fct_source_is_auth(ref) ? first_in(scope, lowering->anyone) : NULL;

    switch (d ? FCT_SOURCE_NONE : ref->id) {
    case FCT_SOURCE_CONNECTION_CLIENT_ADDRESS:
        return first_in(scope, lowering->replaces);
    case FCT_SOURCE_AUTH_REALM:
    case FCT_SOURCE_AUTH_TYPE:
        return first_in(scope, lowering->named);
    case FCT_SOURCE_ENV:
        return fct_check_writers_find(lowering->writers, FCT_WRITTEN_ENV, ref->argument, scope->slot);
    case FCT_SOURCE_SET_HEADER:
        return fct_check_writers_find(lowering->writers, FCT_WRITTEN_HEADER, ref->argument, scope->slot);
    default:
        return d;
    }
}

/* By a module alone, without any directive; NULL: none. */
static const char *module_that_lowers(const fct_source_ref_t *ref, apr_pool_t *p)
{
    const char *module = ref->id == FCT_SOURCE_CONNECTION_CLIENT_ADDRESS ? fct_check_address_module() : NULL;

    return module ? apr_pstrcat(p, module, ", which is loaded", NULL) : NULL;
}

static fct_class_t class_of(void *context, const fct_source_ref_t *ref, const char **because)
{
    const scope_t *scope = context;
    const ap_directive_t *d = lowered_by(scope, ref);
    const char *reason = d ? fct_check_scope_line(d, scope->lowering->p) : module_that_lowers(ref, scope->lowering->p);

    if (!reason) {
        return fct_source_info(ref->id)->class_;
    }
    *because = reason;
    return ref->id == FCT_SOURCE_CONNECTION_CLIENT_ADDRESS ? FCT_CLASS_ASSERTED : FCT_CLASS_CLIENT;
}

static void check_slot(const lowering_t *lowering, const fct_policy_slot_t *slot, fct_findings_t *findings)
{
    scope_t scope = { lowering, slot };
    fct_classes_t classes = { class_of, &scope };

    if (slot->policy) {
        fct_policy_check_classes(slot->policy, &classes, findings);
    }
}

static void make_lists(lowering_t *lowering, apr_pool_t *p)
{
    apr_array_header_t **const lists[] = {
        &lowering->replaces, &lowering->headers, &lowering->proxies, &lowering->anyone, &lowering->aliases, &lowering->named
    };
    apr_size_t i;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        *lists[i] = apr_array_make(p, 2, sizeof(const void *));
    }
    lowering->writers = fct_check_writers_gather(p);
    lowering->p = p;
}

void fct_check_classes(fct_findings_t *findings, apr_pool_t *ptemp)
{
    lowering_t lowering;
    int i;

    make_lists(&lowering, ptemp);
    fct_conftree_walk(gather, &lowering);
    check_headers(&lowering, findings);
    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        check_slot(&lowering, APR_ARRAY_IDX(fct_directives_slots(), i, const fct_policy_slot_t *), findings);
    }
}
