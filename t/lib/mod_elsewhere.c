/* A module for tests alone: takes directives of modules that not every system has, and does nothing with them. */
#include <httpd.h>
#include <http_config.h>

extern module AP_MODULE_DECLARE_DATA elsewhere_module;

static const char *take(cmd_parms *cmd, void *config, const char *arguments)
{
    (void)cmd;
    (void)config;
    (void)arguments;
    return NULL;
}

static const command_rec commands[] = {
    AP_INIT_RAW_ARGS("RPAFenable", take, NULL, RSRC_CONF, "mod_rpaf"),
    AP_INIT_RAW_ARGS("RPAF_Enable", take, NULL, RSRC_CONF, "mod_rpaf, newer"),
    AP_INIT_RAW_ARGS("CloudFlareRemoteIPHeader", take, NULL, RSRC_CONF, "mod_cloudflare"),
    AP_INIT_RAW_ARGS("RewriteIPAllow", take, NULL, RSRC_CONF, "mod_myfixip"),
    AP_INIT_RAW_ARGS("MEFaccept", take, NULL, RSRC_CONF, "mod_extract_forwarded"),
    AP_INIT_RAW_ARGS("RealIP", take, NULL, RSRC_CONF, "mod_realip2"),
    AP_INIT_RAW_ARGS("ProxyProtocol", take, NULL, RSRC_CONF, "mod_proxy_protocol"),
    AP_INIT_RAW_ARGS("GeoIPScanProxyHeaders", take, NULL, RSRC_CONF, "mod_geoip"),
    AP_INIT_RAW_ARGS("MaxMindDBEnable", take, NULL, OR_ALL, "mod_maxminddb"),
    AP_INIT_RAW_ARGS("MaxMindDBEnv", take, NULL, OR_ALL, "mod_maxminddb"),
    { NULL }
};

module AP_MODULE_DECLARE_DATA elsewhere_module = { STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, commands, NULL, 0 };
