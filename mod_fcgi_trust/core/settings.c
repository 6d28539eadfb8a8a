/* <request>, <response> and <backend>: what their attributes mean, and their defaults (POLICY 5). */
#include "settings.h"

#include <apr_strings.h>

#include "authority.h"
#include "name.h"
#include "words.h"

/* The defaults; an attribute that is not here has none. */
static const struct {
    fct_attribute_t attribute;
    const char *text;
} defaults[] = {
    { FCT_ATTRIBUTE_METHODS, "GET HEAD POST" },
    { FCT_ATTRIBUTE_MAX_BODY, "1M" },
    { FCT_ATTRIBUTE_CHUNKED, "spool" },
    { FCT_ATTRIBUTE_UPGRADE, "ignore" },
    { FCT_ATTRIBUTE_ENCODED_SLASH, "refuse" },
    { FCT_ATTRIBUTE_MAX_HEADER_BYTES, "64K" },
    { FCT_ATTRIBUTE_MAX_HEADER_COUNT, "200" },
    { FCT_ATTRIBUTE_MAX_INTERIM, "16" },
    { FCT_ATTRIBUTE_MISSING_CONTENT_TYPE, "octet-stream" },
    { FCT_ATTRIBUTE_LOCAL_REDIRECT, "refuse" },
    { FCT_ATTRIBUTE_INTERIM, "drop" },
    { FCT_ATTRIBUTE_HOLD, "64K" },
    { FCT_ATTRIBUTE_HOLD_TIME, "20ms" },
    { FCT_ATTRIBUTE_MAX_STDERR, "64K" },
    { FCT_ATTRIBUTE_PROFILE, "generic" },
};

/* How each profile names the script, unless script="…" says otherwise, and what its backends are like. */
static const struct {
    const char *name;
    fct_script_mode_t mode;
    int fixed_request_id;
    int never_kept;
} profiles[] = {
    { "generic", FCT_SCRIPT_MOUNT, 0, 0 },
    { "php-fpm", FCT_SCRIPT_AUTO, 0, 0 },
    { "go", FCT_SCRIPT_MOUNT, 0, 0 },
    { "wsgi", FCT_SCRIPT_MOUNT, 0, 1 },      /* uWSGI closes after every answer, whatever it was asked */
};

static const char *text_of(const fct_setting_t *settings, fct_attribute_t attribute)
{
    apr_size_t i;

    for (i = 0; !settings[attribute].text && i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        if (defaults[i].attribute == attribute) {
            return defaults[i].text;
        }
    }
    return settings[attribute].text;
}

static int is_set_to(const fct_setting_t *settings, fct_attribute_t attribute, const char *text)
{
    const char *is = text_of(settings, attribute);

    return is && strcmp(is, text) == 0;
}

static const fct_bytes_t *split_words(const char *text, apr_size_t *n, apr_pool_t *p)
{
    apr_array_header_t *words = apr_array_make(p, 8, sizeof(fct_bytes_t));
    char *state = NULL;
    char *word = text ? apr_strtok(apr_pstrdup(p, text), " \t\r\n", &state) : NULL;

    for (; word; word = apr_strtok(NULL, " \t\r\n", &state)) {
        APR_ARRAY_PUSH(words, fct_bytes_t) = fct_bytes_of(word);
    }
    *n = (apr_size_t)words->nelts;
    return (const fct_bytes_t *)words->elts;
}

/* --- reading --- */

const fct_setting_t *fct_settings_overlay(const fct_setting_t *settings, const fct_setting_t *over, apr_pool_t *p)
{
    fct_setting_t *both = apr_pmemdup(p, settings, sizeof(*both) * FCT_ATTRIBUTE_COUNT);
    int i;

    for (i = 0; i < FCT_ATTRIBUTE_COUNT; i++) {
        if (over[i].text) {
            both[i] = over[i];
        }
    }
    return both;
}

const fct_bytes_t *fct_settings_read_methods(const fct_setting_t *settings, apr_size_t *n, apr_pool_t *p)
{
    return split_words(text_of(settings, FCT_ATTRIBUTE_METHODS), n, p);
}

