/* The start-up check: every policy loaded, every fault of every one named at once, nothing in force if there is an error. */
#include "mod_fcgi_trust.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <http_core.h>

#include "audit_key.h"
#include "audit_origins.h"
#include "check_certificates.h"
#include "check_classes.h"
#include "check_override.h"
#include "check_report.h"
#include "check_routes.h"
#include "check_settings.h"
#include "check_upstreams.h"
#include "counters.h"
#include "crypto_openssl.h"
#include "provenance.h"
#include "reader.h"
#include "reload.h"
#include "status.h"

#define USES_TOLD 4      /* places in the line that names a policy at the start */

#ifndef FCT_POLICY_DIR
#error "FCT_POLICY_DIR, the directory of the shipped policies, comes from apxs.mk"
#endif

/* --- who may write a policy --- */

static int is_owned_by(const apr_finfo_t *file, const char *configuration, apr_pool_t *p)
{
    apr_finfo_t owner;

    if (file->user == 0) {
        return 1;
    }
    return apr_stat(&owner, configuration, APR_FINFO_OWNER, p) == APR_SUCCESS && apr_uid_compare(owner.user, file->user) == APR_SUCCESS;
}

static const char *name_owner(const apr_finfo_t *file, apr_pool_t *p)
{
    char *name;

    return apr_uid_name_get(&name, file->user, p) == APR_SUCCESS ? name : apr_psprintf(p, "user %lu", (unsigned long)file->user);
}

static void check_owner(const char *path, const ap_directive_t *at, fct_findings_t *findings, apr_pool_t *ptemp)
{
    apr_finfo_t file;

    if (apr_stat(&file, path, APR_FINFO_OWNER | APR_FINFO_PROT, ptemp) != APR_SUCCESS) {
        return;                          /* the reader says that it cannot be read */
    }
    if ((file.protection & (APR_FPROT_GWRITE | APR_FPROT_WWRITE)) || !is_owned_by(&file, at->filename, ptemp)) {
        fct_findings_add(findings, FCT_FINDING_POLICY_WRITABLE, path, 0,
                         "others than root and the owner of %s may write this file of a policy (it is %s's, mode %03x); make one of "
                         "them its owner and take the write permission of group and others away", at->filename,
                         name_owner(&file, ptemp), (unsigned)file.protection & 0xfff);
    }
}

/* --- loading --- */

static int has_its_digest(const fct_policy_slot_t *slot, const fct_policy_t *policy, fct_findings_t *findings)
{
    int i, differs = 0;

    for (i = 0; i < slot->pins->nelts; i++) {
        const fct_pin_t *pin = &APR_ARRAY_IDX(slot->pins, i, fct_pin_t);

        if (strcmp(pin->hex, policy->digest) != 0) {
            fct_findings_add(findings, FCT_FINDING_DIGEST_DIFFERS, pin->directive->filename, pin->directive->line_num,
                             "policy %s version %s in %s has the digest sha256:%s, not sha256:%s; have the change approved, then name "
                             "the new digest", policy->name, policy->version, slot->path, policy->digest, pin->hex);
            differs = 1;
        }
    }
    return !differs;
}

/* Where a policy is not there, the directive is wrong and not the policy. */
static int is_there(const fct_policy_slot_t *slot, fct_findings_t *findings, apr_pool_t *ptemp)
{
    const ap_directive_t *d = slot->directive;
    apr_finfo_t file;
    apr_status_t rv = apr_stat(&file, slot->path, APR_FINFO_TYPE, ptemp);

    if (rv != APR_SUCCESS) {
        fct_findings_add(findings, FCT_FINDING_POLICY_FILE, d->filename, d->line_num, "%s: the policy %s cannot be read: %pm; the shipped "
                         "ones are in %s", d->directive, slot->path, &rv, FCT_POLICY_DIR);
    }
    return rv == APR_SUCCESS;
}

/* Every file a policy is made of, what it extends included. */
static const fct_policy_t *read_policy(const fct_policy_slot_t *slot, fct_findings_t *findings, apr_pool_t *p, apr_pool_t *ptemp)
{
    const fct_reader_options_t options = { FCT_POLICY_DIR, apr_array_make(ptemp, 4, sizeof(const char *)), &fct_crypto_openssl };
    const fct_policy_t *policy;
    int i;

    if (!is_there(slot, findings, ptemp)) {
        return NULL;
    }
    policy = fct_reader_load(slot->path, &options, findings, p);
    for (i = 0; i < options.files->nelts; i++) {
        check_owner(APR_ARRAY_IDX(options.files, i, const char *), slot->directive, findings, ptemp);
    }
    if (policy) {
        has_its_digest(slot, policy, findings);
    }
    return policy;
}

