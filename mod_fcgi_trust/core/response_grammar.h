/* The grammar of a backend's answer (SPEC 5): what each input does in each state. For response.c alone. */
#ifndef FCT_RESPONSE_GRAMMAR_H
#define FCT_RESPONSE_GRAMMAR_H

#include "finding.h"
#include "record.h"

typedef enum fct_response_state_t {
    FCT_RESPONSE_FAULTY,       /* refused: nothing is taken any more */
    FCT_RESPONSE_START,        /* no STDOUT yet */
    FCT_RESPONSE_HEAD,         /* in a header block, some of its bytes are there */
    FCT_RESPONSE_INTERIM,      /* between an interim header block and the next */
    FCT_RESPONSE_BODY,         /* behind the final header block */
    FCT_RESPONSE_CLOSED,       /* STDOUT was ended */
    FCT_RESPONSE_ENDED,        /* END_REQUEST was seen */
    FCT_RESPONSE_STATES
} fct_response_state_t;

typedef enum fct_response_input_t {
    FCT_RESPONSE_IN_STDOUT,
    FCT_RESPONSE_IN_STDOUT_END,
    FCT_RESPONSE_IN_STDERR,
    FCT_RESPONSE_IN_STDERR_END,
    FCT_RESPONSE_IN_COMPLETE,  /* END_REQUEST, by its protocolStatus */
    FCT_RESPONSE_IN_NO_MULTIPLEX,
    FCT_RESPONSE_IN_OVERLOADED,
    FCT_RESPONSE_IN_UNKNOWN_ROLE,
    FCT_RESPONSE_IN_OTHER_STATUS,
    FCT_RESPONSE_IN_FAULT,     /* a record that no backend may send; its finding is the decoder's */
    FCT_RESPONSE_IN_EOF,
    FCT_RESPONSE_INPUTS
} fct_response_input_t;

typedef struct fct_response_cell_t {
    fct_response_state_t to;
    fct_finding_id_t finding;      /* with FAULTY why it is refused, else what is tolerated */
} fct_response_cell_t;

/* What the record is to the grammar; not for FCT_RECORD_NEED_MORE. */
fct_response_input_t fct_response_grammar_input(const fct_record_event_t *record);

/* What the input does in the state: the one table of SPEC 5. */
const fct_response_cell_t *fct_response_grammar_find(fct_response_input_t input, fct_response_state_t state);

#endif
