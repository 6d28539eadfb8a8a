# FCT::Service: starts what applications of a distribution's packages need: PHP-FPM with extensions, fcgiwrap, Django under uWSGI, MariaDB.
#
#     my $php = FCT::Service->php(extensions => [qw(dom mysqli)], unix => 1);
#     my $git = FCT::Service->fcgiwrap('/usr/lib/git-core/git-http-backend');
#
# Each is a FCT::Backend: url, path, stop. What is not installed ends the test file as there.
package FCT::Service;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use parent 'FCT::Backend';
use FCT::Proc qw(scratch repo_root spawn_command stop_child alive wait_until unprivileged read_file write_file find_program);

# PHP-FPM with extensions that Debian's packages bring as files; those that are built in are passed over.
sub php ($class, %opt) {
    my $builtin = join ' ', map {lc} split /\n/, qx(php -n -m 2>/dev/null);
    my ($dir)   = map { chomp; $_ } qx(php -n -r 'echo ini_get("extension_dir");' 2>/dev/null);
    my @load;
    for my $name (@{ $opt{extensions} // [] }) {
        next if " $builtin " =~ / \Q$name\E /;
        FCT::Backend::missing("PHP's extension $name", "php-$name") if !-e "$dir/$name.so";
        push @load, '-d', ($name eq 'opcache' ? 'zend_extension' : 'extension') . "=$name.so";
    }
    return $class->php_fpm(forms => 1, %opt, arguments => [@load, @{ $opt{arguments} // [] }]);
}

# fcgiwrap that runs this one CGI program and no other. env: of the program.
sub fcgiwrap ($class, $script, %opt) {
    my $program = find_program('fcgiwrap') // FCT::Backend::missing('fcgiwrap', 'fcgiwrap');
    FCT::Backend::missing($script, 'git') if !-x $script;
    my $self = $class->prepare('fcgiwrap', unix => 1, %opt);
    return $self->launch([$program, '-f', '-c', $self->{processes}, '-p', $script, '-s', "unix:$self->{path}"],
        env => { HOME => $self->{dir}, %{ $opt{env} // {} } });
}

# uWSGI with the WSGI application of a Django project in this directory (module, e.g. site.wsgi). env: of the processes.
sub django ($class, $dir, $module, %opt) {
    FCT::Backend::missing('Django', 'python3-django') if !grep { -e "$_/django/__init__.py" } glob '/usr/lib/python3*/{dist,site}-packages';
    my $program = find_program(qw(uwsgi uwsgi-core)) // FCT::Backend::missing('uWSGI', 'uwsgi-core');
    my ($plugin) = map { glob "$_/python3*_plugin.so" } qw(/usr/lib/uwsgi/plugins /usr/lib64/uwsgi);
    FCT::Backend::missing('the Python plugin of uWSGI', 'uwsgi-plugin-python3') if !$plugin;
    my ($name) = $plugin =~ m{/(python3\w*?)_plugin};
    my $self = $class->prepare('uwsgi', unix => 1, processes => 2, %opt);
    return $self->launch([
        $program, '--plugin', $name, '--fastcgi-socket', $self->address, '--chdir', $dir, '--pythonpath', $dir, '--module', $module, '--master',
        '--die-on-term', '--need-app', '--processes', $self->{processes}, '--buffer-size', 32768, '--disable-logging',
    ], env => { PYTHONDONTWRITEBYTECODE => 1, %{ $opt{env} // {} } });
}

# A MariaDB of its own on a Unix socket, with no password for root and no network. $db->path is the socket; user is who it runs as.
sub mariadb ($class) {
    my $program = find_program(qw(mariadbd mysqld)) // FCT::Backend::missing('MariaDB', 'mariadb-server');
    my $install = find_program(qw(mariadb-install-db mysql_install_db)) // FCT::Backend::missing('mariadb-install-db', 'mariadb-server');
    my $self = $class->prepare('mariadb', unix => 1);
    my (undef, $uid, $gid) = unprivileged();
    my @common = ('--no-defaults', "--datadir=$self->{dir}/data", '--innodb-buffer-pool-size=32M', '--innodb-log-file-size=8M');
    my $pid = spawn_command('mariadb-install-db', [$install, @common, '--auth-root-authentication-method=normal', '--skip-test-db'],
        out => $self->{out}, dir => $self->{dir}, uid => $uid, gid => $gid);
    wait_until(60, sub { !alive($pid) });
    die "mariadb-install-db:\n" . $self->output if $? || !-d "$self->{dir}/data/mysql";
    return $self->launch([$program, @common, "--socket=$self->{path}", "--pid-file=$self->{dir}/pid", "--tmpdir=$self->{dir}", '--skip-networking',
        '--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--performance-schema=0']);
}

# Runs SQL in a MariaDB; dies with what it said if it fails.
sub sql ($self, $text) {
    my $client = find_program(qw(mariadb mysql)) // FCT::Backend::missing('the client of MariaDB', 'mariadb-client');
    my $file = write_file("$self->{dir}/input.sql", $text);
    my $said = qx('$client' --no-defaults --socket='$self->{path}' --user=root --batch --skip-column-names < '$file' 2>&1);
    die "SQL: $said" if $?;
    return $said;
}

1;
