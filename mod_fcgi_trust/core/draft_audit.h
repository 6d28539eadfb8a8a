/* <audit>: the parameters whose values may stand in a log. */
#ifndef FCT_DRAFT_AUDIT_H
#define FCT_DRAFT_AUDIT_H

#include "draft.h"

/* Adds a finding for each name of this file's own <audit> that the effective policy does not send, or whose value is a secret. */
void fct_draft_audit_check(const fct_draft_t *draft);

#endif
