<?php
// Takes calls of other services and verifies their signatures over the body as it came: GitHub's, Stripe's and that of Standard Webhooks.
// The answer says which service it was, or 403; ?told shows what PHP was told.
const SECRET = 'shared secret';
const OLDEST = 300;

function same(string $made, string $given): bool { return hash_equals($made, $given); }

function is_recent(string $time): bool { return preg_match('/^\d{1,12}$/D', $time) && abs(time() - (int)$time) <= OLDEST; }

function caller(string $body): ?string
{
    $header = fn (string $name) => $_SERVER['HTTP_' . $name] ?? '';
    if ($header('X_HUB_SIGNATURE_256') !== '') {
        return same('sha256=' . hash_hmac('sha256', $body, SECRET), $header('X_HUB_SIGNATURE_256')) ? 'github ' . $header('X_GITHUB_EVENT') : null;
    }
    if (preg_match('/^t=(\d+),v1=([0-9a-f]{64})$/', $header('STRIPE_SIGNATURE'), $part)) {
        return is_recent($part[1]) && same(hash_hmac('sha256', "$part[1].$body", SECRET), $part[2]) ? 'stripe' : null;
    }
    if ($header('WEBHOOK_ID') !== '') {
        $made = base64_encode(hash_hmac('sha256', "{$header('WEBHOOK_ID')}.{$header('WEBHOOK_TIMESTAMP')}.$body", SECRET, true));
        return is_recent($header('WEBHOOK_TIMESTAMP')) && same("v1,$made", $header('WEBHOOK_SIGNATURE')) ? 'standard' : null;
    }
    return null;
}

header('Content-Type: text/plain');
$body = file_get_contents('php://input');
$who = caller($body);
if (isset($_GET['told'])) {
    header('Content-Type: application/json');
    echo json_encode($_SERVER);
} elseif ($who === null) {
    http_response_code(403);
    echo "not signed\n";
} else {
    echo "$who ", strlen($body), ' ', hash('sha256', $body), "\n";
}
