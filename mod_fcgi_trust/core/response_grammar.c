/* The grammar of a backend's answer (SPEC 5): what each input does in each state. */
#include "response_grammar.h"

#define GO(from, state) [FCT_RESPONSE_##from] = { FCT_RESPONSE_##state, FCT_FINDING_NONE }
#define STAY_BUT(state, name) [FCT_RESPONSE_##state] = { FCT_RESPONSE_##state, FCT_FINDING_RESPONSE_##name }
#define NO(from, name) [FCT_RESPONSE_##from] = { FCT_RESPONSE_FAULTY, FCT_FINDING_RESPONSE_##name }
#define NO_WHEREVER(name) { NO(START, name), NO(HEAD, name), NO(INTERIM, name), NO(BODY, name), NO(CLOSED, name) }
#define STAY { GO(START, START), GO(HEAD, HEAD), GO(INTERIM, INTERIM), GO(BODY, BODY), GO(CLOSED, CLOSED) }

/* next[input][state]. What stands nowhere is refused. Nothing is taken in FAULTY and ENDED. */
static const fct_response_cell_t next[FCT_RESPONSE_INPUTS][FCT_RESPONSE_STATES] = {
    [FCT_RESPONSE_IN_STDOUT]       = { GO(START, HEAD), GO(HEAD, HEAD), GO(INTERIM, HEAD), GO(BODY, BODY), STAY_BUT(CLOSED, STDOUT_LATE) },
    [FCT_RESPONSE_IN_STDOUT_END]   = { NO(START, NO_HEAD), NO(HEAD, HEAD_CUT), NO(INTERIM, NO_FINAL_HEAD), GO(BODY, CLOSED),
                                       STAY_BUT(CLOSED, STDOUT_ENDS_TWICE) },
    [FCT_RESPONSE_IN_STDERR]       = STAY,
    [FCT_RESPONSE_IN_STDERR_END]   = STAY,
    [FCT_RESPONSE_IN_COMPLETE]     = { NO(START, NO_STDOUT), NO(HEAD, HEAD_CUT), NO(INTERIM, NO_FINAL_HEAD),
                                       GO(BODY, ENDED),      /* PHP-FPM sends no empty STDOUT */
                                       GO(CLOSED, ENDED) },
    [FCT_RESPONSE_IN_NO_MULTIPLEX] = NO_WHEREVER(NO_MULTIPLEX),
    [FCT_RESPONSE_IN_OVERLOADED]   = NO_WHEREVER(OVERLOADED),
    [FCT_RESPONSE_IN_UNKNOWN_ROLE] = NO_WHEREVER(UNKNOWN_ROLE),
    [FCT_RESPONSE_IN_OTHER_STATUS] = NO_WHEREVER(END_STATUS),
    [FCT_RESPONSE_IN_EOF]          = NO_WHEREVER(CUT),
};

static fct_response_input_t input_of_end(unsigned protocol_status)
{
    static const fct_response_input_t inputs[] = {
        FCT_RESPONSE_IN_COMPLETE, FCT_RESPONSE_IN_NO_MULTIPLEX, FCT_RESPONSE_IN_OVERLOADED, FCT_RESPONSE_IN_UNKNOWN_ROLE
    };

    return protocol_status < sizeof(inputs) / sizeof(inputs[0]) ? inputs[protocol_status] : FCT_RESPONSE_IN_OTHER_STATUS;
}

fct_response_input_t fct_response_grammar_input(const fct_record_event_t *record)
{
    switch (record->kind) {
    case FCT_RECORD_CONTENT:
        return record->type == FCT_RECORD_STDOUT ? FCT_RESPONSE_IN_STDOUT : FCT_RESPONSE_IN_STDERR;
    case FCT_RECORD_STREAM_END:
        return record->type == FCT_RECORD_STDOUT ? FCT_RESPONSE_IN_STDOUT_END : FCT_RESPONSE_IN_STDERR_END;
    case FCT_RECORD_END:
        return input_of_end(record->protocol_status);
    default:
        return FCT_RESPONSE_IN_FAULT;
    }
}

const fct_response_cell_t *fct_response_grammar_find(fct_response_input_t input, fct_response_state_t state)
{
    return &next[input][state];
}
