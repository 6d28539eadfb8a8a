/* Walking the parsed configuration. */
#include "conftree.h"

#include <apr_strings.h>

int fct_conftree_is(const ap_directive_t *d, const char *name)
{
    return ap_cstr_casecmp(d->directive, name) == 0;
}

const ap_directive_t *fct_conftree_vhost(const ap_directive_t *d)
{
    for (d = d->parent; d; d = d->parent) {
        if (fct_conftree_is(d, "<VirtualHost")) {
            return d;
        }
    }
    return NULL;
}

int fct_conftree_meet(const ap_directive_t *a, const ap_directive_t *b)
{
    const ap_directive_t *x = fct_conftree_vhost(a), *y = fct_conftree_vhost(b);

    return !x || !y || x == y;
}

const char *fct_conftree_word(const ap_directive_t *d, int n, apr_pool_t *p)
{
    const char *args = d->args;
    apr_size_t len = strlen(args);

    if (d->directive[0] == '<' && len && args[len - 1] == '>') {
        args = apr_pstrmemdup(p, args, len - 1);
    }
    while (n-- > 0) {
        ap_getword_conf(p, &args);
    }
    return ap_getword_conf(p, &args);
}

static void walk(const ap_directive_t *d, void (*visit)(void *context, const ap_directive_t *d), void *context)
{
    for (; d; d = d->next) {
        visit(context, d);
        if (d->first_child) {
            walk(d->first_child, visit, context);
        }
    }
}

void fct_conftree_walk(void (*visit)(void *context, const ap_directive_t *d), void *context)
{
    walk(ap_conftree, visit, context);
}
