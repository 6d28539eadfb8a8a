<?php
// The test application for PHP-FPM; what it does stands in FCT/Backend.pm.

function pattern(int $n): void {
    $block = str_repeat('0123456789abcdef', 4096);
    for (; $n > 0; $n -= strlen($block)) {
        echo $n >= strlen($block) ? $block : substr($block, 0, $n);
    }
}

function show_environment(): void {
    $body = file_get_contents('php://input');
    $server = $_SERVER;
    unset($server['argv'], $server['argc'], $server['REQUEST_TIME'], $server['REQUEST_TIME_FLOAT'], $server['PHP_SELF']);
    ksort($server, SORT_STRING);
    foreach ($server as $name => $value) {
        echo "$name=$value\n";
    }
    echo 'body=', strlen($body), ' ', hash('adler32', $body), "\n";
}

function send_events(int $n): void {
    header('Content-Type: text/event-stream');
    for ($i = 1; $i <= $n; $i++) {
        echo "data: $i\n\n";
        flush();
        usleep(100000);
    }
}

$path = strtok($_SERVER['REQUEST_URI'], '?');
$action = preg_replace('/\.php$/', '', basename($path));
$query = $_SERVER['QUERY_STRING'] ?? '';
header('Content-Type: text/plain;charset=UTF-8');

switch ($action) {
case 'env':
    show_environment();
    break;
case 'echo':
    header('Content-Type: application/octet-stream');
    $body = file_get_contents('php://input');
    header('Content-Length: ' . strlen($body));
    echo $body;
    break;
case 'download':
    header("Content-Length: $query");
    pattern((int)$query);
    break;
case 'stream':
    pattern((int)$query);
    break;
case 'events':
    send_events((int)$query);
    break;
case 'status':
    http_response_code((int)$query);
    if ((int)$query != 304 && (int)$query != 204) {
        echo "status $query\n";
    }
    break;
case 'redirect':
    header("Location: $query", true, 302);
    break;
case 'cookies':
    header('Set-Cookie: a=1; Path=/', false);
    header('Set-Cookie: b=2; Path=/', false);
    echo "cookies\n";
    break;
case 'stderr':
    error_log($query);
    echo "told\n";
    break;
case 'early':
    echo "early\n";
    flush();
    break;
case 'slow':
    usleep(1000 * (int)$query);
    echo "slow\n";
    break;
case 'pid':
    echo getmypid(), "\n";
    break;
default:
    http_response_code(404);
    echo "no such action: $action\n";
}
