# FCT::Backend: starts real FastCGI applications: PHP-FPM, Go, uWSGI, Perl FCGI, libfcgi.
#
#     my $backend = FCT::Backend->go(unix => 1);
#     $backend->url      # fcgi://127.0.0.1:PORT, or unix:PATH|fcgi://backendN
#
# All run the same application; the last segment of REQUEST_URI's path (without .php; in C of PATH_INFO, where there is no REQUEST_URI)
# says what it does:
#
#     env           the parameters, one "NAME=value" a line in the order of their names, then "body=BYTES ADLER32"
#     echo          the request body, as application/octet-stream
#     download?N    N bytes "0123456789abcdef…" with Content-Length;  stream?N  the same without
#     events?N      text/event-stream: N events "data: I", 100 ms apart, flushed
#     status?NNN    that status, a short body where it may have one
#     redirect?URL  302 to URL
#     location?URL  Location alone, without Status (Perl and C only)
#     cookies       Set-Cookie twice: a=1 and b=2
#     stderr?TEXT   TEXT to FCGI_STDERR (PHP: its error log), then an answer
#     early         answers before it reads the body
#     slow?MS       answers after so many milliseconds
#     pid           the id of the process that answered
#
# A backend that is not installed is a failure; with T_ALLOW_SKIP=1 the test file is skipped and says what to install.
package FCT::Backend;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Fcntl qw(:flock);
use File::Basename ();
use File::Copy ();
use File::Path ();
use IO::Socket::INET;
use IO::Socket::UNIX;
use Test::More ();
use FCT::Proc qw(scratch repo_root out_dir free_port spawn_command stop_child alive wait_until unprivileged
    read_file write_file find_program);

