/* Lines of decision logs that wait for others, and the thread of each child that sees that none waits long.
 *
 *    request ──▶ take ──▶ lines (in shared memory) ──▶ one write
 *                           ▲          ▲         when full: by the request that fills them
 *                           │          │         after 10 ms, and at the child's end: by the thread
 *                    one mutex a child └──────── after a crash: by the parent
 */
#include "audit_batch.h"

#include <ap_mpm.h>
#include <apr_atomic.h>
#include <apr_shm.h>
#include <apr_signal.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include <signal.h>
#include <unistd.h>

/* In shared memory, one for each child that can be. It is for the parent: a child goes by nothing that another may have written there. */
typedef struct batch_t {
    volatile apr_uint32_t pid;           /* whose it is; 0: nobody's */
    volatile apr_uint32_t len;           /* of the lines that are whole */
    volatile apr_uint32_t is_writing;    /* some of them may be in the file already */
    apr_off_t size;                      /* of the file before that */
    int log;                             /* the one that all of them are for */
    char lines[FCT_AUDIT_LOG_FILE_MAX];
} batch_t;

static batch_t *batches;
static int nbatches;

/* Of a child, from its beginning to its end. */
typedef struct keeper_t {
    pid_t pid;
    batch_t *batch;
    apr_uint32_t len;                    /* of the lines in it */
    int log;                             /* the one that they are for */
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *wake;
    apr_thread_t *thread;
    apr_time_t last;                     /* when the last line came */
    int is_idle;                         /* the thread waits for a line */
    int is_ending;
} keeper_t;

static keeper_t *keeper;                 /* NULL: lines are written at once */

void fct_audit_batch_reset(void)
{
    batches = NULL;
    nbatches = 0;
    keeper = NULL;
}

/* --- in the parent --- */

void fct_audit_batch_prepare(apr_pool_t *pconf, server_rec *s)
{
    int is_threaded = 0, children = 0;
    apr_shm_t *memory;
    apr_status_t status;

    if (ap_mpm_query(AP_MPMQ_IS_THREADED, &is_threaded) != APR_SUCCESS || is_threaded == AP_MPMQ_NOT_SUPPORTED
        || ap_mpm_query(AP_MPMQ_HARD_LIMIT_DAEMONS, &children) != APR_SUCCESS || children <= 0) {
        return;
    }
    status = apr_shm_create(&memory, (apr_size_t)children * sizeof(*batches), NULL, pconf);
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, status, s, "fcgi_trust: no shared memory for the decision log: each line is written on its own");
        return;
    }
    batches = apr_shm_baseaddr_get(memory);
    nbatches = children;
}

/* What a child left behind when it crashed or was killed. Nothing in its memory is believed but lengths that are possible. */
static void save_lines(batch_t *batch, pid_t pid, server_rec *s)
{
    apr_uint32_t len = batch->len;

    if (len > 0 && len <= FCT_AUDIT_LOG_FILE_MAX) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s, "fcgi_trust: child %" APR_PID_T_FMT " ended before it had written its last lines of the "
                     "decision log; the parent writes them", pid);
        if (batch->is_writing) {
            fct_audit_log_resume(batch->log, fct_bytes_make(batch->lines, len), batch->size);
        }
        else {
            fct_audit_log_put(batch->log, fct_bytes_make(batch->lines, len), NULL);
        }
    }
}

static void note_child(server_rec *s, pid_t pid, ap_generation_t gen, int slot, mpm_child_status state)
{
    int i;

    (void)gen;
    (void)slot;
    for (i = 0; i < nbatches && state == MPM_CHILD_EXITED; i++) {
        if (batches[i].pid == (apr_uint32_t)pid) {
            save_lines(&batches[i], pid, s);
            batches[i].len = 0;
            batches[i].is_writing = 0;
            apr_atomic_set32(&batches[i].pid, 0);
        }
    }
}

/* --- in a child, its mutex held --- */

/* The batch's own words follow: for the parent, should this process end at any point. */
static void set_len(apr_uint32_t len)
{
    keeper->len = len;
    apr_atomic_set32(&keeper->batch->len, len);
}

static void write_lines(request_rec *r)
{
    batch_t *batch = keeper->batch;

    if (keeper->len > 0) {
        batch->size = fct_audit_log_size(keeper->log);
        apr_atomic_set32(&batch->is_writing, 1);
        fct_audit_log_put(keeper->log, fct_bytes_make(batch->lines, keeper->len), r);
        set_len(0);                                          /* first: what is written is never taken for what waits */
        apr_atomic_set32(&batch->is_writing, 0);
    }
}

