# Bench::Contenders: who is measured, and the configuration each runs with. All are limited alike: one process that serves
# (httpd: event, 1 child; nginx: 1 worker; HAProxy: 1 thread), connections to the backend kept unless the name says otherwise, no logs.
package Bench::Contenders;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use File::Path ();
use Bench::Gateway;

use constant THREADS => 64;
our @ORDER = qw(module log findings generic authenticated provenance fcgi fcgi-noreuse http nginx haproxy bare);
our %TITLE = (
    module         => 'mod_fcgi_trust, 40 rules',
    log            => 'the same, every decision logged',
    findings       => 'the same, findings logged',
    generic        => 'mod_fcgi_trust, generic',
    authenticated  => 'the same, a user logged in',
    provenance     => 'and 12 names of auth.*',
    fcgi           => 'mod_proxy_fcgi, reuse',
    'fcgi-noreuse' => 'mod_proxy_fcgi, default',
    http           => 'mod_proxy_http',
    nginx          => 'nginx',
    haproxy        => 'HAProxy',
    bare           => 'httpd, a file',
);

# top, out, dir, fcgi and http (ports of the backend)
sub new ($class, %opt) { return bless {%opt}, $class }

# A started contender, or undef where it is not installed. before: a command put in front (strace …).
sub start ($self, $name, @before) {
    my $port = Bench::Gateway::free_port();
    my $dir = "$self->{dir}/$name";
    my ($command, %conf) = $self->can($name =~ /^(?:nginx|haproxy)$/ ? $name : 'httpd')->($self, $name, $dir, $port);
    return if !$command;
    return Bench::Gateway->start(name => $name, dir => $dir, port => $port, owner => $$, command => [@before, @$command], conf => \%conf);
}

# --- httpd and its modules ---

sub httpd ($self, $name, $dir, $port) {
    my $httpd = program(qw(apache2 httpd)) // return;
    my $module = "$self->{out}/mod_fcgi_trust.so";
    return if $name =~ /^(?:module|log|findings|generic|authenticated|provenance)$/ && !-e $module;
    my $backend = "127.0.0.1:$self->{fcgi}";
    File::Path::make_path($dir);
    system('install', '-m', '644', "$self->{top}/t/bench/forty.xml", "$dir/forty.xml") == 0 or die "bench: $dir/forty.xml cannot be written\n";
    my $forty = qq{LoadModule fcgi_trust_module "$module"\nFcgiTrustPolicy "$dir/forty.xml"\nFcgiTrustSet SITE bench\n}
              . qq{ProxyPass "/" "fcgi://$backend/" enablereuse=on};
    system('install', '-m', '644', "$self->{top}/t/bench/provenance.xml", "$dir/provenance.xml") == 0 or die "bench: $dir/provenance.xml cannot be written\n";
    my $login = join "\n", qq{LoadModule fcgi_trust_module "$module"}, qq{LoadModule writer_module "$self->{out}/t/aux/mod_writer.so"}, load_module($httpd, 'authz_user'),
        '<Location />', 'WritesUser alice', 'WritesFact authn staff', 'Require valid-user', '</Location>', qq{ProxyPass "/" "fcgi://$backend/" enablereuse=on}, '';
    my %route = (
        module         => $forty,
        log            => qq{$forty\nFcgiTrustAuditLog "$dir/decisions.log"},
        findings       => qq{$forty\nFcgiTrustAuditLog "$dir/decisions.log"\nFcgiTrustAudit findings},
        generic        => qq{LoadModule fcgi_trust_module "$module"\nFcgiTrustPolicy "$self->{out}/policies/generic.xml"\n}
                        . qq{ProxyPass "/" "fcgi://$backend/" enablereuse=on},
        authenticated  => qq{${login}FcgiTrustPolicy "$self->{out}/policies/generic.xml"},
        provenance     => qq{${login}FcgiTrustPolicy "$dir/provenance.xml"},
        fcgi           => qq{ProxyPass "/" "fcgi://$backend/" enablereuse=on},
        'fcgi-noreuse' => qq{ProxyPass "/" "fcgi://$backend/"},
        http           => qq{ProxyPass "/" "http://127.0.0.1:$self->{http}/"},
        bare           => qq{DocumentRoot "$dir"\n<Directory "$dir">\nRequire all granted\n</Directory>\n<Files small>\nEnableMMAP off\n</Files>},
    );
    my $static = $name eq 'bare';
    my @modules = ('mpm_event', 'unixd', 'authz_core', $static ? () : ('proxy', 'proxy_fcgi', 'proxy_http'));
    my $text = join "\n", (map { load_module($httpd, $_) } @modules), <<"CONF", $route{$name}, '';
ServerRoot "$dir"
ServerName localhost
Listen 127.0.0.1:$port
PidFile "$dir/pid"
DefaultRuntimeDir "$dir"
Mutex pthread
ErrorLog "$dir/error.log"
LogLevel error
@{[ user_lines() ]}
StartServers 1
ServerLimit 1
ThreadLimit @{[THREADS]}
ThreadsPerChild @{[THREADS]}
MaxRequestWorkers @{[THREADS]}
MinSpareThreads 1
MaxSpareThreads @{[THREADS]}
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
CONF
    my %files = $static ? (small => 'x' x 100, large => 'x' x 1048576) : ();
    return [$httpd, '-f', "$dir/httpd.conf", '-DFOREGROUND'], 'httpd.conf' => $text, %files;
}

