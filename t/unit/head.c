/* core/head.c: a header block is taken apart alike however it is cut, and what is malformed has its own finding. */
#include "head.h"

#include "tap.h"

#include <apr_strings.h>
#include <unistd.h>

static apr_pool_t *root;
static const fct_head_limits_t limits = { 8192, 100 };

#define BYTES(s) { s, sizeof(s) - 1 }

/* --- what a block means --- */

static const char *shown(const fct_head_t *head, apr_pool_t *p)
{
    const char *text = apr_psprintf(p, "%d%s%s", head->status, head->has_status ? "" : " by default",
                                    head->is_local_redirect ? " local" : "");
    apr_size_t i;

    if (head->content_length >= 0) {
        text = apr_psprintf(p, "%s length %" APR_INT64_T_FMT, text, head->content_length);
    }
    if (head->content_type.at) {
        text = apr_pstrcat(p, text, " type ", head->content_type.at, NULL);
    }
    if (head->location.at) {
        text = apr_pstrcat(p, text, " location ", head->location.at, NULL);
    }
    for (i = 0; i < head->nfields; i++) {
        text = apr_pstrcat(p, text, "|", head->fields[i].name.at, "=", head->fields[i].value.at, NULL);
    }
    for (i = 0; i < head->nremoved; i++) {
        text = apr_pstrcat(p, text, "|-", head->removed[i].name.at, NULL);
    }
    return text;
}

typedef struct block_row_t {
    const char *what;
    fct_bytes_t input;
    const char *shown;
} block_row_t;

