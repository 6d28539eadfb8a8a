/* What the files of the directives share. */
#ifndef FCT_DIRECTIVES_H
#define FCT_DIRECTIVES_H

#include "mod_fcgi_trust.h"

/* For directives that may stand in sections: the sentence that says why cmd may not stand where it does; NULL: it may. */
const char *fct_directives_check_place(cmd_parms *cmd);

/* FcgiTrustAuditLog, FcgiTrustAudit and FcgiTrustAuditKey, as command_rec wants them. */
const char *fct_directives_set_log(cmd_parms *cmd, void *config, const char *target);
const char *fct_directives_set_audit(cmd_parms *cmd, void *config, const char *which);
const char *fct_directives_set_key(cmd_parms *cmd, void *config, const char *file);

#endif
