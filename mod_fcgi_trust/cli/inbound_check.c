/* Which record may come when.
 *
 *   BEGIN_REQUEST → PARAMS … PARAMS(empty) → STDIN … STDIN(empty) → the request is whole
 *   ABORT_REQUEST may come at any place between; id 0 carries GET_VALUES and types to come. FastCGI 1.0, sections 3 to 5
 */
#include "inbound_state.h"

#define GET_VALUES_MAX 4096

/* Records of a request that has ended, or was rejected, may still be under way (FastCGI 1.0, 3.3). */
static const char *skip_or_refuse(fct_inbound_t *in)
{
    in->is_skipped = in->id == in->last_id || in->id == in->rejected_id;
    return in->is_skipped ? NULL : "no request of this id was begun";
}

static const char *check_begin(const fct_inbound_t *in)
{
    if (in->content_len != FCT_INBOUND_BEGIN_LEN) {
        return "BEGIN_REQUEST has 8 bytes";
    }
    return in->phase != FCT_INBOUND_PHASE_IDLE && in->id == in->request.id ? "this request was begun already" : NULL;
}

static const char *check_params(const fct_inbound_t *in)
{
    if (in->phase != FCT_INBOUND_PHASE_PARAMS) {
        return "PARAMS after their end";
    }
    if (in->params.len + in->content_len > in->limits.max_params) {
        return "more bytes of PARAMS than --max-params allows";
    }
    return in->content_len == 0 && in->scanned != in->params.len ? "PARAMS end in the middle of a pair" : NULL;
}

static const char *check_stdin(const fct_inbound_t *in)
{
    if (in->phase != FCT_INBOUND_PHASE_STDIN) {
        return in->phase == FCT_INBOUND_PHASE_PARAMS ? "STDIN before PARAMS have ended" : "STDIN after its end";
    }
    return (apr_off_t)in->content_len > in->limits.max_stdin - in->request.stdin_len ? "more bytes of STDIN than --max-stdin allows"
                                                                                      : NULL;
}

static const char *check_management(const fct_inbound_t *in)
{
    if (in->type == FCT_RECORD_GET_VALUES) {
        return in->content_len > GET_VALUES_MAX ? "more GET_VALUES than anybody needs" : NULL;
    }
    if (in->type >= 1 && in->type <= FCT_RECORD_UNKNOWN_TYPE) {
        return "id 0 is for management records alone";
    }
    return NULL;
}

static const char *check_application(fct_inbound_t *in)
{
    int is_active = in->phase != FCT_INBOUND_PHASE_IDLE && in->id == in->request.id;

    switch (in->type) {
    case FCT_RECORD_BEGIN_REQUEST:
        return check_begin(in);
    case FCT_RECORD_ABORT_REQUEST:
        return in->content_len ? "ABORT_REQUEST has no content" : is_active ? NULL : skip_or_refuse(in);
    case FCT_RECORD_PARAMS:
        return is_active ? check_params(in) : skip_or_refuse(in);
    case FCT_RECORD_STDIN:
        return is_active ? check_stdin(in) : skip_or_refuse(in);
    case FCT_RECORD_DATA:
        return "a responder gets no DATA";
    case FCT_RECORD_GET_VALUES:
        return "GET_VALUES has id 0";
    default:
        return "a web server does not send this type";
    }
}

const char *fct_inbound_check(fct_inbound_t *in)
{
    if (in->header[0] != FCT_RECORD_VERSION) {
        return "the version is not 1";
    }
    return in->id == 0 ? check_management(in) : check_application(in);
}
