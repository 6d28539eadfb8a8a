# FCT::Decisions: a decision log, read and held against the shipped schema.
#
#     my $log = FCT::Decisions->new($httpd);                   # @DIR@/run/decisions.log
#     my ($decision) = $log->for('/path', 1);                  # waits for the line about that path
#     $log->judge;                                             # one assertion: every line is what the schema says
package FCT::Decisions;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use JSON::PP ();
use Test::More ();
use FCT::Proc qw(read_file repo_root wait_until write_file scratch);

# The line that makes httpd write it.
sub directive () { return 'FcgiTrustAuditLog @DIR@/run/decisions.log' }

sub new ($class, $httpd, $file = $httpd->dir . '/run/decisions.log') { return bless { file => $file }, $class }

sub text ($self) { return -e $self->{file} ? read_file($self->{file}) : '' }

# Every line decoded; one that is no JSON dies. A reader may see the beginning of a line that the system is just writing.
sub all ($self) { return map { JSON::PP::decode_json($_) } split /\n/, $self->text =~ s/[^\n]+\z//r }

# The decisions about this path; waits for n of them.
sub for ($self, $path, $n = 1) {
    my @found;
    wait_until(10, sub { @found = grep { $_->{path} eq $path } $self->all; @found >= $n });
    return @found;
}

# What a decision says of each parameter: { NAME => { source, class, rule, length, hash or value } }.
sub parameters ($decision) {
    my %said;
    for my $name (keys $decision->{parameters}->%*) {
        my ($source, $class, $rule, $length, @value) = $decision->{parameters}{$name}->@*;
        $said{$name} = { source => $source, class => $class, rule => $rule, length => $length, @value == 1 ? (hash => $value[0]) : (value => $value[1]) };
    }
    return \%said;
}

# What the schema, read by a validator of its own, says of every line.
sub judge ($self, $claim = 'every line of the decision log is what its schema says') {
    my $program = <<'PYTHON';
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
def once(pairs):
    names = [name for name, value in pairs]
    if len(set(names)) < len(names):
        print("a name stands there twice: %s" % names)
    return dict(pairs)
count = 0
with open(sys.argv[2], encoding="utf-8") as lines:
    for number, line in enumerate(lines, 1):
        if not line.endswith("\n"):
            print("line %d has no end" % number)
        for error in validator.iter_errors(json.loads(line, object_pairs_hook=once)):
            print("line %d: %s: %s" % (number, "/".join(map(str, error.path)), error.message[:200]))
        count += 1
if count == 0:
    print("there is no line")
PYTHON
    my $script = scratch() . '/validate.py';
    write_file($script, $program);
    # Debian's module belongs to Debian's interpreter
    my $python = -x '/usr/bin/python3' ? '/usr/bin/python3' : 'python3';
    my $said = qx{'$python' '$script' '@{[ repo_root() ]}/policies/decision.schema.json' '$self->{file}' 2>&1};
    return Test::More::is($said, '', $claim);
}

1;
