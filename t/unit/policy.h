/* Policies for unit tests: loaded from the lines between <policy> (line 1) and </policy>, findings as one short text. */
#ifndef POLICY_H
#define POLICY_H

#include "crypto_openssl.h"
#include "reader.h"
#include "tap.h"

#include <apr_strings.h>

#define POLICY_ROOT "<policy xmlns=\"urn:mod-fcgi-trust:policy:1\" name=\"t\" version=\"1\" language=\"1.0\">\n"

static inline const fct_policy_t *policy_load_text(const char *text, fct_findings_t **findings, apr_pool_t *p)
{
    fct_reader_options_t options = { FCT_POLICY_DIR, NULL, &fct_crypto_openssl };

    *findings = fct_findings_create(p);
    return fct_reader_load_bytes(fct_bytes_of(text), "t.xml", &options, *findings, p);
}

static inline const fct_policy_t *policy_load(const char *lines, fct_findings_t **findings, apr_pool_t *p)
{
    return policy_load_text(apr_pstrcat(p, POLICY_ROOT, lines, "\n</policy>\n", NULL), findings, p);
}

/* "2:3104 3:3102": line and number of each finding; files other than t.xml by name. */
static inline const char *policy_findings_text(const fct_findings_t *findings, apr_pool_t *p)
{
    const char *text = "";
    int i;

    for (i = 0; i < findings->items->nelts; i++) {
        const fct_finding_t *f = &APR_ARRAY_IDX(findings->items, i, fct_finding_t);
        const char *file = f->file && strcmp(f->file, "t.xml") != 0 ? f->file : "";

        text = apr_psprintf(p, "%s%s%s%s%d:%d", text, *text ? " " : "", file, *file ? ":" : "", f->line, (int)f->id);
    }
    return text;
}

static inline void policy_diag(const fct_findings_t *findings, apr_pool_t *p)
{
    int i;

    for (i = 0; i < findings->items->nelts; i++) {
        tap_diag("%s", fct_finding_text(&APR_ARRAY_IDX(findings->items, i, fct_finding_t), p));
    }
}

/* The policy, which must load without any finding. */
static inline const fct_policy_t *policy_must_load(const char *lines, apr_pool_t *p)
{
    fct_findings_t *findings;
    const fct_policy_t *policy = policy_load(lines, &findings, p);

    if (policy == NULL || findings->items->nelts) {
        tap_ok(0, "this policy loads: %s", lines);
        policy_diag(findings, p);
    }
    if (policy == NULL) {
        exit(1);
    }
    return policy;
}

#endif
