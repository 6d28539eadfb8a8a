/* A backend's answer to one request: records → grammar → header block → body, as a sequence of events.
 *
 * The grammar is the table in response_grammar.c. A record that is not refused there changes the state and is then acted on: STDOUT goes
 * to the header block or to the body, STDERR to the caller, END_REQUEST ends. */
#include "response.h"

#include "record.h"
#include "response_grammar.h"

#include <apr_strings.h>

struct fct_response_t {
    apr_pool_t *pool;
    fct_record_decoder_t decoder;
    fct_head_parser_t *parser;
    fct_response_state_t state;
    int body_is_discarded;
    unsigned interim, max_interim;     /* blocks seen, blocks allowed */
    apr_uint64_t bytes;                /* consumed so far */
    apr_int64_t content_length;        /* -1: none, or not compared */
    apr_int64_t body_bytes;            /* with content_length: delivered so far */
    int end_has_come;
    fct_response_end_t end;
    fct_finding_id_t tolerated;
    fct_finding_id_t fault;
    const char *detail;
};

fct_response_t *fct_response_create(const fct_response_limits_t *limits, unsigned request_id, int body_is_discarded,
                                    apr_pool_t *p)
{
    fct_response_t *response = (fct_response_t *)apr_pcalloc(p, sizeof(*response));

    response->pool = p;
    response->parser = fct_head_parser_create(&limits->head, p);
    response->max_interim = limits->max_interim;
    response->body_is_discarded = body_is_discarded;
    response->content_length = -1;
    response->state = FCT_RESPONSE_START;
    fct_record_decoder_init(&response->decoder, request_id);
    return response;
}

static void report_fault(const fct_response_t *response, fct_response_event_t *event)
{
    event->seen = FCT_SEEN_FAULT;
    event->finding = response->fault;
    event->status = response->fault == FCT_FINDING_RESPONSE_OVERLOADED ? 503 : 502;
    event->detail = response->detail;
}

/* The one place where a response becomes faulty. particulars: NULL, or what the place and the table's sentence do not say. */
static void refuse(fct_response_t *response, fct_finding_id_t finding, const char *particulars, fct_response_event_t *event)
{
    response->state = FCT_RESPONSE_FAULTY;
    response->fault = finding;
    response->detail = apr_pstrcat(response->pool, fct_record_decoder_place(&response->decoder, response->pool), ": ", particulars ? particulars : "",
                                   particulars ? ": " : "", fct_finding_info(finding)->sentence, NULL);
    report_fault(response, event);
}

static int is_interim(const fct_head_t *head)
{
    return head->status < 200;
}

static void begin_body(fct_response_t *response, const fct_head_t *head)
{
    if (head->status == 204 || head->status == 304) {
        response->body_is_discarded = 1;
    }
    if (!response->body_is_discarded) {
        response->content_length = head->content_length;
    }
}

static void end_head(fct_response_t *response, fct_response_event_t *event)
{
    const fct_head_t *head = fct_head_parser_head(response->parser);

    event->head = head;
    if (!is_interim(head)) {
        response->state = FCT_RESPONSE_BODY;
        event->seen = FCT_SEEN_HEAD;
        begin_body(response, head);
        return;
    }
    if (++response->interim > response->max_interim) {
        refuse(response, FCT_FINDING_RESPONSE_INTERIM_COUNT, apr_psprintf(response->pool, "%u are allowed", response->max_interim),
               event);
        return;
    }
    response->state = FCT_RESPONSE_INTERIM;
    event->seen = FCT_SEEN_INTERIM;
}

static void refuse_head(fct_response_t *response, fct_finding_id_t finding, fct_response_event_t *event)
{
    const char *excerpt;
    int line = fct_head_parser_line(response->parser, &excerpt);

    refuse(response, finding, apr_psprintf(response->pool, "header line %d, \"%s\"", line, excerpt), event);
}

