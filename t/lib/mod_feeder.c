/* A module for tests alone: filters that hand a body on as filters may, if hardly one does. Input:
 *
 *   EMPTY_PIECES       an empty bucket before and behind each piece
 *   EVERY_THIRD        two of three calls give nothing, and keep what they got for the third
 *   BROKEN_FILE        a piece of a file in the body's place that cannot be read
 *   SHRUNK_FILE        a piece of a file that has become empty
 * Output:
 *   FORBIDS            403 in the place of a response in which "forbidden" stands, as mod_security has it */
#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

extern module AP_MODULE_DECLARE_DATA feeder_module;

static apr_bucket *empty_bucket(ap_filter_t *f)
{
    return apr_bucket_heap_create("", 0, NULL, f->c->bucket_alloc);
}

static apr_status_t empty_pieces(ap_filter_t *f, apr_bucket_brigade *bb, ap_input_mode_t mode, apr_read_type_e block, apr_off_t max)
{
    apr_status_t rv = ap_get_brigade(f->next, bb, mode, block, max);

    if (rv == APR_SUCCESS && !APR_BRIGADE_EMPTY(bb)) {
        apr_bucket *last = APR_BRIGADE_LAST(bb);

        APR_BRIGADE_INSERT_HEAD(bb, empty_bucket(f));
        if (APR_BUCKET_IS_EOS(last)) {
            APR_BUCKET_INSERT_BEFORE(last, empty_bucket(f));
        }
        else {
            APR_BRIGADE_INSERT_TAIL(bb, empty_bucket(f));
        }
    }
    return rv;
}

typedef struct {
    apr_bucket_brigade *kept;
    int calls;
} third_t;

static apr_status_t every_third(ap_filter_t *f, apr_bucket_brigade *bb, ap_input_mode_t mode, apr_read_type_e block, apr_off_t max)
{
    third_t *third = f->ctx;
    apr_status_t rv;

    if (!third) {
        f->ctx = third = apr_pcalloc(f->r->pool, sizeof(*third));
        third->kept = apr_brigade_create(f->r->pool, f->c->bucket_alloc);
    }
    rv = ap_get_brigade(f->next, bb, mode, block, max);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    ap_save_brigade(f, &third->kept, &bb, f->r->pool);
    if (++third->calls % 3 == 0 || APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(third->kept))) {
        APR_BRIGADE_CONCAT(bb, third->kept);
    }
    return APR_SUCCESS;
}

/* f->ctx: the file's name. */
static apr_status_t file_instead(ap_filter_t *f, apr_bucket_brigade *bb, ap_input_mode_t mode, apr_read_type_e block, apr_off_t max)
{
    apr_file_t *file;
    apr_bucket *b;
    apr_status_t rv = ap_get_brigade(f->next, bb, mode, block, max);

    if (rv != APR_SUCCESS || APR_BRIGADE_EMPTY(bb) || APR_BUCKET_IS_EOS(APR_BRIGADE_FIRST(bb))) {
        return rv;
    }
    apr_brigade_cleanup(bb);
    rv = apr_file_open(&file, f->ctx, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, f->r->pool);
    b = apr_bucket_file_create(file, 0, 4000, f->r->pool, f->c->bucket_alloc);
    apr_bucket_file_enable_mmap(b, 0);
    APR_BRIGADE_INSERT_TAIL(bb, b);
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(f->c->bucket_alloc));
    return rv;
}

static int name_directory(ap_filter_t *f)
{
    f->ctx = "/";
    return OK;
}

static int name_empty(ap_filter_t *f)
{
    f->ctx = "/dev/null";
    return OK;
}

static apr_status_t forbids(ap_filter_t *f, apr_bucket_brigade *bb)
{
    char text[8192];
    apr_size_t len = sizeof(text) - 1;

    apr_brigade_flatten(bb, text, &len);
    text[len] = '\0';
    if (strstr(text, "forbidden")) {
        apr_brigade_cleanup(bb);
        APR_BRIGADE_INSERT_TAIL(bb, ap_bucket_error_create(HTTP_FORBIDDEN, NULL, f->r->pool, f->c->bucket_alloc));
        APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(f->c->bucket_alloc));
        ap_remove_output_filter(f);
    }
    return ap_pass_brigade(f->next, bb);
}

static void register_hooks(apr_pool_t *p)
{
    (void)p;
    ap_register_input_filter("EMPTY_PIECES", empty_pieces, NULL, AP_FTYPE_RESOURCE);
    ap_register_input_filter("EVERY_THIRD", every_third, NULL, AP_FTYPE_RESOURCE);
    ap_register_input_filter("BROKEN_FILE", file_instead, name_directory, AP_FTYPE_RESOURCE);
    ap_register_input_filter("SHRUNK_FILE", file_instead, name_empty, AP_FTYPE_RESOURCE);
    ap_register_output_filter("FORBIDS", forbids, NULL, AP_FTYPE_RESOURCE);
}

module AP_MODULE_DECLARE_DATA feeder_module = { STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks, 0 };
