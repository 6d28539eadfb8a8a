/* Counters: what happened under each policy, in memory that all processes share and that outlives graceful restarts. */
#ifndef FCT_COUNTERS_H
#define FCT_COUNTERS_H

#include "mod_fcgi_trust.h"

#define FCT_COUNTERS_NAMES 128           /* dropped field names told apart for each policy; more are counted together */
#define FCT_COUNTERS_NAME_MAX 64         /* bytes of such a name, its NUL included */
#define FCT_COUNTERS_BUCKETS 12          /* of the histogram of durations; the last one has no upper bound */

/* FCT_COUNTER(NAME, "name", "what it counts"): one list for memory, status pages and README. */
#define FCT_COUNTERS(X)                                                                                                     \
    X(PASSED, "passed", "requests whose answer went to the client whole")                                                   \
    X(REFUSED, "request_refused", "requests refused before a backend had them")                                             \
    X(REPLY_REFUSED, "reply_refused", "requests whose answer was refused: 502, 503 or 504 instead of it")                   \
    X(ABORTED, "aborted", "requests whose answer was broken off after something of it had gone out")                        \
    X(CLIENT_LEFT, "client_left", "requests whose client left before the end")                                              \
    X(REPORTED, "reported", "requests decided in report mode and served by another module")                                 \
    X(WOULD_REFUSE, "would_refuse", "of those, requests that enforcing would have refused")                                 \
    X(CANDIDATE_DIFFERS, "candidate_differs", "requests for which the candidate policy decides otherwise")                  \
    X(EXCHANGES, "exchanges", "exchanges with a backend, replays included")                                                 \
    X(CONNECTIONS, "connections_opened", "connections to backends that were opened")                                        \
    X(REUSED, "connections_reused", "exchanges on a connection that was kept")                                              \
    X(REPLAYS, "replays", "requests sent once more because a kept connection had been closed")                              \
    X(HELD_WHOLE, "held_whole", "answers that were proven whole before a byte went out")                                    \
    X(HELD_PASSED, "held_passed_on", "answers that began to go out before their end was seen")                              \
    X(BYTES_OUT, "backend_sent_bytes", "bytes sent to backends")                                                            \
    X(BYTES_IN, "backend_received_bytes", "bytes received from backends")

typedef enum fct_counter_id_t {
#define FCT_COUNTER_ID(name, text, help) FCT_COUNTER_##name,
    FCT_COUNTERS(FCT_COUNTER_ID)
#undef FCT_COUNTER_ID
    FCT_COUNTER_COUNT
} fct_counter_id_t;

typedef struct fct_counter_info_t {
    const char *name;
    const char *help;
} fct_counter_info_t;

const fct_counter_info_t *fct_counter_info(fct_counter_id_t id);

/* The counters of one policy (by its digest); shared memory. */
typedef struct fct_counters_t fct_counters_t;

/* post_config, in the parent: finds or makes the memory and gives each policy in force its counters (fct_policy_slot_t.counters). A
 * policy that stays in force keeps its numbers over a graceful restart. Where the system gives no shared memory, a warning is logged and
 * nothing is counted. */
void fct_counters_attach(server_rec *s, apr_pool_t *ptemp);

/* Each may be called from any process and thread; counters may be NULL (not counted). */
void fct_counters_add(fct_counters_t *counters, fct_counter_id_t id, apr_uint64_t n);
void fct_counters_add_finding(fct_counters_t *counters, fct_finding_id_t finding);
void fct_counters_add_duration(fct_counters_t *counters, apr_interval_time_t duration);
void fct_counters_add_dropped(fct_counters_t *counters, fct_bytes_t name);

/* Lines of decision logs that were lost: of the whole server. */
void fct_counters_add_lost(apr_uint64_t lines);
apr_uint64_t fct_counters_lost(void);

/* --- reading: a moment's numbers, each exact, not all of the same instant --- */

typedef struct fct_counters_name_t {
    const char *name;                    /* escaped for a log */
    apr_uint64_t count;
} fct_counters_name_t;

typedef struct fct_counters_finding_t {
    fct_finding_id_t id;
    apr_uint64_t count;
} fct_counters_finding_t;

typedef struct fct_counters_reading_t {
    apr_time_t since;                    /* when counting began */
    apr_uint64_t values[FCT_COUNTER_COUNT];
    apr_uint64_t buckets[FCT_COUNTERS_BUCKETS];      /* durations up to fct_counters_bound(i), not cumulated */
    apr_uint64_t duration;               /* of all, microseconds */
    apr_array_header_t *findings;        /* of fct_counters_finding_t, those that occurred, by number */
    apr_array_header_t *dropped;         /* of fct_counters_name_t, most frequent first */
    apr_uint64_t dropped_others;         /* names beyond FCT_COUNTERS_NAMES */
} fct_counters_reading_t;

/* The upper bound of a bucket in microseconds; the last one has none (0). */
apr_interval_time_t fct_counters_bound(int bucket);

void fct_counters_read(fct_counters_reading_t *reading, const fct_counters_t *counters, apr_pool_t *p);

#endif
