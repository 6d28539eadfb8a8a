# FCT::Rows: plays a table of exchanges through a gateway and judges each: what the client saw, and that the requests after it
# get exactly their own answers.
#
#     my $rows = FCT::Rows->new(table => [ { name => 'OVERLOADED', play => sub ($id) { end_request($id, 0, 2) }, want => 503 } ],
#         config => $httpd_configuration);
#     $rows->play;
#     $rows->finish(findings => ['FCT1104']);
#
# The configuration has @BACKEND@, a policy with a long hold-time at /held/ and one with the default at /open/; a row goes to /open/
# when its play has RELEASED or it says at => '/open', else to /held/.
#
# A row: name; play (the id of the request → bytes to send and steps to take, in order); want (below); what goes to the gateway: method,
# headers, body, read ('params': the peer does not read the body first); delivered (all body bytes the client may get); seen (a
# closure that gets the answer and returns what is wrong, or nothing); reused (1, 0: the next request comes on the same backend
# connection, or not); modes; finding (an FCT tag or several, that must be in the log after the row).
#
# want: a number – a complete message with that status (5xx: with nothing of the backend's body in it);
#       'abort' – the answer began, and ends so that the client can tell, at once.
package FCT::Rows;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Carp qw(croak);
use Exporter qw(import);
use Test::More;
use FCT::Client;
use FCT::H2;
use FCT::Httpd;
use FCT::Peer;
use FCT::Play;
use FCT::Record qw(:all);

our @EXPORT = @FCT::Play::EXPORT;

# How long an abort may take to be seen. Nothing is measured with it: a gateway that keeps the connection does so for KeepAliveTimeout.
use constant AT_ONCE => 3;

# So many faults of one kind are shown.
use constant ENOUGH => 5;

