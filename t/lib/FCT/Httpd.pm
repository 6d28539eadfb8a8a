# FCT::Httpd: a private httpd for one test: found, configured, started, stopped, and its error log held to account.
#
#     my $httpd = FCT::Httpd->new(set => { BACKEND => $peer->url }, config => <<'CONF');
#     Listen 127.0.0.1:@PORT@
#     FcgiTrustPolicy @POLICIES@/open.xml
#     ProxyPass / @BACKEND@/ enablereuse=on
#     CONF
#     $httpd->start;  …;  $httpd->finish(findings => ['FCT2104']);
#
# T_MPM=event|worker|prefork, T_OUT=DIR (build under test), T_MODULE=stock (mod_proxy_fcgi instead; FcgiTrust lines are dropped),
# T_HTTPD=PROGRAM (another httpd; its modules are those of the apxs beside it), T_KEEP=1 (keep the directory), T_TRACE=1 (log at trace6),
# T_DECISIONS=1 (a decision log where the test has none; one more assertion judges its lines).
package FCT::Httpd;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Carp qw(croak);
use File::Basename qw(basename dirname);
use IO::Socket::INET;
use Test::More ();
use FCT::Cert;
use FCT::Decisions;
use FCT::ErrorLog;
use FCT::Proc qw(scratch repo_root out_dir free_port spawn_command stop_child alive wait_until unprivileged
    read_file write_file find_program asan_preload);