const fct_bytes_t *fct_settings_read_audited(const fct_setting_t *settings, apr_size_t *n, apr_pool_t *p)
{
    return split_words(text_of(settings, FCT_ATTRIBUTE_VALUES), n, p);
}

void fct_settings_read_request(const fct_setting_t *settings, fct_request_rules_t *rules, apr_pool_t *p)
{
    apr_size_t i, n;
    const fct_bytes_t *methods = fct_settings_read_methods(settings, &n, p);

    rules->allow = "";
    for (i = 0; i < n; i++) {
        rules->allow = apr_pstrcat(p, rules->allow, i ? ", " : "", methods[i].at, NULL);
    }
    rules->max_body = fct_language_read_size(text_of(settings, FCT_ATTRIBUTE_MAX_BODY));
    rules->chunked = is_set_to(settings, FCT_ATTRIBUTE_CHUNKED, "stream") ? FCT_CHUNKED_STREAM
        : is_set_to(settings, FCT_ATTRIBUTE_CHUNKED, "refuse") ? FCT_CHUNKED_REFUSE : FCT_CHUNKED_SPOOL;
    rules->refuse_upgrade = is_set_to(settings, FCT_ATTRIBUTE_UPGRADE, "refuse");
}

void fct_settings_read_response(const fct_setting_t *settings, fct_response_rules_t *rules, apr_pool_t *p)
{
    rules->limits.head.max_bytes = (apr_size_t)fct_language_read_size(text_of(settings, FCT_ATTRIBUTE_MAX_HEADER_BYTES));
    rules->limits.head.max_fields = (apr_size_t)fct_language_read_number(text_of(settings, FCT_ATTRIBUTE_MAX_HEADER_COUNT));
    rules->limits.max_interim = (unsigned)fct_language_read_number(text_of(settings, FCT_ATTRIBUTE_MAX_INTERIM));
    rules->hide = split_words(text_of(settings, FCT_ATTRIBUTE_HIDE), &rules->nhide, p);
    rules->refuse_missing_content_type = is_set_to(settings, FCT_ATTRIBUTE_MISSING_CONTENT_TYPE, "refuse");
    rules->follow_local_redirect = is_set_to(settings, FCT_ATTRIBUTE_LOCAL_REDIRECT, "follow");
    rules->forward_interim = is_set_to(settings, FCT_ATTRIBUTE_INTERIM, "forward");
    rules->hold = (apr_size_t)fct_language_read_size(text_of(settings, FCT_ATTRIBUTE_HOLD));
    rules->hold_time = fct_language_read_duration(text_of(settings, FCT_ATTRIBUTE_HOLD_TIME));
    rules->max_stderr = (apr_size_t)fct_language_read_size(text_of(settings, FCT_ATTRIBUTE_MAX_STDERR));
    rules->sendfile = fct_bytes_of(text_of(settings, FCT_ATTRIBUTE_SENDFILE));
}

static fct_script_mode_t read_mode(const char *text)
{
    static const struct {
        const char *text;
        fct_script_mode_t mode;
    } modes[] = {
        { "file", FCT_SCRIPT_FILE }, { "split", FCT_SCRIPT_SPLIT }, { "mount", FCT_SCRIPT_MOUNT },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(text, modes[i].text) == 0) {
            return modes[i].mode;
        }
    }
    return FCT_SCRIPT_PLAIN;
}

void fct_settings_read_backend(const fct_setting_t *settings, fct_backend_rules_t *rules, apr_pool_t *p)
{
    const char *mode = text_of(settings, FCT_ATTRIBUTE_SCRIPT);
    apr_size_t i;

    rules->profile = text_of(settings, FCT_ATTRIBUTE_PROFILE);
    for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        if (strcmp(profiles[i].name, rules->profile) == 0) {
            rules->script.mode = mode ? read_mode(mode) : profiles[i].mode;
            rules->fixed_request_id = profiles[i].fixed_request_id;
            rules->never_kept = profiles[i].never_kept;
        }
    }
    rules->script.docroot = fct_bytes_of(text_of(settings, FCT_ATTRIBUTE_DOCROOT));
    rules->script.index = fct_bytes_of(text_of(settings, FCT_ATTRIBUTE_INDEX));
    rules->script.front_controller = fct_bytes_of(text_of(settings, FCT_ATTRIBUTE_FRONT_CONTROLLER));
    rules->script.mount = fct_bytes_of(text_of(settings, FCT_ATTRIBUTE_MOUNT));
    rules->script.encoded_slash = is_set_to(settings, FCT_ATTRIBUTE_ENCODED_SLASH, "raw") ? FCT_ENCODED_SLASH_RAW
                                                                                       : FCT_ENCODED_SLASH_REFUSE;
    rules->workers = split_words(text_of(settings, FCT_ATTRIBUTE_WORKERS), &rules->nworkers, p);
}