static void take_findings(fct_findings_t *to, const fct_findings_t *from, int count_errors)
{
    apr_array_cat(to->items, from->items);
    to->errors += count_errors ? from->errors : 0;
}

/* FcgiTrustReload keep-last: what is read lives on; where it is faulty, what was read before does. */
static void load_or_keep(fct_policy_slot_t *slot, fct_findings_t *findings, server_rec *s, apr_pool_t *ptemp)
{
    fct_findings_t *own = fct_findings_create(ptemp);
    apr_pool_t *pool = fct_reload_pool(s);
    const fct_policy_t *policy = read_policy(slot, own, pool, ptemp);
    const fct_policy_t *last = own->errors ? fct_reload_last(s, slot->path) : NULL;
    int is_kept = last && has_its_digest(slot, last, own);

    if (!own->errors) {
        fct_reload_keep(s, slot->path, policy, pool);
        slot->policy = policy;
    }
    else {
        fct_reload_discard(pool);
        slot->policy = is_kept ? last : NULL;
    }
    if (is_kept) {
        fct_findings_add(own, FCT_FINDING_POLICY_KEPT, slot->path, 0,
                         "this policy is faulty; the last good one stays in force: %s version %s, sha256:%s", last->name, last->version,
                         last->digest);
    }
    take_findings(findings, own, !is_kept);
}

static void load_policies(fct_findings_t *findings, server_rec *s, apr_pool_t *pconf, apr_pool_t *ptemp)
{
    int i;

    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        fct_policy_slot_t *slot = APR_ARRAY_IDX(fct_directives_slots(), i, fct_policy_slot_t *);

        if (fct_directives_keeps_last()) {
            load_or_keep(slot, findings, s, ptemp);
        }
        else {
            slot->policy = read_policy(slot, findings, pconf, ptemp);
        }
    }
}

/* --- how httpd itself parses requests --- */

/* The last directive of this name among siblings: the one that counts. */
static const ap_directive_t *last_named(const ap_directive_t *d, const char *name)
{
    const ap_directive_t *found = NULL;

    for (; d; d = d->next) {
        if (ap_cstr_casecmp(d->directive, name) == 0) {
            found = d;
        }
    }
    return found;
}

/* Where the setting that is in force for s was made: in its own section, else in the main server's lines. */
static const ap_directive_t *find_setting(const server_rec *s, const char *name)
{
    const ap_directive_t *d, *found;

    for (d = ap_conftree; d && s->defn_name; d = d->next) {
        if ((unsigned)d->line_num == s->defn_line_number && strcmp(d->filename, s->defn_name) == 0) {
            found = last_named(d->first_child, name);
            return found ? found : last_named(ap_conftree, name);
        }
    }
    return last_named(ap_conftree, name);
}

static void add_parsing(fct_findings_t *findings, fct_finding_id_t id, const server_rec *s, const char *directive, const char *value,
                        int is_parser)
{
    const ap_directive_t *at = find_setting(s, directive);

    fct_findings_add(findings, id, at ? at->filename : s->defn_name, at ? at->line_num : (int)s->defn_line_number,
                     "%s %s is in force for %s%s; remove it", directive, value,
                     s->server_hostname ? s->server_hostname : "the main server",
                     is_parser ? ", which parses requests for a virtual host with a policy" : "");
}

static void check_parsing_of(const server_rec *s, int is_parser, fct_findings_t *findings)
{
    const core_server_config *core = ap_get_core_module_config(s->module_config);

    if (core->http_conformance == AP_HTTP_CONFORMANCE_UNSAFE) {
        add_parsing(findings, FCT_FINDING_UNSAFE_PROTOCOL, s, "HttpProtocolOptions", "Unsafe", is_parser);
    }
    if (core->merge_trailers == AP_MERGE_TRAILERS_ENABLE) {
        add_parsing(findings, FCT_FINDING_MERGE_TRAILERS, s, "MergeTrailers", "on", is_parser);
    }
}

