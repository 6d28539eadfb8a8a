/* Counters in shared memory: one slot a policy, found again by its digest. */
#include "counters.h"

#include <apr_atomic.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "escape.h"

#define KEY "mod_fcgi_trust: counters"
#define SLOTS 64                         /* policies whose counters are kept at once */
#define FINDINGS_MAX 512
#define DIGEST_LEN 65

/* A name's slot is free, being written, or readable for ever. */
enum { NAME_FREE, NAME_CLAIMED, NAME_READY };

typedef struct name_t {
    volatile apr_uint32_t state;
    apr_uint64_t count;
    char name[FCT_COUNTERS_NAME_MAX];
} name_t;

struct fct_counters_t {
    char digest[DIGEST_LEN];             /* empty: free */
    apr_uint64_t generation;             /* of the configuration that had this policy last */
    apr_time_t since;
    apr_uint64_t values[FCT_COUNTER_COUNT];
    apr_uint64_t buckets[FCT_COUNTERS_BUCKETS];
    apr_uint64_t duration;
    apr_uint64_t findings[FINDINGS_MAX]; /* by row of the table */
    name_t names[FCT_COUNTERS_NAMES];
    apr_uint64_t other_names;
};

typedef struct memory_t {
    apr_size_t size;                     /* of this very layout; another build's memory is not read */
    apr_uint64_t build;
    apr_uint64_t generation;
    apr_uint64_t lost;
    fct_counters_t slots[SLOTS];
} memory_t;

static memory_t *memory;                 /* NULL: nothing is counted */

static const fct_counter_info_t infos[] = {
#define FCT_COUNTER_INFO(name, text, help) { text, help },
    FCT_COUNTERS(FCT_COUNTER_INFO)
#undef FCT_COUNTER_INFO
};

static const apr_interval_time_t bounds[FCT_COUNTERS_BUCKETS] = {
    1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000, 30000000, 0
};

const fct_counter_info_t *fct_counter_info(fct_counter_id_t id)
{
    return &infos[id];
}

apr_interval_time_t fct_counters_bound(int bucket)
{
    return bounds[bucket];
}

/* --- memory --- */

/* Numbers mean the same only where the tables of findings and counters are the same. */
static apr_uint64_t build_of_tables(void)
{
    apr_size_t i, n;
    const fct_finding_info_t *table = fct_finding_table(&n);
    apr_uint64_t hash = FCT_COUNTER_COUNT;

    for (i = 0; i < n; i++) {
        hash = hash * APR_UINT64_C(1099511628211) + (apr_uint64_t)table[i].id;
    }
    return hash;
}

static memory_t *make_memory(server_rec *s)
{
    apr_pool_t *p = s->process->pool;
    apr_shm_t *shm;
    memory_t *made;
    apr_status_t status = apr_shm_create(&shm, sizeof(memory_t), NULL, p);

    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, status, s, "fcgi_trust: no shared memory of %lu bytes; nothing is counted",
                     (unsigned long)sizeof(memory_t));
        return NULL;
    }
    made = apr_shm_baseaddr_get(shm);
    memset(made, 0, sizeof(*made));
    made->size = sizeof(*made);
    made->build = build_of_tables();
    apr_pool_userdata_set(made, KEY, NULL, p);        /* the name is copied: this module is unmapped at a restart */
    return made;
}

static memory_t *find_memory(server_rec *s)
{
    void *found = NULL;
    const memory_t *kept;

    apr_pool_userdata_get(&found, KEY, s->process->pool);
    kept = found;
    if (kept && kept->size == sizeof(*kept) && kept->build == build_of_tables()) {
        return found;
    }
    return make_memory(s);
}

/* The slot of this digest; else a free one; else the one whose policy went out of force first. Old children still write to a slot that was
 * in force in the last configuration, so such a one is never taken. */
static fct_counters_t *find_slot(const char *digest)
{
    fct_counters_t *oldest = NULL;
    int i;

    for (i = 0; i < SLOTS; i++) {
        fct_counters_t *slot = &memory->slots[i];

        if (strcmp(slot->digest, digest) == 0) {
            return slot;
        }
        if (slot->generation + 2 <= memory->generation && (!oldest || slot->generation < oldest->generation)) {
            oldest = slot;
        }
    }
    if (oldest) {
        memset(oldest, 0, sizeof(*oldest));
        apr_cpystrn(oldest->digest, digest, sizeof(oldest->digest));
        oldest->since = apr_time_now();
    }
    return oldest;
}

static void attach_policy(fct_policy_slot_t *slot, server_rec *s)
{
    slot->counters = slot->policy ? find_slot(slot->policy->digest) : NULL;
    if (slot->counters) {
        slot->counters->generation = memory->generation;
    }
    else if (slot->policy) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s, "fcgi_trust: the counters of %d policies are kept; %s is not counted", SLOTS,
                     slot->path);
    }
}

void fct_counters_attach(server_rec *s, apr_pool_t *ptemp)
{
    const apr_array_header_t *slots = fct_directives_slots();
    int i;

    (void)ptemp;
    memory = slots->nelts ? find_memory(s) : NULL;
    if (memory) {
        memory->generation = memory->generation ? memory->generation + 1 : 2;
        for (i = 0; i < slots->nelts; i++) {
            attach_policy(APR_ARRAY_IDX(slots, i, fct_policy_slot_t *), s);
        }
    }
}

/* --- counting --- */

void fct_counters_add(fct_counters_t *counters, fct_counter_id_t id, apr_uint64_t n)
{
    if (counters && n) {
        apr_atomic_add64(&counters->values[id], n);
    }
}

