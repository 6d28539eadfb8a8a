# The manual pages and the completion know every command, option and word that the tool knows, and nothing else.
use v5.26;
use warnings;
use Test::More;
use FCT::Manual;
use FCT::Proc qw(scratch write_file read_file find_program repo_root out_dir);
use FCT::Tool;

my $root = repo_root();
my ($list) = FCT::Tool::run('--help')->{out} =~ /\n\n((?:  \S.*\n)+)/;
my @commands = $list =~ /^  (\w+) /mg;
my %options;
for my $command (@commands) {
    my ($text) = FCT::Tool::run($command, '--help')->{out} =~ /^Options\n(.*)/ms;
    $options{$command} = [$text =~ /^  --([\w-]+)/mg];
}
my $page = FCT::Manual::plain('fcgi-trust.1');
my ($chapter) = read_file(FCT::Manual::file('fcgi-trust.1')) =~ /^\.SH COMMANDS\n(.*?)^\.SH /ms;
my %section = $chapter =~ /^\.SS (\w+)\n(.*?)(?=^\.SS |\z)/msg;

subtest 'fcgi-trust(1)' => sub {
    is_deeply([sort keys %section], [sort @commands], 'it has every command');
    for my $command (@commands) {
        is_deeply([map { s/\\-/-/gr } ($section{$command} // '') =~ /^\.TP 8\n\.B \\-\\-([\w\\-]+)/mg], $options{$command}, "$command: every option, in its order");
        my ($description) = FCT::Tool::run($command, '--help')->{out} =~ /\A.*?\n\n(.*?)\n\nOptions\n/s;
        my $words = join ' ', split ' ', $description;
        my $told = join ' ', split ' ', $page =~ s/^\.(?:PP|EX|EE)$//gmr;
        ok(index($told, $words) >= 0, "$command: what --help says of it");
    }
    like($page, qr/^fcgi-trust - .*\n/m, 'its name can be found with apropos');
    for my $heading ('EXIT STATUS', 'ENVIRONMENT', 'FILES', 'EXAMPLES', 'SEE ALSO') {
        like($page, qr/^\Q$heading\E$/m, "it has $heading");
    }
    my ($version) = FCT::Tool::run('--version')->{out} =~ /(\S+)$/;
    like($page, qr/"mod_fcgi_trust \Q$version\E"/, 'it is that of this version');
};

subtest 'mod_fcgi_trust-policy(5)' => sub {
    my $language = read_file("$root/mod_fcgi_trust/core/language.def");
    my $policy = FCT::Manual::plain('mod_fcgi_trust-policy.5');
    my @elements = $language =~ /^FCT_ELEMENT\(\w+, "([^"]+)"/mg;
    my @attributes = $language =~ /^FCT_ATTRIBUTE\(\w+, "([^"]+)"/mg;
    my @sources = read_file("$root/mod_fcgi_trust/core/source.def") =~ /^FCT_SOURCE\(\w+,\s*"([^"]+)"/mg;
    cmp_ok(scalar(@elements) * @attributes * @sources, '>', 1000, 'the language has much to tell');
    is_deeply([grep { $policy !~ /^<\Q$_\E>$/m } @elements], [], 'it has every element');
    is_deeply([grep { $policy !~ /(?<![\w-])\Q$_\E(?![\w-])/ } @attributes], [], 'it has every attribute');
    is_deeply([grep { $policy !~ /^\Q$_\E/m } @sources], [], 'it has every source');
    unlike($policy, qr/^\||\*\*|`|\]\(#/m, 'nothing of Markdown is left');
};

subtest 'they are sound' => sub {
    my $groff = find_program('groff');
    my $mandoc = find_program('mandoc');
    for my $name ('fcgi-trust.1', 'mod_fcgi_trust-policy.5') {
        my $file = FCT::Manual::file($name);
        is(read_file($file) =~ /([^\x00-\x7F])/ ? $1 : '', '', "$name: plain ASCII, readable everywhere");
        is(read_file($file) =~ /^(\.(?!(?:TH|SH|SS|PP|TP|IP|B|I|BR|RI|IR|br|EX|EE)\b).*)$/m ? $1 : '', '', "$name: no line is taken for a request by accident");
        SKIP: {
            skip 'groff is not installed', 1 if !$groff;
            is(qx($groff -man -Tutf8 -ww -z '$file' 2>&1), '', "$name: groff has nothing to say against it");
        }
        SKIP: {
            skip 'mandoc is not installed', 1 if !$mandoc;
            is(join('', grep { !/longer than 80 bytes|missing date/ } qx($mandoc -T lint '$file' 2>&1)), '', "$name: nor has mandoc");
        }
    }
    is(system("bash -n '" . FCT::Manual::file('fcgi-trust.bash') . "'"), 0, 'bash takes the completion');
};

subtest 'completion' => sub {
    is_deeply([sort(FCT::Manual::completed('fcgi-trust', ''))], [sort(@commands, '--help', '--version')], 'every command is offered');
    is_deeply([FCT::Manual::completed('fcgi-trust', 'mi')], ['mirror'], 'a command that is begun is ended');
    for my $command (@commands) {
        is_deeply([FCT::Manual::completed('fcgi-trust', $command, '--')], [map {"--$_"} $options{$command}->@*], "$command: every option is offered");
        for my $option ($options{$command}->@*) {
            my ($words) = FCT::Tool::run($command, "--$option=", '--no-such-option')->{err} =~ /--\Q$option\E: '' is not one of (.*)/ or next;
            is_deeply([FCT::Manual::completed('fcgi-trust', $command, "--$option", '')], [split /, /, $words], "$command --$option: its words, separate");
            is_deeply([FCT::Manual::completed('fcgi-trust', $command, "--$option", '=')], [split /, /, $words], "$command --$option=: its words");
        }
    }
    is_deeply([FCT::Manual::completed('fcgi-trust', 'show', '--format', '=', 'ht')], ['html'], 'a word behind = is ended');
    my $dir = scratch() . '/complete';
    write_file("$dir/a policy.xml", '');
    write_file("$dir/sub/b.xml", '');
    is_deeply([sort(FCT::Manual::completed('fcgi-trust', 'lint', "$dir/"))], ["$dir/a policy.xml", "$dir/sub"], 'files are offered, also with blanks in their names');
    is_deeply([FCT::Manual::completed('fcgi-trust', 'lint', '--shipped', "$dir/")], ["$dir/sub"], 'directories alone, where one is wanted');
    is_deeply([FCT::Manual::completed('fcgi-trust', 'mirror', '')], [], 'nothing where nothing may stand');
    is_deeply([FCT::Manual::completed('fcgi-trust', 'request', '--id', '')], [], 'nothing for a number');
    is_deeply([FCT::Manual::completed('fcgi-trust', 'nosuch', '--')], ['--help', '--version'], 'for an unknown command what is always there');
};

subtest 'they are installed' => sub {
    my $dest = scratch() . '/dest';
    my $out = out_dir();
    my $said = qx(cd '$root' && make -n -f apxs.mk install OUT='$out' DESTDIR='$dest' PREFIX=/usr LIBEXECDIR=/x 2>&1);
    is($?, 0, 'make install would run') or diag $said;
    my %file = ('man/man1/' => 'fcgi-trust.1', 'man/man5/' => 'mod_fcgi_trust-policy.5', 'bash-completion/completions/fcgi-trust' => 'fcgi-trust.bash');
    like($said, qr{install -m 644 \S*/man/\Q$file{$_}\E "\Q$dest\E/usr/share/\Q$_\E"}, "$file{$_} goes to $_") for sort keys %file;
    my $deb = read_file("$root/build/packaging/debian/fcgi-trust.install");
    like($deb, qr/^\Q$_\E$/m, "the Debian package has $_") for 'usr/share/man', 'usr/share/bash-completion';
    my $spec = read_file("$root/build/packaging/mod_fcgi_trust.spec");
    like($spec, qr/^\Q$_\E$/m, "the rpm has $_") for '%{_mandir}/man1/fcgi-trust.1*', '%{_mandir}/man5/mod_fcgi_trust-policy.5*', '%{_datadir}/bash-completion/completions/fcgi-trust';
};

unlike(FCT::Manual::plain($_), qr/<!--/, "$_ shows no comment of the README") for qw(fcgi-trust.1 mod_fcgi_trust-policy.5);
done_testing;