# What every backend takes: unix => 1, port, path, processes (4), docroot.
sub prepare ($class, $kind, %opt) {
    state $count = 0;
    my $self = bless { kind => $kind, %opt }, $class;
    $self->{processes} //= 4;
    $self->{name} = "backend" . ++$count;    # two Unix sockets must not share a host name: httpd takes them for one worker
    $self->{dir} = scratch() . "/$self->{name}";
    mkdir $self->{dir} or die "$self->{dir}: $!\n";
    my (undef, $uid, $gid) = unprivileged();
    chown $uid, $gid, $self->{dir} if defined $uid;
    if ($opt{unix}) { $self->{path} //= "$self->{dir}/socket" }
    else            { $self->{port} //= free_port() }
    $self->{out} = "$self->{dir}/output";
    return $self;
}

# A copy of the program that the unprivileged account can run wherever the checkout stands.
sub runnable ($program) {
    my $dir = scratch() . '/programs';
    my $copy = "$dir/" . File::Basename::basename($program);
    return $copy if -e $copy;
    File::Path::make_path($dir);
    File::Copy::copy($program, $copy) or die "$program: $!\n";
    chmod 0755, $copy or die "$copy: $!\n";
    return $copy;
}

# Where the programs of the applications stand: a copy, for the same reason.
sub apps () {
    my $copy = scratch() . '/apps';
    return $copy if -d $copy;
    system('cp', '-R', repo_root() . '/t/lib/apps', $copy) == 0 && system('chmod', '-R', 'a+rX', $copy) == 0 or die "$copy cannot be made\n";
    return $copy;
}

# Without what is needed the test file ends here.
sub missing ($what, $package) {
    my $why = "$what is not installed (package $package)";
    if ($ENV{T_ALLOW_SKIP}) {
        Test::More->builder->has_plan || Test::More->builder->current_test
            ? Test::More::pass("# SKIP $why") : Test::More::plan(skip_all => $why);
        Test::More::done_testing();
        exit 0;
    }
    Test::More::fail("$why; T_ALLOW_SKIP=1 skips such tests");
    Test::More::done_testing();
    exit 1;
}

sub url ($self) { return $self->{path} ? "unix:$self->{path}|fcgi://$self->{name}" : "fcgi://127.0.0.1:$self->{port}" }

sub port ($self) { return $self->{port} }

sub path ($self) { return $self->{path} }

sub dir ($self) { return $self->{dir} }

sub pid ($self) { return $self->{pid} }

# What the backend printed, its own log included.
sub output ($self) { return -e $self->{out} ? read_file($self->{out}) : '' }

# The address as the programs write it: HOST:PORT or a path.
sub address ($self) { return $self->{path} // "127.0.0.1:$self->{port}" }

sub can_connect ($self) {
    return $self->{path} ? IO::Socket::UNIX->new(Peer => $self->{path})
        : IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port});
}

# Starts the command, as the unprivileged account unless as => 'self', and waits until it takes connections.
sub launch ($self, $command, %opt) {
    my (undef, $uid, $gid) = $opt{as} ? () : unprivileged();
    $self->{pid} = spawn_command($self->{kind}, $command, out => $self->{out}, dir => $self->{dir}, env => $opt{env}, uid => $uid, gid => $gid);
    my $up = wait_until(20, sub { !alive($self->{pid}) ? -1 : $self->can_connect ? 1 : 0 }) // 0;
    if ($up != 1) {
        Test::More::diag($self->output);
        die "$self->{kind} did not start\n";
    }
    chmod 0777, $self->{path} if $self->{path};
    $self->{relaunch} = [$command, %opt];
    return $self;
}

sub stop ($self, $signal = 'TERM') {
    stop_child(delete $self->{pid}, $signal) if $self->{pid};
    return;
}

# Starts a stopped backend again at the same address.
sub restart ($self) {
    $self->stop;
    unlink $self->{path} if $self->{path};
    return $self->launch($self->{relaunch}->@*);
}

# PHP-FPM. docroot: default t/lib/apps (app.php there); forms => 1: PHP takes forms apart before the script runs ($_POST, $_FILES);
# pool: more lines for the pool section; arguments: more for the program.
sub php_fpm ($class, %opt) {
    my @versions = sort map { s{.*/}{}r } map { glob "$_/php-fpm*" } qw(/usr/sbin /usr/local/sbin /usr/bin);
    my $program  = find_program('php-fpm', reverse @versions) // missing('PHP-FPM', 'php-fpm');
    my $self = $class->prepare('php-fpm', %opt);
    my ($user, undef, $gid) = unprivileged();
    my $account = defined $user ? "user = $user\ngroup = " . getgrgid($gid) . "\nlisten.mode = 0777\n" : '';
    write_file("$self->{dir}/fpm.conf", <<"CONF");
[global]
pid = $self->{dir}/fpm.pid
error_log = $self->{dir}/fpm.log
daemonize = no
[test]
listen = @{[$self->address]}
listen.backlog = 128
${account}pm = static
pm.max_children = $self->{processes}
catch_workers_output = yes
clear_env = yes
php_admin_value[post_max_size] = 128M
php_admin_value[memory_limit] = 512M
php_admin_flag[enable_post_data_reading] = @{[$opt{forms} ? 'on' : 'off']}
php_admin_flag[log_errors] = on
@{[join "\n", @{ $opt{pool} // [] }]}
CONF
    return $self->launch([$program, '-n', '-F', '-y', "$self->{dir}/fpm.conf", @{ $opt{arguments} // [] }], as => 'self');
}

# Go's net/http/fcgi; built once into the build directory.
sub go ($class, %opt) {
    my $program = $class->go_program;
    my $self = $class->prepare('go', %opt);
    return $self->launch([runnable($program), $self->{path} ? 'unix' : 'tcp', $self->address]);
}

sub go_program ($class) {
    my $source = repo_root() . '/t/lib/go_app/main.go';
    my $aux = out_dir() . '/t/aux';
    return "$aux/go_app" if -x "$aux/go_app" && -M _ <= -M $source;
    $aux = scratch() if !eval { File::Path::make_path($aux); -w $aux };
    my $binary = "$aux/go_app";
    open my $lock, '>', "$binary.lock" or die "$binary.lock: $!\n";
    flock $lock, LOCK_EX or die "lock: $!\n";
    return $binary if -x $binary && -M $binary <= -M $source;
    my $go = find_program('go', '/usr/local/go/bin/go') // missing('Go', 'golang-go');
    my $out = scratch() . '/go-build';
    my $pid = spawn_command('go build', [$go, 'build', '-o', "$binary.new", $source], out => $out, dir => repo_root() . '/t/lib/go_app',
        env => { GOCACHE => "$aux/go-cache", GOPATH => "$aux/go-path", GOFLAGS => '', GO111MODULE => 'off', GOPROXY => 'off', GOTOOLCHAIN => 'local',
            CGO_ENABLED => '0' });
    wait_until(200, sub { !alive($pid) });
    my $status = $?;
    stop_child($pid);
    die "go build:\n" . read_file($out) if $status || !-x "$binary.new";
    rename "$binary.new", $binary or die "$binary: $!\n";
    return $binary;
}

# uWSGI speaking FastCGI, with a WSGI application. buffer: --buffer-size (32768).
sub uwsgi ($class, %opt) {
    my $program = find_program(qw(uwsgi uwsgi-core)) // missing('uWSGI', 'uwsgi-core');
    my ($plugin) = map { glob "$_/python3*_plugin.so" } qw(/usr/lib/uwsgi/plugins /usr/lib64/uwsgi);
    missing('the Python plugin of uWSGI', 'uwsgi-plugin-python3') if !$plugin;
    my $self = $class->prepare('uwsgi', %opt);
    my ($name) = $plugin =~ m{/(python3\w*?)_plugin};
    return $self->launch([
        $program, '--plugin', $name, '--fastcgi-socket', $self->address, '--wsgi-file', apps() . '/app_wsgi.py', '--master', '--die-on-term',
        '--need-app', '--processes', $self->{processes}, '--buffer-size', $opt{buffer} // 32768, '--disable-logging', @{ $opt{arguments} // [] },
    ], env => { PYTHONDONTWRITEBYTECODE => 1 });
}

# Perl with FCGI.pm.
sub perl_fcgi ($class, %opt) {
    missing('FCGI.pm', 'libfcgi-perl') if system($^X, '-MFCGI', '-e', '1') != 0;
    my $self = $class->prepare('perl', %opt);
    return $self->launch([$^X, apps() . '/app_fcgi.pl', $self->{path} // ":$self->{port}", $self->{processes}]);
}

# A program in C with libfcgi; make -f apxs.mk aux builds it.
sub libfcgi ($class, %opt) {
    my $program = out_dir() . '/t/aux/libfcgi_app';
    if (!-x $program) {
        missing('libfcgi', 'libfcgi-dev') if !grep { -e "$_/fcgiapp.h" } qw(/usr/include /usr/local/include /usr/include/fastcgi);
        die "$program is not there: make -f apxs.mk aux builds it\n";
    }
    my $self = $class->prepare('libfcgi', %opt);
    return $self->launch([runnable($program), $self->{path} // ":$self->{port}", $self->{processes}]);
}

1;