static int has_address(const server_rec *s, const server_addr_rec *address)
{
    const server_addr_rec *own;

    for (own = s->addrs; own; own = own->next) {
        if ((own->host_port == address->host_port || own->host_port == 0 || address->host_port == 0)
            && apr_sockaddr_equal(own->host_addr, address->host_addr)) {
            return 1;
        }
    }
    return 0;
}

/* The default vhost of an address parses the request line and the header before the Host is known: the first in the configuration,
 * the last in httpd's list. */
static const server_rec *default_vhost_of(const server_rec *main_server, const server_addr_rec *address)
{
    const server_rec *s, *found = NULL;

    for (s = main_server->next; s; s = s->next) {
        if (has_address(s, address)) {
            found = s;
        }
    }
    return found;
}

static void check_parsing(server_rec *main_server, fct_findings_t *findings)
{
    const server_rec *s;
    const server_addr_rec *address;

    for (s = main_server; s; s = s->next) {
        if (!fct_check_routes_has_policy(s)) {
            continue;
        }
        check_parsing_of(s, 0, findings);
        for (address = s->is_virtual ? s->addrs : NULL; address; address = address->next) {
            const server_rec *parser = default_vhost_of(main_server, address);

            if (parser && parser != s) {
                check_parsing_of(parser, 1, findings);
            }
        }
    }
}

/* On the console as sentences; in the error log, from the second reading on, with time and level. */
static void report(fct_findings_t *findings, server_rec *s)
{
    int plain = ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG ? APLOG_STARTUP : 0;
    int i;

    fct_findings_sort(findings);
    for (i = 0; i < findings->items->nelts; i++) {
        const fct_finding_t *finding = &APR_ARRAY_IDX(findings->items, i, fct_finding_t);
        fct_severity_t severity = fct_finding_info(finding->id)->severity;
        int level = severity == FCT_SEVERITY_ERROR ? APLOG_ERR : severity == FCT_SEVERITY_WARNING ? APLOG_WARNING : APLOG_INFO;

        ap_log_error(APLOG_MARK, plain | level, 0, s, "%s", fct_finding_text(finding, findings->pool));
    }
}

int fct_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    fct_findings_t *findings = fct_findings_create(ptemp);
    int errors;

    (void)plog;
    load_policies(findings, s, pconf, ptemp);
    fct_provenance_prepare(pconf);
    check_parsing(s, findings);
    fct_check_classes(findings, ptemp);
    fct_check_override(findings, ptemp);
    fct_check_upstreams(findings, ptemp);
    fct_check_certificates(findings, pconf, ptemp);
    fct_check_routes(findings, ptemp);
    fct_check_report(findings);
    fct_check_settings(findings, ptemp);
    errors = findings->errors;         /* those of a policy that is not taken are told, and not counted */
    report(findings, s);
    return errors ? HTTP_INTERNAL_SERVER_ERROR : OK;
}

/* "enforce at httpd.conf:12, off at httpd.conf:30 and 3 more": a policy that is off where it was meant to be in force is seen here first. */
static const char *tell_uses(const fct_policy_slot_t *slot, apr_pool_t *p)
{
    const apr_array_header_t *uses = fct_status_uses(slot, p);
    const char *told = uses->nelts ? "" : "a candidate";
    int i;

    for (i = 0; i < uses->nelts && i < USES_TOLD; i++) {
        const fct_status_use_t *use = &APR_ARRAY_IDX(uses, i, fct_status_use_t);

        told = apr_pstrcat(p, told, i ? ", " : "", use->mode, " at ", use->place, NULL);
    }
    return i < uses->nelts ? apr_psprintf(p, "%s and %d more", told, uses->nelts - i) : told;
}

int fct_check_announce(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    int i;

    (void)plog;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    if (fct_audit_key_make(s) != OK) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    fct_counters_attach(s, ptemp);
    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        fct_policy_slot_t *slot = APR_ARRAY_IDX(fct_directives_slots(), i, fct_policy_slot_t *);

        slot->origins = fct_audit_origins_make(slot->policy, pconf, ptemp);
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s, "fcgi_trust: policy %s version %s, sha256:%s, read from %s: %s", slot->policy->name,
                     slot->policy->version, slot->policy->digest, slot->path, tell_uses(slot, ptemp));
    }
    return OK;
}
