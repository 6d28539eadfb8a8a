/* The directives: their command table, and the configuration they make. */
#include "directives.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "audit_key.h"
#include "audit_log.h"

#define DIGEST_LEN 64

/* Written at configuration time only, by one thread; reset before each reading. */
static apr_array_header_t *slots;
static apr_array_header_t *uses;
static apr_array_header_t *candidates;
static apr_array_header_t *modes;
static apr_array_header_t *settings;
static int keeps_last;

int fct_directives_keeps_last(void)
{
    return keeps_last;
}

void fct_directives_reset(apr_pool_t *pconf)
{
    keeps_last = 0;
    fct_audit_key_reset();
    fct_audit_log_reset(pconf);
    slots = apr_array_make(pconf, 4, sizeof(fct_policy_slot_t *));
    uses = apr_array_make(pconf, 4, sizeof(const ap_directive_t *));
    candidates = apr_array_make(pconf, 1, sizeof(const ap_directive_t *));
    modes = apr_array_make(pconf, 4, sizeof(const ap_directive_t *));
    settings = apr_array_make(pconf, 4, sizeof(const ap_directive_t *));
}

const apr_array_header_t *fct_directives_uses(void)
{
    return uses;
}

const apr_array_header_t *fct_directives_candidates(void)
{
    return candidates;
}

const apr_array_header_t *fct_directives_modes(void)
{
    return modes;
}

const apr_array_header_t *fct_directives_settings(void)
{
    return settings;
}

const apr_array_header_t *fct_directives_slots(void)
{
    return slots;
}

void *fct_directives_create(apr_pool_t *p, char *dir)
{
    fct_config_t *config = apr_pcalloc(p, sizeof(*config));

    (void)dir;
#define FCT_CONFIG_CREATE(type, name, unset) config->name = unset;
    FCT_CONFIG_SETTINGS(FCT_CONFIG_CREATE)
#undef FCT_CONFIG_CREATE
    return config;
}

/* The nearest setting replaces; values are inherited one by one. */
void *fct_directives_merge(apr_pool_t *p, void *base_, void *over_)
{
    const fct_config_t *base = base_, *over = over_;
    fct_config_t *config = apr_pcalloc(p, sizeof(*config));

#define FCT_CONFIG_MERGE(type, name, unset) config->name = (over->name != unset) ? over->name : base->name;
    FCT_CONFIG_SETTINGS(FCT_CONFIG_MERGE)
#undef FCT_CONFIG_MERGE
    if (!over->values || !base->values) {
        config->values = over->values ? over->values : base->values;
    }
    else {
        config->values = apr_table_copy(p, base->values);
        apr_table_overlap(config->values, over->values, APR_OVERLAP_TABLES_SET);
    }
    return config;
}

/* Not in .htaccess, not even through AllowOverrideList, and not where a client's request decides (<If>, <Limit>). */
const char *fct_directives_check_place(cmd_parms *cmd)
{
    const ap_directive_t *at;
    const char *error = ap_check_cmd_context(cmd, NOT_IN_HTACCESS | NOT_IN_LIMIT);

    if (error) {
        return error;
    }
    for (at = cmd->directive->parent; at; at = at->parent) {
        if (ap_cstr_casecmp(at->directive, "<If") == 0 || ap_cstr_casecmp(at->directive, "<ElseIf") == 0
            || ap_cstr_casecmp(at->directive, "<Else") == 0) {
            return apr_psprintf(cmd->pool,
                                "%s: not allowed in %s>, whose condition a client can influence; "
                                "use <Location>, <Directory>, <Files> or <Proxy>",
                                cmd->cmd->name, at->directive);
        }
    }
    return NULL;
}

static fct_policy_slot_t *find_slot(const char *path)
{
    int i;

    for (i = 0; i < slots->nelts; i++) {
        fct_policy_slot_t *slot = APR_ARRAY_IDX(slots, i, fct_policy_slot_t *);

        if (strcmp(slot->path, path) == 0) {
            return slot;
        }
    }
    return NULL;
}

static fct_policy_slot_t *make_slot(cmd_parms *cmd, const char *path)
{
    fct_policy_slot_t *slot = apr_pcalloc(cmd->pool, sizeof(*slot));

    slot->path = path;
    slot->directive = cmd->directive;
    slot->uses = apr_array_make(cmd->pool, 1, sizeof(const ap_directive_t *));
    slot->candidacies = apr_array_make(cmd->pool, 1, sizeof(const ap_directive_t *));
    slot->pins = apr_array_make(cmd->pool, 1, sizeof(fct_pin_t));
    APR_ARRAY_PUSH(slots, fct_policy_slot_t *) = slot;
    return slot;
}

static const char *lower(char *text)
{
    char *c;

    for (c = text; *c; c++) {
        *c = (char)fct_bytes_lower((unsigned char)*c);
    }
    return text;
}

/* sha256:HEX */
static const char *add_pin(cmd_parms *cmd, fct_policy_slot_t *slot, const char *text)
{
    const char *hex = strncmp(text, "sha256:", 7) == 0 ? text + 7 : "";
    fct_pin_t *pin;

    if (strlen(hex) != DIGEST_LEN || strspn(hex, "0123456789abcdefABCDEF") != DIGEST_LEN) {
        return apr_psprintf(cmd->pool, "FcgiTrustPolicy: '%s' is not sha256: and %d hexadecimal digits; "
                            "httpd's log and fcgi-trust show name a policy's digest", text, DIGEST_LEN);
    }
    pin = apr_array_push(slot->pins);
    pin->hex = lower(apr_pstrdup(cmd->pool, hex));
    pin->directive = cmd->directive;
    return NULL;
}

