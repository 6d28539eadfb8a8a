/* SSLVerifyClient and AllowOverride, held against the policies that ask for client certificates. */
#include "check_certificates.h"

#include <apr_strings.h>

#include "check_override.h"
#include "check_resumption.h"
#include "conftree.h"
#include "plan.h"

static int may_be_inherited;
static int are_asked;

typedef struct lines_t {
    apr_array_header_t *verifying;       /* of const ap_directive_t *: SSLVerifyClient require, optional */
    apr_array_header_t *others;          /* SSLVerifyClient none, optional_no_ca */
    apr_array_header_t *lenient;         /* SSLVerifyClient optional_no_ca, and what lets a .htaccess say so */
    apr_array_header_t *modes;           /* FcgiTrustMode */
    const ap_directive_t *apart;         /* a <VirtualHost> where sessions of another are resumed that verifies otherwise; NULL: none */
    int derives_user;                    /* SSLUserName or FakeBasicAuth: users are made of certificates */
    apr_pool_t *p;
} lines_t;

/* --- which lines there are --- */

static int has_word(const ap_directive_t *d, const char *word, apr_pool_t *p)
{
    const char *found;
    int i;

    for (i = 0; *(found = fct_conftree_word(d, i, p)); i++) {
        if (ap_cstr_casecmp(found, word) == 0) {
            return 1;
        }
    }
    return 0;
}

static void gather(void *context, const ap_directive_t *d)
{
    lines_t *lines = context;

    if (fct_conftree_is(d, "SSLVerifyClient")) {
        int verifies = has_word(d, "require", lines->p) || has_word(d, "on", lines->p) || has_word(d, "optional", lines->p);

        APR_ARRAY_PUSH(verifies ? lines->verifying : lines->others, const ap_directive_t *) = d;
        if (has_word(d, "optional_no_ca", lines->p)) {
            APR_ARRAY_PUSH(lines->lenient, const ap_directive_t *) = d;
        }
    }
    else if (fct_check_override_is_verifying(d, lines->p)) {
        APR_ARRAY_PUSH(lines->lenient, const ap_directive_t *) = d;
    }
    else if (fct_conftree_is(d, "FcgiTrustMode")) {
        APR_ARRAY_PUSH(lines->modes, const ap_directive_t *) = d;
    }
    else if (fct_conftree_is(d, "SSLUserName") || fct_conftree_is(d, "SSLOptions")) {
        lines->derives_user = 1;
    }
}

/* The last of the lines that stand directly in this section; NULL: none. */
static const ap_directive_t *line_in(const apr_array_header_t *lines, const ap_directive_t *section)
{
    const ap_directive_t *found = NULL;
    int i;

    for (i = 0; i < lines->nelts; i++) {
        const ap_directive_t *d = APR_ARRAY_IDX(lines, i, const ap_directive_t *);

        found = d->parent == section ? d : found;
    }
    return found;
}

/* The line in force at d: in its own section, or the nearest around it. */
static const ap_directive_t *nearest(const apr_array_header_t *lines, const ap_directive_t *d)
{
    const ap_directive_t *section = d, *found = NULL;

    while (!found && section) {
        section = section->parent;
        found = line_in(lines, section);
    }
    return found;
}

/* Both stand in one section, perhaps in different files; the later counts. */
static int is_later(const ap_directive_t *a, const ap_directive_t *b)
{
    while (b && b != a) {
        b = b->next;
    }
    return b != NULL;
}

/* One that verifies and that may be in force where d is: the last of its section. */
static const ap_directive_t *first_that_meets(const lines_t *lines, const ap_directive_t *d)
{
    int i;

    for (i = 0; i < lines->verifying->nelts; i++) {
        const ap_directive_t *line = APR_ARRAY_IDX(lines->verifying, i, const ap_directive_t *);
        const ap_directive_t *other = line_in(lines->others, line->parent);

        if (fct_conftree_meet(line, d) && !(other && is_later(other, line))) {
            return line;
        }
    }
    return NULL;
}

