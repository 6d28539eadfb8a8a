/* A minimal, fast, honest backend for measurements: one process, FastCGI and HTTP/1.1 on TCP and Unix sockets.
 *
 *   backend fcgi:127.0.0.1:9000 http:127.0.0.1:9001 fcgi:unix:/path
 *
 * The last segment of the path says what is answered: small (100 bytes), large (1 MiB), upload (the length of the body it read).
 * A whole response leaves in one writev. Anything it does not understand ends the connection, with a line on stderr. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend_reply.h"

#define IN_MAX 262144
#define PARAMS_MAX 131072
#define FCGI_BEGIN 1
#define FCGI_ABORT 2
#define FCGI_PARAMS 4
#define FCGI_STDIN 5

typedef enum { LISTEN_FCGI, LISTEN_HTTP, FCGI, HTTP } kind_t;

typedef struct conn_t {
    kind_t kind;
    int fd;
    int keep, waits_to_write;
    size_t have;                            /* bytes in `in` */
    unsigned type, id, content, padding;    /* FastCGI: the record at hand, what is left of it */
    int content_was_empty;
    unsigned char begin[8];
    size_t begun, params_len;
    size_t body, declared;                  /* bytes of the body so far; CONTENT_LENGTH, or NO_LENGTH */
    char path[64];
    reply_t reply;
    unsigned char params[PARAMS_MAX];
    unsigned char in[IN_MAX];
} conn_t;

#define NO_LENGTH ((size_t)-1)

static int epoll;

