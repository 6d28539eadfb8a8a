/* FCGI_STDERR in the error log. */
#include "stderr_log.h"

#include <apr_strings.h>

#include "escape.h"
#include "stderr_lines.h"

#define LINE_MAX_LEN 2048      /* characters; with httpd's prefix a line stays below its own limit of 8192 */
#define SCRIPT_MAX_LEN 1024
#define LINE_COST 64           /* max-stderr allows one line per so many bytes: httpd writes its prefix before each */

struct fct_stderr_log_t {
    request_rec *r;
    const fct_params_t *params;
    fct_stderr_lines_t *lines;
    apr_size_t max;
    apr_size_t nlines;
};

static const char *find_script(const fct_stderr_log_t *log)
{
    apr_size_t cookie = 0;
    fct_bytes_t name, value;

    while (fct_params_next(log->params, &cookie, &name, &value)) {
        if (fct_bytes_equal(name, FCT_BYTES_LITERAL("SCRIPT_FILENAME"))) {
            return fct_escape_copy(value, SCRIPT_MAX_LEN, log->r->pool);
        }
    }
    return NULL;
}

/* PHP-FPM does not say which file it looked for, and that is nearly always what is wrong. */
static const char *complete(const fct_stderr_log_t *log, const char *line)
{
    const char *script = strcmp(line, "Primary script unknown") == 0 ? find_script(log) : NULL;

    return script ? apr_psprintf(log->r->pool, "%s (SCRIPT_FILENAME %s: PHP-FPM has no such file, or may not read it; see docroot of "
                                 "<backend>)", line, script) : line;
}

static void log_line(void *context, const char *line)
{
    fct_stderr_log_t *log = context;

    if (++log->nlines <= log->max / LINE_COST) {
        fct_log_request(log->r, 0, FCT_FINDING_BACKEND_STDERR, "%s", complete(log, line));
    }
}

fct_stderr_log_t *fct_stderr_log_create(request_rec *r, const fct_params_t *params, apr_size_t max)
{
    fct_stderr_log_t *log = apr_pcalloc(r->pool, sizeof(*log));

    log->r = r;
    log->params = params;
    log->max = max;
    return log;
}

void fct_stderr_log_write(fct_stderr_log_t *log, fct_bytes_t data)
{
    if (!log->lines) {
        log->lines = fct_stderr_lines_create(LINE_MAX_LEN, log->max, log_line, log, log->r->pool);
    }
    fct_stderr_lines_add(log->lines, data);
}

void fct_stderr_log_finish(fct_stderr_log_t *log)
{
    if (!log->lines) {
        return;
    }
    fct_stderr_lines_flush(log->lines);
    if (fct_stderr_lines_dropped(log->lines) || log->nlines > log->max / LINE_COST) {
        fct_log_request(log->r, 0, FCT_FINDING_STDERR_CAPPED, "max-stderr is %" APR_SIZE_T_FMT " bytes, and a line for every %d of them; "
                        "what the backend wrote beyond that was dropped", log->max, LINE_COST);
    }
}