static void add_line(int log, fct_bytes_t line)
{
    keeper->log = keeper->batch->log = log;
    memcpy(keeper->batch->lines + keeper->len, line.at, line.len);
    set_len(keeper->len + (apr_uint32_t)line.len);           /* not before they are there: the parent goes by it */
    if (keeper->is_idle) {
        apr_thread_cond_signal(keeper->wake);
    }
}

/* Of the generation before a graceful restart, or told to stop: the parent has let go of its memory, or soon will. */
static int is_stopping(void)
{
    int state = AP_MPMQ_RUNNING;

    return keeper->is_ending || ap_mpm_query(AP_MPMQ_MPM_STATE, &state) != APR_SUCCESS || state == AP_MPMQ_STOPPING;
}

/* Whether others may be expected soon. */
static int comes_alone(void)
{
    apr_time_t before = keeper->last;

    keeper->last = apr_time_now();
    return keeper->len == 0 && keeper->last - before > FCT_AUDIT_BATCH_WAIT;
}

static int take(int log, fct_bytes_t line, request_rec *r)
{
    int is_alone = comes_alone();

    if (is_alone || line.len > FCT_AUDIT_LOG_FILE_MAX || is_stopping()) {
        write_lines(r);
        return 0;
    }
    if (keeper->log != log || keeper->len + line.len > FCT_AUDIT_LOG_FILE_MAX) {
        write_lines(r);
    }
    add_line(log, line);
    return 1;
}

int fct_audit_batch_take(int log, fct_bytes_t line, request_rec *r)
{
    int is_taken;

    if (!keeper) {
        return 0;
    }
    apr_thread_mutex_lock(keeper->mutex);
    is_taken = take(log, line, r);
    apr_thread_mutex_unlock(keeper->mutex);
    return is_taken;
}

/* --- the thread --- */

static void *APR_THREAD_FUNC keep(apr_thread_t *thread, void *data)
{
    (void)data;
    apr_setup_signal_thread();               /* faults stay httpd's to report */
    apr_thread_mutex_lock(keeper->mutex);
    while (!keeper->is_ending) {
        if (keeper->len == 0) {
            keeper->is_idle = 1;
            apr_thread_cond_wait(keeper->wake, keeper->mutex);
            keeper->is_idle = 0;
        }
        else {
            apr_thread_mutex_unlock(keeper->mutex);
            apr_sleep(FCT_AUDIT_BATCH_WAIT);                 /* not until a time of day, which may be set back */
            apr_thread_mutex_lock(keeper->mutex);
            write_lines(NULL);
        }
    }
    write_lines(NULL);
    apr_thread_mutex_unlock(keeper->mutex);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static apr_status_t end(void *data)
{
    apr_status_t status;

    (void)data;
    if (keeper->pid != getpid()) {           /* somebody's fork without exec, which has no such thread */
        return APR_SUCCESS;
    }
    apr_thread_mutex_lock(keeper->mutex);
    keeper->is_ending = 1;
    apr_thread_cond_signal(keeper->wake);
    apr_thread_mutex_unlock(keeper->mutex);
    apr_thread_join(&status, keeper->thread);
    keeper = NULL;
    return APR_SUCCESS;
}

/* Signals are the MPM's: the thread gets none, from its first moment on. */
static apr_status_t start_thread(apr_pool_t *pchild)
{
    sigset_t all, before;
    apr_status_t status;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    status = apr_thread_create(&keeper->thread, NULL, keep, NULL, pchild);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

static batch_t *claim(void)
{
    int i;

    for (i = 0; i < nbatches; i++) {
        if (apr_atomic_cas32(&batches[i].pid, (apr_uint32_t)getpid(), 0) == 0) {
            return &batches[i];
        }
    }
    return NULL;
}

static void begin_child(apr_pool_t *pchild, server_rec *s)
{
    batch_t *batch = claim();
    apr_status_t status;

    if (!batch) {
        return;
    }
    keeper = apr_pcalloc(pchild, sizeof(*keeper));
    keeper->pid = getpid();
    keeper->batch = batch;
    status = apr_thread_mutex_create(&keeper->mutex, APR_THREAD_MUTEX_DEFAULT, pchild);
    if (status == APR_SUCCESS) {
        status = apr_thread_cond_create(&keeper->wake, pchild);
    }
    if (status == APR_SUCCESS) {
        status = start_thread(pchild);
    }
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, status, s, "fcgi_trust: no thread for the decision log: each line is written on its own");
        keeper = NULL;
        return;
    }
    apr_pool_pre_cleanup_register(pchild, NULL, end);
}

void fct_audit_batch_register_hooks(void)
{
    ap_hook_child_init(begin_child, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_status(note_child, NULL, NULL, APR_HOOK_MIDDLE);
}