static void die(const char *what)
{
    fprintf(stderr, "backend: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(conn_t *conn, int op, unsigned events)
{
    struct epoll_event event;

    memset(&event, 0, sizeof(event));
    event.events = events;
    event.data.ptr = conn;
    if (epoll_ctl(epoll, op, conn->fd, &event) != 0) {
        die("epoll_ctl");
    }
}

static void end(conn_t *conn, const char *why)
{
    if (why) {
        fprintf(stderr, "backend: %s\n", why);
    }
    close(conn->fd);
    free(conn);
}

/* --- what both protocols share --- */

static void remember_path(conn_t *conn, const char *uri, size_t len)
{
    const char *query = memchr(uri, '?', len);
    const char *slash;

    if (query) {
        len = (size_t)(query - uri);
    }
    slash = memrchr(uri, '/', len);
    if (slash) {
        len -= (size_t)(slash + 1 - uri);
        uri = slash + 1;
    }
    snprintf(conn->path, sizeof(conn->path), "%.*s", (int)len, uri);
}

static size_t number(const char *text, size_t len)
{
    size_t value = 0;

    while (len-- && *text >= '0' && *text <= '9') {
        value = value * 10 + (size_t)(*text++ - '0');
    }
    return value;
}

/* Writes what is left of the reply. 1: all of it is out. 0: later. -1: the connection is gone. */
static int flush_reply(conn_t *conn)
{
    int sent = reply_send(&conn->reply, conn->fd);

    if (sent == 0 && !conn->waits_to_write) {
        conn->waits_to_write = 1;
        watch(conn, EPOLL_CTL_MOD, EPOLLOUT);
    }
    if (sent == 1 && conn->waits_to_write) {
        conn->waits_to_write = 0;
        watch(conn, EPOLL_CTL_MOD, EPOLLIN);
    }
    return sent == 1 && !conn->keep ? -1 : sent;
}

static int answer(conn_t *conn)
{
    int whole = conn->declared == NO_LENGTH || conn->declared == conn->body;

    reply_make(&conn->reply, conn->kind == FCGI ? conn->id : 0, whole ? conn->path : "cut", conn->body, conn->keep);
    conn->params_len = conn->begun = conn->body = 0;
    conn->declared = NO_LENGTH;
    conn->path[0] = '\0';
    return flush_reply(conn);
}

/* --- FastCGI --- */

static size_t pair_length(const unsigned char **p, const unsigned char *last)
{
    size_t length = 0;

    if (*p < last && **p < 128) {
        return *(*p)++;
    }
    if (last - *p >= 4) {
        length = (((size_t)(*p)[0] & 127) << 24) | ((size_t)(*p)[1] << 16) | ((size_t)(*p)[2] << 8) | (*p)[3];
        *p += 4;
    }
    return length;
}

static int read_params(conn_t *conn)
{
    const unsigned char *p = conn->params, *last = p + conn->params_len;

    while (p < last) {
        size_t name = pair_length(&p, last);
        size_t value = pair_length(&p, last);
        const char *text = (const char *)p;

        if (name + value > (size_t)(last - p)) {
            return -1;
        }
        if (name == 11 && memcmp(text, "REQUEST_URI", 11) == 0) {
            remember_path(conn, text + name, value);
        }
        if (name == 14 && memcmp(text, "CONTENT_LENGTH", 14) == 0 && value) {
            conn->declared = number(text + name, value);
        }
        p += name + value;
    }
    return 0;
}

static int take_content(conn_t *conn, const unsigned char *data, size_t len)
{
    if (conn->type == FCGI_STDIN) {
        conn->body += len;
        return 0;
    }
    if (conn->type == FCGI_PARAMS && conn->params_len + len <= PARAMS_MAX) {
        memcpy(conn->params + conn->params_len, data, len);
        conn->params_len += len;
        return 0;
    }
    if (conn->type == FCGI_BEGIN && conn->begun + len <= sizeof(conn->begin)) {
        memcpy(conn->begin + conn->begun, data, len);
        conn->begun += len;
        conn->keep = conn->begin[2] & 1;
        return 0;
    }
    return -1;
}

/* The record is whole: -1 ends the connection, 0 waits for the reply to leave, 1 goes on. */
static int finish_record(conn_t *conn)
{
    if (!conn->content_was_empty) {
        return 1;
    }
    if (conn->type == FCGI_PARAMS) {
        return read_params(conn) == 0 ? 1 : -1;
    }
    return conn->type == FCGI_STDIN ? answer(conn) : -1;
}

static int start_record(conn_t *conn, const unsigned char *head)
{
    conn->type = head[1];
    conn->id = (unsigned)head[2] << 8 | head[3];
    conn->content = (unsigned)head[4] << 8 | head[5];
    conn->padding = head[6];
    conn->content_was_empty = conn->content == 0;
    return head[0] == 1 && conn->type != FCGI_ABORT ? 0 : -1;
}

/* Consumes what is in `in`; the same three results as finish_record. */
static int take_fcgi(conn_t *conn)
{
    size_t at = 0;
    int state = 1;

    while (state == 1) {
        size_t left = conn->have - at, part;

        if (conn->content + conn->padding == 0) {
            if (left < 8) {
                break;
            }
            state = start_record(conn, conn->in + at) == 0 ? 1 : -1;
            at += 8;
            left -= 8;
        }
        part = conn->content < left ? conn->content : left;
        if (state < 0 || take_content(conn, conn->in + at, part) != 0) {
            return -1;
        }
        conn->content -= (unsigned)part;
        at += part;
        part = conn->padding < left - part ? conn->padding : left - part;
        conn->padding -= (unsigned)part;
        at += part;
        if (conn->content + conn->padding != 0) {
            break;
        }
        state = finish_record(conn);
    }
    conn->have -= at;
    memmove(conn->in, conn->in + at, conn->have);
    return state;
}

/* --- HTTP/1.1, as much as a gateway sends --- */

static const char *field(const char *head, const char *end_of_head, const char *name)
{
    size_t len = strlen(name);
    const char *line = head;

    while ((line = memmem(line, (size_t)(end_of_head - line), "\r\n", 2)) != NULL) {
        line += 2;
        if ((size_t)(end_of_head - line) > len && strncasecmp(line, name, len) == 0 && line[len] == ':') {
            return line + len + 1 + strspn(line + len + 1, " ");
        }
    }
    return NULL;
}

static int read_head(conn_t *conn, size_t len)
{
    const char *head = (const char *)conn->in, *last = head + len;
    const char *uri = memchr(head, ' ', len);
    const char *after = uri ? memchr(uri + 1, ' ', (size_t)(last - uri - 1)) : NULL;
    const char *length = field(head, last, "Content-Length");
    const char *connection = field(head, last, "Connection");

    if (after == NULL || field(head, last, "Transfer-Encoding")) {
        return -1;
    }
    remember_path(conn, uri + 1, (size_t)(after - uri - 1));
    conn->declared = length ? number(length, (size_t)(last - length)) : 0;
    conn->keep = !(connection && strncasecmp(connection, "close", 5) == 0);
    conn->begun = 1;
    return 0;
}

static int take_http(conn_t *conn)
{
    int state = 1;

    while (state == 1 && conn->have) {
        size_t used = 0, part;

        if (!conn->begun) {
            unsigned char *blank = memmem(conn->in, conn->have, "\r\n\r\n", 4);

            if (blank == NULL) {
                return conn->have < IN_MAX ? 1 : -1;
            }
            used = (size_t)(blank - conn->in) + 4;
            if (read_head(conn, used) != 0) {
                return -1;
            }
        }
        part = conn->declared - conn->body;
        part = part < conn->have - used ? part : conn->have - used;
        conn->body += part;
        used += part;
        conn->have -= used;
        memmove(conn->in, conn->in + used, conn->have);
        if (conn->body == conn->declared) {
            state = answer(conn);
        }
    }
    return state;
}

/* --- connections --- */

static void accept_one(conn_t *listener)
{
    int on = 1, fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    conn_t *conn;

    if (fd < 0) {
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    conn = calloc(1, sizeof(*conn));
    if (conn == NULL) {
        die("a connection");
    }
    conn->kind = listener->kind == LISTEN_FCGI ? FCGI : HTTP;
    conn->fd = fd;
    conn->declared = NO_LENGTH;
    watch(conn, EPOLL_CTL_ADD, EPOLLIN);
}

static void serve(conn_t *conn)
{
    int state = conn->waits_to_write ? flush_reply(conn) : 1;

    if (state == 1) {
        ssize_t got = read(conn->fd, conn->in + conn->have, IN_MAX - conn->have);

        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            end(conn, NULL);
            return;
        }
        conn->have += got > 0 ? (size_t)got : 0;
        state = conn->kind == FCGI ? take_fcgi(conn) : take_http(conn);
    }
    if (state < 0) {
        end(conn, conn->keep ? "not understood, or cut" : NULL);
    }
}

static int bound_socket(const char *address)
{
    union { struct sockaddr any; struct sockaddr_in in; struct sockaddr_un un; } name;
    const char *colon = strrchr(address, ':');
    socklen_t size = sizeof(name.in);
    int on = 1, fd;

    memset(&name, 0, sizeof(name));
    if (strncmp(address, "unix:", 5) == 0) {
        name.un.sun_family = AF_UNIX;
        snprintf(name.un.sun_path, sizeof(name.un.sun_path), "%s", address + 5);
        size = sizeof(name.un);
    } else {
        char host[64];

        snprintf(host, sizeof(host), "%.*s", colon ? (int)(colon - address) : 0, address);
        name.in.sin_family = AF_INET;
        if (colon == NULL || inet_pton(AF_INET, host, &name.in.sin_addr) != 1) {
            errno = EINVAL;
            die(address);
        }
        name.in.sin_port = htons((unsigned short)number(colon + 1, 5));
    }
    fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0
        || bind(fd, &name.any, size) != 0 || listen(fd, 512) != 0) {
        die(address);
    }
    return fd;
}

static void listen_on(const char *argument)
{
    conn_t *listener = calloc(1, sizeof(*listener));

    if (listener == NULL || (strncmp(argument, "fcgi:", 5) != 0 && strncmp(argument, "http:", 5) != 0)) {
        fprintf(stderr, "backend: '%s' is not one of fcgi:ADDRESS, http:ADDRESS\n", argument);
        exit(2);
    }
    listener->kind = argument[0] == 'f' ? LISTEN_FCGI : LISTEN_HTTP;
    listener->fd = bound_socket(argument + 5);
    watch(listener, EPOLL_CTL_ADD, EPOLLIN);
}

int main(int argc, char **argv)
{
    int i;

    signal(SIGPIPE, SIG_IGN);
    reply_prepare();
    epoll = epoll_create1(EPOLL_CLOEXEC);
    for (i = 1; i < argc; i++) {
        listen_on(argv[i]);
    }
    for (;;) {
        struct epoll_event events[64];
        int n = epoll_wait(epoll, events, 64, -1);

        for (i = 0; i < n; i++) {
            conn_t *conn = events[i].data.ptr;

            if (conn->kind == LISTEN_FCGI || conn->kind == LISTEN_HTTP) {
                accept_one(conn);
            } else {
                serve(conn);
            }
        }
    }
}
