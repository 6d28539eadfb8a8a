<?php
// A small JSON interface to one list of orders, kept in a file: it checks its own tokens, honours Idempotency-Key and If-Match, and knows
// PUT, PATCH and DELETE. /api.php/orders, /api.php/orders/ID, /api.php/told.
function answer(int $status, $what, array $headers = []): void
{
    http_response_code($status);
    header('Content-Type: application/json');
    foreach ($headers as $header) {
        header($header);
    }
    echo json_encode($what, JSON_UNESCAPED_UNICODE), "\n";
    exit;
}

function tag(array $order): string { return '"' . substr(hash('sha256', json_encode($order)), 0, 16) . '"'; }

$path = explode('/', trim($_SERVER['PATH_INFO'] ?? '', '/'));
if ($path[0] === 'told') {
    answer(200, $_SERVER);
}
if (!hash_equals('Bearer right-token', $_SERVER['HTTP_AUTHORIZATION'] ?? '')) {
    answer(401, ['error' => 'no valid token'], ['WWW-Authenticate: Bearer']);
}
$file = fopen(__DIR__ . '/orders.json', 'c+');
flock($file, LOCK_EX);
$store = json_decode(stream_get_contents($file), true) ?: ['orders' => [], 'keys' => []];
$save = function () use ($file, &$store) { ftruncate($file, 0); rewind($file); fwrite($file, json_encode($store)); fflush($file); };
$id = $path[1] ?? null;
$method = $_SERVER['REQUEST_METHOD'];

if ($id === null && $method === 'POST') {
    $body = json_decode(file_get_contents('php://input'), true);
    if (!is_array($body)) {
        answer(422, ['error' => 'no JSON object']);
    }
    $key = $_SERVER['HTTP_IDEMPOTENCY_KEY'] ?? null;
    $made = $key === null ? null : ($store['keys'][$key] ?? null);
    if ($made === null) {
        $made = (string)(count($store['orders']) + 1);
        $store['orders'][$made] = ['id' => $made] + $body;
        if ($key !== null) {
            $store['keys'][$key] = $made;
        }
        $save();
    }
    answer(201, $store['orders'][$made], ["Location: /api.php/orders/$made"]);
}
if ($id === null) {
    answer(200, array_values($store['orders']));
}
if (!isset($store['orders'][$id])) {
    answer(404, ['error' => 'no such order']);
}
$wanted = $_SERVER['HTTP_IF_MATCH'] ?? null;
if ($wanted !== null && $wanted !== tag($store['orders'][$id])) {
    answer(412, ['error' => 'it has changed']);
}
$body = json_decode(file_get_contents('php://input'), true) ?? [];
if ($method === 'PUT') {
    $store['orders'][$id] = ['id' => $id] + $body;
} elseif ($method === 'PATCH') {
    $store['orders'][$id] = ['id' => $id] + $body + $store['orders'][$id];
} elseif ($method === 'DELETE') {
    unset($store['orders'][$id]);
    $save();
    http_response_code(204);
    exit;
}
$save();
answer(200, $store['orders'][$id], ['ETag: ' . tag($store['orders'][$id])]);
