/* A module for tests alone: its handler "scribbler" does what an attacker inside of one child could do to memory that all children share: wherever lines
 * of a decision log begin there, it overwrites what stands ahead of them. It says in how many places. */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <stdio.h>
#include <string.h>

#define AHEAD 32
#define LINE_BEGIN "{\"time\":\""

extern module AP_MODULE_DECLARE_DATA scribbler_module;

/* The first line in each run of lines: what is ahead of it is no line's end. */
static int scribble(char *from, char *to)
{
    char *at = from;
    int n = 0;

    while ((at = memmem(at, (size_t)(to - at), LINE_BEGIN, strlen(LINE_BEGIN))) != NULL) {
        if (at - from >= AHEAD && at[-1] != '\n') {
            memset(at - AHEAD, 0xff, AHEAD);
            n++;
        }
        at++;
    }
    return n;
}

static int scribble_everywhere(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[1024], rights[8];
    void *from, *to;
    int n = 0;

    while (maps && fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%p-%p %7s", &from, &to, rights) == 3 && strcmp(rights, "rw-s") == 0) {
            n += scribble(from, to);
        }
    }
    if (maps) {
        fclose(maps);
    }
    return n;
}

static int handle(request_rec *r)
{
    if (!r->handler || strcmp(r->handler, "scribbler") != 0) {
        return DECLINED;
    }
    ap_set_content_type(r, "text/plain");
    ap_rprintf(r, "%d", scribble_everywhere());
    return OK;
}

static void register_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_FIRST);
}

module AP_MODULE_DECLARE_DATA scribbler_module = { STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks, 0 };
