/* The value attributes of <param> and <server-header> (POLICY 3). */
#include "draft_chain.h"

/* Steps that make no sense for a literal, and those that only a list has. */
static const fct_attribute_t steps[] = {
    FCT_ATTRIBUTE_SPLIT, FCT_ATTRIBUTE_PICK, FCT_ATTRIBUTE_STRIP_SUFFIX, FCT_ATTRIBUTE_EXTRACT, FCT_ATTRIBUTE_CASE,
    FCT_ATTRIBUTE_MAP, FCT_ATTRIBUTE_JOIN, FCT_ATTRIBUTE_MAX_ITEMS, FCT_ATTRIBUTE_ENCODE,
};

static const fct_attribute_t list_steps[] = { FCT_ATTRIBUTE_PICK, FCT_ATTRIBUTE_JOIN, FCT_ATTRIBUTE_MAX_ITEMS };

static void contradict(fct_draft_t *draft, const fct_param_rule_t *rule, const char *what)
{
    fct_findings_add(draft->findings, FCT_FINDING_CONTRADICTION, rule->place.file, rule->place.line, "%s: %s", rule->name.at, what);
}

static void check_literal_steps(fct_draft_t *draft, const fct_declaration_t *d, const fct_param_rule_t *rule)
{
    apr_size_t i;

    for (i = 0; rule->value && i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (d->value[steps[i]]) {
            contradict(draft, rule, "a literal is written as it is to be sent; leave out split, pick, map and the like");
            return;
        }
    }
}

static int has_source(const fct_param_rule_t *rule, int (*is_it)(const fct_source_ref_t *ref))
{
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        if (is_it(&rule->sources[i])) {
            return 1;
        }
    }
    return 0;
}

static void check_list_steps(fct_draft_t *draft, const fct_declaration_t *d, const fct_param_rule_t *rule)
{
    const char *pick = d->value[FCT_ATTRIBUTE_PICK];
    int can_be_list = rule->value || d->value[FCT_ATTRIBUTE_SPLIT] || has_source(rule, fct_source_is_list);
    apr_size_t i;

    for (i = 0; !can_be_list && i < sizeof(list_steps) / sizeof(list_steps[0]); i++) {
        if (d->value[list_steps[i]]) {
            contradict(draft, rule, "pick, join and max-items are about a list, and this source has one value; say split=\"...\"");
            return;
        }
    }
    if (d->value[FCT_ATTRIBUTE_SPLIT] && !pick && !d->value[FCT_ATTRIBUTE_JOIN]) {
        contradict(draft, rule, "split makes a list; say pick=\"...\" for one of it, or join=\"...\" for all");
    }
    if (d->value[FCT_ATTRIBUTE_MAX_ITEMS] && can_be_list && !pick && !d->value[FCT_ATTRIBUTE_JOIN] && !d->value[FCT_ATTRIBUTE_SPLIT]) {
        contradict(draft, rule, "max-items is about a list that is joined; say join=\"...\"");
    }
    if (pick && (d->value[FCT_ATTRIBUTE_JOIN] || d->value[FCT_ATTRIBUTE_MAX_ITEMS])) {
        contradict(draft, rule, "pick leaves one item; leave out join and max-items");
    }
    if (pick && strcmp(pick, "matching") == 0 && !d->value[FCT_ATTRIBUTE_PATTERN]) {
        contradict(draft, rule, "pick=\"matching\" needs pattern=\"...\"");
    }
}

/* Line ends go where the policy says how: as they are into a parameter, encoded anywhere. */
static void check_lines(fct_draft_t *draft, const fct_declaration_t *d, const fct_param_rule_t *rule)
{
    const char *why = NULL;

    if (!has_source(rule, fct_source_has_lines)) {
        return;
    }
    if (d->value[FCT_ATTRIBUTE_ENCODE] == NULL) {
        why = "a certificate in PEM has line ends; say encode=\"none\", \"base64\" or \"percent\", or take certificate.der-base64";
    }
    else if (rule->chain.encode == FCT_ENCODE_NONE && !fct_bytes_is_absent(rule->header)) {
        why = "a header has no line ends; say encode=\"base64\" or \"percent\", or take certificate.der-base64";
    }
    if (why) {
        fct_findings_add(draft->findings, FCT_FINDING_VALUE_HAS_LINES, rule->place.file, rule->place.line, "%s: %s", rule->name.at, why);
    }
}

