/* A module for tests alone: writes an environment entry, a request field and a note named Fact in the phase that it is told.
 *
 *   WritesFact PHASE VALUE     access, authn, authz, type or fixups; several lines add up
 *   WritesUser NAME            check_user_id: lets everybody in under this name, type Writer
 *   TakesUserOver              check_user_id: lets in whoever r->user names in the request before, as mod_auth_openidc does
 *   CopiesUser                 check_user_id: the same with a copy of the name, as mod_auth_gssapi does
 *   Require fact VALUE         an authorization provider that writes the fact and grants the request
 *   NamesUser NAME             sets r->user before the phases, as a module that only looks at credentials may
 *   ShowsUser NAME             access_checker: sets r->user and no type, as SSLUserName does where mod_ssl is older
 *   NamesAddress TEXT          writes this text beside the connection's address, as modules from before mod_remoteip do
 *   AsksEarly                  asks long before the phases whether they will want a user (ap_some_authn_required), which runs some of them */
#include <apr_strings.h>
#include <apr_tables.h>
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_auth.h>

extern module AP_MODULE_DECLARE_DATA writer_module;

typedef struct {
    apr_table_t *facts;          /* phase → value */
    const char *user;
    const char *named;
    const char *shown;
    const char *address;
    int asks_early;
    int takes_over;
    int copies;
} writer_config_t;

static void *create(apr_pool_t *p, char *dir)
{
    writer_config_t *config = apr_pcalloc(p, sizeof(*config));

    (void)dir;
    config->facts = apr_table_make(p, 2);
    return config;
}

static void *merge(apr_pool_t *p, void *base_, void *over_)
{
    const writer_config_t *base = base_, *over = over_;
    writer_config_t *config = apr_pcalloc(p, sizeof(*config));

    config->facts = apr_table_overlay(p, over->facts, base->facts);
    config->user = over->user ? over->user : base->user;
    config->named = over->named ? over->named : base->named;
    config->shown = over->shown ? over->shown : base->shown;
    config->address = over->address ? over->address : base->address;
    config->asks_early = over->asks_early || base->asks_early;
    config->takes_over = over->takes_over || base->takes_over;
    config->copies = over->copies || base->copies;
    return config;
}

static const char *set_fact(cmd_parms *cmd, void *config, const char *phase, const char *value)
{
    (void)cmd;
    apr_table_set(((writer_config_t *)config)->facts, phase, value);
    return NULL;
}

static const char *set_user(cmd_parms *cmd, void *config, const char *name)
{
    (void)cmd;
    ((writer_config_t *)config)->user = name;
    return NULL;
}

static const char *set_named(cmd_parms *cmd, void *config, const char *name)
{
    (void)cmd;
    ((writer_config_t *)config)->named = name;
    return NULL;
}

static const char *set_shown(cmd_parms *cmd, void *config, const char *name)
{
    (void)cmd;
    ((writer_config_t *)config)->shown = name;
    return NULL;
}

static const char *set_address(cmd_parms *cmd, void *config, const char *text)
{
    (void)cmd;
    ((writer_config_t *)config)->address = text;
    return NULL;
}

static const char *set_asks_early(cmd_parms *cmd, void *config)
{
    (void)cmd;
    ((writer_config_t *)config)->asks_early = 1;
    return NULL;
}

static const char *set_takes_over(cmd_parms *cmd, void *config)
{
    (void)cmd;
    ((writer_config_t *)config)->takes_over = 1;
    return NULL;
}

static const char *set_copies(cmd_parms *cmd, void *config)
{
    (void)cmd;
    ((writer_config_t *)config)->copies = ((writer_config_t *)config)->takes_over = 1;
    return NULL;
}

static const writer_config_t *config_of(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &writer_module);
}

static void write_fact(request_rec *r, const char *value)
{
    apr_table_set(r->subprocess_env, "Fact", value);
    apr_table_set(r->headers_in, "Fact", value);
    apr_table_set(r->notes, "Fact", value);
}

