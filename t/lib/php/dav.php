<?php
// A WebDAV server made of SabreDAV (Debian's php-sabre-dav): the files in data/ beside it, with locks; who asks is REMOTE_USER's to say.
error_reporting(E_ALL & ~E_DEPRECATED & ~E_STRICT);
require 'Sabre/autoload.php';

$server = new Sabre\DAV\Server(new Sabre\DAV\FS\Directory(__DIR__ . '/data'));
$server->setBaseUri('/dav/');
$server->addPlugin(new Sabre\DAV\Locks\Plugin(new Sabre\DAV\Locks\Backend\File(__DIR__ . '/locks')));
$server->addPlugin(new Sabre\DAV\Auth\Plugin(new Sabre\DAV\Auth\Backend\Apache(), 'dav'));
header('X-Dav-User: ' . ($_SERVER['REMOTE_USER'] ?? 'nobody'));
header('X-Dav-Timeout: ' . ($_SERVER['HTTP_TIMEOUT'] ?? 'none'));
$server->exec();
