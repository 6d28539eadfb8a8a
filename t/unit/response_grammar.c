/* core/response_grammar.c: every cell of its table, state × input, seen from outside. */
#include "response.h"

#include "tap.h"
#include "wire.h"

#include <apr_strings.h>

static apr_pool_t *pool;
static const fct_response_limits_t limits = { { 8192, 100 }, 4 };

typedef enum state_t { START, HEAD, INTERIM, BODY, CLOSED, ENDED, FAULTY, STATES } state_t;

static const char *const state_names[] = { "before any STDOUT", "inside a header block", "after an interim block", "in the body",
                                           "after the end of STDOUT", "after END_REQUEST", "after a fault" };

/* Brings a response into a state. */
static void enter(wire_t *wire, state_t state)
{
    switch (state) {
    case START:
        break;
    case HEAD:
        wire_stdout(wire, "A: b\n");
        break;
    case INTERIM:
        wire_stdout(wire, "Status: 103\n\n");
        break;
    case BODY:
        wire_stdout(wire, "A: b\n\n");
        break;
    case CLOSED:
        wire_stdout(wire, "A: b\n\n");
        wire_stdout(wire, "");
        break;
    case ENDED:
        wire_stdout(wire, "A: b\n\n");
        wire_end(wire, 0, 0);
        break;
    default:
        wire_stdout(wire, ":\n");
        break;
    }
}

typedef enum input_t {
    STDOUT, STDOUT_END, STDERR, STDERR_END, COMPLETE, NO_MULTIPLEX, OVERLOADED, UNKNOWN_ROLE, OTHER_STATUS, BAD_RECORD, END_OF_INPUT,
    INPUTS
} input_t;

static const char *const input_names[] = { "STDOUT", "an empty STDOUT", "STDERR", "an empty STDERR", "END_REQUEST", "CANT_MPX_CONN",
                                           "OVERLOADED", "UNKNOWN_ROLE", "an unknown protocolStatus", "a record of type 12",
                                           "the end of input" };

static void write_input(wire_t *wire, input_t input)
{
    switch (input) {
    case STDOUT:
        wire_stdout(wire, "C: d\n\n");
        break;
    case STDOUT_END:
        wire_stdout(wire, "");
        break;
    case STDERR:
        wire_stderr(wire, "oops");
        break;
    case STDERR_END:
        wire_stderr(wire, "");
        break;
    case BAD_RECORD:
        wire_record(wire, 12, "x", 1);
        break;
    case END_OF_INPUT:
        break;
    default:      /* END_REQUEST: protocolStatus 0 to 4 */
        wire_end(wire, 7, (unsigned)(input - COMPLETE));
        break;
    }
}

/* "-" nothing, "~n" nothing but tolerated as n, "left" not consumed, "!n" the fault n with 502, "!!n" with 503 */
static const char *const expected[INPUTS][STATES] = {
    /*                 START     HEAD      INTERIM   BODY      CLOSED    ENDED   FAULTY */
    [STDOUT]       = { "head",   "head",   "head",   "body",   "~1213",  "left", "!1306" },
    [STDOUT_END]   = { "!1202",  "!1203",  "!1204",  "-",      "~1214",  "left", "!1306" },
    [STDERR]       = { "stderr", "stderr", "stderr", "stderr", "stderr", "left", "!1306" },
    [STDERR_END]   = { "-",      "-",      "-",      "-",      "-",      "left", "!1306" },
    [COMPLETE]     = { "!1201",  "!1203",  "!1204",  "end 7",  "end 7",  "left", "!1306" },
    [NO_MULTIPLEX] = { "!1207",  "!1207",  "!1207",  "!1207",  "!1207",  "left", "!1306" },
    [OVERLOADED]   = { "!!1206", "!!1206", "!!1206", "!!1206", "!!1206", "left", "!1306" },
    [UNKNOWN_ROLE] = { "!1208",  "!1208",  "!1208",  "!1208",  "!1208",  "left", "!1306" },
    [OTHER_STATUS] = { "!1209",  "!1209",  "!1209",  "!1209",  "!1209",  "left", "!1306" },
    [BAD_RECORD]   = { "!1106",  "!1106",  "!1106",  "!1106",  "!1106",  "left", "!1306" },
    [END_OF_INPUT] = { "!1210",  "!1210",  "!1210",  "!1210",  "!1210",  "-",    "!1306" },
};

