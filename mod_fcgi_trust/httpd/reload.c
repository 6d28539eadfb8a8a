/* The last good policies, in the process pool. A sealed policy points into this module's constants, so the module stays mapped. */
#include "reload.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <dlfcn.h>

#define KEY "mod_fcgi_trust: last good policies"

typedef struct kept_t {
    const void *build;               /* an address of the mapping whose constants the policy points into */
    const fct_policy_t *policy;
    apr_pool_t *pool;
} kept_t;

static const char this_build = 0;

/* httpd unmaps modules at a restart. Loaded again, the same file is this very mapping, a newer one is another. */
static void stay_mapped(void)
{
    Dl_info info;

    if (dladdr(&this_build, &info) && info.dli_fname) {
        (void)dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
    }
}

static apr_hash_t *registry_of(server_rec *s)
{
    apr_pool_t *p = s->process->pool;
    void *registry = NULL;

    apr_pool_userdata_get(&registry, KEY, p);
    if (!registry) {
        registry = apr_hash_make(p);
        apr_pool_userdata_set(registry, KEY, NULL, p);
    }
    return registry;
}

apr_pool_t *fct_reload_pool(server_rec *s)
{
    apr_pool_t *pool;

    apr_pool_create(&pool, s->process->pool);
    apr_pool_tag(pool, "fcgi_trust_policy");
    return pool;
}

void fct_reload_discard(apr_pool_t *pool)
{
    apr_pool_destroy(pool);
}

void fct_reload_keep(server_rec *s, const char *path, const fct_policy_t *policy, apr_pool_t *pool)
{
    apr_hash_t *registry = registry_of(s);
    const kept_t *before = apr_hash_get(registry, path, APR_HASH_KEY_STRING);
    kept_t *kept = apr_palloc(pool, sizeof(*kept));

    stay_mapped();
    kept->build = &this_build;
    kept->policy = policy;
    kept->pool = pool;
    apr_hash_set(registry, path, APR_HASH_KEY_STRING, NULL);
    apr_hash_set(registry, apr_pstrdup(pool, path), APR_HASH_KEY_STRING, kept);
    if (before) {
        apr_pool_destroy(before->pool);
    }
}

const fct_policy_t *fct_reload_last(server_rec *s, const char *path)
{
    const kept_t *kept = apr_hash_get(registry_of(s), path, APR_HASH_KEY_STRING);

    return kept && kept->build == &this_build ? kept->policy : NULL;
}