/* The one that is nearer to where both are in force; either may be NULL. */
static int is_deeper(const ap_directive_t *a, const ap_directive_t *b)
{
    const ap_directive_t *section = a ? a->parent : NULL;

    if (!a || !b) {
        return a != NULL;
    }
    while (section && section != b->parent) {
        section = section->parent;
    }
    return section == b->parent && (a->parent != b->parent || is_later(a, b));
}

/* --- one policy where it is in force --- */

/* The first rule that every request must satisfy, and that only a verified certificate satisfies. */
static const fct_param_rule_t *requiring_rule(const fct_policy_t *policy)
{
    apr_size_t i, k;

    for (i = 0; i < policy->plan->nparams; i++) {
        const fct_plan_param_t *param = &policy->plan->params[i];
        int is_certificate = param->status_missing != 0 && param->rule->condition == NULL && param->rule->nsources > 0;

        for (k = 0; is_certificate && k < param->rule->nsources; k++) {
            is_certificate = param->rule->sources[k].id == FCT_SOURCE_TLS_CLIENT;
        }
        if (is_certificate) {
            return param->rule;
        }
    }
    return NULL;
}

static const char *say(const ap_directive_t *line, apr_pool_t *p)
{
    return line ? apr_psprintf(p, "%s %s in %s:%d", line->directive, line->args, line->filename, line->line_num)
                : "no SSLVerifyClient that verifies";
}

/* A virtual host that inherits a policy from the server, and takes back that it is asked for certificates; NULL: none. (In a section below
 * a virtual host that cannot be taken back: the handshake is over.) */
static const ap_directive_t *taken_back(const ap_directive_t *use, const lines_t *lines)
{
    int i;

    for (i = 0; !use->parent && i < lines->others->nelts; i++) {
        const ap_directive_t *d = APR_ARRAY_IDX(lines->others, i, const ap_directive_t *);

        if (d->parent && fct_conftree_is(d->parent, "<VirtualHost") && !line_in(fct_directives_uses(), d->parent)
            && line_in(lines->others, d->parent) == d && !line_in(lines->verifying, d->parent)) {
            return d;
        }
    }
    return NULL;
}

/* Where nothing verifies, no request is served. Where something else verifies in another section, it depends on the request. */
static void check_required(const ap_directive_t *use, const fct_param_rule_t *rule, const lines_t *lines, fct_findings_t *findings)
{
    const ap_directive_t *good = nearest(lines->verifying, use), *bad = nearest(lines->others, use);
    const ap_directive_t *elsewhere = first_that_meets(lines, use);
    int is_here = bad && bad->parent == use->parent && use->parent && !fct_conftree_is(use->parent, "<VirtualHost");

    if (good && !is_deeper(bad, good)) {
        elsewhere = good;
        bad = taken_back(use, lines);
        if (!bad) {
            return;
        }
    }
    if (elsewhere && !is_here) {
        fct_findings_add(findings, FCT_FINDING_CERTIFICATE_ELSEWHERE, use->filename, use->line_num,
                         "%s:%d requires a verified client certificate, but %s is in force in its scope, as far as the configuration shows; only requests that %s covers can be served",
                         rule->place.file, rule->place.line, say(bad, lines->p), say(elsewhere, lines->p));
        return;
    }
    fct_findings_add(findings, FCT_FINDING_CERTIFICATE_UNVERIFIED, use->filename, use->line_num,
                     "%s:%d requires a verified client certificate, but %s is in force here, as far as the configuration shows; set SSLVerifyClient require or optional",
                     rule->place.file, rule->place.line, say(bad, lines->p));
}

