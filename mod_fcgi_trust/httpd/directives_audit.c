/* The directives of the decision log. */
#include "directives.h"

#include <apr_strings.h>

#include "audit_key.h"
#include "audit_log.h"

/* What other directives for logs know, and this one does not, shall not become the name of a file. */
static int is_target(const char *target)
{
    const char *command = *target == '|' ? target + 1 + (target[1] == '|' || target[1] == '$') : target;

    return command[strspn(command, " \t")] != '\0' && ap_cstr_casecmpn(target, "syslog:", 7) != 0 && ap_cstr_casecmp(target, "syslog") != 0
           && ap_cstr_casecmp(target, "off") != 0 && ap_cstr_casecmp(target, "none") != 0;
}

const char *fct_directives_set_log(cmd_parms *cmd, void *config_, const char *target)
{
    fct_config_t *config = config_;
    const char *error = ap_check_cmd_context(cmd, NOT_IN_DIR_LOC_FILE | NOT_IN_HTACCESS);

    if (error) {
        return error;
    }
    if (!is_target(target)) {
        return apr_psprintf(cmd->pool, "FcgiTrustAuditLog: '%s' is neither a file nor \"|command\"; for syslog, name a pipe: \"|/usr/bin/logger -t "
                            "decisions\"", target);
    }
    config->log = fct_audit_log_named(cmd, target);
    return config->log ? NULL : apr_psprintf(cmd->pool, "FcgiTrustAuditLog: '%s' is not a valid path", target);
}

/* sample=N; NULL: it is not that. */
static fct_sample_t *read_sample(const char *text, apr_pool_t *p)
{
    const char *number = ap_cstr_casecmpn(text, "sample=", 7) == 0 ? text + 7 : "";
    apr_int64_t n = strspn(number, "0123456789") == strlen(number) && strlen(number) <= 9 ? apr_atoi64(number) : 0;

    fct_sample_t *sample = n > 0 ? apr_pcalloc(p, sizeof(*sample)) : NULL;

    if (sample) {
        sample->one_in = (apr_uint32_t)n;
    }
    return sample;
}

const char *fct_directives_set_audit(cmd_parms *cmd, void *config_, const char *which)
{
    fct_config_t *config = config_;
    const char *error = fct_directives_check_place(cmd);
    fct_sample_t *sample = read_sample(which, cmd->pool);

    if (error) {
        return error;
    }
    if (ap_cstr_casecmp(which, "all") == 0) {
        config->audit = FCT_AUDIT_ALL;
    }
    else if (ap_cstr_casecmp(which, "findings") == 0) {
        config->audit = FCT_AUDIT_FINDINGS;
    }
    else if (sample) {
        config->audit = FCT_AUDIT_SAMPLE;
        config->sample = sample;
    }
    else {
        return apr_psprintf(cmd->pool, "FcgiTrustAudit: '%s' is not one of all, findings, sample=N with N from 1 to 999999999", which);
    }
    return NULL;
}

const char *fct_directives_set_key(cmd_parms *cmd, void *config_, const char *file)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY | NOT_IN_HTACCESS);
    const char *path = error ? NULL : ap_server_root_relative(cmd->pool, file);

    (void)config_;
    if (error) {
        return error;
    }
    return path ? fct_audit_key_read(path, cmd->temp_pool) : apr_psprintf(cmd->pool, "FcgiTrustAuditKey: '%s' is not a valid path", file);
}