static const block_row_t blocks[] = {
    { "one field", BYTES("A: b\n\n"), "200 by default|A=b" },
    { "CR LF", BYTES("A: b\r\nC: d\r\n\r\n"), "200 by default|A=b|C=d" },
    { "mixed line ends, LF first", BYTES("A: b\nC: d\r\n\n"), "200 by default|A=b|C=d" },
    { "mixed line ends, CR LF first", BYTES("A: b\r\nC: d\n\r\n"), "200 by default|A=b|C=d" },
    { "blanks around a value", BYTES("A: \t b c \t \r\n\r\n"), "200 by default|A=b c" },
    { "no blank after the colon", BYTES("A:b\n\n"), "200 by default|A=b" },
    { "an empty value", BYTES("A:\nB: \t\n\n"), "200 by default|A=|B=" },
    { "colons in a value", BYTES("A: b:c :d\n\n"), "200 by default|A=b:c :d" },
    { "tab and 8-bit inside a value", BYTES("A: b\tc\x80\xff\xc3\xa4\n\n"), "200 by default|A=b\tc\x80\xff\xc3\xa4" },
    { "every byte a name may have", BYTES("!#$%&'*+-.^_`|~09azAZ: x\n\n"), "200 by default|!#$%&'*+-.^_`|~09azAZ=x" },
    { "two Set-Cookie", BYTES("Set-Cookie: a=1\nX: y\nSet-Cookie: b=2\n\n"), "200 by default|Set-Cookie=a=1|X=y|Set-Cookie=b=2" },
    { "Status", BYTES("Status: 404 Not Found\nX: y\n\n"), "404|X=y" },
    { "Status alone", BYTES("Status: 204\n\n"), "204" },
    { "Status without a reason but a blank", BYTES("status:599 \n\n"), "599" },
    { "Status with a tab before the reason", BYTES("STATUS: 200\tfine\n\n"), "200" },
    { "an equal Status again", BYTES("Status: 201 Created\nStatus: 201 Done\nX: y\n\n"), "201|X=y" },
    { "interim 100", BYTES("Status: 100\n\n"), "100" },
    { "interim 102", BYTES("Status: 102\n\n"), "102" },
    { "interim 103", BYTES("Status: 103 Early Hints\nLink: </a>; rel=preload\n\n"), "103|Link=</a>; rel=preload" },
    { "interim 199", BYTES("Status: 199\n\n"), "199" },
    { "Content-Type", BYTES("content-type: text/html; charset=UTF-8\n\n"),
      "200 by default type text/html; charset=UTF-8|content-type=text/html; charset=UTF-8" },
    { "an equal Content-Type again", BYTES("Content-Type: a/b\nX: y\ncontent-type:  a/b \n\n"),
      "200 by default type a/b|Content-Type=a/b|X=y" },
    { "Content-Length 0", BYTES("Content-Length: 0\n\n"), "200 by default length 0|Content-Length=0" },
    { "Content-Length of 18 digits", BYTES("Content-Length: 999999999999999999\n\n"),
      "200 by default length 999999999999999999|Content-Length=999999999999999999" },
    { "an equal Content-Length again", BYTES("Content-Length: 12\nContent-Length: 12\n\n"), "200 by default length 12|Content-Length=12" },
    { "Content-Length with 204", BYTES("Content-Length: 5\nStatus: 204\nX: y\n\n"), "204|X=y|-Content-Length" },
    { "Content-Length with 304", BYTES("Status: 304\nContent-Length: 5\n\n"), "304 length 5|Content-Length=5" },
    { "Content-Length 0 twice", BYTES("Content-Length: 0\nContent-Length: 0\n\n"), "200 by default length 0|Content-Length=0" },
    { "a path as Location", BYTES("Location: /a?b\n\n"), "302 by default local location /a?b|Location=/a?b" },
    { "an absolute Location", BYTES("Location: https://x/\n\n"), "302 by default location https://x/|Location=https://x/" },
    { "a Location of any scheme", BYTES("Location: a+b-c.9:x\n\n"), "302 by default location a+b-c.9:x|Location=a+b-c.9:x" },
    { "a path as Location with Status", BYTES("Location: /a\nStatus: 303\n\n"), "303 location /a|Location=/a" },
    { "any Location with Status", BYTES("Status: 301\nLocation: a b\n\n"), "301 location a b|Location=a b" },
    { "an equal Location again", BYTES("Location: /a\nLocation: /a\n\n"), "302 by default local location /a|Location=/a" },
    { "hop-by-hop fields",
      BYTES("Keep-Alive: 5\nX: y\nTE: trailers\nTrailer: X\nUpgrade: h2c\nProxy-Connection: close\nConnection: close\nZ: 1\n\n"),
      "200 by default|X=y|Z=1|-Keep-Alive|-TE|-Trailer|-Upgrade|-Proxy-Connection|-Connection" },
    { "fields that Connection names, before and after it", BYTES("A: 1\nB: 2\nConnection: ,b , A,close,\nb: 3\nC: 4\n\n"),
      "200 by default|C=4|-A|-B|-Connection|-b" },
    { "two Connection fields", BYTES("A: 1\nConnection: A\nB: 2\nConnection: B\nC: 3\n\n"),
      "200 by default|C=3|-A|-Connection|-B|-Connection" },
    { "a long name that Connection names", BYTES("Connection: X-Request-Trace-Context\nX-Request-Trace-Context: 1\nA: 1\n\n"),
      "200 by default|A=1|-Connection|-X-Request-Trace-Context" },
    { "an empty Connection", BYTES("Connection:\nA: 1\n\n"), "200 by default|A=1|-Connection" },
    { "32 options of Connection",
      BYTES("Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p\nConnection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p\nX: y\n\n"),
      "200 by default|X=y|-Connection|-Connection" },
    { "names that only begin like others", BYTES("Status2: 1\nConnections: X\nContent-Lengthy: x\nX: y\n\n"),
      "200 by default|Status2=1|Connections=X|Content-Lengthy=x|X=y" },
};

/* Feeds [0,a) and [a,all); what of the second part is behind the block stays unconsumed. */
static const char *parse_cut(fct_bytes_t input, apr_size_t a, apr_pool_t *p)
{
    fct_head_parser_t *parser = fct_head_parser_create(&limits, p);
    fct_finding_id_t finding;
    apr_size_t n, m = 0;
    fct_head_status_t status = fct_head_parse(parser, input.at, a, &n, &finding);

    if (status == FCT_HEAD_NEED_MORE) {
        if (n != a || fct_head_parser_bytes(parser) != a) {
            return "not all was consumed";
        }
        status = fct_head_parse(parser, input.at + a, input.len - a, &m, &finding);
    }
    if (status != FCT_HEAD_COMPLETE || finding != FCT_FINDING_NONE) {
        return apr_psprintf(p, "status %d, FCT%04d", (int)status, (int)finding);
    }
    return n + m == input.len ? shown(fct_head_parser_head(parser), p) : "the end is elsewhere";
}

