<?php
// Shows what PHP made of a request: $_SERVER without what differs from run to run, then $_GET, $_POST, $_FILES and the raw body.

function show(string $table, array $values): void {
    ksort($values, SORT_STRING);
    foreach ($values as $name => $value) {
        echo $table, $name, '=', is_array($value) ? json_encode($value, JSON_UNESCAPED_SLASHES) : $value, "\n";
    }
}

function describe_files(): array {
    $described = [];
    foreach ($_FILES as $name => $file) {
        $described[$name] = [$file['name'], $file['type'], $file['error'], $file['size'],
            is_uploaded_file($file['tmp_name']) ? hash_file('sha256', $file['tmp_name']) : 'not uploaded'];
    }
    return $described;
}

header('Content-Type: text/plain;charset=UTF-8');
$server = $_SERVER;
unset($server['argv'], $server['argc'], $server['REQUEST_TIME'], $server['REQUEST_TIME_FLOAT']);
show('', $server);
show('GET ', $_GET);
show('POST ', $_POST);
show('FILE ', describe_files());
show('COOKIE ', $_COOKIE);
$input = file_get_contents('php://input');
echo 'INPUT ', strlen($input), ' ', hash('sha256', $input), "\n";