static void check_resumed(const ap_directive_t *use, const lines_t *lines, fct_findings_t *findings)
{
    if (lines->lenient->nelts) {
        fct_findings_add(findings, FCT_FINDING_CERTIFICATE_NOT_RESUMED, use->filename, use->line_num,
                         "%s lets unverified certificates in, so that after a resumed TLS session nothing here counts as verified; give the "
                         "policy a <trust-anchor>, or take that line away", say(APR_ARRAY_IDX(lines->lenient, 0, const ap_directive_t *), lines->p));
    }
    else if (lines->apart) {
        fct_findings_add(findings, FCT_FINDING_CERTIFICATE_NOT_RESUMED, use->filename, use->line_num,
                         "%s verifies client certificates by other settings than a virtual host before it, and httpd may resume sessions of one in "
                         "the other, for both have one ServerName, or this is older than 2.4.64 (CVE-2025-23048), so that after a resumed TLS "
                         "session nothing here counts as verified; give the policy a <trust-anchor>, or each virtual host a name of its own", say(lines->apart, lines->p));
    }
}

static void check_use(const ap_directive_t *use, const fct_policy_t *policy, const lines_t *lines, fct_findings_t *findings)
{
    const fct_param_rule_t *rule = requiring_rule(policy);
    const ap_directive_t *mode = nearest(lines->modes, use);

    if (mode && has_word(mode, "off", lines->p)) {
        return;
    }
    if (rule) {
        check_required(use, rule, lines, findings);
    }
    if (!policy->plan->anchor && fct_policy_uses(policy, FCT_SOURCE_TLS_CLIENT)) {
        check_resumed(use, lines, findings);
    }
}

/* --- all --- */

static const fct_policy_t *policy_of(const ap_directive_t *use, apr_pool_t *p)
{
    const char *path = ap_server_root_relative(p, fct_conftree_word(use, 0, p));
    int i;

    for (i = 0; path && i < fct_directives_slots()->nelts; i++) {
        const fct_policy_slot_t *slot = APR_ARRAY_IDX(fct_directives_slots(), i, const fct_policy_slot_t *);

        if (strcmp(slot->path, path) == 0) {
            return slot->policy;
        }
    }
    return NULL;
}

static int asks_for_certificate(const fct_policy_t *policy, int derives_user)
{
    return fct_policy_uses(policy, FCT_SOURCE_TLS_CLIENT) || (derives_user && fct_policy_uses(policy, FCT_SOURCE_AUTH_USER));
}

static void note_asked(int derives_user)
{
    int i;

    are_asked = 0;
    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        const fct_policy_slot_t *slot = APR_ARRAY_IDX(fct_directives_slots(), i, const fct_policy_slot_t *);

        are_asked = are_asked || (slot->policy && asks_for_certificate(slot->policy, derives_user));
    }
}

static void check_uses(const apr_array_header_t *uses, const lines_t *lines, fct_findings_t *findings)
{
    int i;

    for (i = 0; i < uses->nelts; i++) {
        const ap_directive_t *use = APR_ARRAY_IDX(uses, i, const ap_directive_t *);
        const fct_policy_t *policy = policy_of(use, lines->p);

        if (policy) {
            check_use(use, policy, lines, findings);
        }
    }
}

void fct_check_certificates(fct_findings_t *findings, apr_pool_t *pconf, apr_pool_t *ptemp)
{
    lines_t lines;

    lines.verifying = apr_array_make(ptemp, 4, sizeof(const ap_directive_t *));
    lines.others = apr_array_make(ptemp, 4, sizeof(const ap_directive_t *));
    lines.lenient = apr_array_make(ptemp, 4, sizeof(const ap_directive_t *));
    lines.modes = apr_array_make(ptemp, 4, sizeof(const ap_directive_t *));
    lines.derives_user = 0;
    lines.p = ptemp;
    fct_conftree_walk(gather, &lines);
    lines.apart = fct_check_resumption_find(pconf, ptemp);
    may_be_inherited = lines.lenient->nelts > 0 || lines.apart != NULL;
    note_asked(lines.derives_user || may_be_inherited);
    check_uses(fct_directives_uses(), &lines, findings);
    check_uses(fct_directives_candidates(), &lines, findings);
}

int fct_check_certificates_may_be_inherited(void)
{
    return may_be_inherited;
}

int fct_check_certificates_are_asked(void)
{
    return are_asked;
}