# opt: table, config, and what FCT::Httpd takes. peer: what FCT::Peer takes.
sub new ($class, %opt) {
    my $self = bless { table => delete $opt{table} // croak('table is missing'), token => 0, findings => {} }, $class;
    my %peer = %{ delete $opt{peer} // {} };
    $self->{peer} = FCT::Peer->start(%peer, serve => sub { $self->serve(@_) });
    $opt{set}{BACKEND} //= $self->{peer}->url;
    $self->{httpd} = FCT::Httpd->new(%opt)->start;
    return $self;
}

sub httpd ($self) { return $self->{httpd} }

sub peer ($self) { return $self->{peer} }

# --- the peer's side ---

sub serve ($self, $conn) {
    while (my $request = $conn->read_request('params')) {
        my ($row, $mode, $token) = ($request->{param}{REQUEST_URI} // '') =~ /\?row=(\w+)&mode=([\w.]+)&token=(\w+)/
            or die "unknown request $request->{param}{REQUEST_URI}\n";
        $conn->tell("on-$token", $conn->number);
        if ($row eq 'own') {
            $conn->read_rest($request) or return;
            $conn->send(answer($request->{id}, "own answer $token", 'Content-Type: text/plain', "X-Connection: @{[$conn->number]}"));
            next;
        }
        $row = $self->{table}[$row];
        if (($row->{read} // 'stdin') eq 'stdin') { $conn->read_rest($request) or return }
        FCT::Play::perform($conn, $request, $mode, $token, $row->{play}->($request->{id}, $request)) or return;
        $conn->read_rest($request) or return;
    }
    return;
}

# --- the client's side ---

# Plays every row in every mode. opt: front => 'h2', tls => {…}, modes (for rows that name none), only (a closure that chooses rows).
sub play ($self, %opt) {
    $self->{front} = \%opt;
    for my $number (0 .. $self->{table}->$#*) {
        my $row = $self->{table}[$number];
        next if $opt{only} && !$opt{only}->($row);
        for my $mode (($row->{modes} // $opt{modes} // [qw(whole drip records)])->@*) { $self->play_row($number, $mode) }
    }
    return;
}

# Many rows as one assertion.
sub play_together ($self, $name, @numbers) {
    my @wrong;
    for my $number (@numbers) {
        my ($answer, $next) = $self->exchange($number, 'whole');
        my $wrong = $self->fault_of($self->{table}[$number], $answer) // $next // next;
        push @wrong, "$self->{table}[$number]{name}: $wrong";
        last if @wrong == ENOUGH;
    }
    ok(@numbers > 0, scalar(@numbers) . ' exchanges are played together');
    is(join("\n", @wrong), '', $name);
    return;
}

# The row with its bytes split at every offset: split_everywhere(number of the row, length of the bytes of its play).
sub split_everywhere ($self, $number, $length = undef) {
    my $row = $self->{table}[$number];
    $length //= length((grep { !ref } $row->{play}->(1, {}))[0]);
    my @wrong;
    for my $at (1 .. $length - 1) {
        my ($answer, $next) = $self->exchange($number, "split$at");
        my $wrong = $self->fault_of($row, $answer) // $next // next;
        push @wrong, "split after byte $at: $wrong";
        last if @wrong == ENOUGH;
    }
    is(join("\n", @wrong), '', "$row->{name}: the same at each of the @{[$length - 1]} places where the bytes can be split");
    return;
}

sub play_row ($self, $number, $mode) {
    my $row  = $self->{table}[$number];
    my $name = "$row->{name}" . ($mode eq 'whole' ? '' : $mode eq 'drip' ? ', one byte a write' : $mode eq 'records' ? ', one byte a record' : ", $mode");
    my $seen_log = length $self->{httpd}->log->text;
    my ($answer, $next, $token) = $self->exchange($number, $mode);
    my $wrong = $self->fault_of($row, $answer);
    is($wrong, undef, "$name: the client sees " . expectation($row)) or diag(described($answer));
    my $reuse = $self->reuse_fault($row, $token);
    is($next // $reuse, undef, "$name: the next requests get their own answers" . (defined $row->{reused} ? $row->{reused} ? ' on the same connection' : ' on a new connection' : ''));
    $self->check_findings($row, $name, $seen_log);
    return;
}

sub expectation ($row) {
    return $row->{want} eq 'abort' ? 'that the answer is not whole' : "a complete $row->{want}";
}

# Plays one row between ordinary requests: (the answer, what is wrong with the answers after it, the row's token).
sub exchange ($self, $number, $mode) {
    my $row = $self->{table}[$number];
    return $self->{front}{front} && $self->{front}{front} eq 'h2' ? $self->exchange_h2($row, $number, $mode) : $self->exchange_h1($row, $number, $mode);
}

sub is_released ($row) {
    return $row->{is_released} //= grep { ref && $_->[0] eq 'released' } $row->{play}->(1, { stdin => '', param => {} });
}

sub target ($self, $row, $number, $mode) {
    my $token = 't' . $$ . 'n' . ++$self->{token};
    my $place = $row eq 'own' ? '/held' : $row->{at} // (is_released($row) ? '/open' : '/held');
    return ("$place/page?row=$number&mode=$mode&token=$token", $token);
}

sub exchange_h1 ($self, $row, $number, $mode) {
    my $client = $self->new_client;
    my $wrong  = $mode eq 'whole' ? undef : $self->own_answer($client);
    return (undef, "before it: $wrong") if $wrong;
    my ($path, $token) = $self->target($row, $number, $mode);
    my $method = $row->{method} // (defined $row->{body} ? 'POST' : 'GET');
    $client->send(FCT::Client::request_bytes($path, method => $method, headers => $row->{headers}, body => $row->{body}));
    if (is_released($row)) {
        $client->wait_head(1);
        $self->{peer}->signal("head-$token");
    }
    my $answer = $client->response(method => $method, timeout => $row->{timeout} // AT_ONCE);
    if ($row->{idle}) {
        $self->{peer}->signal("whole-$token");
        $self->{peer}->wait_told("later-$token", 5);
    }
    $answer->{after} = $client->leftover if $answer->verdict ne 'truncated' || !$answer->{stalled};
    for (1, 2) {
        $client = $self->new_client if !$answer->keeps_alive || $client->{closed};
        $wrong //= $self->own_answer($client);
    }
    return ($answer, $wrong, $token);
}

# A row begun on a connection of its own; end gives its answer. So several can run at once.
sub begin ($self, $number) {
    my $row = $self->{table}[$number];
    my ($path, $token) = $self->target($row, $number, 'whole');
    my $client = $self->new_client;
    my $method = $row->{method} // (defined $row->{body} ? 'POST' : 'GET');
    $client->send(FCT::Client::request_bytes($path, method => $method, headers => $row->{headers}, body => $row->{body}));
    return { row => $row, client => $client, token => $token, method => $method };
}

sub end ($self, $run) {
    if (is_released($run->{row})) {
        $run->{client}->wait_head(1);
        $self->{peer}->signal("head-$run->{token}");
    }
    return $run->{client}->response(method => $run->{method}, timeout => $run->{row}{timeout} // AT_ONCE);
}

sub new_client ($self) { return FCT::Client->connect(port => $self->{httpd}->port, tls => $self->{front}{tls}) }

# What is wrong with the answer to an ordinary request, or undef.
sub own_answer ($self, $client) {
    my ($path, $token) = $self->target('own', 'own', 'whole');
    my $answer = $client->ask($path);
    $self->{last_connection} = $answer->header('X-Connection');
    return if $answer->is_success && $answer->body eq "own answer $token" && $client->leftover eq '';
    return 'an ordinary request got ' . $answer->summary . ': ' . substr($answer->body, 0, 80) . substr $client->leftover, 0, 80;
}

sub exchange_h2 ($self, $row, $number, $mode) {
    my $front = $self->{front};
    if (!$front->{h2} || $front->{h2}{client}{closed} || $front->{h2}{goaway}) {
        $front->{h2} = FCT::H2->connect(port => $self->{httpd}->port, tls => $front->{tls});
    }
    my $h2 = $front->{h2};
    my ($path, $token) = $self->target($row, $number, $mode);
    my $stream = $h2->request($path, method => $row->{method} // (defined $row->{body} ? 'POST' : 'GET'),
        headers => [map {lc} @{ $row->{headers} // [] }], body => $row->{body});
    if (is_released($row)) {
        $h2->wait_body($stream, 0, 1);
        $self->{peer}->signal("head-$token");
    }
    my $answer = $h2->answer($stream, $row->{timeout} // AT_ONCE);
    my $wrong;
    for (1, 2) {
        my ($own, $own_token) = $self->target('own', 'own', 'whole');
        my $got = $h2->ask($own);
        $self->{last_connection} = FCT::H2::header($got, 'x-connection');
        $wrong //= "an ordinary request on the same connection got $got->{status} $got->{verdict}: $got->{body}"
            if $got->{verdict} ne 'complete' || $got->{status} != 200 || $got->{body} ne "own answer $own_token";
    }
    return ($answer, $wrong, $token);
}

# --- verdicts ---

# What differs from what the row wants, or undef.
sub fault_of ($self, $row, $answer) {
    return 'nothing' if !$answer;
    my ($status, $body, $verdict) = @$answer{qw(status body)};
    $verdict = ref $answer eq 'HASH' ? $answer->{verdict} : $answer->verdict;
    $status //= 0;
    my $wrong = $row->{want} eq 'abort' ? abort_fault($answer, $verdict) : message_fault($row, $status, $verdict, $body);
    return $wrong if $wrong;
    return 'bytes after the answer: ' . substr $answer->{after}, 0, 80 if ($answer->{after} // '') ne '';
    if (defined $row->{delivered} && index($row->{delivered}, $body) != 0) { return 'body bytes that must not be delivered: ' . substr $body, 0, 200 }
    return $row->{seen} ? $row->{seen}->($answer) : undef;
}

sub abort_fault ($answer, $verdict) {
    return if $verdict eq 'reset';
    return "a $verdict answer with status " . ($answer->{status} // 'none') if $verdict ne 'truncated';
    return 'an unfinished answer on a connection that stays open' if $answer->{stalled};
    return;
}

sub message_fault ($row, $status, $verdict, $body) {
    return "a $verdict answer, status $status" if $verdict ne 'complete';
    return "status $status" if $status != $row->{want};
    return 'an error page with bytes of the backend in it' if $status >= 500 && !$row->{own_error} && index($body, MARK) >= 0;
    return "the body '" . substr($body, 0, 200) . "'" if exists $row->{whole} && $body ne $row->{whole};
    return;
}

sub reuse_fault ($self, $row, $token) {
    return if !defined $row->{reused} || !$token;
    my $first = $self->{peer}->told("on-$token") // 'none';
    my $same  = $first eq ($self->{last_connection} // '');
    return if $same == $row->{reused};
    return "the row was on connection $first, the request after it on " . ($self->{last_connection} // 'none');
}

sub described ($answer) {
    return 'no answer' if !$answer;
    return ref $answer eq 'HASH' ? "$answer->{status} $answer->{verdict}: " . substr $answer->{body}, 0, 200 : $answer->summary . ': ' . substr $answer->body, 0, 200;
}

# The row's findings must be among the lines the row caused.
sub check_findings ($self, $row, $name, $seen_log) {
    return if FCT::Httpd::is_stock() || !$row->{finding};
    for my $tag (ref $row->{finding} ? $row->{finding}->@* : $row->{finding}) {
        $self->{findings}{$tag} = 1;
        my $log = $self->{httpd}->log;
        my $there = FCT::Proc::wait_until(2, sub { substr($log->text, $seen_log) =~ /\b$tag\b/ });
        ok($there, "$name: the log says $tag") or diag(substr $log->text, $seen_log);
    }
    return;
}

# Ends the server and judges its log; the findings of the rows are expected. Also: no script of the peer failed.
sub finish ($self, %expected) {
    my @tags = (sort(keys $self->{findings}->%*), @{ $expected{findings} // [] });
    $self->{httpd}->finish(%expected, findings => \@tags);
    $self->{peer}->stop;
    is(join('', $self->{peer}->script_errors), '', 'the peer played what it was told to');
    return;
}

1;
