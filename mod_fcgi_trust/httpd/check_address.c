/* What makes another address the client's than that of the connection's peer. */
#include "check_address.h"

#include <http_config.h>

#include "conftree.h"

/* The beginnings of directives' names; with "Off" behind them they do nothing. */
static const char *const replacing[] = {
    "RemoteIPHeader", "RemoteIPProxyProtocol",     /* mod_remoteip */
    "RPAFenable", "RPAF_Enable",                   /* mod_rpaf */
    "CloudFlareRemoteIP",                          /* mod_cloudflare */
    "RewriteIP",                                   /* mod_myfixip */
    "MEFaccept",                                   /* mod_extract_forwarded */
    "RealIP",                                      /* mod_realip2 */
    "ProxyProtocol",                               /* mod_proxy_protocol */
    NULL
};

/* Modules that need no directive, by their main file. */
static const struct {
    const char *file;
    const char *name;
} modules[] = {
    { "mod_cloudflare.c", "mod_cloudflare" },
    { "mod_myfixip.c", "mod_myfixip" },
};

/* RemoteIPProxyProtocolExceptions names those who do not replace it. */
static int is_exception(const ap_directive_t *d)
{
    return fct_conftree_is(d, "RemoteIPProxyProtocolExceptions");
}

int fct_check_address_is_replaced_by(const ap_directive_t *d)
{
    int i;

    for (i = 0; replacing[i]; i++) {
        if (ap_cstr_casecmpn(d->directive, replacing[i], strlen(replacing[i])) == 0) {
            return ap_cstr_casecmp(d->args, "Off") != 0 && !is_exception(d);
        }
    }
    return 0;
}

const char *fct_check_address_module(void)
{
    apr_size_t i;

    for (i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
        if (ap_find_linked_module(modules[i].file)) {
            return modules[i].name;
        }
    }
    return NULL;
}
