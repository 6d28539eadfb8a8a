/* Addresses of FastCGI applications: read, listened on, taken away again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <apr_portable.h>
#include <apr_strings.h>

#include "endpoint.h"
#include "tool.h"

#define BACKLOG 511

/* --- reading --- */

static const char *parse_path(const char *path, fct_endpoint_t *endpoint, apr_pool_t *p)
{
    struct sockaddr_un address;

    if (!*path) {
        return "the path of the Unix socket is empty";
    }
    if (path[0] != '/') {
        char *here = getcwd(NULL, 0);

        path = here ? apr_pstrcat(p, here, "/", path, NULL) : path;
        free(here);
    }
    if (strlen(path) >= sizeof(address.sun_path)) {
        return apr_psprintf(p, "'%s' is longer than the %d bytes a Unix socket's path may have", path,
                            (int)sizeof(address.sun_path) - 1);
    }
    endpoint->path = path;
    return NULL;
}

const char *fct_endpoint_parse(const char *text, fct_endpoint_t *endpoint, apr_pool_t *p)
{
    const char *colon = strrchr(text, ':');
    const char *host_end = colon;
    const char *host = text;
    apr_int64_t port;

    endpoint->path = NULL;
    if (strncmp(text, "unix:", 5) == 0) {
        return parse_path(text + 5, endpoint, p);
    }
    if (strchr(text, '/')) {
        return parse_path(text, endpoint, p);
    }
    if (!colon) {
        return apr_psprintf(p, "'%s' is not ADDR:PORT, unix:PATH or a path with a slash in it", text);
    }
    if (fct_tool_number(colon + 1, 0, 65535, &port, p)) {
        return apr_psprintf(p, "'%s': the port is not a number from 0 to 65535", text);
    }
    if (host[0] == '[' && host_end[-1] == ']') {
        host++;
        host_end--;
    }
    if (host == host_end) {
        return apr_psprintf(p, "'%s' names no address; 127.0.0.1:%s listens on loopback", text, colon + 1);
    }
    endpoint->host = apr_pstrmemdup(p, host, (apr_size_t)(host_end - host));
    endpoint->port = (apr_port_t)port;
    return NULL;
}

static const char *reason(const char *what, apr_status_t rv, apr_pool_t *p)
{
    char buf[200];

    return apr_psprintf(p, "%s: %s", what, apr_strerror(rv, buf, sizeof(buf)));
}

static apr_status_t look_up(const fct_endpoint_t *endpoint, apr_sockaddr_t **address, apr_pool_t *p)
{
    return apr_sockaddr_info_get(address, endpoint->path ? endpoint->path : endpoint->host, endpoint->path ? APR_UNIX : APR_UNSPEC,
                                 endpoint->port, 0, p);
}

static const char *name_of(const fct_endpoint_t *endpoint, apr_pool_t *p)
{
    return endpoint->path ? endpoint->path : apr_psprintf(p, "%s:%d", endpoint->host, endpoint->port);
}

/* --- connecting --- */

const char *fct_endpoint_connect(const fct_endpoint_t *endpoint, apr_interval_time_t timeout, apr_socket_t **socket, apr_pool_t *p)
{
    apr_sockaddr_t *address = NULL;
    apr_status_t rv = look_up(endpoint, &address, p);

    for (; address; address = address->next) {
        rv = apr_socket_create(socket, address->family, SOCK_STREAM, 0, p);
        if (rv != APR_SUCCESS) {
            continue;
        }
        apr_socket_timeout_set(*socket, timeout);
        rv = apr_socket_connect(*socket, address);
        if (rv == APR_SUCCESS) {
            apr_socket_opt_set(*socket, APR_TCP_NODELAY, 1);
            apr_socket_timeout_set(*socket, 0);
            return NULL;
        }
        apr_socket_close(*socket);
    }
    return reason(name_of(endpoint, p), rv, p);
}

/* --- listening --- */

/* Somebody accepts connections there, or may do so: only a clear "nobody" is one. */
static int somebody_listens(apr_sockaddr_t *address, apr_pool_t *p)
{
    apr_socket_t *probe;
    apr_status_t rv;

    if (apr_socket_create(&probe, address->family, SOCK_STREAM, 0, p) != APR_SUCCESS) {
        return 1;
    }
    apr_socket_timeout_set(probe, 0);
    rv = apr_socket_connect(probe, address);
    apr_socket_close(probe);
    return !APR_STATUS_IS_ECONNREFUSED(rv) && !APR_STATUS_IS_ENOENT(rv);
}