/* --- one text for each meaning --- */

static const char *mode_text(const fct_setting_t *settings, apr_pool_t *p)
{
    static const char *const modes[] = {
        [FCT_SCRIPT_AUTO] = "auto", [FCT_SCRIPT_FILE] = "file", [FCT_SCRIPT_SPLIT] = "split", [FCT_SCRIPT_MOUNT] = "mount",
        [FCT_SCRIPT_PLAIN] = "none",
    };
    fct_backend_rules_t rules;

    fct_settings_read_backend(settings, &rules, p);
    return modes[rules.script.mode];
}

const char *fct_settings_text(const fct_setting_t *settings, const fct_row_t *row, apr_pool_t *p)
{
    const char *text = row->attribute == FCT_ATTRIBUTE_SCRIPT ? mode_text(settings, p) : text_of(settings, row->attribute);

    if (text == NULL) {
        return NULL;
    }
    switch (row->form) {
    case FCT_FORM_SIZE:
    case FCT_FORM_SIZE_OR_UNLIMITED:
        return apr_psprintf(p, "%" APR_OFF_T_FMT, fct_language_read_size(text));
    case FCT_FORM_DURATION:
        return apr_psprintf(p, "%" APR_TIME_T_FMT, fct_language_read_duration(text));
    default:
        break;
    }
    switch (row->attribute) {
    case FCT_ATTRIBUTE_METHODS:
    case FCT_ATTRIBUTE_HIDE:
    case FCT_ATTRIBUTE_WORKERS:
    case FCT_ATTRIBUTE_VALUES:
        return fct_words_normal(text, p);
    default:
        return text;
    }
}

/* --- checking --- */

static void complain(const fct_setting_t *settings, fct_attribute_t attribute, fct_findings_t *findings, const char *why)
{
    const fct_setting_t *setting = &settings[attribute];

    fct_findings_add(findings, FCT_FINDING_SETTING_INVALID, setting->place.file, setting->place.line,
                     "%s=\"%s\" %s", fct_language_attribute_name(attribute), setting->text, why);
}

static void check_tokens(const fct_setting_t *settings, fct_attribute_t attribute, fct_findings_t *findings, const char *why)
{
    apr_size_t i, n;
    const fct_bytes_t *words = split_words(settings[attribute].text, &n, findings->pool);

    if (settings[attribute].text && n == 0) {
        complain(settings, attribute, findings, why);
    }
    for (i = 0; i < n; i++) {
        if (!fct_name_is_token(words[i])) {
            complain(settings, attribute, findings, why);
            return;
        }
    }
}

static int ends_with(const char *text, const char *end)
{
    apr_size_t len = strlen(text), n = strlen(end);

    return len >= n && strcmp(text + len - n, end) == 0;
}

/* A path that a request cannot bend: absolute, without empty or dot segments, '?', '#' and backslashes. */
static int is_plain_path(const char *text)
{
    return text[0] == '/' && !strpbrk(text, "?#\\") && !strstr(text, "//") && !strstr(text, "/./") && !strstr(text, "/../")
        && !ends_with(text, "/.") && !ends_with(text, "/..");
}

static void check_path(const fct_setting_t *settings, fct_attribute_t attribute, fct_findings_t *findings)
{
    const char *text = settings[attribute].text;

    if (text && !is_plain_path(text)) {
        complain(settings, attribute, findings, "is not an absolute path without empty or dot segments, ?, # and backslash");
    }
}

static void check_index(const fct_setting_t *settings, fct_findings_t *findings)
{
    const char *text = settings[FCT_ATTRIBUTE_INDEX].text;

    if (text && (strpbrk(text, "/?#\\") || text[0] == '.')) {
        complain(settings, FCT_ATTRIBUTE_INDEX, findings, "is not a file's name, as index.php is");
    }
}

