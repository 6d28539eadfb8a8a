/* A module for tests alone: has the name of one that replaces the client's address without any directive, and does nothing. */
#include <httpd.h>
#include <http_config.h>

extern module AP_MODULE_DECLARE_DATA cloudflare_module;

module AP_MODULE_DECLARE_DATA cloudflare_module = { STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, NULL, 0 };
