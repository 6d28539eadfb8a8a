# Of two fields whose names an application takes for one, neither is chosen: the request is refused where either is allowed or reserved; alone, the
# name that no rule has is dropped. EVIDENCE T7; POLICY 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Told;

my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, h2 => 1,
    policy => '<header name="X-Gw-User"/><header name="X-App-*"/><header name="Under_Score"/><drop-header name="If" assert="The application has no locks"/>
        <param name="APP_TENANT" from="header.X-Tenant" trust="client"/>');

# Two or more fields that fold together, in each order: 400.
my @together = (
    ['an exact rule', ['X-Gw-User: a', 'X_Gw_User: b']],
    ['an exact rule, dots', ['X-Gw-User: a', 'X.Gw.User: b']],
    ['an exact rule, one dot', ['x-gw-user: a', 'X-Gw.User: b']],
    ['an exact rule, equal values', ['X-Gw-User: a', 'X_Gw_User: a']],
    ['an exact rule, an empty value', ['X-Gw-User: a', 'X_Gw_User:']],
    ['two names that no rule has, of a name that one has', ['X_Gw_User: a', 'X.Gw.User: b']],
    ['three names', ['X-Gw-User: a', 'X_Gw_User: b', 'X.Gw.User: c']],
    ['an odd byte', ['X-Gw-User: a', 'X~Gw-User: b']],
    ['a rule with an underscore', ['Under_Score: a', 'Under-Score: b']],
    ['a prefix rule', ['X-App-Name: a', 'X-App_Name: b']],
    ['a prefix rule, the prefix written otherwise', ['X-App-Name: a', 'X_App_Name: b']],
    ['a name that a parameter reads', ['X-Tenant: a', 'X_Tenant: b']],
    ['a shipped rule', ['User-Agent: a', 'User_Agent: b']],
    ['a shipped prefix rule', ['Sec-Fetch-Site: none', 'Sec_Fetch_Site: same-origin']],
    ['a restricting field', ['If-Match: "a"', 'If_Match: "b"']],
    ['a reserved name', ['X-Forwarded-For: 10.0.0.1', 'X_Forwarded_For: 10.0.0.2']],
    ['a reserved name, neither as a rule would write it', ['X_Real_IP: 10.0.0.1', 'X.Real.IP: 10.0.0.2']],
    ['the body\'s type', ['Content-Type: text/plain', 'Content_Type: text/html']],
    ['a hop-by-hop field', ['Keep-Alive: 5', 'Keep_Alive: 5']],
    ['with other fields between', ['X-Gw-User: a', 'Accept: x', 'X-App-One: y', 'X_Gw_User: b']],
    ['one of them twice', ['X-Gw-User: a', 'X-Gw-User: b', 'X_Gw_User: c']],
    ['one of them named in Connection', ['Connection: X_Gw_User', 'X-Gw-User: a', 'X_Gw_User: b']],
    ['the right one named in Connection', ['Connection: X-Gw-User', 'X-Gw-User: a', 'X_Gw_User: b']],
);
for my $row (@together) {
    my ($name, $lines) = @$row;
    is_refused(told($gateway, $lines), "$name: refused", 400, 'FCT2010');
    is_refused(told($gateway, [reverse @$lines]), "$name, the other order: refused", 400, 'FCT2010');
    is_refused(told($gateway, $lines, h2 => 1), "$name, HTTP/2: refused", 400, 'FCT2010') if $gateway->speaks_h2 && "@$lines" !~ /Connection|Keep/;
}

# What is served, and what of it is told.
my @served = (
    ['by the name that the rule has', ['X-Gw-User: a'], { HTTP_X_GW_USER => 'a' }],
    ['in other letters', ['x-GW-uSER: a'], { HTTP_X_GW_USER => 'a' }],
    ['twice in other letters is one name', ['X-Gw-User: a', 'x-gw-user: b'], { HTTP_X_GW_USER => 'a, b' }],
    ['another name alone', ['X_Gw_User: a'], { HTTP_X_GW_USER => undef }],
    ['another name alone, dots', ['X.Gw.User: a'], { HTTP_X_GW_USER => undef }],
    ['the rule\'s underscore', ['Under_Score: a'], { HTTP_UNDER_SCORE => 'a' }],
    ['a hyphen for the rule\'s underscore', ['Under-Score: a'], { HTTP_UNDER_SCORE => undef }],
    ['another name of a prefix', ['X_App_Name: a'], { HTTP_X_APP_NAME => undef }],
    ['below the prefix any token', ['X-App-a_b.c: a'], { HTTP_X_APP_A_B_C => 'a' }],
    ['another name of what a parameter reads', ['X_Tenant: a'], { APP_TENANT => undef }],
    ['names that nobody knows', ['X-Nobody: a', 'X_Nobody: b'], { HTTP_X_NOBODY => undef }],
    ['another name of Content-Type', ['Content_Type: text/html'], { CONTENT_TYPE => undef, HTTP_CONTENT_TYPE => undef }],
    ['another name of Content-Length', ['Content_Length: 5'], { CONTENT_LENGTH => undef, HTTP_CONTENT_LENGTH => undef }],
);
is_told(told($gateway, $_->[1]), "$_->[0]", $_->[2]) for @served;
is_refused(told($gateway, ['If_Match: "a"']), 'a restricting field by another name is not lost', 400, 'FCT2012');
is_refused(told($gateway, ['If.Unmodified.Since: Fri, 20 Nov 2026 00:00:00 GMT']), 'nor with dots', 400, 'FCT2012');
$gateway->finish(findings => ['FCT2010', 'FCT2012']);
done_testing;