/* As the module names a backend: "unix:/path", or "fcgi://host:port". */
static int is_backend(fct_bytes_t word)
{
    fct_bytes_t scheme = FCT_BYTES_LITERAL("fcgi://");
    fct_bytes_t rest = fct_bytes_from(word, word.len < scheme.len ? word.len : scheme.len);
    const char *colon = strrchr(word.at, ':'), *bracket = strchr(word.at, ']');

    if (fct_bytes_starts_with(word, FCT_BYTES_LITERAL("unix:"))) {
        return word.at[strlen("unix:")] == '/' && !strchr(word.at, '|');      /* what follows "|" in ProxyPass is no part of the name */
    }
    return fct_bytes_equal_nocase(fct_bytes_make(word.at, word.len - rest.len), scheme) && fct_authority_is_valid(rest) && colon > rest.at
        && colon > bracket && colon[1] != '\0';
}

/* One that is written otherwise is never met, and where there is none at all, all are. */
static void check_workers(const fct_setting_t *settings, fct_findings_t *findings)
{
    const char *text = settings[FCT_ATTRIBUTE_WORKERS].text;
    apr_size_t i, n;
    const fct_bytes_t *words = split_words(text, &n, findings->pool);

    if (text && n == 0) {
        complain(settings, FCT_ATTRIBUTE_WORKERS, findings, "names no backend");
    }
    for (i = 0; i < n; i++) {
        if (!is_backend(words[i])) {
            complain(settings, FCT_ATTRIBUTE_WORKERS, findings,
                     apr_psprintf(findings->pool, "has %.128s, and a backend is \"fcgi://HOST:PORT\" or \"unix:/PATH\" and no more", words[i].at));
        }
    }
}

/* Attributes that the script's mode never looks at. */
static void check_mode(const fct_setting_t *settings, fct_findings_t *findings)
{
    fct_backend_rules_t rules;

    memset(&rules, 0, sizeof(rules));
    fct_settings_read_backend(settings, &rules, findings->pool);
    if (settings[FCT_ATTRIBUTE_MOUNT].text && rules.script.mode != FCT_SCRIPT_MOUNT) {
        complain(settings, FCT_ATTRIBUTE_MOUNT, findings, "needs script=\"mount\" or a profile that uses it");
    }
    if (rules.script.mode == FCT_SCRIPT_SPLIT || rules.script.mode == FCT_SCRIPT_AUTO) {
        return;
    }
    if (settings[FCT_ATTRIBUTE_INDEX].text) {
        complain(settings, FCT_ATTRIBUTE_INDEX, findings, "needs script=\"split\" or profile=\"php-fpm\"");
    }
    if (settings[FCT_ATTRIBUTE_FRONT_CONTROLLER].text) {
        complain(settings, FCT_ATTRIBUTE_FRONT_CONTROLLER, findings, "needs script=\"split\" or profile=\"php-fpm\"");
    }
}

void fct_settings_check(const fct_setting_t *settings, fct_findings_t *findings)
{
    check_tokens(settings, FCT_ATTRIBUTE_METHODS, findings, "is not a list of methods, as \"GET HEAD POST\" is");
    check_tokens(settings, FCT_ATTRIBUTE_HIDE, findings, "is not a list of header names");
    check_path(settings, FCT_ATTRIBUTE_DOCROOT, findings);
    check_path(settings, FCT_ATTRIBUTE_SENDFILE, findings);
    check_path(settings, FCT_ATTRIBUTE_FRONT_CONTROLLER, findings);
    check_path(settings, FCT_ATTRIBUTE_MOUNT, findings);
    check_index(settings, findings);
    check_workers(settings, findings);
    check_mode(settings, findings);
    if (is_set_to(settings, FCT_ATTRIBUTE_MAX_BODY, "unlimited") && !is_set_to(settings, FCT_ATTRIBUTE_CHUNKED, "stream")) {
        complain(settings, FCT_ATTRIBUTE_MAX_BODY, findings, "needs chunked=\"stream\": a body without a length is kept whole first");
    }
}