my $built_in;
sub load_module ($httpd, $name) {
    $built_in //= `$httpd -l 2>/dev/null`;
    return '' if $built_in =~ /\bmod_$name\.c\b/ || $built_in =~ /^\s*\Q$name\E\.c$/m || ($name eq 'mpm_event' && $built_in =~ /\bevent\.c\b/);
    my ($file) = grep { -e } map {"$_/mod_$name.so"} glob '/usr/lib*/apache2/modules /usr/lib*/httpd/modules /usr/libexec/apache2';
    return $file ? qq{LoadModule ${name}_module "$file"} : '';
}

sub user_lines () {
    return '' if $> != 0;
    my ($user) = grep { defined getpwnam $_ } qw(www-data apache nobody);
    return "User $user\nGroup " . getgrgid((getpwnam $user)[3]);
}

# --- the others ---

sub nginx ($self, $name, $dir, $port) {
    my $nginx = program('nginx') // return;
    my %param = (
        GATEWAY_INTERFACE => 'CGI/1.1', SERVER_SOFTWARE => 'nginx', SERVER_PROTOCOL => '$server_protocol', SERVER_NAME => '$server_name',
        SERVER_ADDR => '$server_addr', SERVER_PORT => '$server_port', REMOTE_ADDR => '$remote_addr', REMOTE_PORT => '$remote_port',
        REQUEST_METHOD => '$request_method', REQUEST_URI => '$request_uri', QUERY_STRING => '$query_string', REQUEST_SCHEME => '$scheme',
        SCRIPT_NAME => '$fastcgi_script_name', SCRIPT_FILENAME => '$document_root$fastcgi_script_name', DOCUMENT_URI => '$document_uri',
        DOCUMENT_ROOT => '$document_root', CONTENT_TYPE => '$content_type', CONTENT_LENGTH => '$content_length',
    );
    my $params = join "\n", map {"fastcgi_param $_ $param{$_};"} sort keys %param;
    my $user = $> == 0 ? (user_lines() =~ /User (\S+)\nGroup (\S+)/)[0] : '';
    my $temp = join "\n", map {"${_}_temp_path $dir/$_;"} qw(client_body fastcgi proxy uwsgi scgi);
    return [$nginx, '-p', $dir, '-e', "$dir/error.log", '-c', "$dir/nginx.conf", '-g', 'daemon off;'], 'nginx.conf' => <<"CONF";
worker_processes 1;
pid $dir/pid;
error_log $dir/error.log error;
@{[ $user ? "user $user;" : '' ]}
events { worker_connections 512; }
http {
access_log off;
client_max_body_size 2m;
keepalive_requests 1000000000;
$temp
upstream backend { server 127.0.0.1:$self->{fcgi}; keepalive @{[THREADS]}; keepalive_requests 1000000000; }
server {
listen 127.0.0.1:$port;
server_name localhost;
root $dir;
location / {
fastcgi_pass backend;
fastcgi_keep_conn on;
$params
}
}
}
CONF
}

sub haproxy ($self, $name, $dir, $port) {
    my $haproxy = program('haproxy') // return;
    return [$haproxy, '-db', '-f', "$dir/haproxy.cfg"], 'haproxy.cfg' => <<"CONF";
global
    nbthread 1
    maxconn 512
defaults
    mode http
    http-reuse always
    timeout connect 5s
    timeout client 60s
    timeout server 60s
fcgi-app bench
    docroot /
    option keep-conn
frontend in
    bind 127.0.0.1:$port
    default_backend out
backend out
    use-fcgi-app bench
    server one 127.0.0.1:$self->{fcgi} proto fcgi
CONF
}

sub program (@names) {
    for my $dir (split(/:/, $ENV{PATH}), '/usr/sbin', '/sbin') {
        for my $name (@names) {
            return "$dir/$name" if -x "$dir/$name" && -f _;
        }
    }
    return;
}

1;
