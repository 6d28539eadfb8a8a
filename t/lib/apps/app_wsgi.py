"""The test application for WSGI servers; what it does stands in FCT/Backend.pm."""
import os
import time
import zlib
from urllib.parse import unquote

BLOCK = b'0123456789abcdef' * 4096


def pattern(n):
    while n > 0:
        yield BLOCK[:n]
        n -= len(BLOCK)


def read_body(environ):
    left = int(environ.get('CONTENT_LENGTH') or 0)
    pieces = []
    while left > 0:
        piece = environ['wsgi.input'].read(min(left, 65536))
        if not piece:
            break
        pieces.append(piece)
        left -= len(piece)
    return b''.join(pieces)


def environment(environ):
    body = read_body(environ)
    lines = ['%s=%s' % (k, v) for k, v in sorted(environ.items()) if isinstance(v, str) and not k.startswith(('uwsgi.', 'wsgi.', 'x-wsgiorg.'))]
    lines.append('body=%d %08x' % (len(body), zlib.adler32(body)))
    return ('\n'.join(lines) + '\n').encode('latin-1', 'replace')


def events(n):
    for i in range(1, n + 1):
        yield b'data: %d\n\n' % i
        time.sleep(0.1)


def respond(action, query, environ):
    """(status, extra header fields, body as an iterable of bytes)"""
    if action == 'env':
        return '200 OK', [], [environment(environ)]
    if action == 'echo':
        body = read_body(environ)
        return '200 OK', [('Content-Type', 'application/octet-stream'), ('Content-Length', str(len(body)))], [body]
    if action == 'download':
        return '200 OK', [('Content-Length', query)], pattern(int(query))
    if action == 'stream':
        return '200 OK', [], pattern(int(query))
    if action == 'events':
        return '200 OK', [('Content-Type', 'text/event-stream')], events(int(query))
    if action == 'status':
        return query + ' Status', [], [] if query in ('204', '304') else [b'status %s\n' % query.encode()]
    if action == 'redirect':
        return '302 Found', [('Location', unquote(query))], []
    if action == 'cookies':
        return '200 OK', [('Set-Cookie', 'a=1; Path=/'), ('Set-Cookie', 'b=2; Path=/')], [b'cookies\n']
    if action == 'stderr':
        environ['wsgi.errors'].write(query + '\n')
        return '200 OK', [], [b'told\n']
    if action == 'early':
        return '200 OK', [], [b'early\n']
    if action == 'slow':
        time.sleep(int(query) / 1000)
        return '200 OK', [], [b'slow\n']
    if action == 'pid':
        return '200 OK', [], [b'%d\n' % os.getpid()]
    return '404 Not Found', [], [b'no such action\n']


def application(environ, start_response):
    path = environ.get('REQUEST_URI', '').split('?')[0]
    status, fields, body = respond(path.rsplit('/', 1)[-1], environ.get('QUERY_STRING', ''), environ)
    if not any(name == 'Content-Type' for name, _ in fields):
        fields.append(('Content-Type', 'text/plain'))
    start_response(status, fields)
    return body