static void test_blocks(void)
{
    apr_size_t i, cut;

    for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        apr_pool_t *p;
        int wrong = 0;

        apr_pool_create(&p, root);
        for (cut = 0; cut <= blocks[i].input.len; cut++) {
            const char *got = parse_cut(blocks[i].input, cut, p);

            if (strcmp(got, blocks[i].shown) != 0) {
                tap_diag("cut at %lu: %s", (unsigned long)cut, got);
                wrong++;
            }
        }
        tap_ok(wrong == 0, "%s: understood wherever it is cut", blocks[i].what);
        apr_pool_destroy(p);
    }
}

/* An end of input at every offset: no prefix of a block is a block, nor a fault. */
static void test_prefixes(void)
{
    apr_size_t i, cut, wrong = 0;

    for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        for (cut = 0; cut < blocks[i].input.len; cut++) {
            fct_head_parser_t *parser = fct_head_parser_create(&limits, root);
            fct_finding_id_t finding;
            apr_size_t at, n;

            for (at = 0; at < cut; at++) {
                wrong += fct_head_parse(parser, blocks[i].input.at + at, 1, &n, &finding) != FCT_HEAD_NEED_MORE || n != 1;
            }
            wrong += fct_head_parser_bytes(parser) != cut;
        }
    }
    tap_is_int((long long)wrong, 0, "no part of a block fed byte by byte is taken for a whole one");
}

/* --- faults --- */

typedef struct fault_row_t {
    const char *what;
    fct_bytes_t input;
    fct_finding_id_t finding;
    int line;
    const char *excerpt;
} fault_row_t;

