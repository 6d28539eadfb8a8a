# Bench::Load: load on one address for some seconds, by wrk or h2load, and what the clients saw.
package Bench::Load;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Bench::Contenders;
use Bench::Gateway;

use constant UPLOAD_BYTES => 262144;

# What a browser sends along; plain requests carry Host alone.
our %BROWSER = (
    'User-Agent'      => 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    'Accept'          => 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Language' => 'en-US,en;q=0.5',
    'Accept-Encoding' => 'gzip, deflate, br',
    'Referer'         => 'http://localhost/app/start',
    'Cookie'          => 'session=0123456789abcdef0123456789abcdef; theme=dark',
);

# dir: where its script and logs go; request: plain or browser
sub new ($class, $dir, $request) {
    my ($wrk, $h2load) = map { scalar Bench::Contenders::program($_) } qw(wrk h2load);
    die "bench: neither wrk nor h2load is installed\n" if !$wrk && !$h2load;
    my $self = bless { dir => $dir, headers => $request eq 'browser' ? [map {"$_: $BROWSER{$_}"} sort keys %BROWSER] : [], wrk => $wrk, h2load => $h2load }, $class;
    Bench::Gateway::write_file("$dir/upload", 'x' x UPLOAD_BYTES);
    Bench::Gateway::write_file("$dir/load.lua", <<'LUA');
if os.getenv("BENCH_UPLOAD") then
  local file = io.open(os.getenv("BENCH_UPLOAD"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  wrk.headers["Content-Type"] = "application/octet-stream"
  file:close()
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("\nBENCH requests=%d micros=%d failed=%d p99=%d\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(99)))
end
LUA
    return $self;
}

sub tool ($self) { return $self->{wrk} ? 'wrk' : 'h2load --h1' }

# requests, seconds, failed, p99 (milliseconds)
sub run ($self, $port, $workload, $seconds, $connections) {
    my $url = "http://127.0.0.1:$port/$workload";
    return $self->{wrk} ? $self->run_wrk($url, $workload, $seconds, $connections) : $self->run_h2load($url, $workload, $seconds, $connections);
}

sub run_wrk ($self, $url, $workload, $seconds, $connections) {
    local $ENV{BENCH_UPLOAD} = "$self->{dir}/upload";
    delete local $ENV{BENCH_UPLOAD} if $workload ne 'upload';
    my $said = output_of($self->{wrk}, '-t1', "-c$connections", "-d${seconds}s", '--latency', (map { ('-H', $_) } $self->{headers}->@*), '-s', "$self->{dir}/load.lua", $url);
    my %seen = $said =~ /(\w+)=(\d+)/g;
    die "bench: wrk said:\n$said\n" if !defined $seen{p99} || !$seen{micros};
    return { requests => $seen{requests}, seconds => $seen{micros} / 1e6, failed => $seen{failed}, p99 => $seen{p99} / 1e3 };
}

sub run_h2load ($self, $url, $workload, $seconds, $connections) {
    my $log = "$self->{dir}/requests.log";
    unlink $log;
    my @body = $workload eq 'upload' ? ('-d', "$self->{dir}/upload") : ();
    my $said = output_of($self->{h2load}, '--h1', '-t1', "-c$connections", "-D$seconds", "--log-file=$log", (map { ('-H', $_) } $self->{headers}->@*), @body, $url);
    my (@micros, $failed);
    for (split /\n/, Bench::Gateway::slurp($log)) {
        my (undef, $status, $time) = split /\t/;
        $status == 200 ? push @micros, $time : $failed++;
    }
    my ($rate) = $said =~ m{finished in [\d.]+\w+, ([\d.]+) req/s};
    die "bench: h2load said:\n$said\n" if !$rate || !@micros;
    @micros = sort { $a <=> $b } @micros;
    return { requests => scalar @micros, seconds => @micros / $rate, failed => $failed // 0, p99 => $micros[0.99 * $#micros] / 1e3 };
}

sub output_of (@command) {
    open my $from, '-|', @command or die "bench: $command[0]: $!\n";
    local $/;
    my $said = <$from> // '';
    close $from;
    return $said;
}

1;
