/* The answers of the measuring backend: made once, sent whole in one writev. */
#ifndef BACKEND_REPLY_H
#define BACKEND_REPLY_H

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

#define REPLY_LARGE 1048576
#define REPLY_SMALL 100
#define REPLY_RECORD 65528                  /* content of one STDOUT record */
#define REPLY_PARTS 40
#define REPLY_STDOUT 6
#define REPLY_END 3

typedef struct reply_t {
    struct iovec part[REPLY_PARTS];
    int first, count;
    char head[512];
    unsigned char record[REPLY_PARTS][8];
    unsigned char tail[24];
    char number[32];
} reply_t;

static char reply_bytes[REPLY_LARGE];

static void reply_prepare(void)
{
    size_t i;

    for (i = 0; i < REPLY_LARGE; i++) {
        reply_bytes[i] = i % 64 == 63 ? '\n' : (char)('a' + i % 23);
    }
}

static void reply_add(reply_t *reply, const void *data, size_t len)
{
    reply->part[reply->count].iov_base = (void *)(size_t)data;
    reply->part[reply->count].iov_len = len;
    reply->count++;
}

static void reply_record(unsigned char *out, unsigned type, unsigned id, size_t len)
{
    out[0] = 1;
    out[1] = (unsigned char)type;
    out[2] = (unsigned char)(id >> 8);
    out[3] = (unsigned char)id;
    out[4] = (unsigned char)(len >> 8);
    out[5] = (unsigned char)len;
    out[6] = out[7] = 0;
}

/* FastCGI: header block and body as STDOUT records, the empty STDOUT, END_REQUEST. */
static void reply_wrap(reply_t *reply, unsigned id, size_t head_len, const char *body, size_t len)
{
    size_t at = 0, part = len < REPLY_RECORD - 512 ? len : REPLY_RECORD - 512;

    reply_record(reply->record[0], REPLY_STDOUT, id, head_len + part);
    reply_add(reply, reply->record[0], 8);
    reply_add(reply, reply->head, head_len);
    reply_add(reply, body, part);
    for (at = part; at < len; at += part) {
        part = len - at < REPLY_RECORD ? len - at : REPLY_RECORD;
        reply_record(reply->record[reply->count], REPLY_STDOUT, id, part);
        reply_add(reply, reply->record[reply->count], 8);
        reply_add(reply, body + at, part);
    }
    reply_record(reply->tail, REPLY_STDOUT, id, 0);
    reply_record(reply->tail + 8, REPLY_END, id, 8);
    memset(reply->tail + 16, 0, 8);
    reply_add(reply, reply->tail, sizeof(reply->tail));
}

/* path: small, large, upload; "cut" is a body that does not match its declared length. id 0: HTTP. */
static void reply_make(reply_t *reply, unsigned id, const char *path, size_t received, int keep)
{
    const char *status = "200 OK", *body = reply_bytes;
    size_t len = REPLY_SMALL, head_len;

    if (strcmp(path, "large") == 0) {
        len = REPLY_LARGE;
    } else if (strcmp(path, "upload") == 0) {
        len = (size_t)snprintf(reply->number, sizeof(reply->number), "%zu\n", received);
        body = reply->number;
    } else if (strcmp(path, "small") != 0) {
        status = strcmp(path, "cut") == 0 ? "500 body cut" : "404 Not Found";
    }
    reply->first = reply->count = 0;
    head_len = (size_t)snprintf(reply->head, sizeof(reply->head),
                                "%s%s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n%s\r\n",
                                id ? "Status: " : "HTTP/1.1 ", status, len,
                                id || keep ? "" : "Connection: close\r\n");
    if (id) {
        reply_wrap(reply, id, head_len, body, len);
    } else {
        reply_add(reply, reply->head, head_len);
        reply_add(reply, body, len);
    }
}

/* 1: all of it is out. 0: the socket takes no more for now. -1: the connection is gone. */
static int reply_send(reply_t *reply, int fd)
{
    while (reply->first < reply->count) {
        struct iovec *part = &reply->part[reply->first];
        ssize_t sent = writev(fd, part, reply->count - reply->first);

        if (sent < 0) {
            return errno == EAGAIN || errno == EINTR ? 0 : -1;
        }
        while (reply->first < reply->count && (size_t)sent >= reply->part[reply->first].iov_len) {
            sent -= (ssize_t)reply->part[reply->first++].iov_len;
        }
        if (reply->first < reply->count) {
            part = &reply->part[reply->first];
            part->iov_base = (char *)part->iov_base + sent;
            part->iov_len -= (size_t)sent;
        }
    }
    return 1;
}

#endif
