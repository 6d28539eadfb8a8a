/* The temporary file of a request body. */
#include "spool.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#define CHUNK (64 * 1024 - 4096)

struct fct_spool_t {
    request_rec *r;
    apr_file_t *file;
    apr_off_t size;
    apr_off_t at;                    /* where the next read begins */
};

fct_spool_t *fct_spool_open(request_rec *r)
{
    fct_spool_t *spool = apr_pcalloc(r->pool, sizeof(*spool));
    const char *dir;
    char *name;
    apr_status_t rv = apr_temp_dir_get(&dir, r->pool);

    spool->r = r;
    if (rv == APR_SUCCESS) {
        name = apr_pstrcat(r->pool, dir, "/fcgi_trust.XXXXXX", NULL);
        rv = apr_file_mktemp(&spool->file, name, APR_FOPEN_CREATE | APR_FOPEN_READ | APR_FOPEN_WRITE | APR_FOPEN_EXCL, r->pool);
    }
    if (rv == APR_SUCCESS) {
        apr_file_remove(name, r->pool);      /* the open file is all there is of it, also if this process dies */
        return spool;
    }
    fct_log_request(r, rv, FCT_FINDING_BODY_SPOOL_FAILED, "no temporary file could be opened for the request body");
    return NULL;
}

int fct_spool_write(fct_spool_t *spool, apr_bucket_brigade *bb)
{
    while (!APR_BRIGADE_EMPTY(bb)) {
        apr_bucket *b = APR_BRIGADE_FIRST(bb);
        const char *data;
        apr_size_t len;
        apr_status_t rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);

        if (rv == APR_SUCCESS) {
            rv = apr_file_write_full(spool->file, data, len, NULL);
        }
        if (rv != APR_SUCCESS) {
            fct_log_request(spool->r, rv, FCT_FINDING_BODY_SPOOL_FAILED,
                            "the request body could not be written to a temporary file after %" APR_OFF_T_FMT " bytes", spool->size);
            return 0;
        }
        spool->size += (apr_off_t)len;
        apr_bucket_delete(b);
    }
    return 1;
}

apr_off_t fct_spool_size(const fct_spool_t *spool)
{
    return spool ? spool->size : 0;
}

void fct_spool_rewind(fct_spool_t *spool)
{
    spool->at = 0;
}

int fct_spool_is_at_end(const fct_spool_t *spool)
{
    return !spool || spool->at == spool->size;
}

apr_bucket *fct_spool_read(fct_spool_t *spool, apr_size_t max)
{
    apr_bucket_alloc_t *allocator = spool->r->connection->bucket_alloc;
    apr_off_t left = spool->size - spool->at, at = spool->at;
    apr_size_t len = max < CHUNK ? max : CHUNK;
    apr_status_t rv;
    char *chunk;

    if ((apr_off_t)len > left) {
        len = (apr_size_t)left;
    }
    chunk = apr_bucket_alloc(len, allocator);
    rv = apr_file_seek(spool->file, APR_SET, &at);
    if (rv == APR_SUCCESS) {
        rv = apr_file_read_full(spool->file, chunk, len, NULL);
    }
    if (rv != APR_SUCCESS) {
        apr_bucket_free(chunk);
        fct_log_request(spool->r, rv, FCT_FINDING_BODY_SPOOL_FAILED, "the request body could not be read back from its temporary file");
        return NULL;
    }
    spool->at += (apr_off_t)len;
    return apr_bucket_heap_create(chunk, len, apr_bucket_free, allocator);
}
