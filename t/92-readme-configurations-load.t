# Every httpd configuration in the README passes httpd -t with the module, without a finding.
use v5.26;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Cert;
use FCT::Httpd;
use FCT::Proc qw(read_file repo_root scratch);
use FCT::Readme;

# The policies that the README gives a path, by that path.
my %policy;
for my $block (FCT::Readme::blocks('xml')) {
    my ($path) = $block->{before} =~ m{`(/\S+\.xml)`:\s*\z} or next;
    ok(!$policy{$path}, "$path is given once");
    $policy{$path} = $block->{text};
}
cmp_ok(scalar keys %policy, '>=', 2, 'there are policies to be put somewhere');

# The paths of an example, moved into the private directory of a test.
sub moved {
    my ($text) = @_;
    $text =~ s{/usr/share/mod_fcgi_trust/policies/}{\@SHIPPED\@/}g;
    $text =~ s{(?<=[\s"])/(etc|var)/}{\@DIR\@/$1/}g;
    return $text =~ s{\*:(?:80|443)>}{*:\@PORT\@>}gr;
}

# The certificates that an example names.
my $cert = FCT::Cert->new(scratch() . '/certs');
sub certificates {
    my ($text) = @_;
    my %file = map { ($_ => /\.key$/ ? 'server.key' : /-ca\.pem$/ ? 'client-ca.pem' : 'server.pem') } $text =~ m{^\s*SSL\w*File +\@DIR\@/(\S+)}mg;
    $file{"etc/apache2/fcgi-trust/$_"} = 'client-ca.pem' for map { /<trust-anchor file="([^"]+)"/g } values %policy;
    return map { ($_ => read_file($cert->file($file{$_}))) } keys %file;
}

my $blocks = 0;
for my $block (FCT::Readme::blocks('apache')) {
    my $text = moved($block->{text});
    my %files = ((map { (s{^/}{}r => $policy{$_}) } keys %policy), certificates($text));
    my @tls = $text =~ /^\s*SSLEngine +on/m ? 'ssl' : ();
    $files{"$_/none"} = '' for $text =~ m{"\@DIR\@/(var/log/\w+)/}g;
    $files{"$_/index.html"} = '' for $text =~ m{DocumentRoot +\@DIR\@/(\S+)}g;
    my @sso = $text =~ /^\s*OIDC/m ? qw(auth_openidc authn_core authz_user) : ();
    if (@sso && !FCT::Httpd->has_module('auth_openidc')) {
        FCT::Backend::missing('mod_auth_openidc', 'libapache2-mod-auth-openidc') if !$ENV{T_ALLOW_SKIP};
        pass("# SKIP line $block->{line}: mod_auth_openidc is not installed");
        next;
    }
    my $httpd = FCT::Httpd->new(modules => [qw(dir authz_host), @sso, @tls], files => \%files, config => "Listen 127.0.0.1:\@PORT\@\n$text");
    my ($exit, $said) = $httpd->check_config;
    is($said, "Syntax OK\n", "line $block->{line}: httpd -t finds nothing to say");
    is($exit, 0, "line $block->{line}: and succeeds");
    for my $path ($block->{text} =~ /FcgiTrustPolicy\s+(\S+)/g) {
        ok($policy{$path} || $path =~ m{^/usr/share/mod_fcgi_trust/(policies/.+)} && -e repo_root() . "/$1", "line $block->{line}: $path is a policy of this README or a shipped one");
    }
    $blocks++;
}
cmp_ok($blocks, '>=', 4, 'there are configurations');

# Directives of httpd that stand outside of blocks.
like(FCT::Readme::text(), qr/`LoadModule fcgi_trust_module modules\/mod_fcgi_trust\.so`/, 'how the module is loaded is said');

done_testing;
