/* The test application for libfcgi; what it does stands in FCT/Backend.pm. Arguments: address, number of processes. */
#include <fcgiapp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK 65536

static char block[BLOCK];

static const char *parameter(const FCGX_Request *request, const char *name)
{
    const char *value = FCGX_GetParam(name, request->envp);
    return value ? value : "";
}

static void head(FCGX_Request *request, const char *lines)
{
    FCGX_FPrintF(request->out, "%s\r\n", lines);
}

static void pattern(FCGX_Request *request, const char *query)
{
    long left = strtol(query, NULL, 10);
    while (left > 0) {
        int piece = left < BLOCK ? (int)left : BLOCK;
        if (FCGX_PutStr(block, piece, request->out) < 0) {
            return;
        }
        left -= piece;
    }
}

static uint32_t adler32(const char *bytes, size_t length)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < length; i++) {
        a = (a + (unsigned char)bytes[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

/* The whole body, to be freed; NULL when memory is short. */
static char *read_body(FCGX_Request *request, size_t *length)
{
    size_t room = BLOCK;
    char *body = malloc(room);
    *length = 0;
    while (body) {
        int got = FCGX_GetStr(body + *length, (int)(room - *length < BLOCK ? room - *length : BLOCK), request->in);
        if (got <= 0) {
            return body;
        }
        *length += (size_t)got;
        if (*length == room) {
            char *more = realloc(body, room *= 2);
            if (!more) {
                free(body);
            }
            body = more;
        }
    }
    return NULL;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void do_env(FCGX_Request *request, const char *query)
{
    size_t length, count = 0;
    char *body = read_body(request, &length);
    (void)query;
    while (request->envp[count]) {
        count++;
    }
    qsort(request->envp, count, sizeof *request->envp, by_name);
    head(request, "Content-Type: text/plain\r\n");
    for (size_t i = 0; i < count; i++) {
        FCGX_FPrintF(request->out, "%s\n", request->envp[i]);
    }
    FCGX_FPrintF(request->out, "body=%d %08x\n", (int)length, (unsigned)adler32(body, length));
    free(body);
}

static void do_echo(FCGX_Request *request, const char *query)
{
    size_t length;
    char *body = read_body(request, &length);
    (void)query;
    FCGX_FPrintF(request->out, "Content-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n", (int)length);
    for (size_t at = 0; at < length; at += BLOCK) {
        FCGX_PutStr(body + at, (int)(length - at < BLOCK ? length - at : BLOCK), request->out);
    }
    free(body);
}

static void do_download(FCGX_Request *request, const char *query)
{
    FCGX_FPrintF(request->out, "Content-Type: text/plain\r\nContent-Length: %s\r\n\r\n", query);
    pattern(request, query);
}

static void do_stream(FCGX_Request *request, const char *query)
{
    head(request, "Content-Type: text/plain\r\n");
    pattern(request, query);
}

static void do_events(FCGX_Request *request, const char *query)
{
    int count = atoi(query);
    head(request, "Content-Type: text/event-stream\r\n");
    for (int i = 1; i <= count; i++) {
        FCGX_FPrintF(request->out, "data: %d\n\n", i);
        FCGX_FFlush(request->out);
        usleep(100000);
    }
}

static void do_status(FCGX_Request *request, const char *query)
{
    FCGX_FPrintF(request->out, "Status: %s Status\r\nContent-Type: text/plain\r\n\r\n", query);
    if (strcmp(query, "204") && strcmp(query, "304")) {
        FCGX_FPrintF(request->out, "status %s\n", query);
    }
}

static void do_redirect(FCGX_Request *request, const char *query)
{
    FCGX_FPrintF(request->out, "Status: 302 Found\r\nLocation: %s\r\n\r\n", query);
}

static void do_location(FCGX_Request *request, const char *query)
{
    FCGX_FPrintF(request->out, "Location: %s\r\n\r\n", query);
}

static void do_cookies(FCGX_Request *request, const char *query)
{
    (void)query;
    head(request, "Content-Type: text/plain\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2; Path=/\r\n");
    FCGX_PutS("cookies\n", request->out);
}

static void do_stderr(FCGX_Request *request, const char *query)
{
    FCGX_FPrintF(request->err, "%s\n", query);
    head(request, "Content-Type: text/plain\r\n");
    FCGX_PutS("told\n", request->out);
}

static void do_early(FCGX_Request *request, const char *query)
{
    (void)query;
    head(request, "Content-Type: text/plain\r\n");
    FCGX_PutS("early\n", request->out);
}

static void do_slow(FCGX_Request *request, const char *query)
{
    usleep((useconds_t)atoi(query) * 1000);
    head(request, "Content-Type: text/plain\r\n");
    FCGX_PutS("slow\n", request->out);
}

static void do_pid(FCGX_Request *request, const char *query)
{
    (void)query;
    head(request, "Content-Type: text/plain\r\n");
    FCGX_FPrintF(request->out, "%d\n", (int)getpid());
}

static const struct { const char *name; void (*run)(FCGX_Request *, const char *); } actions[] = {
    { "env", do_env }, { "echo", do_echo }, { "download", do_download }, { "stream", do_stream }, { "events", do_events },
    { "status", do_status }, { "redirect", do_redirect }, { "location", do_location }, { "cookies", do_cookies }, { "stderr", do_stderr },
    { "early", do_early }, { "slow", do_slow }, { "pid", do_pid },
};

static void answer(FCGX_Request *request)
{
    char path[8192];
    const char *uri = parameter(request, "REQUEST_URI");

    snprintf(path, sizeof path, "%s", *uri ? uri : parameter(request, "PATH_INFO"));
    path[strcspn(path, "?")] = '\0';
    const char *slash = strrchr(path, '/');
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (slash && !strcmp(slash + 1, actions[i].name)) {
            actions[i].run(request, parameter(request, "QUERY_STRING"));
            return;
        }
    }
    head(request, "Status: 404 Not Found\r\nContent-Type: text/plain\r\n");
    FCGX_PutS("no such action\n", request->out);
}

static void serve(int listener)
{
    FCGX_Request request;
    FCGX_InitRequest(&request, listener, 0);
    while (FCGX_Accept_r(&request) >= 0) {
        answer(&request);
        FCGX_Finish_r(&request);
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    int processes = argc == 3 ? atoi(argv[2]) : 0;
    if (processes < 1 || FCGX_Init() != 0) {
        fprintf(stderr, "usage: libfcgi_app ADDRESS PROCESSES\n");
        return 2;
    }
    for (size_t i = 0; i < BLOCK; i++) {
        block[i] = "0123456789abcdef"[i % 16];
    }
    signal(SIGPIPE, SIG_IGN);
    int listener = FCGX_OpenSocket(argv[1], 128);
    if (listener < 0) {
        perror(argv[1]);
        return 1;
    }
    for (int i = 0; i < processes; i++) {
        if (fork() == 0) {
            serve(listener);
        }
    }
    while (wait(NULL) > 0) {
    }
    return 0;
}