/* Returns how many of the bytes belong to the header block. */
static apr_size_t take_head(fct_response_t *response, fct_bytes_t bytes, fct_response_event_t *event)
{
    apr_size_t taken;
    fct_finding_id_t finding;

    switch (fct_head_parse(response->parser, bytes.at, bytes.len, &taken, &finding)) {
    case FCT_HEAD_COMPLETE:
        end_head(response, event);
        break;
    case FCT_HEAD_FAULT:
        refuse_head(response, finding, event);
        break;
    case FCT_HEAD_NEED_MORE:
        break;
    }
    return taken;
}

/* Returns how many of the bytes belong to the body: with a Content-Length never more than that. */
static apr_size_t take_body(fct_response_t *response, fct_bytes_t bytes, fct_response_event_t *event)
{
    apr_size_t n = bytes.len;

    if (response->body_is_discarded) {
        return n;
    }
    if (response->content_length >= 0) {
        apr_uint64_t left = (apr_uint64_t)(response->content_length - response->body_bytes);

        if (left == 0) {
            refuse(response, FCT_FINDING_RESPONSE_BODY_LONG,
                   apr_psprintf(response->pool, "Content-Length %" APR_INT64_T_FMT, response->content_length), event);
            return n;
        }
        n = n < left ? n : (apr_size_t)left;
        response->body_bytes += (apr_int64_t)n;
    }
    event->seen = FCT_SEEN_BODY;
    event->data = fct_bytes_make(bytes.at, n);
    return n;
}

static apr_size_t take_stdout(fct_response_t *response, fct_bytes_t bytes, fct_response_event_t *event)
{
    switch (response->state) {
    case FCT_RESPONSE_HEAD:
        return take_head(response, bytes, event);
    case FCT_RESPONSE_BODY:
        return take_body(response, bytes, event);
    default:
        return bytes.len;      /* after its end: never delivered */
    }
}

/* Called where no more of the body can come. */
static void check_body_end(fct_response_t *response, fct_response_event_t *event)
{
    if (response->content_length >= 0 && response->body_bytes != response->content_length) {
        refuse(response, FCT_FINDING_RESPONSE_BODY_SHORT,
               apr_psprintf(response->pool, "%" APR_INT64_T_FMT " of %" APR_INT64_T_FMT " bytes", response->body_bytes,
                            response->content_length),
               event);
    }
}

static void take_end(fct_response_t *response, const fct_record_event_t *record, fct_response_event_t *event)
{
    check_body_end(response, event);
    if (response->state == FCT_RESPONSE_ENDED) {
        event->seen = FCT_SEEN_END;
        event->app_status = record->app_status;
    }
}

/* What a refused input has to add to the sentence of its finding. */
static const char *particulars_of(const fct_response_t *response, fct_response_input_t input, const fct_record_event_t *record)
{
    const fct_record_decoder_t *d = &response->decoder;

    switch (input) {
    case FCT_RESPONSE_IN_FAULT:
        return apr_psprintf(response->pool, "version %u, type %u, id %u expected", d->version, d->type, d->request_id);
    case FCT_RESPONSE_IN_OTHER_STATUS:
        return apr_psprintf(response->pool, "protocolStatus %u", record->protocol_status);
    case FCT_RESPONSE_IN_EOF:
        return apr_psprintf(response->pool, "the input ended after %" APR_UINT64_T_FMT " bytes, %s", response->bytes,
                            fct_record_decoder_place_of_end(d, response->pool));
    default:
        return response->state == FCT_RESPONSE_HEAD ? apr_psprintf(response->pool, "%" APR_SIZE_T_FMT " bytes of a header block",
                                                      fct_head_parser_bytes(response->parser))
                                       : NULL;
    }
}

/* Moves by the table. Returns 0 where it refuses. */
static int move(fct_response_t *response, fct_response_input_t input, const fct_record_event_t *record, fct_response_event_t *event)
{
    const fct_response_cell_t *cell = fct_response_grammar_find(input, response->state);

    if (cell->to == FCT_RESPONSE_FAULTY) {
        refuse(response, cell->finding ? cell->finding : record->finding, particulars_of(response, input, record), event);
        return 0;
    }
    if (cell->finding != FCT_FINDING_NONE && response->tolerated == FCT_FINDING_NONE) {
        response->tolerated = cell->finding;
    }
    response->state = cell->to;
    return 1;
}

