/* The start-up check: every policy loaded, every fault of every one named at once, nothing in force if there is an error. */
#include "mod_fcgi_trust.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <http_core.h>

#include "check_classes.h"
#include "check_routes.h"
#include "reader.h"

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

static void check_owner(const char *path, const ap_directive_t *at, fct_findings_t *findings, apr_pool_t *ptemp)
{
    apr_finfo_t file;

    if (apr_stat(&file, path, APR_FINFO_OWNER | APR_FINFO_PROT, ptemp) != APR_SUCCESS) {
        return;                          /* the reader says that it cannot be read */
    }
    if ((file.protection & (APR_FPROT_GWRITE | APR_FPROT_WWRITE)) || !is_owned_by(&file, at->filename, ptemp)) {
        fct_findings_add(findings, FCT_FINDING_POLICY_WRITABLE, path, 0,
                         "others than root and the owner of %s may write this policy; make one of them its owner and "
                         "take the write permission of group and others away", at->filename);
    }
}

/* Every file a policy is made of, what it extends included. */
static void load_policy(fct_policy_slot_t *slot, fct_findings_t *findings, apr_pool_t *pconf, apr_pool_t *ptemp)
{
    const fct_reader_options_t options = { FCT_POLICY_DIR, apr_array_make(ptemp, 4, sizeof(const char *)) };
    int i;

    slot->policy = fct_reader_load(slot->path, &options, findings, pconf);
    for (i = 0; i < options.files->nelts; i++) {
        check_owner(APR_ARRAY_IDX(options.files, i, const char *), slot->directive, findings, ptemp);
    }
}

static void load_policies(fct_findings_t *findings, apr_pool_t *pconf, apr_pool_t *ptemp)
{
    int i;

    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        load_policy(APR_ARRAY_IDX(fct_directives_slots(), i, fct_policy_slot_t *), findings, pconf, ptemp);
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

static void report(fct_findings_t *findings, server_rec *s)
{
    int i;

    fct_findings_sort(findings);
    for (i = 0; i < findings->items->nelts; i++) {
        const fct_finding_t *finding = &APR_ARRAY_IDX(findings->items, i, fct_finding_t);
        fct_severity_t severity = fct_finding_info(finding->id)->severity;
        int level = severity == FCT_SEVERITY_ERROR ? APLOG_ERR : severity == FCT_SEVERITY_WARNING ? APLOG_WARNING : APLOG_INFO;

        ap_log_error(APLOG_MARK, APLOG_STARTUP | level, 0, s, "%s", fct_finding_text(finding, findings->pool));
    }
}

int fct_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    fct_findings_t *findings = fct_findings_create(ptemp);

    (void)plog;
    load_policies(findings, pconf, ptemp);
    check_parsing(s, findings);
    fct_check_classes(findings, ptemp);
    fct_check_routes(findings, ptemp);
    report(findings, s);
    return findings->errors ? HTTP_INTERNAL_SERVER_ERROR : OK;
}