static const fault_row_t faults[] = {
    { "an empty block, LF", BYTES("\n"), FCT_FINDING_HEAD_EMPTY, 1, "" },
    { "an empty block, CR LF", BYTES("\r\n"), FCT_FINDING_HEAD_EMPTY, 1, "" },
    { "no colon", BYTES("A: b\nnothing\n\n"), FCT_FINDING_HEAD_NO_COLON, 2, "nothing" },
    { "a status line", BYTES("HTTP/1.1 200 OK\n\n"), FCT_FINDING_HEAD_NO_COLON, 1, "HTTP/1.1 200 OK" },
    { "a CR alone on a line", BYTES("A: b\n\r\r\n"), FCT_FINDING_HEAD_NO_COLON, 2, "<0D>" },
    { "a blank before the colon", BYTES("A : b\n\n"), FCT_FINDING_HEAD_BLANK_BEFORE_COLON, 1, "A : b" },
    { "a tab before the colon", BYTES("A\t: b\n\n"), FCT_FINDING_HEAD_BLANK_BEFORE_COLON, 1, "A<09>: b" },
    { "no name", BYTES(": b\n\n"), FCT_FINDING_HEAD_NO_NAME, 1, ": b" },
    { "a blank in a name", BYTES("A B: c\n\n"), FCT_FINDING_HEAD_NAME, 1, "A B: c" },
    { "a NUL in a name", BYTES("A\0B: c\n\n"), FCT_FINDING_HEAD_NAME, 1, "A<00>B: c" },
    { "8-bit in a name", BYTES("\xc3\xa4: c\n\n"), FCT_FINDING_HEAD_NAME, 1, "<C3><A4>: c" },
    { "a bracket at the begin of a name", BYTES("[A: c\n\n"), FCT_FINDING_HEAD_NAME, 1, "[A: c" },
    { "a bracket in a name", BYTES("A(B): c\n\n"), FCT_FINDING_HEAD_NAME, 1, "A(B): c" },
    { "HTML", BYTES("<html xmlns:a>\n\n"), FCT_FINDING_HEAD_NAME, 1, "<html xmlns:a>" },
    { "a folded line", BYTES("A: b\n c\n\n"), FCT_FINDING_HEAD_FOLDED, 2, " c" },
    { "a line folded with a tab", BYTES("A: b\r\n\tC: d\r\n\r\n"), FCT_FINDING_HEAD_FOLDED, 2, "<09>C: d" },
    { "a first line that begins with a blank", BYTES(" A: b\n\n"), FCT_FINDING_HEAD_FOLDED, 1, " A: b" },
    { "a line of a blank", BYTES("A: b\n \n"), FCT_FINDING_HEAD_FOLDED, 2, " " },
    { "NUL in a value", BYTES("A: b\0c\n\n"), FCT_FINDING_HEAD_NUL, 1, "A: b<00>c" },
    { "a CR inside a value", BYTES("A: b\rc\n\n"), FCT_FINDING_HEAD_BARE_CR, 1, "A: b<0D>c" },
    { "two CR before LF", BYTES("A: b\r\r\n\r\n"), FCT_FINDING_HEAD_BARE_CR, 1, "A: b<0D>" },
    { "an escape in a value", BYTES("A: \x1b[1m\n\n"), FCT_FINDING_HEAD_CONTROL_BYTE, 1, "A: <1B>[1m" },
    { "DEL in a value", BYTES("A: \x7f\n\n"), FCT_FINDING_HEAD_CONTROL_BYTE, 1, "A: <7F>" },
    { "a vertical tab in a value", BYTES("A: b\vc\n\n"), FCT_FINDING_HEAD_CONTROL_BYTE, 1, "A: b<0B>c" },
    { "Status of two digits", BYTES("Status: 20\n\n"), FCT_FINDING_HEAD_STATUS, 1, "Status: 20" },
    { "Status of four digits", BYTES("Status: 2000\n\n"), FCT_FINDING_HEAD_STATUS, 1, "Status: 2000" },
    { "Status 099", BYTES("Status: 099\n\n"), FCT_FINDING_HEAD_STATUS, 1, "Status: 099" },
    { "Status 600", BYTES("Status: 600\n\n"), FCT_FINDING_HEAD_STATUS, 1, "Status: 600" },
    { "Status with text only", BYTES("Status: OK\n\n"), FCT_FINDING_HEAD_STATUS, 1, "Status: OK" },
    { "Status with a sign", BYTES("Status: +20\n\n"), FCT_FINDING_HEAD_STATUS, 1, "Status: +20" },
    { "Status without a blank before the reason", BYTES("Status: 200OK\n\n"), FCT_FINDING_HEAD_STATUS, 1, "Status: 200OK" },
    { "an empty Status", BYTES("Status:\n\n"), FCT_FINDING_HEAD_STATUS, 1, "Status:" },
    { "Status 101", BYTES("Status: 101 Switching\n\n"), FCT_FINDING_HEAD_STATUS_SWITCHING, 1, "Status: 101 Switching" },
    { "another Status", BYTES("Status: 200\nA: b\nstatus: 404\n\n"), FCT_FINDING_HEAD_STATUS_REPEATED, 3, "status: 404" },
    { "an empty Content-Length", BYTES("Content-Length:\n\n"), FCT_FINDING_HEAD_CONTENT_LENGTH, 1, "Content-Length:" },
    { "Content-Length -1", BYTES("Content-Length: -1\n\n"), FCT_FINDING_HEAD_CONTENT_LENGTH, 1, "Content-Length: -1" },
    { "Content-Length +5", BYTES("Content-Length: +5\n\n"), FCT_FINDING_HEAD_CONTENT_LENGTH, 1, "Content-Length: +5" },
    { "Content-Length 0x5", BYTES("Content-Length: 0x5\n\n"), FCT_FINDING_HEAD_CONTENT_LENGTH, 1, "Content-Length: 0x5" },
    { "Content-Length 5, 5", BYTES("Content-Length: 5, 5\n\n"), FCT_FINDING_HEAD_CONTENT_LENGTH, 1, "Content-Length: 5, 5" },
    { "Content-Length of 19 digits", BYTES("Content-Length: 1000000000000000000\n\n"), FCT_FINDING_HEAD_CONTENT_LENGTH, 1,
      "Content-Length: 1000000000000000000" },
    { "another Content-Length", BYTES("Content-Length: 5\nContent-Length: 6\n\n"), FCT_FINDING_HEAD_CONTENT_LENGTH_REPEATED, 2,
      "Content-Length: 6" },
    { "another Content-Length than 0", BYTES("Content-Length: 0\nContent-Length: 5\n\n"),
      FCT_FINDING_HEAD_CONTENT_LENGTH_REPEATED, 2, "Content-Length: 5" },
    { "another Content-Type", BYTES("Content-Type: a/b\nContent-Type: A/b\n\n"), FCT_FINDING_HEAD_CONTENT_TYPE_REPEATED, 2,
      "Content-Type: A/b" },
    { "another Location", BYTES("Location: /a\nLocation: /b\n\n"), FCT_FINDING_HEAD_LOCATION_REPEATED, 2, "Location: /b" },
    { "a relative Location", BYTES("A: b\nLocation: c.html\nD: e\n\n"), FCT_FINDING_HEAD_LOCATION, 2, "Location: c.html" },
    { "an empty Location", BYTES("Location:\n\n"), FCT_FINDING_HEAD_LOCATION, 1, "Location: " },
    { "a Location that is only a scheme", BYTES("Location: http:\n\n"), FCT_FINDING_HEAD_LOCATION, 1, "Location: http:" },
    { "a Location of a scheme that is none", BYTES("Location: 1a:b\n\n"), FCT_FINDING_HEAD_LOCATION, 1, "Location: 1a:b" },
    { "a Location with a query before the colon", BYTES("Location: a?b:c\n\n"), FCT_FINDING_HEAD_LOCATION, 1, "Location: a?b:c" },
    { "Transfer-Encoding", BYTES("Transfer-Encoding: chunked\n\n"), FCT_FINDING_HEAD_TRANSFER_ENCODING, 1,
      "Transfer-Encoding: chunked" },
    { "an empty Transfer-Encoding", BYTES("transfer-encoding:\n\n"), FCT_FINDING_HEAD_TRANSFER_ENCODING, 1, "transfer-encoding:" },
    { "a Connection that is no list of names", BYTES("A: b\nConnection: c, \"d\"\n\n"), FCT_FINDING_HEAD_CONNECTION, 2,
      "Connection: c, \"d\"" },
    { "33 options of Connection",
      BYTES("Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p\nConnection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\n\n"),
      FCT_FINDING_HEAD_CONNECTION, 2, "Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q" },
    { "Connection names Content-Length", BYTES("Connection: close, content-length\nContent-Length: 5\n\n"),
      FCT_FINDING_HEAD_CONNECTION_NOMINATES, 1, "Connection: close, content-length" },
    { "Connection names Content-Type", BYTES("Connection: Content-Type\n\n"), FCT_FINDING_HEAD_CONNECTION_NOMINATES, 1,
      "Connection: Content-Type" },
    { "Connection names Content-Encoding", BYTES("Connection: Content-Encoding\n\n"), FCT_FINDING_HEAD_CONNECTION_NOMINATES, 1,
      "Connection: Content-Encoding" },
    { "Connection names Location", BYTES("Connection: Location\n\n"), FCT_FINDING_HEAD_CONNECTION_NOMINATES, 1,
      "Connection: Location" },
    { "Connection names Status", BYTES("Connection: Status\n\n"), FCT_FINDING_HEAD_CONNECTION_NOMINATES, 1, "Connection: Status" },
    { "Connection names Set-Cookie", BYTES("Connection: Set-Cookie\n\n"), FCT_FINDING_HEAD_CONNECTION_NOMINATES, 1,
      "Connection: Set-Cookie" },
    { "Connection names Transfer-Encoding", BYTES("Connection: Transfer-Encoding\n\n"), FCT_FINDING_HEAD_CONNECTION_NOMINATES, 1,
      "Connection: Transfer-Encoding" },
    { "Connection names Cache-Control", BYTES("Connection: cache-control\n\n"), FCT_FINDING_HEAD_CONNECTION_NOMINATES, 1,
      "Connection: cache-control" },
    { "a fault in a line with a cookie", BYTES("Set-Cookie: sid=secret\x01\n\n"), FCT_FINDING_HEAD_CONTROL_BYTE, 1,
      "Set-Cookie: sid=..." },
    { "a fault in a long line", BYTES("0123456789012345678901234567890123456789012345678901234567890123456789\n\n"),
      FCT_FINDING_HEAD_NO_COLON, 1, "0123456789012345678901234567890123456789012345678901234567890123..." },
};

