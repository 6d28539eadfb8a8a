/* Random policies and random edits of them, for property tests: every rule kind, every attribute, values that requests tell apart. */
#ifndef POLICY_RANDOM_H
#define POLICY_RANDOM_H

#include "policy.h"

#define RANDOM_ATTRIBUTES 14
#define RANDOM_VALUES 16
#define RANDOM_RULES 40

/* --- numbers --- */

static apr_uint64_t random_state;

static inline void random_seed(apr_uint64_t seed)
{
    random_state = seed * 2654435761u + 88172645463325252u;
}

/* 0 … n-1 (xorshift64) */
static inline unsigned random_below(unsigned n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)((random_state >> 11) % n);
}

/* --- what rules are made of --- */

/* An attribute and what it may be; NULL ends the values, "" leaves the attribute out. */
typedef struct random_attribute_t {
    const char *name;
    const char *values[RANDOM_VALUES];
} random_attribute_t;

typedef struct random_element_t {
    const char *text;                                /* "param name=\"APP_A\"": what is always there */
    const char *inside;                              /* between its tags; NULL: nothing */
    random_attribute_t attributes[RANDOM_ATTRIBUTES];
} random_element_t;

#define WHENS { "", "", "tls", "!tls", "path:/a", "path:/a/b method:GET,POST", "!path:/a peer:10.0.0.0/8", "auth-type:Basic", "!authenticated client:10.0.0.0/8", "tls.client.verified", "!tls.client.verified", NULL }
#define WHYS { "", "because", "for it", NULL }
#define OUTCOMES { "", "", "omit", "refuse", "refuse:404", NULL }
#define CHECKS { "when", WHENS }, { "on-invalid", OUTCOMES }, { "type", { "", "", "", "token", "integer", NULL } }, \
    { "pattern", { "", "", "", "[a-z]+", "[a-z;]*1?", NULL } }, { "max-length", { "", "", "2", "4", "12", NULL } }, { "why", WHYS }
#define DEMANDS { "required", { "", "", "yes", NULL } }, { "on-missing", { "", "", "", "refuse:404", "refuse", NULL } }
/* Not max-count for prefixes: of fields that are counted together, which one a client leaves out is its own choice. */
#define PREFIX_LIMITS { "when", WHENS }, { "max-length", { "", "", "3", "5", "12", NULL } }, { "changed", { "", "", "yes", NULL } }, { "why", WHYS }
#define LIMITS { "when", WHENS }, { "max-length", { "", "", "3", "5", "12", NULL } }, { "max-count", { "", "", "1", "2", NULL } }, \
    { "changed", { "", "", "yes", NULL } }, { "why", WHYS }