/* The slot of a policy's file, made where no directive has named it yet. */
static const char *name_policy(cmd_parms *cmd, fct_policy_slot_t **slot, const char *file)
{
    const char *error = fct_directives_check_place(cmd);
    const char *path = error ? NULL : ap_server_root_relative(cmd->pool, file);

    if (!path) {
        return error ? error : apr_psprintf(cmd->pool, "%s: '%s' is not a valid path", cmd->cmd->name, file);
    }
    *slot = find_slot(path);
    if (!*slot) {
        *slot = make_slot(cmd, path);
    }
    return NULL;
}

static const char *set_policy(cmd_parms *cmd, void *config_, const char *file, const char *digest)
{
    fct_config_t *config = config_;
    const char *error = name_policy(cmd, &config->slot, file);

    if (error) {
        return error;
    }
    APR_ARRAY_PUSH(config->slot->uses, const ap_directive_t *) = cmd->directive;
    APR_ARRAY_PUSH(uses, const ap_directive_t *) = cmd->directive;
    return digest ? add_pin(cmd, config->slot, digest) : NULL;
}

static const char *set_candidate(cmd_parms *cmd, void *config_, const char *file)
{
    fct_config_t *config = config_;
    const char *error = name_policy(cmd, &config->candidate, file);

    if (!error) {
        APR_ARRAY_PUSH(config->candidate->candidacies, const ap_directive_t *) = cmd->directive;
        APR_ARRAY_PUSH(candidates, const ap_directive_t *) = cmd->directive;
    }
    return error;
}

/* --- how the module behaves --- */

static const char *set_reload(cmd_parms *cmd, void *config_, const char *how)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY | NOT_IN_HTACCESS);

    (void)config_;
    if (error) {
        return error;
    }
    if (ap_cstr_casecmp(how, "strict") != 0 && ap_cstr_casecmp(how, "keep-last") != 0) {
        return apr_psprintf(cmd->pool, "FcgiTrustReload: '%s' is not one of strict, keep-last", how);
    }
    keeps_last = ap_cstr_casecmp(how, "keep-last") == 0;
    return NULL;
}

static const char *set_mode(cmd_parms *cmd, void *config_, const char *mode)
{
    fct_config_t *config = config_;
    const char *error = fct_directives_check_place(cmd);

    if (error) {
        return error;
    }
    if (ap_cstr_casecmp(mode, "enforce") == 0) {
        config->mode = FCT_MODE_ENFORCE;
    }
    else if (ap_cstr_casecmp(mode, "report") == 0) {
        config->mode = FCT_MODE_REPORT;
    }
    else if (ap_cstr_casecmp(mode, "off") == 0) {
        config->mode = FCT_MODE_OFF;
    }
    else {
        return apr_psprintf(cmd->pool, "FcgiTrustMode: '%s' is not one of enforce, report, off", mode);
    }
    APR_ARRAY_PUSH(modes, const ap_directive_t *) = cmd->directive;
    return NULL;
}

static int is_config_name(const char *name)
{
    const char *c;

    if (!apr_isalpha(*name)) {
        return 0;
    }
    for (c = name; *c; c++) {
        if (!apr_isalnum(*c) && *c != '_' && *c != '-') {
            return 0;
        }
    }
    return 1;
}

static const char *set_value(cmd_parms *cmd, void *config_, const char *name, const char *value)
{
    fct_config_t *config = config_;
    const char *error = fct_directives_check_place(cmd);

    if (error) {
        return error;
    }
    if (!is_config_name(name)) {
        return apr_psprintf(cmd->pool, "FcgiTrustSet: '%s' is not a name; use a letter, then letters, digits, '_' or '-'",
                            name);
    }
    if (!config->values) {
        config->values = apr_table_make(cmd->pool, 4);
    }
    apr_table_setn(config->values, name, value);
    APR_ARRAY_PUSH(settings, const ap_directive_t *) = cmd->directive;
    return NULL;
}

const command_rec fct_directives[] = {
    AP_INIT_TAKE12("FcgiTrustPolicy", set_policy, NULL, RSRC_CONF | ACCESS_CONF,
                   "FILE [sha256:HEX]: the policy that decides what FastCGI applications are told, and the digest it must have"),
    AP_INIT_TAKE1("FcgiTrustMode", set_mode, NULL, RSRC_CONF | ACCESS_CONF,
                  "enforce (default) | report | off: report decides and logs, and leaves the request to the module that would serve it; off "
                  "leaves fcgi:// to mod_proxy_fcgi"),
    AP_INIT_TAKE1("FcgiTrustCandidate", set_candidate, NULL, RSRC_CONF | ACCESS_CONF,
                  "FILE: a second policy evaluated beside the first; where it decides otherwise, the decision log says how"),
    AP_INIT_TAKE1("FcgiTrustAuditLog", fct_directives_set_log, NULL, RSRC_CONF,
                  "FILE | \"|command\": where decisions are logged, one JSON object a line"),
    AP_INIT_TAKE1("FcgiTrustAudit", fct_directives_set_audit, NULL, RSRC_CONF | ACCESS_CONF,
                  "all (default) | findings | sample=N: which requests the decision log has"),
    AP_INIT_TAKE1("FcgiTrustAuditKey", fct_directives_set_key, NULL, RSRC_CONF,
                  "FILE: the key of the hashes that stand for values in the decision log; without it, a random one"),
    AP_INIT_TAKE2("FcgiTrustSet", set_value, NULL, RSRC_CONF | ACCESS_CONF,
                  "NAME VALUE: a value of this configuration that policies read as config.NAME"),
    AP_INIT_TAKE1("FcgiTrustReload", set_reload, NULL, RSRC_CONF,
                  "strict (default) | keep-last: whether a graceful restart goes on with the last good policy where the new one is faulty"),
    { NULL }
};