static int fault_is_right(const fault_row_t *row, apr_size_t cut, apr_pool_t *p)
{
    fct_head_parser_t *parser = fct_head_parser_create(&limits, p);
    fct_finding_id_t finding, again;
    const char *excerpt;
    apr_size_t n;
    fct_head_status_t status = fct_head_parse(parser, row->input.at, cut, &n, &finding);
    int line;

    if (status == FCT_HEAD_NEED_MORE) {
        status = fct_head_parse(parser, row->input.at + cut, row->input.len - cut, &n, &finding);
    }
    line = fct_head_parser_line(parser, &excerpt);
    if (status == FCT_HEAD_FAULT && finding == row->finding && line == row->line && strcmp(excerpt, row->excerpt) == 0) {
        return fct_head_parse(parser, "A: b\n\n", 6, &n, &again) == FCT_HEAD_FAULT && again == finding;
    }
    tap_diag("cut at %lu: status %d, FCT%04d, line %d, %s", (unsigned long)cut, (int)status, (int)finding, line, excerpt);
    return 0;
}

static void test_faults(void)
{
    apr_size_t i, cut;

    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        int wrong = 0;

        for (cut = 0; cut <= faults[i].input.len; cut++) {
            wrong += !fault_is_right(&faults[i], cut, root);
        }
        tap_ok(wrong == 0, "%s is FCT%04d wherever it is cut, and stays so", faults[i].what, (int)faults[i].finding);
    }
}