static void note_end(fct_response_t *response, const fct_record_event_t *record)
{
    response->end_has_come = 1;
    response->end.app_status = record->app_status;
    response->end.protocol_status = record->protocol_status;
}

/* Returns how many bytes of the record's content were taken. */
static apr_size_t take_record(fct_response_t *response, const fct_record_event_t *record, fct_response_event_t *event)
{
    fct_response_input_t input = fct_response_grammar_input(record);

    if (record->kind == FCT_RECORD_END) {
        note_end(response, record);
    }
    if (!move(response, input, record, event)) {
        return record->content.len;
    }
    switch (input) {
    case FCT_RESPONSE_IN_STDOUT:
        return take_stdout(response, record->content, event);
    case FCT_RESPONSE_IN_STDOUT_END:
        check_body_end(response, event);
        break;
    case FCT_RESPONSE_IN_STDERR:
        event->seen = FCT_SEEN_STDERR;
        event->data = record->content;
        break;
    case FCT_RESPONSE_IN_COMPLETE:
        take_end(response, record, event);
        break;
    default:
        break;
    }
    return record->content.len;
}

/* After END_REQUEST: only its padding. */
static apr_size_t take_padding(fct_response_t *response, const char *buf, apr_size_t len)
{
    fct_record_event_t record;
    apr_size_t left = response->decoder.padding_left;

    return fct_record_decode(&response->decoder, buf, len < left ? len : left, &record);
}

apr_size_t fct_response_consume(fct_response_t *response, const char *buf, apr_size_t len, fct_response_event_t *event)
{
    fct_record_event_t record;
    apr_size_t at = 0;

    memset(event, 0, sizeof(*event));
    if (response->state == FCT_RESPONSE_FAULTY) {
        report_fault(response, event);
        return 0;
    }
    if (response->state == FCT_RESPONSE_ENDED) {
        return take_padding(response, buf, len);
    }
    while (at < len && event->seen == FCT_SEEN_NOTHING) {
        apr_size_t n = fct_record_decode(&response->decoder, buf + at, len - at, &record);

        at += n;
        response->bytes += n;
        if (record.kind != FCT_RECORD_NEED_MORE) {
            apr_size_t untaken = record.content.len - take_record(response, &record, event);

            fct_record_decoder_unread(&response->decoder, untaken);
            at -= untaken;
            response->bytes -= untaken;
        }
    }
    return at;
}

void fct_response_end_of_input(fct_response_t *response, fct_response_event_t *event)
{
    fct_record_event_t none;

    memset(event, 0, sizeof(*event));
    memset(&none, 0, sizeof(none));
    if (response->state == FCT_RESPONSE_FAULTY) {
        report_fault(response, event);
    }
    else if (response->state != FCT_RESPONSE_ENDED) {
        move(response, FCT_RESPONSE_IN_EOF, &none, event);
    }
}

int fct_response_has_begun(const fct_response_t *response)
{
    return response->bytes > 0;
}

const fct_response_end_t *fct_response_end(const fct_response_t *response)
{
    return response->end_has_come ? &response->end : NULL;
}

int fct_response_is_clean(const fct_response_t *response)
{
    return response->state == FCT_RESPONSE_ENDED && response->tolerated == FCT_FINDING_NONE &&
           fct_record_decoder_is_between(&response->decoder);
}

fct_finding_id_t fct_response_tolerated(const fct_response_t *response)
{
    return response->tolerated;
}

int fct_response_awaits_padding(const fct_response_t *response)
{
    return response->state == FCT_RESPONSE_ENDED && !fct_record_decoder_is_between(&response->decoder);
}

void fct_response_discard_body(fct_response_t *response)
{
    response->body_is_discarded = 1;
    response->content_length = -1;
}

apr_int64_t fct_response_body_left(const fct_response_t *response)
{
    return response->content_length < 0 ? -1 : response->content_length - response->body_bytes;
}
