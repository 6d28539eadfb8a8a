/* How the script is named (POLICY 5, <backend>): from what httpd mapped to SCRIPT_NAME, PATH_INFO, SCRIPT_FILENAME. */
#ifndef FCT_SCRIPT_H
#define FCT_SCRIPT_H

#include "bytes.h"
#include "finding.h"

/* What httpd made of the request, before mod_proxy rewrote anything. */
typedef struct fct_mapping_t {
    fct_bytes_t path;            /* the decoded, normalised URL path of this request (r->uri) */
    fct_bytes_t raw_path;        /* the path as received, undecoded, without the query */
    fct_bytes_t file;            /* the file httpd mapped (SetHandler); absent where it mapped none */
    fct_bytes_t path_info;       /* what followed the file's URL; absent where it mapped none */
    fct_bytes_t mount;           /* the literal ProxyPass path that matched ("/" is a mount); absent: none */
    fct_bytes_t document_root;   /* the vhost's */
} fct_mapping_t;

typedef enum fct_script_mode_t {
    FCT_SCRIPT_AUTO,             /* file where httpd mapped one, else split (profile php-fpm) */
    FCT_SCRIPT_FILE,
    FCT_SCRIPT_SPLIT,
    FCT_SCRIPT_MOUNT,
    FCT_SCRIPT_PLAIN             /* "none": SCRIPT_NAME empty, PATH_INFO the whole path */
} fct_script_mode_t;

typedef enum fct_encoded_slash_t {
    FCT_ENCODED_SLASH_REFUSE,
    FCT_ENCODED_SLASH_RAW
} fct_encoded_slash_t;

typedef struct fct_script_rules_t {
    fct_script_mode_t mode;
    fct_bytes_t docroot;            /* absent: the vhost's */
    fct_bytes_t index;              /* "index.php"; absent: none */
    fct_bytes_t front_controller;   /* "/index.php"; absent: none */
    fct_bytes_t mount;              /* absent: the ProxyPass path */
    fct_encoded_slash_t encoded_slash;
    int wants_path_translated;      /* a rule asks for it; only then is it made, and refused where it is unsafe */
} fct_script_rules_t;

/* The names; each absent where the mode defines none. All in the pool given or pointing into the mapping. */
typedef struct fct_script_t {
    fct_bytes_t name;
    fct_bytes_t path_info;
    fct_bytes_t filename;
    fct_bytes_t path_translated;
    fct_bytes_t document_root;
} fct_script_t;

/* Checks the path alone, whatever it names: the first four of the faults below, and percent signs. Returns FCT_FINDING_NONE, or why
 * the request must be refused with 400. */
fct_finding_id_t fct_script_check_path(const fct_script_rules_t *rules, const fct_mapping_t *mapping);

/* Checks the path and names the script. Returns FCT_FINDING_NONE, or why the request must be refused (its status in *status: 400 for what the
 * client wrote — NUL, control bytes, dot segments anywhere; '?', '#', backslash in SCRIPT_NAME, SCRIPT_FILENAME or PATH_TRANSLATED;
 * an encoded slash — 404 where no script is named, 500 where the configuration maps nothing). POLICY 5. */
fct_finding_id_t fct_script_resolve(const fct_script_rules_t *rules, const fct_mapping_t *mapping, fct_script_t *script,
                                    int *status, apr_pool_t *p);

#endif