static void test_every_value_byte(void)
{
    int c, wrong = 0;

    for (c = 0; c < 256; c++) {
        char input[] = "A: b?c\n\n";
        int allowed = c == '\t' || c == '\n' || (c >= 0x20 && c != 0x7F);
        fct_head_parser_t *parser = fct_head_parser_create(&limits, root);
        fct_finding_id_t finding;
        apr_size_t n;
        fct_head_status_t status;

        input[4] = (char)c;
        status = fct_head_parse(parser, input, 8, &n, &finding);
        if (c == '\n') {      /* then "c" is a line of its own */
            wrong += finding != FCT_FINDING_HEAD_NO_COLON;
        }
        else {
            wrong += (status == FCT_HEAD_COMPLETE) != allowed;
        }
    }
    tap_is_int(wrong, 0, "of all 256 bytes a value takes tab, visible ASCII, blank and 8-bit");
}

/* --- limits --- */

static fct_finding_id_t parse_with(apr_size_t max_bytes, apr_size_t max_fields, const char *text, fct_head_status_t *status)
{
    fct_head_limits_t own = { max_bytes, max_fields };
    fct_head_parser_t *parser = fct_head_parser_create(&own, root);
    fct_finding_id_t finding = FCT_FINDING_NONE;
    apr_size_t n;

    *status = fct_head_parse(parser, text, strlen(text), &n, &finding);
    return finding;
}

static void test_limits(void)
{
    static const apr_size_t edges[] = { 127, 128, 1023, 1024, 1025, 65535, 65536 };
    fct_head_status_t status;
    apr_size_t i;

    for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        char *text = (char *)apr_palloc(root, edges[i] + 1);

        memset(text, 'x', edges[i]);
        memcpy(text, "A:", 2);
        memcpy(text + edges[i] - 2, "\n\n", 3);
        parse_with(edges[i], 1, text, &status);
        tap_is_int(status, FCT_HEAD_COMPLETE, "a block of %lu bytes is taken where that many are allowed", (unsigned long)edges[i]);
        tap_is_int(parse_with(edges[i] - 1, 1, text, &status), FCT_FINDING_HEAD_TOO_LARGE, "and refused where one less is");
    }
    tap_is_int(parse_with(0, 1, "A", &status), FCT_FINDING_HEAD_TOO_LARGE, "where nothing is allowed one byte is too much");
    parse_with(100, 3, "A: 1\nStatus: 200\nConnection: x\n\n", &status);
    tap_is_int(status, FCT_HEAD_COMPLETE, "three fields are taken where three are allowed");
    tap_is_int(parse_with(100, 2, "A: 1\nStatus: 200\nConnection: x\n\n", &status), FCT_FINDING_HEAD_TOO_MANY_FIELDS,
               "and refused where two are, also those that are not passed on");
    tap_is_int(parse_with(100, 0, "A: 1\n\n", &status), FCT_FINDING_HEAD_TOO_MANY_FIELDS, "where no field is allowed none is taken");
}

