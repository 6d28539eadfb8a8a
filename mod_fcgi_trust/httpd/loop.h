/* What the files of the exchange share: the state of the one loop, its clock, and the ways to stop it. Private to exchange.c and loop*.c. */
#ifndef FCT_LOOP_H
#define FCT_LOOP_H

#include "exchange.h"
#include "outbox.h"
#include "stderr_log.h"

typedef enum fct_step_t {
    FCT_STEP_GO_ON,
    FCT_STEP_STOP                            /* how the exchange ended is set */
} fct_step_t;

typedef struct fct_loop_t {
    fct_exchange_t *x;
    apr_socket_t *socket;
    apr_socket_t *client;                    /* NULL: cannot be polled */
    fct_outbox_t outbox;
    fct_response_t *response;
    fct_stderr_log_t *stderr_log;
    apr_size_t read_size;
    apr_bucket *buffer;                      /* owns read_size bytes; replaced when slices of it are still in use */
    apr_interval_time_t timeout;             /* of the backend */
    apr_time_t moved;                        /* when something last got ahead, by the clock */
    apr_time_t heard;                        /* when the backend last sent anything, by the clock */
    apr_time_t unwanted_since;               /* when it became clear that nobody gets the body; 0: it is wanted */
    apr_size_t unwanted;                     /* bytes read since then */
    int body_waits;                          /* the client has to send more before anything can be written */
    int cannot_write;                        /* the backend takes no more; its answer may still be there */
    int has_read;                            /* any byte came from the backend */
} fct_loop_t;

/* Something got ahead: the time-out begins anew. */
void fct_loop_move(fct_loop_t *loop);

/* Nothing got ahead for the whole time-out: records without content and pieces of a header block are nothing. */
int fct_loop_is_overdue(const fct_loop_t *loop);

/* Until then; negative: for ever. */
apr_interval_time_t fct_loop_time_left(const fct_loop_t *loop);

/* Each returns FCT_STEP_STOP. */
fct_step_t fct_loop_stop(fct_loop_t *loop, fct_exchange_end_t end, fct_finding_id_t finding, int status,
                                  const char *detail);
fct_step_t fct_loop_stop_on_body(fct_loop_t *loop);       /* the request body is not to be had */
fct_step_t fct_loop_stop_on_reply(fct_loop_t *loop);      /* nothing more can be passed on */
fct_step_t fct_loop_stop_on_input(fct_loop_t *loop, apr_status_t rv);     /* the backend's end is gone */
fct_step_t fct_loop_stop_overdue(fct_loop_t *loop);

/* loop_read.c: one read from the backend and everything in it. */
fct_step_t fct_loop_read(fct_loop_t *loop);

/* loop_read.c: passes on by fct_reply_advance or fct_reply_idle. The time that the client takes is not the backend's. */
fct_step_t fct_loop_pass_on(fct_loop_t *loop, apr_status_t (*pass)(fct_reply_t *reply));

#endif