/* Takes away a socket file that is left over. NULL, or why the path cannot be used. */
static const char *clear_path(const char *path, apr_sockaddr_t *address, apr_pool_t *p)
{
    struct stat file;

    if (lstat(path, &file) != 0) {
        return errno == ENOENT ? NULL : reason(path, errno, p);
    }
    if (!S_ISSOCK(file.st_mode)) {
        return apr_psprintf(p, "%s exists and is no socket; it is left alone", path);
    }
    if (somebody_listens(address, p)) {
        return apr_psprintf(p, "%s: somebody listens there already", path);
    }
    return unlink(path) == 0 || errno == ENOENT ? NULL : reason(path, errno, p);
}

/* apr_socket_bind would make apr_socket_close remove whatever is at the path by then, also what others put there. */
static apr_status_t bind_without_unlink(apr_socket_t *listener, const apr_sockaddr_t *address)
{
    apr_os_sock_t fd;
    apr_status_t rv = apr_os_sock_get(&fd, listener);

    if (rv == APR_SUCCESS && bind(fd, (const struct sockaddr *)&address->sa, address->salen) != 0) {
        rv = errno;
    }
    return rv;
}

static const char *bind_path(const char *path, int mode, apr_sockaddr_t *address, fct_endpoint_listener_t *listener, apr_pool_t *p)
{
    const char *why = clear_path(path, address, p);
    struct stat file;
    mode_t before;
    apr_status_t rv;

    if (why) {
        return why;
    }
    before = umask(0177);
    rv = bind_without_unlink(listener->socket, address);
    umask(before);
    if (rv != APR_SUCCESS) {
        return reason(path, rv, p);
    }
    listener->path = path;
    if (chmod(path, (mode_t)mode) != 0 || lstat(path, &file) != 0) {
        return reason(path, errno, p);
    }
    listener->device = file.st_dev;
    listener->inode = file.st_ino;
    listener->name = apr_pstrcat(p, "unix:", path, NULL);
    return NULL;
}

static const char *bind_port(apr_sockaddr_t *address, const char *what, fct_endpoint_listener_t *listener, apr_pool_t *p)
{
    apr_sockaddr_t *bound;
    char *ip;
    apr_status_t rv;

    apr_socket_opt_set(listener->socket, APR_SO_REUSEADDR, 1);
    rv = apr_socket_bind(listener->socket, address);
    if (rv == APR_SUCCESS) {
        rv = apr_socket_addr_get(&bound, APR_LOCAL, listener->socket);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_sockaddr_ip_get(&ip, bound);
    }
    if (rv != APR_SUCCESS) {
        return reason(what, rv, p);
    }
    listener->name = apr_psprintf(p, strchr(ip, ':') ? "[%s]:%d" : "%s:%d", ip, bound->port);
    return NULL;
}

const char *fct_endpoint_listen(const fct_endpoint_t *endpoint, int mode, fct_endpoint_listener_t *listener, apr_pool_t *p)
{
    const char *what = name_of(endpoint, p);
    apr_sockaddr_t *address;
    const char *why;
    apr_status_t rv;

    memset(listener, 0, sizeof(*listener));
    rv = look_up(endpoint, &address, p);
    if (rv == APR_SUCCESS) {
        rv = apr_socket_create(&listener->socket, address->family, SOCK_STREAM, 0, p);
    }
    if (rv != APR_SUCCESS) {
        return reason(what, rv, p);
    }
    why = endpoint->path ? bind_path(endpoint->path, mode, address, listener, p) : bind_port(address, what, listener, p);
    if (!why) {
        rv = apr_socket_listen(listener->socket, BACKLOG);
        why = rv == APR_SUCCESS ? NULL : reason(what, rv, p);
    }
    if (why) {
        fct_endpoint_close(listener);
        return why;
    }
    apr_socket_timeout_set(listener->socket, 0);
    return NULL;
}

void fct_endpoint_close(fct_endpoint_listener_t *listener)
{
    struct stat file;

    if (listener->socket) {
        apr_socket_close(listener->socket);
        listener->socket = NULL;
    }
    if (listener->path && lstat(listener->path, &file) == 0 && file.st_dev == listener->device && file.st_ino == listener->inode) {
        unlink(listener->path);
    }
    listener->path = NULL;
}
