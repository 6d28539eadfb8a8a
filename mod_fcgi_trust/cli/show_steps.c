/* The way of a value from its source to the parameter, step by step, in words (POLICY 3). */
#include <apr_strings.h>

#include "show_words.h"

static void add(apr_array_header_t *steps, const char *words, fct_bytes_t code, const char *more)
{
    fct_show_remark_t *step = apr_array_push(steps);

    step->words = words;
    step->code = code;
    step->more = more;
}

static void add_if(apr_array_header_t *steps, const char *words, fct_bytes_t code, const char *more)
{
    if (!fct_bytes_is_absent(code)) {
        add(steps, words, code, more);
    }
}

static void add_plain(apr_array_header_t *steps, const char *words)
{
    add(steps, words, FCT_BYTES_ABSENT, "");
}

static void add_pick(apr_array_header_t *steps, const fct_plan_param_t *param, apr_pool_t *p)
{
    switch (param->chain.pick) {
    case FCT_CHAIN_PICK_ALL:
        break;
    case FCT_CHAIN_PICK_ONLY:
        add_plain(steps, "there is exactly one item");
        break;
    case FCT_CHAIN_PICK_INDEX:
        add_plain(steps, apr_psprintf(p, "item number %lu is taken, the first being 0", (unsigned long)param->chain.index));
        break;
    case FCT_CHAIN_PICK_MATCHING:
        add(steps, "the one item is taken that matches", fct_bytes_of(param->rule->pattern), " as a whole");
        break;
    }
}

static void add_changes(apr_array_header_t *steps, const fct_plan_param_t *param, apr_pool_t *p)
{
    static const char *const cases[] = { NULL, "letters A-Z become lower case", "letters a-z become upper case" };
    const fct_param_rule_t *rule = param->rule;
    const fct_chain_t *chain = &param->chain;
    int is_list = !fct_bytes_is_absent(chain->split);

    add_if(steps, "split into a list at", chain->split, "");
    add_pick(steps, param, p);
    add_if(steps, "ends with", chain->strip_suffix, ", which is taken off");
    add_if(steps, "only the group is kept of", fct_bytes_of(rule->extract), ", which matches as a whole");
    if (cases[chain->letter_case]) {
        add_plain(steps, cases[chain->letter_case]);
    }
    add_if(steps, "replaced as the map", fct_bytes_of(rule->map), is_list ? " says; an item that it does not have is left out" :
           " says; what it does not have is invalid");
    if (chain->max_items) {
        add_plain(steps, apr_psprintf(p, "at most %lu items are left", (unsigned long)chain->max_items));
    }
    add_if(steps, "joined to one text with", chain->join, "; an item that has this inside is invalid");
}

static void add_demands(apr_array_header_t *steps, const fct_plan_param_t *param, apr_pool_t *p)
{
    const fct_chain_t *chain = &param->chain;
    const fct_param_rule_t *rule = param->rule;

    if (rule->type != FCT_VALUE_ANY) {
        add_plain(steps, apr_psprintf(p, "must be %s", fct_value_type_sentence(rule->type)));
    }
    if (chain->pick != FCT_CHAIN_PICK_MATCHING) {
        add_if(steps, "must match", fct_bytes_of(rule->pattern), " as a whole");
    }
    if (rule->max_length) {
        add_plain(steps, apr_psprintf(p, "at most %s", fct_show_size((apr_int64_t)rule->max_length, p)));
    }
    if (chain->encode != FCT_ENCODE_NONE) {
        add_plain(steps, apr_psprintf(p, "encoded as %s", fct_encode_name(chain->encode)));
    }
}

apr_array_header_t *fct_show_steps(const fct_plan_param_t *param, apr_pool_t *p)
{
    apr_array_header_t *steps = apr_array_make(p, 8, sizeof(fct_show_remark_t));

    add_changes(steps, param, p);
    add_demands(steps, param, p);
    return steps;
}