static const random_element_t random_elements[] = {
    { "param name=\"REMOTE_USER\" assert=\"x\"", NULL,
      { { "from", { "auth.user", "auth.user", "config.C", "auth.user config.C", "upstream.lb.X-U", "upstream.lb.X-U auth.user", "auth.env.G", "auth.header.X-H", "tls.client.subject.CN",
                    "tls.client.san.email[0] auth.user", "tls.client.fingerprint.sha256", NULL } }, CHECKS, DEMANDS,
        { "auth-type", { "", "", "", "Basic", "negotiate", NULL } }, { "case", { "", "", "upper", NULL } }, { "strip-suffix", { "", "", "@corp", NULL } }, { "extract", { "", "", "([a-z]+)@corp", NULL } } } },
    { "param name=\"AUTH_TYPE\" assert=\"x\"", NULL, { { "from", { "auth.type", "config.T", NULL } }, { "when", WHENS }, DEMANDS } },
    { "param name=\"HTTPS\" assert=\"x\"", NULL, { { "from", { "tls.https", NULL } }, { "when", WHENS }, DEMANDS, { "why", WHYS } } },
    { "param name=\"APP_TIER\" assert=\"x\"", NULL, { { "value", { "1", "2", "ab", NULL } }, { "when", WHENS }, { "sensitive", { "", "yes", NULL } }, { "why", WHYS } } },
    { "param name=\"APP_ANY\" trust=\"client\" assert=\"x\"", NULL,
      { { "from", { "header.X-A", "cookie.c1", "tls.sni", "config.C", "config.C header.X-A", "header.Depth", "auth.user", "env.E", "set-header.X-S",
                    "set-header.X-S env.E", "auth.env.G", NULL } }, CHECKS, DEMANDS,
        { "encode", { "", "", "base64", "percent", NULL } } } },
    { "param name=\"APP_LIST\" trust=\"client\" split=\";\"", NULL,
      { { "from", { "header.X-A", "config.C", NULL } }, { "join", { ",", "|", ";", NULL } }, CHECKS, { "map", { "", "", "m", NULL } },
        { "max-items", { "", "1", "2", NULL } }, { "on-missing", OUTCOMES } } },
    { "param name=\"APP_PICK\" trust=\"client\" split=\";\" pattern=\"[a-z]+\"", NULL,
      { { "from", { "header.X-A", "config.C", NULL } }, { "pick", { "only", "0", "1", "matching", NULL } }, { "when", WHENS }, { "on-invalid", OUTCOMES } } },
    { "param name=\"APP_MAIL\"", NULL,
      { { "from", { "tls.client.san.email", "tls.client.subject.CN", "tls.client.san.email auth.user", NULL } }, { "pick", { "", "only", "0", "1", NULL } },
        { "map", { "", "", "m", NULL } }, { "case", { "", "", "upper", NULL } }, CHECKS, { "required", { "", "yes", NULL } } } },
    { "param name=\"APP_MAILS\"", NULL,
      { { "from", { "tls.client.san.email", "tls.client.subject.CN", NULL } }, { "join", { ",", "|", NULL } }, { "map", { "", "m", NULL } },
        { "max-items", { "", "1", NULL } }, CHECKS, DEMANDS } },
    { "param name=\"APP_MAP\" trust=\"client\" map=\"m\"", NULL,
      { { "from", { "header.X-A", "auth.user", "tls.sni", NULL } }, CHECKS, DEMANDS, { "case", { "", "lower", "upper", NULL } } } },
    { "param name=\"QUERY_STRING\" from=\"request.query\"", NULL, { { "when", WHENS } } },
    { "param name=\"SCRIPT_NAME\" from=\"script.name\"", NULL, { { "when", WHENS } } },
    { "server-header name=\"X-App-User\" assert=\"x\"", NULL, { { "from", { "auth.user", "config.C", NULL } }, CHECKS, { "required", { "", "yes", NULL } } } },
    { "map name=\"m\"", "<entry from=\"a\" to=\"1\"/>", { { "why", WHYS } } },
    { "map name=\"m\"", "<entry from=\"a\" to=\"1\"/><entry from=\"bob@corp\" to=\"b\"/><entry from=\"b\" omit=\"yes\"/>", { { "why", WHYS } } },
    { "map name=\"m\"", "<entry from=\"a\" to=\"x,y\"/><entry from=\"b\" to=\"2\"/><entry from=\"anna\" to=\"a\"/>", { { "why", WHYS } } },
    { "map name=\"m\"", "<entry from=\"a\" to=\"x,y\"/><entry from=\"b\" to=\"longer\"/>", { { "why", WHYS } } },
    { "map name=\"m\"", "<entry from=\"a\" to=\"1\"/><entry from=\"b\" to=\"longer\"/>", { { "why", WHYS } } },
    { "map name=\"m\"", "<entry from=\"a\" to=\"1\"/><entry from=\"b\" omit=\"yes\"/>", { { "why", WHYS } } },
    { "upstream name=\"lb\" assert=\"x\"", "<field name=\"X-U\"/>", { { "peers", { "10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8 192.0.2.7", "192.0.2.0/24", NULL } } } },
    { "upstream name=\"lb\" assert=\"x\"", "<field name=\"X-U\" needs=\"X-O\"/><field name=\"X-O\"/>", { { "peers", { "10.0.0.0/8", "10.1.0.0/16", NULL } } } },
    { "upstream name=\"lb\" assert=\"x\"", "<field name=\"X-U\" equals=\"u1\"/>", { { "peers", { "10.0.0.0/8", NULL } } } },
    { "upstream name=\"lb\" assert=\"x\"", "<field name=\"X-U\" equals=\"u2\"/><field name=\"X-O\"/>", { { "peers", { "10.0.0.0/8", NULL } } } },
    { "upstream name=\"lb\" assert=\"x\"", "<field name=\"X-U\"/><field name=\"Depth\"/><field name=\"X-Bad\"/>", { { "peers", { "10.0.0.0/8", NULL } } } },
    { "header name=\"X-*\"", NULL, { PREFIX_LIMITS } },
    { "header name=\"X-App-*\"", NULL, { PREFIX_LIMITS } },
    { "header name=\"X-App-Foo\"", NULL, { LIMITS } },
    { "header name=\"X-App-Bar\"", NULL, { LIMITS } },
    { "header name=\"X-A\"", NULL, { LIMITS } },
    { "header name=\"Host\"", NULL, { { "when", WHENS }, { "max-length", { "", "", "3", "20", NULL } } } },
    { "header name=\"Depth\"", NULL, { LIMITS } },
    { "header name=\"Cookie\"", NULL,
      { { "cookies", { "", "c1", "c1 c2", "c*", "c* !c2", "C1", "c* C*", "* !c1", NULL } }, LIMITS } },
    { "drop-header name=\"Depth\" assert=\"x\"", NULL, { { "why", WHYS } } },
    { "drop-header name=\"X-App-Foo\" assert=\"x\"", NULL, { { "why", WHYS } } },
    { "refuse-header name=\"X-Bad\"", NULL, { { "when", WHENS }, { "why", WHYS } } },
    { "refuse-header name=\"X-B*\"", NULL, { { "when", WHENS } } },
    { "refuse-header name=\"X-*\"", NULL, { { "when", { "path:/c", "!tls", "method:PUT", NULL } } } },
    { "identity names=\"APP_ANY\"", NULL, { { "why", WHYS } } },
    { "identity names=\"APP_M* APP_Z\"", NULL, { { "why", WHYS } } },
    { "request", NULL, { { "methods", { "", "GET", "GET POST", "GET POST PUT", "POST PUT", NULL } }, { "max-body", { "", "10", "2K", NULL } },
                         { "chunked", { "", "spool", "stream", "refuse", NULL } }, { "upgrade", { "", "", "refuse", NULL } },
                         { "encoded-slash", { "", "", "raw", NULL } }, { "why", WHYS } } },
    { "request when=\"path:/a\"", NULL, { { "methods", { "", "PUT", "GET POST PUT", NULL } }, { "max-body", { "", "10", "2K", NULL } }, { "chunked", { "", "stream", NULL } }, { "why", WHYS } } },
    { "request when=\"path:/a/b\"", NULL, { { "methods", { "", "GET PUT", "POST", NULL } }, { "max-body", { "", "10", "100", NULL } } } },
    { "request when=\"tls\"", NULL, { { "upgrade", { "", "refuse", NULL } }, { "max-body", { "", "3", "2K", NULL } } } },
    { "accept htaccess-auth=\"ours\"", NULL, { { "control", WHYS } } },
    { "audit", NULL, { { "values", { "APP_TIER", "APP_ANY APP_TIER", NULL } }, { "why", WHYS } } },
    { "response", NULL, { { "hold", { "1K", "2K", NULL } }, { "hide", { "", "A B", "A", NULL } } } },
    { "backend", NULL, { { "mount", { "", "/a", NULL } }, { "workers", { "", "fcgi://a:1", "fcgi://a:1 fcgi://b:2", NULL } } } },
};

