# FCT::H2: HTTP/2 requests through curl, and the frames of one exchange through nghttp.
#
#     my ($first, $second) = FCT::H2::fetch($httpd->port, ['/a', '/b']);       # one connection, one after the other
#     $first->{verdict}    # complete, reset (RST_STREAM), truncated, lost (connection), none
package FCT::H2;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use JSON::PP ();
use FCT::Proc qw(scratch find_program spawn_command stop_child alive wait_until read_file write_file);

# curl's exit codes by what they say about the answer.
my %VERDICT = (0 => 'complete', 92 => 'reset', 18 => 'truncated', 16 => 'lost', 52 => 'none', 55 => 'lost', 56 => 'lost', 28 => 'stalled');

# Each URL path, in order, over one connection: a list of { status, headers => [[name, value]…], body, verdict, exit, connects, stream error }.
# opt: tls => { ca, cert, key }, method, headers, body (a string; its length is sent unless unknown_length), timeout.
sub fetch ($port, $paths, %opt) {
    state $count = 0;
    my $curl = find_program('curl') // die "curl is not installed\n";
    my $dir  = scratch() . '/curl' . ++$count;
    mkdir $dir or die "$dir: $!\n";
    my @command = ($curl);
    for my $n (0 .. $#$paths) {
        push @command, '--next' if $n;
        push @command, one_transfer($port, $paths->[$n], "$dir/$n", %opt);
    }
    my $pid = spawn_command('curl', \@command, out => "$dir/said");
    wait_until(($opt{timeout} // 15) * @$paths + 5, sub { !alive($pid) });
    stop_child($pid);
    my @results = grep {/^\{.*\}$/} split /\n/, read_file("$dir/said");
    return map { outcome("$dir/$_", $results[$_]) } 0 .. $#$paths;
}

sub one_transfer ($port, $path, $base, %opt) {
    my $tls = $opt{tls};
    my @body;
    if (defined $opt{body}) {
        write_file("$base.request", $opt{body});
        @body = $opt{unknown_length} ? ('-H', 'Transfer-Encoding: chunked', '--data-binary', "\@$base.request") : ('--data-binary', "\@$base.request");
    }
    my $method = $opt{method};
    return (
        '-q', '-sS', '--path-as-is', $tls ? '--http2' : '--http2-prior-knowledge', '--max-time', $opt{timeout} // 15,
        ($tls && $tls->{ca} ? ('--cacert', $tls->{ca}) : ()), ($tls && $tls->{cert} ? ('--cert', $tls->{cert}, '--key', $tls->{key}) : ()),
        !$method ? () : $method eq 'HEAD' ? '-I' : ('-X', $method), @body, (map { ('-H', $_) } @{ $opt{headers} // [] }),
        '-o', "$base.body", '-D', "$base.head", '-w', '\n%{json}\n',
        ($tls ? 'https' : 'http') . "://localhost:$port$path", '--resolve', "localhost:$port:127.0.0.1",
    );
}

sub outcome ($base, $json) {
    my $result = $json ? JSON::PP::decode_json($json) : { exitcode => -1 };
    my @lines = -e "$base.head" ? split /\r?\n/, read_file("$base.head") : ();
    my @headers = map { /\A([^:]+): ?(.*)\z/ ? [$1, $2] : () } @lines;
    my $verdict = $VERDICT{ $result->{exitcode} } // "curl $result->{exitcode}";
    return {
        status => $result->{http_code} // 0, version => $result->{http_version} // '', headers => \@headers,
        body => -e "$base.body" ? read_file("$base.body") : '', exit => $result->{exitcode}, verdict => $verdict,
        connects => $result->{num_connects}, error => $result->{errormsg},
    };
}

# The value of a header field of an outcome.
sub header ($outcome, $name) {
    my @values = map { lc $_->[0] eq lc $name ? $_->[1] : () } $outcome->{headers}->@*;
    return @values ? join ', ', @values : undef;
}

# What nghttp -v says about one request: (every line it printed); opt: arguments.
sub frames ($port, $path, %opt) {
    my $nghttp = find_program('nghttp') // die "nghttp is not installed\n";
    my $out = scratch() . '/nghttp.out';
    unlink $out;
    my $pid = spawn_command('nghttp', [$nghttp, '-nv', '-t', '10', @{ $opt{arguments} // [] }, ($opt{tls} ? 'https' : 'http') . "://127.0.0.1:$port$path"],
        out => $out);
    wait_until(20, sub { !alive($pid) });
    stop_child($pid);
    return map { s/\e\[[0-9;]*m//gr } split /\n/, read_file($out);
}

1;