# True when the tests look at stock mod_proxy_fcgi.
sub is_stock () { return ($ENV{T_MODULE} // '') eq 'stock' }

# config: the test's own part; modules: names without "mod_" and "_module"; set: more placeholders; files: { path below @DIR@ => text };
# threads (16), processes (1), trace; certificates => 1 makes @CERTS@; user: an account name (default: an unprivileged one).
sub new ($class, %opt) {
    state $count = 0;
    my $dir  = scratch() . '/httpd' . ++$count;
    my $self = bless { %opt, dir => $dir, value => {} }, $class;
    File::Path::make_path("$dir/htdocs", "$dir/run");
    $self->{config} // croak 'config is missing';
    $self->{value} = {
        DIR => $dir, DOCROOT => "$dir/htdocs", CERTS => "$dir/certs", POLICIES => test_policies(),
        SHIPPED => out_dir() . '/policies', ROOT => repo_root(), OUT => out_dir(), map { $_ => $opt{set}{$_} } keys %{ $opt{set} // {} },
    };
    write_file("$dir/$_", $self->filled($opt{files}{$_})) for sort keys %{ $opt{files} // {} };
    if ($self->{config} =~ /\@CERTS\@/ || $opt{certificates}) { $self->{cert} = FCT::Cert->new("$dir/certs") }
    $self->{log} = FCT::ErrorLog->new("$dir/error.log");
    return $self;
}

# The tests' own policies, copied: a policy that others may write is refused, and a checkout's files may have any mode.
sub test_policies () {
    my $dir = scratch() . '/policies';
    return $dir if -d $dir;
    mkdir $dir or die "$dir: $!\n";
    for my $file (glob repo_root() . '/t/lib/policies/*.xml') {
        my $copy = "$dir/" . basename($file);
        write_file($copy, read_file($file));
        chmod 0644, $copy or die "$copy: $!\n";
    }
    return $dir;
}

# T_DECISIONS=1: the file of a decision log that the test itself does not ask for.
sub added_decisions ($self) {
    my $is_wanted = $ENV{T_DECISIONS} && !is_stock() && $self->{config} !~ /FcgiTrustAudit/;
    return $is_wanted ? "$self->{dir}/run/t-decisions.log" : undef;
}

# The value of a placeholder, e.g. $httpd->value('PORT').
sub value ($self, $name) { return $self->{value}{$name} // croak "no placeholder \@$name\@ in the configuration" }

sub port ($self, $name = 'PORT') { return $self->value($name) }

sub dir ($self) { return $self->{dir} }

sub docroot ($self) { return "$self->{dir}/htdocs" }

# FCT::Cert of this server: file names of CA, server and client certificates.
sub cert ($self) { return $self->{cert} }

# FCT::ErrorLog of this server.
sub log ($self) { return $self->{log} }

# Text with its placeholders replaced; @…PORT…@ takes a free port when it is met first.
sub filled ($self, $text) {
    my $value = $self->{value};
    $text =~ s{\@(\w+)\@}{ $value->{$1} //= $1 =~ /PORT/ ? free_port() : croak("unknown placeholder \@$1\@") }ge;
    return $text;
}

sub program ($class) {
    state $found = find_program($ENV{T_HTTPD} // (), qw(apache2 httpd)) // die "neither apache2 nor httpd is installed\n";
    return $found;
}

# n of the httpd under test, 2.4.n.
sub patch ($class) {
    state $found = do { my $p = $class->program; qx('$p' -v 2>/dev/null) =~ m{Apache/2\.4\.(\d+)} ? $1 : die "which httpd this is cannot be seen\n" };
    return $found;
}

sub module_dir ($class) {
    state $found = do {
        my $apxs = find_program($ENV{T_HTTPD} ? dirname($ENV{T_HTTPD}) . '/apxs' : (), qw(apxs apxs2));
        my $said = $apxs ? qx('$apxs' -q LIBEXECDIR 2>/dev/null) : '';
        chomp $said;
        my ($dir) = grep { $_ && -e "$_/mod_proxy.so" } $said, qw(/usr/lib/apache2/modules /usr/lib64/httpd/modules /usr/libexec/apache2);
        $dir // die "the directory of httpd's modules was not found\n";
    };
    return $found;
}

sub static_modules ($class) {
    state $list = do { my $p = $class->program; +{ map { /mod_(\w+)\.c/ ? ($1 => 1) : () } qx('$p' -l 2>/dev/null) } };
    return $list;
}

# Is this httpd module there, built in or as a file?
sub has_module ($class, $name) {
    return $class->static_modules->{$name} || -e $class->module_dir . "/mod_$name.so";
}

sub mpm ($class) {
    my $mpm = $ENV{T_MPM} // 'event';
    die "T_MPM=$mpm is not one of event, worker, prefork\n" if $mpm !~ /^(?:event|worker|prefork)$/;
    return $mpm;
}

# The shared object under test.
sub module_file ($class) {
    return is_stock() ? $class->module_dir . '/mod_proxy_fcgi.so' : out_dir() . '/mod_fcgi_trust.so';
}

sub module_lines ($self) {
    my %seen;
    my @names = grep { !$seen{$_}++ } 'mpm_' . $self->mpm, qw(unixd log_config authz_core proxy), ($self->{modules} // [])->@*;
    @names = grep { $_ ne 'proxy_fcgi' } @names if is_stock();
    my @lines = map {
        croak "httpd's module mod_$_ is not installed" if !$self->has_module($_);
        $self->static_modules->{$_} ? () : "LoadModule ${_}_module " . $self->module_dir . "/mod_$_.so";
    } @names;
    my $name = is_stock() ? 'proxy_fcgi' : 'fcgi_trust';
    croak 'there is no ' . $self->module_file . ': build it first' if !-e $self->module_file;
    return @lines, "LoadModule ${name}_module " . $self->module_file;
}

sub mpm_lines ($self) {
    my $processes = $self->{processes} // 1;
    my $threads   = $self->{threads} // 16;
    return ("StartServers $processes", 'MinSpareServers 1', 'MaxSpareServers 8', 'ServerLimit 16', 'MaxRequestWorkers 16')
        if $self->mpm eq 'prefork';
    my $all = $threads * $processes;
    my $slots = $processes + 1;    # with none to spare httpd 2.4.52 has no process for some time after a graceful restart
    return ("StartServers $processes", "ServerLimit $slots", "ThreadLimit $threads", "ThreadsPerChild $threads",
        "MinSpareThreads 1", "MaxSpareThreads $all", "MaxRequestWorkers $all");
}

sub config_text ($self) {
    my $dir  = $self->{dir};
    my $name = is_stock() ? 'proxy_fcgi' : 'fcgi_trust';
    my ($user, undef, $gid) = unprivileged();
    my $own = $self->filled($self->{config});
    $own =~ s/^[ \t]*FcgiTrust.*(?:\\\n.*)*\n//mg if is_stock();
    my $decisions = $self->added_decisions;
    my $level = $ENV{T_TRACE} || $self->{trace} ? 'trace6' : 'info';
    return join "\n",
        "ServerRoot $dir", "DefaultRuntimeDir $dir/run", "PidFile $dir/run/httpd.pid", "Mutex file:$dir/run",
        $self->module_lines, $self->mpm_lines,
        defined $user ? ('User ' . ($self->{user} // $user), "Group #$gid") : (),
        'ServerName test.example', "DocumentRoot $dir/htdocs", "ErrorLog $dir/error.log", "LogLevel warn $name:$level",
        'Timeout 20', 'KeepAliveTimeout 15', 'MaxKeepAliveRequests 0', 'GracefulShutdownTimeout 5',
        $decisions ? "FcgiTrustAuditLog $decisions" : (), $own, '';
}

# Writes the configuration and returns the command line that uses it.
sub command ($self) {
    my ($user, $uid, $gid) = unprivileged();
    chown $uid, $gid, "$self->{dir}/run", "$self->{dir}/htdocs" if defined $user;
    write_file("$self->{dir}/httpd.conf", $self->config_text);
    return ($self->program, '-d', $self->{dir}, '-f', "$self->{dir}/httpd.conf");
}

sub environment ($self) {
    my $preload = is_stock() ? '' : asan_preload($self->module_file);
    return {
        APACHE_RUN_DIR => "$self->{dir}/run", LC_ALL => 'C', %{ $self->{env} // {} },
        !$preload ? () : (
            LD_PRELOAD => $preload,
            ASAN_OPTIONS => 'detect_leaks=0:abort_on_error=1:handle_segv=1:detect_odr_violation=0',
            UBSAN_OPTIONS => 'print_stacktrace=1:halt_on_error=0',
        ),
    };
}

# httpd -t (or other arguments) with this configuration: (exit status, everything it printed).
sub check_config ($self, @arguments) {
    my @command = $self->command;
    push @command, @arguments ? @arguments : '-t';
    my $out = "$self->{dir}/check.out";
    unlink $out;
    my $pid = spawn_command('httpd -t', \@command, env => $self->environment, out => $out);
    my $done = wait_until(20, sub { !alive($pid) });
    my $exit = $done ? $? >> 8 : -1;
    stop_child($pid);
    return ($exit, read_file($out));
}

# Starts the server; dies with what it said when it does not come up.
sub start ($self) {
    for my $attempt (1 .. 3) {
        my $out = "$self->{dir}/console";
        $self->{pid} = spawn_command('httpd', [$self->command, '-DFOREGROUND'], env => $self->environment, out => $out);
        return $self if $self->wait_ready(0);
        stop_child(delete $self->{pid});
        my $said = join "\n", map { -e $_ ? read_file($_) : () } $out, "$self->{dir}/error.log";
        if ($said =~ /Address already in use/ && $attempt < 3) {
            delete $self->{value}{$_} for grep {/PORT/ && !exists $self->{set}{$_}} keys $self->{value}->%*;
            unlink $out, "$self->{dir}/error.log";
            next;
        }
        Test::More::diag($said);
        die "httpd did not start\n";
    }
}

# Waits until the server has said `generations` + 1 times that it is up.
sub wait_ready ($self, $generations) {
    return wait_until(20, sub {
        return -1 if !alive($self->{pid});
        return $self->{log}->count(qr/resuming normal operations/) > $generations;
    }) == 1;
}

# Ends the server by its own pid; true if it went in time. Not while a worker is busy ending a connection: event's own TERM
# closes sockets under its workers, which then complain (AH03093) or crash.
sub stop ($self) {
    return 1 if !$self->{pid};
    my $calm = 0;
    wait_until(1, sub { $calm = $self->all_wait ? $calm + 1 : 0; return $calm > 2 });
    return stop_child(delete $self->{pid}, 'TERM', 10);
}

# Every thread of every child waits for something.
sub all_wait ($self) {
    for my $stat (map { glob "/proc/$_/task/*/stat" } $self->child_pids) {
        open my $fh, '<', $stat or next;
        return 0 if (<$fh> // '') =~ /\) [RD] /;
    }
    return 1;
}

# A graceful restart; returns when the new generation is up, and the old one gone, which may accept a connection more before it is; one that
# still serves somebody is waited for a little.
sub graceful ($self) {
    my $before = $self->{log}->count(qr/resuming normal operations/);
    my @old    = $self->child_pids;
    kill 'USR1', $self->{pid};
    my $ready = $self->wait_ready($before);
    wait_until(3, sub { !grep { -d "/proc/$_" } @old });
    return $ready;
}

sub pid ($self) { return $self->{pid} }

sub running ($self) { return $self->{pid} && alive($self->{pid}) }

# The processes that serve requests.
sub child_pids ($self) {
    my @all = split ' ', do { open my $fh, '-|', 'ps', '-o', 'pid=', '--ppid', $self->{pid} or die "ps: $!\n"; local $/; <$fh> // '' };
    return grep { -e "/proc/$_" } @all;
}

# Ends the server and judges its error log; two assertions. findings: FCT tags that must be in it and are no fault;
# log: regular expressions for other lines that must be in it and are no fault; allow: lines that may be there.
sub finish ($self, %expected) {
    my $stopped = $self->stop;
    Test::More::ok($stopped, 'httpd stops when it is told to');
    # Before 2.4.62 a child of the worker MPM sees the end of its listener only after five seconds, if glibc is 2.34 or newer; its parent warns after three.
    my @late = $self->mpm eq 'worker' && $self->patch < 62 ? qr/AH00045/ : ();
    $self->{log}->judge(%expected, allow => [($expected{allow} // [])->@*, @late]);
    my $decisions = $self->added_decisions;
    FCT::Decisions->new($self, $decisions)->judge if $decisions && -s $decisions;
    return;
}

1;