static int write_in(request_rec *r, const char *phase)
{
    const char *value = apr_table_get(config_of(r)->facts, phase);

    if (value) {
        write_fact(r, value);
    }
    return DECLINED;
}

static int before_phases(request_rec *r)
{
    const writer_config_t *config = config_of(r);

    if (config->asks_early) {
        (void)ap_some_authn_required(r);
    }
    if (config->address) {
        r->connection->client_ip = apr_pstrdup(r->connection->pool, config->address);
    }
    if (config->named) {
        r->user = apr_pstrdup(r->pool, config->named);
        r->ap_auth_type = (char *)"Writer";
    }
    return DECLINED;
}

static int in_access(request_rec *r)
{
    if (config_of(r)->shown) {
        r->user = apr_pstrdup(r->pool, config_of(r)->shown);
    }
    return write_in(r, "access");
}

/* Of the main request a copy, of the one before the string itself. */
static char *user_before(const request_rec *r)
{
    if (config_of(r)->copies && r->prev) {
        return apr_pstrdup(r->pool, r->prev->user);
    }
    return r->main ? apr_pstrdup(r->pool, r->main->user) : r->prev ? r->prev->user : NULL;
}

static int in_authn(request_rec *r)
{
    const writer_config_t *config = config_of(r);
    char *user = config->user ? apr_pstrdup(r->pool, config->user) : config->takes_over ? user_before(r) : NULL;

    (void)write_in(r, "authn");
    if (!user) {
        return DECLINED;
    }
    r->user = user;
    r->ap_auth_type = (char *)"Writer";
    return OK;
}

static int in_authz(request_rec *r)
{
    return write_in(r, "authz");
}

static int in_type(request_rec *r)
{
    return write_in(r, "type");
}

static int in_fixups(request_rec *r)
{
    return write_in(r, "fixups");
}

static authz_status authorize(request_rec *r, const char *value, const void *parsed)
{
    (void)parsed;
    if (!r->user) {
        return AUTHZ_DENIED_NO_USER;
    }
    write_fact(r, value);
    return AUTHZ_GRANTED;
}

static const authz_provider provider = { authorize, NULL };

static void register_hooks(apr_pool_t *p)
{
    ap_hook_header_parser(before_phases, NULL, NULL, APR_HOOK_FIRST);       /* ahead of mod_setenvif */
    ap_hook_check_access(in_access, NULL, NULL, APR_HOOK_MIDDLE, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_authn(in_authn, NULL, NULL, APR_HOOK_FIRST, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_authz(in_authz, NULL, NULL, APR_HOOK_FIRST, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_type_checker(in_type, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_fixups(in_fixups, NULL, NULL, APR_HOOK_MIDDLE);
    ap_register_auth_provider(p, AUTHZ_PROVIDER_GROUP, "fact", AUTHZ_PROVIDER_VERSION, &provider, AP_AUTH_INTERNAL_PER_CONF);
}

static const command_rec commands[] = {
    AP_INIT_TAKE2("WritesFact", set_fact, NULL, OR_ALL, "a phase, and the value to write there"),
    AP_INIT_TAKE1("WritesUser", set_user, NULL, OR_ALL, "who is let in"),
    AP_INIT_NO_ARGS("TakesUserOver", set_takes_over, NULL, OR_ALL, "let in who was there before"),
    AP_INIT_NO_ARGS("CopiesUser", set_copies, NULL, OR_ALL, "let in who was there before, by a copy"),
    AP_INIT_TAKE1("NamesUser", set_named, NULL, OR_ALL, "who is named before the phases"),
    AP_INIT_TAKE1("ShowsUser", set_shown, NULL, OR_ALL, "who is named while access is checked"),
    AP_INIT_TAKE1("NamesAddress", set_address, NULL, OR_ALL, "what is written beside the connection's address"),
    AP_INIT_NO_ARGS("AsksEarly", set_asks_early, NULL, OR_ALL, "ask ahead of the phases"),
    { NULL }
};

module AP_MODULE_DECLARE_DATA writer_module = { STANDARD20_MODULE_STUFF, create, merge, NULL, NULL, commands, register_hooks, 0 };