#define RANDOM_ELEMENTS (sizeof(random_elements) / sizeof(random_elements[0]))

/* --- policies --- */

typedef struct random_rule_t {
    const random_element_t *element;
    unsigned char chosen[RANDOM_ATTRIBUTES];         /* a value of each attribute */
    unsigned char layout;
} random_rule_t;

typedef struct random_policy_t {
    random_rule_t rules[RANDOM_RULES];
    unsigned n;
} random_policy_t;

static inline unsigned random_count(const random_attribute_t *attribute)
{
    unsigned n = 0;

    while (n < RANDOM_VALUES && attribute->values[n]) {
        n++;
    }
    return n;
}

static inline random_rule_t random_rule(const random_element_t *element)
{
    random_rule_t rule = { element, { 0 }, 0 };
    unsigned i;

    for (i = 0; i < RANDOM_ATTRIBUTES && element->attributes[i].name; i++) {
        rule.chosen[i] = (unsigned char)random_below(random_count(&element->attributes[i]));
    }
    return rule;
}

static inline int random_is_like(const random_element_t *a, const random_element_t *b, apr_size_t len)
{
    return strncmp(a->text, b->text, len) == 0 && a->text[len] == b->text[len];
}

/* One of the same name and kind: upstreams and maps of one name have different insides. */
static inline const random_element_t *random_variant(const random_element_t *element)
{
    const random_element_t *variant;

    do {
        variant = &random_elements[random_below(RANDOM_ELEMENTS)];
    } while (!random_is_like(variant, element, strlen(element->text)));
    return variant;
}