/* What was made of an input, in the words of the table above. */
static const char *shown(const fct_response_t *response, const fct_response_event_t *event, apr_size_t left)
{
    switch (event->seen) {
    case FCT_SEEN_NOTHING:
        if (left) {
            return "left";
        }
        return fct_response_tolerated(response) ? apr_psprintf(pool, "~%d", (int)fct_response_tolerated(response)) : "-";
    case FCT_SEEN_INTERIM:
        return "interim";
    case FCT_SEEN_HEAD:
        return "head";
    case FCT_SEEN_BODY:
        return strcmp("C: d\n\n", fct_bytes_string(event->data, pool)) ? "other bytes" : "body";
    case FCT_SEEN_STDERR:
        return strcmp("oops", fct_bytes_string(event->data, pool)) ? "other bytes" : "stderr";
    case FCT_SEEN_END:
        return apr_psprintf(pool, "end %u", event->app_status);
    case FCT_SEEN_FAULT:
        return apr_psprintf(pool, "%s%d", event->status == 503 ? "!!" : event->status == 502 ? "!" : "status?", (int)event->finding);
    }
    return "?";
}

/* Consumes all that can be; *event is the last one that was not NOTHING. Returns what is left. */
static apr_size_t consume_all(fct_response_t *response, const wire_t *wire, fct_response_event_t *event)
{
    fct_response_event_t one;
    apr_size_t at = 0, n = 1;

    memset(event, 0, sizeof(*event));
    while (at < wire->len && n > 0) {
        n = fct_response_consume(response, wire->bytes + at, wire->len - at, &one);
        at += n;
        if (one.seen != FCT_SEEN_NOTHING) {
            *event = one;
        }
    }
    return wire->len - at;
}

static fct_response_t *create_in(state_t state)
{
    fct_response_t *response = fct_response_create(&limits, 1, 0, pool);
    fct_response_event_t event;
    wire_t wire;

    wire_begin(&wire, pool);
    enter(&wire, state);
    consume_all(response, &wire, &event);
    return response;
}

static void test_cell(state_t state, input_t input)
{
    fct_response_t *response = create_in(state);
    fct_response_event_t event;
    apr_size_t left = 0;
    wire_t wire;

    if (input == END_OF_INPUT) {
        fct_response_end_of_input(response, &event);
    }
    else {
        wire_begin(&wire, pool);
        write_input(&wire, input);
        left = consume_all(response, &wire, &event);
    }
    tap_is_str(shown(response, &event, left), expected[input][state], "%s %s: %s", input_names[input], state_names[state],
               expected[input][state]);
    if (event.seen == FCT_SEEN_FAULT) {
        fct_response_event_t again;
        apr_size_t n = fct_response_consume(response, "x", 1, &again);

        tap_ok(n == 0 && again.seen == FCT_SEEN_FAULT && again.finding == event.finding && again.detail == event.detail &&
                   !fct_response_is_clean(response),
               "it stays a fault");
        tap_has(event.detail, fct_finding_info(event.finding)->sentence, "its detail has the table's sentence");
    }
}

/* Which state a cell leads to where it refuses nothing: shown by what END_REQUEST then is. */
static void test_next_states(void)
{
    static const char *const then[4][STATES] = {
        /*               START    HEAD     INTERIM  BODY     CLOSED */
        [STDOUT]     = { "end 7", "end 7", "end 7", "end 7", "end 7", NULL, NULL },
        [STDOUT_END] = { NULL,    NULL,    NULL,    "end 7", "end 7", NULL, NULL },
        [STDERR]     = { "!1201", "!1203", "!1204", "end 7", "end 7", NULL, NULL },
        [STDERR_END] = { "!1201", "!1203", "!1204", "end 7", "end 7", NULL, NULL },
    };
    int input, state;

    for (input = STDOUT; input <= STDERR_END; input++) {
        for (state = START; state <= CLOSED; state++) {
            fct_response_t *response = create_in((state_t)state);
            fct_response_event_t event;
            wire_t wire;

            if (then[input][state] == NULL) {
                continue;
            }
            wire_begin(&wire, pool);
            write_input(&wire, (input_t)input);
            write_input(&wire, COMPLETE);
            consume_all(response, &wire, &event);
            tap_is_str(shown(response, &event, 0), then[input][state], "END_REQUEST after %s %s: %s", input_names[input],
                       state_names[state], then[input][state]);
        }
    }
}

int main(void)
{
    int input, state;

    pool = tap_begin();
    for (input = 0; input < INPUTS; input++) {
        for (state = 0; state < STATES; state++) {
            test_cell((state_t)state, (input_t)input);
        }
    }
    test_next_states();
    return tap_end();
}
