/* The table of findings, and the list a check collects them in. */
#include "finding.h"

#include <apr_strings.h>
#include <stdlib.h>

static const fct_finding_info_t table[] = {
#define FCT_FINDING(number, name, area, severity, sentence) \
    { FCT_FINDING_##name, area, FCT_SEVERITY_##severity, sentence },
#include "finding.def"
#undef FCT_FINDING
};

#define TABLE_ROWS (sizeof(table) / sizeof(table[0]))

static int compare_row(const void *key, const void *row)
{
    return (int)*(const fct_finding_id_t *)key - (int)((const fct_finding_info_t *)row)->id;
}

const fct_finding_info_t *fct_finding_info(fct_finding_id_t id)
{
    return (const fct_finding_info_t *)bsearch(&id, table, TABLE_ROWS, sizeof(table[0]), compare_row);
}

const fct_finding_info_t *fct_finding_table(apr_size_t *n)
{
    *n = TABLE_ROWS;
    return table;
}

fct_findings_t *fct_findings_create(apr_pool_t *p)
{
    fct_findings_t *list = (fct_findings_t *)apr_palloc(p, sizeof(*list));

    list->pool = p;
    list->items = apr_array_make(p, 4, sizeof(fct_finding_t));
    list->errors = 0;
    return list;
}

static int is_error(fct_finding_id_t id)
{
    return fct_finding_info(id)->severity == FCT_SEVERITY_ERROR;
}

void fct_findings_add(fct_findings_t *list, fct_finding_id_t id, const char *file, int line, const char *fmt, ...)
{
    fct_finding_t *finding = (fct_finding_t *)apr_array_push(list->items);
    va_list args;

    finding->id = id;
    finding->file = file ? apr_pstrdup(list->pool, file) : NULL;
    finding->line = line;
    if (fmt) {
        va_start(args, fmt);
        finding->detail = apr_pvsprintf(list->pool, fmt, args);
        va_end(args);
    }
    else {
        finding->detail = fct_finding_info(id)->sentence;
    }
    list->errors += is_error(id);
}

/* No file sorts before any file. */
static int compare_finding(const void *left, const void *right)
{
    const fct_finding_t *a = (const fct_finding_t *)left, *b = (const fct_finding_t *)right;
    int order = strcmp(a->file ? a->file : "", b->file ? b->file : "");

    if (order == 0) {
        order = (a->line > b->line) - (a->line < b->line);
    }
    if (order == 0) {
        order = (int)a->id - (int)b->id;
    }
    return order ? order : strcmp(a->detail, b->detail);
}

void fct_findings_sort(fct_findings_t *list)
{
    fct_finding_t *items = (fct_finding_t *)list->items->elts;
    int from, to = 0;

    if (list->items->nelts == 0) {
        return;
    }
    qsort(items, (apr_size_t)list->items->nelts, sizeof(*items), compare_finding);
    list->errors = is_error(items[0].id);
    for (from = 1; from < list->items->nelts; from++) {
        if (compare_finding(&items[to], &items[from]) != 0) {
            items[++to] = items[from];
            list->errors += is_error(items[to].id);
        }
    }
    list->items->nelts = to + 1;
}

const char *fct_finding_text(const fct_finding_t *finding, apr_pool_t *p)
{
    const char *place = "";

    if (finding->file && finding->line > 0) {
        place = apr_psprintf(p, "%s:%d: ", finding->file, finding->line);
    }
    else if (finding->file) {
        place = apr_pstrcat(p, finding->file, ": ", NULL);
    }
    return apr_psprintf(p, "%sFCT%04d %s: %s", place, (int)finding->id, fct_finding_info(finding->id)->area,
                        finding->detail);
}