static inline void random_vary(random_rule_t *rule)
{
    unsigned i;

    rule->element = random_variant(rule->element);
    for (i = 0; i < RANDOM_ATTRIBUTES && rule->element->attributes[i].name; i++) {
        rule->chosen[i] = (unsigned char)(rule->chosen[i] % random_count(&rule->element->attributes[i]));
    }
}

/* Every other rule is of the kind of the first, so that rules meet. */
static inline void random_policy(random_policy_t *policy, unsigned n)
{
    policy->n = 0;
    while (policy->n < n) {
        const random_element_t *element = &random_elements[random_below(RANDOM_ELEMENTS)];

        while (policy->n % 2 && !random_is_like(element, policy->rules[0].element, strcspn(element->text, " "))) {
            element = &random_elements[random_below(RANDOM_ELEMENTS)];
        }
        policy->rules[policy->n++] = random_rule(element);
    }
}

static inline const char *random_rule_text(const random_rule_t *rule, apr_pool_t *p)
{
    const random_element_t *element = rule->element;
    const char *gap = rule->layout & 1 ? "\n  " : " ";
    const char *text = apr_pstrcat(p, rule->layout & 2 ? "<!-- note -->\n" : "", "<", element->text, NULL);
    const char *attributes = "";
    unsigned i;

    for (i = 0; i < RANDOM_ATTRIBUTES && element->attributes[i].name; i++) {
        const char *value = element->attributes[i].values[rule->chosen[i]];
        const char *one = *value ? apr_psprintf(p, "%s%s=\"%s\"", gap, element->attributes[i].name, value) : "";

        attributes = rule->layout & 4 ? apr_pstrcat(p, one, attributes, NULL) : apr_pstrcat(p, attributes, one, NULL);
    }
    return element->inside ? apr_psprintf(p, "%s%s>%s</%.*s>", text, attributes, element->inside, (int)strcspn(element->text, " "), element->text)
                           : apr_psprintf(p, "%s%s/>", text, attributes);
}

/* One rule a line. */
static inline const char *random_policy_text(const random_policy_t *policy, apr_pool_t *p)
{
    const char *text = "";
    unsigned i;

    for (i = 0; i < policy->n; i++) {
        text = apr_pstrcat(p, text, i ? "\n" : "", random_rule_text(&policy->rules[i], p), NULL);
    }
    return text;
}

/* --- edits --- */

static inline void random_remove(random_policy_t *policy, unsigned i)
{
    for (policy->n--; i < policy->n; i++) {
        policy->rules[i] = policy->rules[i + 1];
    }
}

/* An attribute gets another value, a rule comes, goes or gives way to another, or another inside. */
static inline void random_edit(random_policy_t *policy)
{
    random_rule_t *rule = &policy->rules[random_below(policy->n)];
    unsigned attributes = 0;

    switch (random_below(7)) {
    case 0:
        if (policy->n < RANDOM_RULES) {
            policy->rules[policy->n++] = random_rule(&random_elements[random_below(RANDOM_ELEMENTS)]);
        }
        break;
    case 1:
        if (policy->n > 1) {
            random_remove(policy, random_below(policy->n));
        }
        break;
    case 2:
        *rule = random_rule(&random_elements[random_below(RANDOM_ELEMENTS)]);
        break;
    case 3:
        random_vary(rule);
        break;
    default:
        while (attributes < RANDOM_ATTRIBUTES && rule->element->attributes[attributes].name) {
            attributes++;
        }
        attributes = random_below(attributes);
        rule->chosen[attributes] = (unsigned char)random_below(random_count(&rule->element->attributes[attributes]));
    }
}

static inline int random_is_request(const random_rule_t *rule)
{
    return strncmp(rule->element->text, "request", strlen("request")) == 0;
}

/* Rules move, their attributes too, and comments and line ends come; <request> rules keep their order, which has a meaning. */
static inline void random_layout(random_policy_t *policy)
{
    unsigned i;

    for (i = 0; i < policy->n; i++) {
        random_rule_t *other = &policy->rules[random_below(policy->n)];

        policy->rules[i].layout = (unsigned char)random_below(8);
        if (!random_is_request(&policy->rules[i]) && !random_is_request(other)) {
            random_rule_t moved = *other;

            *other = policy->rules[i];
            policy->rules[i] = moved;
        }
    }
}

#endif