static void test_place_of_a_cap(void)
{
    fct_head_limits_t own = { 40, 100 };
    fct_head_parser_t *parser = fct_head_parser_create(&own, root);
    fct_finding_id_t finding;
    const char *excerpt;
    apr_size_t n;

    fct_head_parse(parser, "A: b\nC: d\n<p>and then comes a page", 34, &n, &finding);
    fct_head_parse(parser, " that is longer", 15, &n, &finding);
    tap_is_int(finding, FCT_FINDING_HEAD_TOO_LARGE, "a block without an end is too large at some time");
    tap_is_int(fct_head_parser_line(parser, &excerpt), 3, "in the line where the cap was reached");
    tap_is_str(excerpt, "<p>and then comes a page that ", "whose first bytes tell what it is");
}

/* 4 MiB in one line byte by byte and as many short lines: a parser that looked twice at what it has would not end. */
static void test_linear_time(void)
{
    fct_head_limits_t own = { 4 << 20, 1 << 20 };
    fct_head_parser_t *parser = fct_head_parser_create(&own, root);
    fct_finding_id_t finding;
    apr_size_t i, n;
    int wrong = 0;

    alarm(60);
    fct_head_parse(parser, "A:", 2, &n, &finding);
    for (i = 2; i < own.max_bytes - 2; i++) {
        wrong += fct_head_parse(parser, "x", 1, &n, &finding) != FCT_HEAD_NEED_MORE;
    }
    wrong += fct_head_parse(parser, "\n\n", 2, &n, &finding) != FCT_HEAD_COMPLETE;
    wrong += fct_head_parser_head(parser)->fields[0].value.len != own.max_bytes - 4;
    tap_is_int(wrong, 0, "a line of 4 MiB is taken byte by byte");

    parser = fct_head_parser_create(&own, root);
    for (i = 0; i < own.max_bytes / 4 - 1; i++) {
        wrong += fct_head_parse(parser, "A:x\n", 4, &n, &finding) != FCT_HEAD_NEED_MORE;
    }
    wrong += fct_head_parse(parser, "\n", 1, &n, &finding) != FCT_HEAD_COMPLETE;
    alarm(0);
    tap_is_int(wrong, 0, "and a million fields line by line");
    tap_is_int((long long)fct_head_parser_head(parser)->nfields, (4 << 20) / 4 - 1, "all of which are there");
}

static void test_next_block(void)
{
    fct_head_parser_t *parser = fct_head_parser_create(&limits, root);
    static const char input[] = "Status: 103\nLink: a\nContent-Length: 1\n\nStatus: 200\nContent-Length: 2\n\nbody";
    const fct_head_t *interim, *final;
    fct_finding_id_t finding;
    apr_size_t n, m;

    tap_is_int(fct_head_parse(parser, input, sizeof(input) - 1, &n, &finding), FCT_HEAD_COMPLETE, "an interim block is a block");
    interim = fct_head_parser_head(parser);
    tap_is_int((long long)fct_head_parser_bytes(parser), 0, "no byte of the next one was seen");
    tap_is_int(fct_head_parse(parser, input + n, sizeof(input) - 1 - n, &m, &finding), FCT_HEAD_COMPLETE, "another may follow");
    final = fct_head_parser_head(parser);
    tap_is_str(input + n + m, "body", "what is behind it is not consumed");
    tap_is_str(shown(interim, root), "103|Link=a|-Content-Length", "the first stays as it was");
    tap_is_str(shown(final, root), "200 length 2|Content-Length=2", "the second knows nothing of the first");
}

int main(void)
{
    root = tap_begin();
    test_blocks();
    test_prefixes();
    test_faults();
    test_every_value_byte();
    test_limits();
    test_place_of_a_cap();
    test_linear_time();
    test_next_block();
    return tap_end();
}