void fct_counters_add_finding(fct_counters_t *counters, fct_finding_id_t finding)
{
    apr_size_t n;
    const fct_finding_info_t *table = fct_finding_table(&n);
    apr_size_t row = (apr_size_t)(fct_finding_info(finding) - table);

    if (counters && row < FINDINGS_MAX) {
        apr_atomic_inc64(&counters->findings[row]);
    }
}

void fct_counters_add_duration(fct_counters_t *counters, apr_interval_time_t duration)
{
    int i = 0;

    if (!counters) {
        return;
    }
    while (bounds[i] && duration > bounds[i]) {
        i++;
    }
    apr_atomic_inc64(&counters->buckets[i]);
    apr_atomic_add64(&counters->duration, (apr_uint64_t)(duration > 0 ? duration : 0));
}

static apr_uint32_t hash_of(const char *name)
{
    apr_uint32_t hash = 2166136261u;

    for (; *name; name++) {
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    }
    return hash;
}

/* The place of a name, claimed for it if there is room; NULL: there is none. A place that somebody is just writing, or died over, is passed
 * by: a name may get two, which are read as one. */
static name_t *find_name(fct_counters_t *counters, const char *name)
{
    apr_uint32_t start = hash_of(name);
    int i;

    for (i = 0; i < FCT_COUNTERS_NAMES; i++) {
        name_t *at = &counters->names[(start + (apr_uint32_t)i) % FCT_COUNTERS_NAMES];

        if (apr_atomic_cas32(&at->state, NAME_CLAIMED, NAME_FREE) == NAME_FREE) {
            apr_cpystrn(at->name, name, sizeof(at->name));
            apr_atomic_set32(&at->state, NAME_READY);
            return at;
        }
        if (apr_atomic_read32(&at->state) == NAME_READY && strcmp(at->name, name) == 0) {
            return at;
        }
    }
    return NULL;
}

/* The name escaped and in lower case: one field whatever its letters are. */
static void show_name(char shown[FCT_COUNTERS_NAME_MAX], fct_bytes_t name)
{
    apr_size_t i, len = 0;

    for (i = 0; i < name.len && len + FCT_ESCAPE_MAX < FCT_COUNTERS_NAME_MAX; i++) {
        len += fct_escape_byte(shown + len, fct_bytes_lower((unsigned char)name.at[i]));
    }
    shown[len] = '\0';
}

void fct_counters_add_dropped(fct_counters_t *counters, fct_bytes_t name)
{
    char shown[FCT_COUNTERS_NAME_MAX];
    name_t *at;

    if (!counters) {
        return;
    }
    show_name(shown, name);
    at = find_name(counters, shown);
    apr_atomic_inc64(at ? &at->count : &counters->other_names);
}

void fct_counters_add_lost(apr_uint64_t lines)
{
    if (memory) {
        apr_atomic_add64(&memory->lost, lines);
    }
}

apr_uint64_t fct_counters_lost(void)
{
    return memory ? apr_atomic_read64(&memory->lost) : 0;
}

/* --- reading --- */

static int compare_names(const void *left, const void *right)
{
    const fct_counters_name_t *a = left, *b = right;

    return a->count == b->count ? strcmp(a->name, b->name) : a->count < b->count ? 1 : -1;
}

static fct_counters_name_t *name_read(fct_counters_reading_t *reading, const char *name, apr_pool_t *p)
{
    fct_counters_name_t *found;
    int i;

    for (i = 0; i < reading->dropped->nelts; i++) {
        found = &APR_ARRAY_IDX(reading->dropped, i, fct_counters_name_t);
        if (strcmp(found->name, name) == 0) {
            return found;
        }
    }
    found = apr_array_push(reading->dropped);
    found->name = apr_pstrdup(p, name);
    found->count = 0;
    return found;
}

static void read_names(fct_counters_reading_t *reading, const fct_counters_t *counters, apr_pool_t *p)
{
    int i;

    reading->dropped = apr_array_make(p, 16, sizeof(fct_counters_name_t));
    for (i = 0; i < FCT_COUNTERS_NAMES; i++) {
        name_t *at = (name_t *)&counters->names[i];

        if (apr_atomic_read32(&at->state) == NAME_READY) {
            name_read(reading, at->name, p)->count += apr_atomic_read64(&at->count);
        }
    }
    qsort(reading->dropped->elts, (apr_size_t)reading->dropped->nelts, sizeof(fct_counters_name_t), compare_names);
}

static void read_findings(fct_counters_reading_t *reading, const fct_counters_t *counters, apr_pool_t *p)
{
    apr_size_t i, n;
    const fct_finding_info_t *table = fct_finding_table(&n);

    reading->findings = apr_array_make(p, 16, sizeof(fct_counters_finding_t));
    for (i = 0; i < n && i < FINDINGS_MAX; i++) {
        apr_uint64_t count = apr_atomic_read64((apr_uint64_t *)&counters->findings[i]);

        if (count) {
            fct_counters_finding_t *finding = apr_array_push(reading->findings);

            finding->id = table[i].id;
            finding->count = count;
        }
    }
}

void fct_counters_read(fct_counters_reading_t *reading, const fct_counters_t *counters, apr_pool_t *p)
{
    fct_counters_t *from = (fct_counters_t *)counters;
    int i;

    memset(reading, 0, sizeof(*reading));
    reading->since = from->since;
    for (i = 0; i < FCT_COUNTER_COUNT; i++) {
        reading->values[i] = apr_atomic_read64(&from->values[i]);
    }
    for (i = 0; i < FCT_COUNTERS_BUCKETS; i++) {
        reading->buckets[i] = apr_atomic_read64(&from->buckets[i]);
    }
    reading->duration = apr_atomic_read64(&from->duration);
    reading->dropped_others = apr_atomic_read64(&from->other_names);
    read_findings(reading, counters, p);
    read_names(reading, counters, p);
}
