/* <request>, <response>, <backend>, <accept> and <audit>: what their attributes mean, and their defaults (POLICY 5). */
#ifndef FCT_SETTINGS_H
#define FCT_SETTINGS_H

#include "policy.h"
#include "rule.h"

/* Adds a finding for every setting that has its form but makes no sense. settings: FCT_ATTRIBUTE_COUNT of them. */
void fct_settings_check(const fct_setting_t *settings, fct_findings_t *findings);

/* The settings with those of `over` that are set in their place. In p. */
const fct_setting_t *fct_settings_overlay(const fct_setting_t *settings, const fct_setting_t *over, apr_pool_t *p);

/* Fill in the rules from settings without faults. All strings live in p or with the settings. */
void fct_settings_read_request(const fct_setting_t *settings, fct_request_rules_t *rules, apr_pool_t *p);
void fct_settings_read_response(const fct_setting_t *settings, fct_response_rules_t *rules, apr_pool_t *p);
void fct_settings_read_backend(const fct_setting_t *settings, fct_backend_rules_t *rules, apr_pool_t *p);

/* The methods allowed; *n is set to their count. */
const fct_bytes_t *fct_settings_read_methods(const fct_setting_t *settings, apr_size_t *n, apr_pool_t *p);

/* The names of <audit values>; *n is set to their count. */
const fct_bytes_t *fct_settings_read_audited(const fct_setting_t *settings, apr_size_t *n, apr_pool_t *p);

/* The setting in force, also by default, as one text for each meaning: sizes in bytes, durations in microseconds, lists sorted. NULL
 * where nothing is set and there is no default. In p. */
const char *fct_settings_text(const fct_setting_t *settings, const fct_row_t *row, apr_pool_t *p);

#endif
