/* The names that were told already, of one process. */
#include "drops.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include "escape.h"
#include "field_name.h"
#include "name.h"

#define TOLD_MAX 256
#define NAME_MAX_LEN 100

static apr_hash_t *told;             /* of "policy name"; NULL before the child has begun */
static apr_pool_t *told_pool;
static apr_thread_mutex_t *lock;

void fct_drops_child_init(apr_pool_t *pchild, server_rec *s)
{
    (void)s;
    told_pool = pchild;
    told = apr_thread_mutex_create(&lock, APR_THREAD_MUTEX_DEFAULT, pchild) == APR_SUCCESS ? apr_hash_make(pchild) : NULL;
}

static int is_first(const char *key)
{
    int first;

    apr_thread_mutex_lock(lock);
    first = apr_hash_count(told) < TOLD_MAX && !apr_hash_get(told, key, APR_HASH_KEY_STRING);
    if (first) {
        apr_hash_set(told, apr_pstrdup(told_pool, key), APR_HASH_KEY_STRING, "");
    }
    apr_thread_mutex_unlock(lock);
    return first;
}

/* The end of the line that would admit it: what others trust is not let in without a warning. */
static const char *admit(fct_bytes_t name, apr_pool_t *p)
{
    return fct_field_name_is_reserved(fct_name_fold(name, p)) ? " trust=\"client\"/> would let it through, as the client's own word"
                                                              : "/> would let it through";
}

void fct_drops_tell(request_rec *r, const fct_policy_t *policy, fct_bytes_t name)
{
    const char *shown;

    if (!told || !APLOG_R_IS_LEVEL(r, APLOG_INFO)) {
        return;
    }
    shown = fct_escape_copy(name, NAME_MAX_LEN, r->pool);
    if (is_first(apr_pstrcat(r->pool, policy->file, " ", shown, NULL))) {
        fct_log_request(r, 0, FCT_FINDING_FIELD_DROPPED, "policy %s drops the header field %s; <header name=\"%s\"%s",
                        policy->name, shown, shown, admit(name, r->pool));
    }
}