static const fct_pattern_t *read_pattern(fct_draft_t *draft, const fct_declaration_t *d, fct_attribute_t attribute, unsigned groups)
{
    const char *text = d->value[attribute];
    const char *why = NULL;
    const fct_pattern_t *pattern = text ? fct_pattern_compile(text, groups, &why, draft->p) : NULL;

    if (text && !pattern) {
        fct_findings_add(draft->findings, FCT_FINDING_PATTERN_INVALID, d->place.file, d->place.line, "%s=\"%.100s\": %s",
                         fct_language_attribute_name(attribute), text, why);
    }
    return pattern;
}

static void read_pick(const char *text, fct_chain_t *chain)
{
    if (text == NULL) {
        return;
    }
    if (strcmp(text, "only") == 0) {
        chain->pick = FCT_CHAIN_PICK_ONLY;
    }
    else if (strcmp(text, "matching") == 0) {
        chain->pick = FCT_CHAIN_PICK_MATCHING;
    }
    else {
        chain->pick = FCT_CHAIN_PICK_INDEX;
        chain->index = (apr_size_t)fct_language_read_number(text);
    }
}

static fct_chain_case_t read_case(const char *text)
{
    if (text == NULL) {
        return FCT_CHAIN_CASE_KEEP;
    }
    return strcmp(text, "lower") == 0 ? FCT_CHAIN_CASE_LOWER : FCT_CHAIN_CASE_UPPER;
}

static apr_size_t read_limit(const char *text)
{
    return text ? (apr_size_t)fct_language_read_number(text) : 0;
}

static void read_type(fct_draft_t *draft, const fct_declaration_t *d, fct_param_rule_t *rule)
{
    fct_value_type_t built_in = fct_value_type_of_name(rule->folded);
    const char *text = d->value[FCT_ATTRIBUTE_TYPE];

    rule->type = text ? fct_value_type_parse(fct_bytes_of(text)) : built_in;
    if (text && built_in != FCT_VALUE_ANY && rule->type != built_in) {
        fct_findings_add(draft->findings, FCT_FINDING_TYPE_CONTRADICTION, d->place.file, d->place.line,
                         "%s is always %s; leave out type=\"%s\"", rule->name.at, fct_value_type_sentence(built_in), text);
    }
    if (built_in != FCT_VALUE_ANY && rule->chain.encode != FCT_ENCODE_NONE) {
        fct_findings_add(draft->findings, FCT_FINDING_TYPE_CONTRADICTION, d->place.file, d->place.line,
                         "%s is always %s; leave out encode=\"%s\"", rule->name.at, fct_value_type_sentence(built_in),
                         d->value[FCT_ATTRIBUTE_ENCODE]);
    }
}

void fct_draft_chain_read(fct_draft_t *draft, const fct_declaration_t *d, fct_param_rule_t *rule)
{
    fct_chain_t *chain = &rule->chain;

    chain->encode = fct_encode_parse(d->value[FCT_ATTRIBUTE_ENCODE]);
    read_type(draft, d, rule);
    rule->max_length = read_limit(d->value[FCT_ATTRIBUTE_MAX_LENGTH]);
    rule->map = d->value[FCT_ATTRIBUTE_MAP];
    chain->split = fct_bytes_of(d->value[FCT_ATTRIBUTE_SPLIT]);
    read_pick(d->value[FCT_ATTRIBUTE_PICK], chain);
    chain->strip_suffix = fct_bytes_of(d->value[FCT_ATTRIBUTE_STRIP_SUFFIX]);
    chain->extract = read_pattern(draft, d, FCT_ATTRIBUTE_EXTRACT, 1);
    chain->letter_case = read_case(d->value[FCT_ATTRIBUTE_CASE]);
    chain->join = fct_bytes_of(d->value[FCT_ATTRIBUTE_JOIN]);
    chain->max_items = read_limit(d->value[FCT_ATTRIBUTE_MAX_ITEMS]);
    chain->type = rule->type;
    chain->pattern = read_pattern(draft, d, FCT_ATTRIBUTE_PATTERN, 0);
    chain->max_length = rule->max_length;
    check_literal_steps(draft, d, rule);
    check_list_steps(draft, d, rule);
    check_lines(draft, d, rule);
    rule->extract = d->value[FCT_ATTRIBUTE_EXTRACT];
    rule->pattern = d->value[FCT_ATTRIBUTE_PATTERN];
}

int fct_draft_chain_is_any_domain(const char *extract)
{
    const char *end = strrchr(extract, ')');
    const char *at;

    for (at = end ? end + 1 : ""; *at; at++) {
        if (*at == '\\' && at[1] != '\0' && strchr("dDwWsS", at[1]) == NULL) {
            at++;
        }
        else if (strchr("\\.*+?[{|", *at)) {
            return 1;
        }
    }
    return end == NULL || end[1] == '\0';
}
