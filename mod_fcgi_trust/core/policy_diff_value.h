/* Which of two limits, lists or conditions admits more; for policy_diff*.c alone. */
#ifndef FCT_POLICY_DIFF_VALUE_H
#define FCT_POLICY_DIFF_VALUE_H

#include "policy_diff_part.h"

/* All return FCT_CHANGE_WIDENED where `is` provably admits all that `was` does and perhaps more, NARROWED where it is the other way round,
 * both where neither can be proven, and nothing where both admit the same. */

unsigned fct_policy_diff_value_numbers(apr_int64_t was, apr_int64_t is);

/* Lists of words with blanks between them; NULL: none. */
unsigned fct_policy_diff_value_words(const char *was, const char *is);

unsigned fct_policy_diff_value_conditions(const fct_condition_t *was, const fct_condition_t *is);

unsigned fct_policy_diff_value_peers(const fct_upstream_rule_t *was, const fct_upstream_rule_t *is);

/* NULL: all cookies. */
unsigned fct_policy_diff_value_cookies(const fct_cookie_filter_t *was, const fct_cookie_filter_t *is);

/* What admits less where it says more: widened for narrowed, and the other way round. */
unsigned fct_policy_diff_value_reverse(unsigned kinds);

#endif
