/* xml/reader.c and the rules behind it: what a policy may say, and which finding each fault is, at which line. */
#include "policy.h"

static apr_pool_t *pool;

typedef struct row_t {
    const char *about;
    const char *lines;
    const char *expected;          /* "line:finding …"; "" loads without any */
} row_t;

static const row_t elements[] = {
    { "an empty policy", "", "" },
    { "comments, instructions and descriptions", "<!-- x --><?x y?><description>a <![CDATA[<b>]]></description>", "" },
    { "an unknown element", "<parm name=\"A\" value=\"1\"/>", "2:3023" },
    { "an element inside another", "<param name=\"A\" value=\"1\">\n<header name=\"X\"/></param>", "3:3023" },
    { "text", "stray", "2:3027" },
    { "text of several lines", "<header name=\"X\">\n\n a\nb\n\n</header>\n\n<![CDATA[c\n]]>", "4:3027 9:3027" },
    { "an unknown attribute", "<param name=\"A\" value=\"1\" colour=\"red\"/>", "2:3024" },
    { "an attribute twice", "<param name=\"A\" name=\"B\" value=\"1\"/>", "2:3005" },
    { "an attribute missing", "<param value=\"1\"/>", "2:3025" },
    { "neither value nor from", "<param name=\"A\"/>", "2:3025" },
    { "both value and from", "<param name=\"A\" value=\"1\" from=\"server.name\"/>", "2:3025" },
    { "an attribute without its form", "<param name=\"A\" value=\"1\" sensitive=\"maybe\"/>", "2:3026" },
    { "an element that stands once, twice", "<backend/>\n<backend/>", "3:3029" },
    { "an attribute of another namespace", "<param name=\"A\" value=\"1\" xml:lang=\"en\"/>", "2:3020" },
    { "the line of a tag is where it begins", "<param\n name=\"A\"\n value=\"1\"\n colour=\"red\"/>\n<parm/>", "2:3024 6:3023" },
    { "every fault at once", "<a/>\n<param name=\"1A\" value=\"1\"/>\n<param name=\"REMOTE_USER\" from=\"header.X\"/>\n<header/>",
      "2:3023 3:3201 4:3104 5:3025" },
};

#define USER(attributes) "<param name=\"REMOTE_USER\" " attributes "/>"
#define FORM(attributes) "<param name=\"A\" from=\"tls.client.certificate.pem\" " attributes "/>"
#define EDGE(attributes) "<upstream name=\"edge\" peers=\"::1\" assert=\"x\" " attributes "><field name=\"X-A\"/></upstream>\n"

static const row_t identity[] = {
    { "every field of a certificate", USER("from=\"tls.client.subject tls.client.subject.legacy tls.client.issuer tls.client.issuer.legacy tls.client.serial "
      "tls.client.not-before tls.client.not-after tls.client.verify\""), "2:3111" },
    { "other fields of a certificate", USER("from=\"tls.client.san.email[0] tls.client.san.dns[999] tls.client.san.uri tls.client.san.ip tls.client.san.upn "
      "tls.client.fingerprint.sha256 tls.client.certificate.der-base64 tls.client.certificate.rfc9440\""), "2:3111" },
    { "attributes of a DN", USER("from=\"tls.client.subject.CN tls.client.subject.OU[1] tls.client.issuer.emailAddress\""), "2:3111" },
    { "a field that no certificate has", USER("from=\"tls.client.san.mail\""), "2:3204" },
    { "a field far from any", USER("from=\"tls.client.quux\""), "2:3204" },
    { "no field", USER("from=\"tls.client.\""), "2:3204" },
    { "tls.client alone", USER("from=\"tls.client\""), "2:3204" },
    { "an attribute that is none", USER("from=\"tls.client.subject.XY\""), "2:3204" },
    { "an index where there is one value", USER("from=\"tls.client.serial[0]\""), "2:3204" },
    { "indices that are none", USER("from=\"tls.client.san.email[] tls.client.san.email[01] tls.client.san.email[1000] tls.client.san.email[0 tls.client.san.email[-1] "
      "tls.client.san.email[0]x\""), "2:3204 2:3204 2:3204 2:3204 2:3204 2:3204" },
    { "pick of a field with several values", USER("from=\"tls.client.san.email\" pick=\"only\""), "" },
    { "pick of the matching value", USER("from=\"tls.client.san.email\" pick=\"matching\" pattern=\".*@corp\\.example\""), "" },
    { "pick of an attribute", USER("from=\"tls.client.subject.OU\" pick=\"0\""), "" },
    { "join of a field with several values", "<param name=\"A\" from=\"tls.client.subject.OU\" join=\",\" max-items=\"4\"/>", "" },
    { "split of a field with several values", "<param name=\"A\" from=\"tls.client.subject.OU\" split=\"/\" join=\",\"/>", "" },
    { "pick beside an index", USER("from=\"tls.client.san.email[0]\" pick=\"only\""), "2:3208" },
    { "pick of a field with one value", USER("from=\"tls.client.serial\" pick=\"only\""), "2:3208" },
    { "max-items of what is not joined", "<param name=\"A\" from=\"tls.client.subject.OU\" max-items=\"4\"/>", "2:3208" },
    { "a certificate in PEM and no encode", FORM(""), "2:3228" },
    { "a certificate in PEM, encoded", FORM("encode=\"percent\""), "" },
    { "a certificate in PEM as it is", FORM("encode=\"none\""), "" },
    { "a chain and no encode", "<param name=\"A\" from=\"tls.client.chain[0]\"/>", "2:3228" },
    { "a certificate in PEM as it is in a header", "<server-header name=\"X-Cert\" from=\"tls.client.certificate.pem\" encode=\"none\"/>", "2:3228" },
    { "a certificate in PEM, encoded in a header", "<server-header name=\"X-Cert\" from=\"tls.client.certificate.pem\" encode=\"base64\"/>", "" },
    { "a certificate in one line", "<server-header name=\"Client-Cert\" from=\"tls.client.certificate.rfc9440\"/>", "" },
    { "what authentication says", USER("from=\"auth.user\"") "\n<param name=\"AUTH_TYPE\" from=\"auth.type\"/><param name=\"REMOTE_REALM\" from=\"auth.realm\"/>"
      "<param name=\"OIDC_CLAIM_sub\" exact-name=\"yes\" from=\"auth.env.OIDC_CLAIM_sub\"/><param name=\"CLAIM_X\" from=\"auth.header.X-Claim\"/>", "" },
    { "no name of an entry", "<param name=\"A\" from=\"auth.env. env. auth.header. set-header.\"/>", "2:3204 2:3204 2:3204 2:3204" },
    { "the environment without assert", "<param name=\"A\" from=\"env.X\"/>\n<param name=\"B\" from=\"set-header.X\"/>\n" USER("from=\"env.X\""),
      "2:3101 3:3101 4:3101" },
    { "the environment with assert", "<param name=\"A\" from=\"env.X\" assert=\"x\"/>\n<param name=\"B\" from=\"set-header.X\" assert=\"x\"/>\n"
      USER("from=\"env.X\" assert=\"x\""), "" },
    { "auth-type", USER("from=\"auth.user\" auth-type=\"Negotiate\""), "" },
    { "auth-type of a server header", "<server-header name=\"X-User\" from=\"auth.env.X\" auth-type=\"openid-connect\"/>", "" },
    { "auth-type without auth.*", USER("from=\"tls.client.serial\" auth-type=\"Negotiate\""), "2:3208" },
    { "auth-type of a literal", "<param name=\"A\" value=\"1\" auth-type=\"Negotiate\"/>", "2:3208" },
    { "auth-type of two", USER("from=\"auth.user\" auth-type=\"Basic Negotiate\""), "2:3026" },
    { "a literal of a certificate", "<param name=\"SSL_CLIENT_VERIFY\" value=\"SUCCESS\"/>\n<param name=\"AUTH_TYPE\" value=\"ClientCert\"/>", "2:3101 3:3101" },
    { "a literal of a certificate where one is verified", "<param name=\"SSL_CLIENT_VERIFY\" value=\"SUCCESS\" when=\"tls.client.verified\"/>\n"
      "<param name=\"AUTH_TYPE\" value=\"ClientCert\" when=\"tls.client.verified\"/>\n<param name=\"HTTPS\" value=\"on\" when=\"tls.client.verified\"/>", "" },
    { "a literal of a certificate where there is none", "<param name=\"SSL_CLIENT_VERIFY\" value=\"SUCCESS\" when=\"!tls.client.verified\"/>\n"
      "<param name=\"AUTH_TYPE\" value=\"ClientCert\" when=\"tls authenticated\"/>", "2:3101 3:3101" },
    { "another type of authentication", "<param name=\"AUTH_TYPE\" value=\"Basic\" when=\"tls.client.verified\"/>", "2:3101" },
    { "a certificate's literal where a certificate is required elsewhere", "<param name=\"AUTH_TYPE\" value=\"ClientCert\"/>\n<param name=\"HTTPS\" value=\"on\"/>\n"
      USER("from=\"tls.client.san.email\" required=\"yes\""), "" },
    { "where it is not required", "<param name=\"AUTH_TYPE\" value=\"ClientCert\"/>\n" USER("from=\"tls.client.san.email\""), "2:3101" },
    { "where it is required elsewhere only", "<param name=\"AUTH_TYPE\" value=\"ClientCert\"/>\n" USER("from=\"tls.client.san.email\" required=\"yes\" when=\"path:/a\""),
      "2:3101" },
    { "where it is required wherever the literal goes", "<param name=\"AUTH_TYPE\" value=\"ClientCert\" when=\"path:/a/b\"/>\n"
      USER("from=\"tls.client.san.email\" required=\"yes\" when=\"path:/a\""), "" },
    { "where another source will do", "<param name=\"AUTH_TYPE\" value=\"ClientCert\"/>\n"
      "<param name=\"APP_USER\" from=\"tls.client.san.email auth.user\" required=\"yes\"/>", "2:3101" },
    { "where TLS is required", "<param name=\"AUTH_TYPE\" value=\"ClientCert\"/>\n<param name=\"A\" from=\"tls.protocol\" required=\"yes\"/>", "2:3101" },
    { "the certificate of an upstream", EDGE("certificate=\"X-Cert\" format=\"pem-percent\"") USER("from=\"upstream.edge.client.san.email\" pick=\"only\" assert=\"x\""), "" },
    { "the certificate of an upstream in a field", EDGE("certificate=\"x-a\" format=\"rfc9440\"") USER("from=\"upstream.edge.client.subject.CN\" assert=\"x\""), "" },
    { "the certificate of an upstream without assert", EDGE("certificate=\"X-Cert\" format=\"der-base64\"") USER("from=\"upstream.edge.client.serial\""), "3:3101" },
    { "an upstream without a certificate", EDGE("") USER("from=\"upstream.edge.client.serial\" assert=\"x\""), "3:3220" },
    { "no upstream with a certificate", USER("from=\"upstream.none.client.serial\" assert=\"x\""), "2:3220" },
    { "a field that no upstream's certificate has", EDGE("certificate=\"X-Cert\" format=\"der-base64\"")
      USER("from=\"upstream.edge.client.verify upstream.edge.client.chain upstream.edge.client.x\" assert=\"x\""), "3:3204 3:3204 3:3204" },
    { "a certificate without its format", EDGE("certificate=\"X-Cert\""), "2:3220" },
    { "a format without a certificate", EDGE("format=\"rfc9440\""), "2:3220" },
    { "a format that is none", EDGE("certificate=\"X-Cert\" format=\"pem\""), "2:3026" },
    { "a certificate in a field with a meaning", EDGE("certificate=\"Cookie\" format=\"rfc9440\""), "2:3220" },
    { "a certificate in no field", EDGE("certificate=\"X Cert\" format=\"rfc9440\""), "2:3220" },
    { "a field of an upstream that reads as a certificate's", "<upstream name=\"u\" peers=\"::1\" assert=\"x\">\n<field name=\"client.x\"/></upstream>", "3:3220" },
    { "<header> beside an upstream's certificate", EDGE("certificate=\"X-Cert\" format=\"rfc9440\"") "<header name=\"X-Cert\"/>", "3:3203" },
    { "a condition on the certificate", "<param name=\"A\" value=\"1\" when=\"tls.client.verified\"/>\n<param name=\"A\" value=\"2\" when=\"!tls\"/>", "" },
    { "a condition that nothing satisfies", "<param name=\"A\" value=\"1\" when=\"!tls tls.client.verified\"/>", "2:3206" },
    { "<accept>", "<accept htaccess-auth=\"one team owns both\" control=\"X\"/>", "" },
    { "<accept> without a reason", "<accept/>\n<accept htaccess-auth=\"\"/>", "2:3025 3:3026" },
    { "<audit>", "<audit values=\"A HTTP_X_A HTTP_X_B_C HTTP_X_S CONTENT_TYPE\" why=\"x\"/>\n<param name=\"A\" value=\"1\"/><header name=\"X-A\"/><header name=\"X-B-*\"/>"
      "<server-header name=\"X-S\" from=\"auth.user\"/>", "" },
    { "<audit> of what is not sent", "<audit values=\"A B HTTP_X_A HTTP_X_B HTTP_X_D\"/>\n<param name=\"A\" value=\"1\"/><drop-header name=\"X-A\" assert=\"x\"/>"
      "<refuse-header name=\"X-D\"/>", "2:3229 2:3229 2:3229 2:3229" },
    { "<audit> of secrets", "<audit values=\"A HTTP_COOKIE HTTP_AUTHORIZATION\"/>\n<param name=\"A\" value=\"1\" sensitive=\"yes\"/><header name=\"Cookie\"/>"
      "<header name=\"Authorization\"/>", "2:3229 2:3229 2:3229" },
    { "<audit> of a name that is a secret sometimes", "<audit values=\"A\"/>\n<param name=\"A\" value=\"1\" sensitive=\"yes\" when=\"tls\"/>"
      "<param name=\"A\" value=\"2\" when=\"!tls\"/>", "2:3229" },
    { "<audit> of a rule with faults", "<audit values=\"A\"/>\n<param name=\"A\" from=\"quux\"/>", "3:3204" },
    { "<audit> of nothing", "<audit values=\" \"/>", "2:3229" },
    { "<audit> twice", "<audit values=\"CONTENT_TYPE\"/>\n<audit values=\"CONTENT_TYPE\"/>", "3:3029" },
};

static const row_t names[] = {
    { "names of parameters", "<param name=\"A1_B\" value=\"1\"/>", "" },
    { "a name that begins with a digit", "<param name=\"1A\" value=\"1\"/>", "2:3201" },
    { "a name with a dot", "<param name=\"REMOTE.USER\" value=\"1\"/>", "2:3201" },
    { "a name with a blank", "<param name=\"A B\" value=\"1\"/>", "2:3201" },
    { "a name of lower case", "<param name=\"Claim_x\" value=\"1\"/>", "2:3202" },
    { "a name of lower case, meant", "<param name=\"App-x\" value=\"1\" exact-name=\"yes\"/>", "" },
    { "two rules of a name", "<param name=\"A\" value=\"1\"/>\n<param name=\"A\" value=\"2\"/>", "3:3203" },
    { "two names that fold together", "<param name=\"A_B\" value=\"1\"/>\n<param name=\"a-b\" exact-name=\"yes\" value=\"2\"/>", "3:3203" },
    { "two rules that exclude each other", "<param name=\"A\" value=\"1\" when=\"tls\"/>\n<param name=\"A\" value=\"2\" when=\"!tls\"/>", "" },
    { "two rules that may both hold", "<param name=\"A\" value=\"1\" when=\"tls\"/>\n<param name=\"A\" value=\"2\" when=\"path:/x\"/>", "3:3203" },
};

static const row_t params[] = {
    { "an unknown source", "<param name=\"A\" from=\"request.user\"/>", "2:3204" },
    { "a source with an empty argument", "<param name=\"A\" from=\"config.\"/>", "2:3204" },
    { "blanks instead of a source", "<param name=\"A\" from=\" \"/>", "2:3204" },
    { "nine sources", "<param name=\"A\" from=\"config.a config.b config.c config.d config.e config.f config.g config.h config.i\"/>",
      "2:3006" },
    { "a condition that is none", "<param name=\"A\" value=\"1\" when=\"header:x\"/>", "2:3205" },
    { "a condition that nothing satisfies", "<param name=\"A\" value=\"1\" when=\"tls !tls\"/>", "2:3206" },
    { "HTTPS is on or not at all", "<param name=\"HTTPS\" value=\"off\" when=\"tls\"/>", "2:3207" },
    { "HTTPS on where the connection is encrypted", "<param name=\"HTTPS\" value=\"on\" when=\"tls\"/>", "" },
    { "HTTPS on where it may not be", "<param name=\"HTTPS\" value=\"on\"/>", "2:3101" },
    { "HTTPS on where it must be", "<param name=\"HTTPS\" value=\"on\"/>\n<param name=\"TLS_VERSION\" from=\"tls.protocol\" required=\"yes\"/>", "" },
    { "HTTPS on where it must be under a condition", "<param name=\"HTTPS\" value=\"on\"/>\n"
      "<param name=\"TLS_VERSION\" from=\"tls.protocol\" required=\"yes\" when=\"path:/x\"/>", "2:3101" },
    { "a literal longer than its limit", "<param name=\"A\" value=\"123\" max-length=\"2\"/>", "2:3207" },
    { "a control byte in a literal", "<param name=\"A\" value=\"1&#10;\"/>", "2:3207" },
    { "a literal of its type", "<param name=\"A\" value=\"a@b.c\" type=\"email\"/>", "" },
    { "a literal of another type", "<param name=\"A\" value=\"a\" type=\"email\"/>", "2:3207" },
    { "a type that is not the name's", "<param name=\"REMOTE_ADDR\" from=\"connection.peer.address\" type=\"hostname\"/>", "2:3216" },
    { "required and on-missing=\"omit\"", "<param name=\"A\" from=\"config.X\" required=\"yes\" on-missing=\"omit\"/>", "2:3208" },
    { "not required and on-missing=\"refuse\"", "<param name=\"A\" from=\"config.X\" required=\"no\" on-missing=\"refuse\"/>", "2:3208" },
    { "required and on-missing=\"refuse:404\"", "<param name=\"A\" from=\"config.X\" required=\"yes\" on-missing=\"refuse:404\"/>", "" },
    { "a required literal", "<param name=\"A\" value=\"1\" required=\"yes\"/>", "2:3208" },
    { "alternatives for an identity", "<param name=\"REMOTE_USER\" from=\"auth.user config.U\"/>", "2:3111" },
    { "trust=\"client\" for nothing", "<param name=\"A\" from=\"config.X\" trust=\"client\"/>", "2:3214" },
    { "a parameter from a hop-by-hop field", "<param name=\"A\" from=\"header.Connection\" trust=\"client\"/>", "2:3110" },
    { "a parameter from Proxy", "<param name=\"A\" from=\"header.proxy\" trust=\"client\"/>", "2:3110" },
    { "CONTENT_LENGTH", "<param name=\"CONTENT_LENGTH\" from=\"request.content-length\"/>", "2:3105" },
    { "HTTP_ by <param>", "<param name=\"HTTP_X\" value=\"1\"/>", "2:3106" },
    { "HTTP_PROXY", "<param name=\"HTTP_PROXY\" value=\"1\"/>", "2:3107" },
    { "another source for REQUEST_URI", "<param name=\"REQUEST_URI\" from=\"request.path\"/>", "2:3108" },
    { "LD_PRELOAD from a configuration", "<param name=\"LD_PRELOAD\" from=\"config.X\"/>", "2:3103" },
    { "a header without trust", "<param name=\"A\" from=\"header.X\"/>", "2:3102" },
};

static const row_t headers[] = {
    { "a header", "<header name=\"X-App\"/>", "" },
    { "a prefix", "<header name=\"X-App-*\"/>", "" },
    { "a name that is no token", "<header name=\"X App\"/>", "2:3201" },
    { "a star inside", "<header name=\"X-*-App\"/>", "2:3201" },
    { "a star alone", "<header name=\"*\"/>", "2:3201" },
    { "a prefix of 63 bytes", "<header name=\"X-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa*\"/>", "" },
    { "a prefix of 64 bytes", "<header name=\"X-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa*\"/>", "2:3201" },
    { "a hop-by-hop field", "<header name=\"Connection\"/>\n<header name=\"te\"/>", "2:3110 3:3110" },
    { "Proxy", "<header name=\"Proxy\"/>", "2:3110" },
    { "Content-Type", "<header name=\"Content-Type\"/>", "2:3110" },
    { "a reserved header", "<header name=\"X-Forwarded-For\"/>", "2:3109" },
    { "a reserved header as underscores", "<header name=\"x_real_ip\"/>", "2:3109" },
    { "a reserved header, trusted", "<header name=\"X-Forwarded-For\" trust=\"client\"/>", "" },
    { "a prefix of reserved headers", "<header name=\"X-Forwarded-*\" trust=\"client\"/>", "2:3109" },
    { "two rules of a name", "<header name=\"X-A\"/>\n<header name=\"x-a\"/>", "3:3203" },
    { "two names that fold together", "<header name=\"X-A\"/>\n<header name=\"X_A\"/>", "3:3203" },
    { "two names that fold together, never at once", "<header name=\"X-A\" when=\"tls\"/>\n<header name=\"X_A\" when=\"!tls\"/>", "" },
    { "a whole name below a prefix", "<header name=\"X-A-*\"/>\n<header name=\"X-A-B\"/>", "" },
    { "a prefix below a prefix", "<header name=\"X-A-*\"/>\n<header name=\"X-A-B-*\"/>", "" },
    { "a name that only folds to be below a prefix", "<header name=\"X-A-*\"/>\n<header name=\"X_A_B\"/>", "3:3203" },
    { "a prefix that only folds to be below a prefix", "<header name=\"X_A-B*\"/>\n<header name=\"X-A-*\"/>", "3:3203" },
    { "<drop-header>", "<drop-header name=\"Depth\" assert=\"not a WebDAV server\"/>", "" },
    { "<drop-header> without a reason", "<drop-header name=\"Depth\"/>", "2:3025" },
    { "<drop-header> of a prefix", "<drop-header name=\"X-*\" assert=\"x\"/>", "2:3201" },
    { "<drop-header> and <header> of one name", "<drop-header name=\"X-A\" assert=\"x\"/>\n<header name=\"X-A\"/>", "3:3203" },
    { "<drop-header> of what never passes", "<drop-header name=\"TE\" assert=\"x\"/>", "2:3214" },
    { "<refuse-header>", "<refuse-header name=\"X-Debug\"/>\n<refuse-header name=\"X-Debug-*\"/>", "" },
    { "<refuse-header> before <header>", "<header name=\"X-Debug\"/>\n<refuse-header name=\"X_DEBUG\"/>", "2:3215" },
    { "<refuse-header> before an upstream's field", "<upstream name=\"u\" peers=\"::1\" assert=\"x\">\n<field name=\"X-A\"/></upstream><refuse-header name=\"x_a\"/>", "3:3215" },
    { "<refuse-header> of a prefix before an upstream's field", "<refuse-header name=\"X-*\"/><upstream name=\"u\" peers=\"::1\" assert=\"x\">\n<field name=\"X-A\"/></upstream>", "3:3215" },
    { "<refuse-header> of a prefix before <header>", "<refuse-header name=\"X-D*\"/>\n<header name=\"X-Debug\"/>", "3:3215" },
    { "<refuse-header> beside <header>, under a condition", "<header name=\"X-Debug\"/>\n<refuse-header name=\"X-Debug\" when=\"!tls\"/>", "" },
    { "a condition that nothing satisfies", "<header name=\"X-A\" when=\"path:/a path:/b\"/>", "2:3206" },
    { "cookies", "<header name=\"Cookie\" cookies=\"session wp-* !wp-admin-*\"/>", "" },
    { "cookies for another header", "<header name=\"X-A\" cookies=\"a\"/>", "2:3221" },
    { "cookies that are no names", "<header name=\"Cookie\" cookies=\"a;b\"/>", "2:3221" },
    { "a star inside", "<header name=\"Cookie\" cookies=\"a*b\"/>", "2:3221" },
    { "only exclusions", "<header name=\"Cookie\" cookies=\"!a\"/>", "2:3221" },
    { "all cookies but some", "<header name=\"Cookie\" cookies=\"* !a\"/>", "" },
    { "no cookies", "<header name=\"Cookie\" cookies=\" \"/>", "2:3221" },
};

static const row_t identities[] = {
    { "<identity>", "<identity names=\"APP_ROLE APP_USER_*\"/>\n<param name=\"APP_ROLE\" from=\"config.R\"/>", "" },
    { "a declared identity from the client", "<identity names=\"APP_ROLE\"/>\n<param name=\"APP_ROLE\" from=\"header.X\" trust=\"client\"/>", "3:3104" },
    { "a declared identity by a pattern", "<identity names=\"APP_*\"/>\n<param name=\"APP_X\" from=\"cookie.X\" trust=\"client\"/>", "3:3104" },
    { "a declared identity, declared later", "<param name=\"APP_X\" from=\"cookie.X\" trust=\"client\"/>\n<identity names=\"APP_*\"/>", "2:3104" },
    { "a literal under a declared identity", "<identity names=\"APP_X\"/>\n<param name=\"APP_X\" value=\"1\"/>", "3:3101" },
    { "a declared header", "<identity names=\"HTTP_X_ROLE\"/>\n<header name=\"X-Role\"/>\n<header name=\"X-R*\"/>\n<header name=\"X-Other\"/>",
      "3:3104 4:3104" },
    { "a declared prefix of headers", "<identity names=\"HTTP_X_ROLE*\"/>\n<header name=\"X-Role-Name\"/>\n<header name=\"X-Role-N-*\"/>",
      "3:3104 4:3104" },
    { "names that cannot be declared", "<identity names=\"QUERY_STRING\"/>\n<identity names=\"PATH\"/>\n<identity names=\"FCGI_X\"/>\n"
      "<identity names=\"app\"/>\n<identity names=\"CONTENT_TYPE\"/>", "2:3212 3:3212 4:3212 5:3212 6:3212" },
};

#define SPLIT(rest) "<param name=\"A\" from=\"config.X\" split=\";\" " rest "/>"

static const row_t chains[] = {
    { "every step", "<map name=\"m\"><entry from=\"a\" to=\"b\"/><entry from=\"c\" omit=\"yes\"/></map>"
      "<param name=\"A\" from=\"config.X\" split=\"; \" strip-suffix=\"@x\" extract=\"(.*)\" case=\"lower\" map=\"m\" join=\",\" "
      "max-items=\"3\" type=\"text\" pattern=\"[a-z,]+\" max-length=\"9\" encode=\"percent\"/>", "" },
    { "a list that is neither picked from nor joined", SPLIT(""), "2:3208" },
    { "a list that is both", SPLIT("pick=\"only\" join=\",\""), "2:3208" },
    { "pick without a list", "<param name=\"A\" from=\"config.X\" pick=\"0\"/>", "2:3208" },
    { "pick=\"matching\" without a pattern", SPLIT("pick=\"matching\""), "2:3208" },
    { "steps for a literal", "<param name=\"A\" value=\"1\" case=\"lower\"/>", "2:3208" },
    { "a pattern for a literal", "<param name=\"A\" value=\"12\" pattern=\"[0-9]\"/>", "2:3207" },
    { "a map that is not there", "<param name=\"A\" from=\"config.X\" map=\"m\"/>", "2:3218" },
    { "a map without entries", "<map name=\"m\"/>", "2:3219" },
    { "a map with two entries of one text", "<map name=\"m\"><entry from=\"a\" to=\"1\"/>\n<entry from=\"b\" to=\"2\"/>\n<entry from=\"a\" to=\"3\"/></map>",
      "4:3219" },
    { "two maps of one name", "<map name=\"m\"><entry from=\"a\" to=\"1\"/></map>\n<map name=\"m\"><entry from=\"b\" to=\"1\"/></map>", "3:3219" },
    { "a faulty map and its faulty entry", "<map>\n<entry from=\"a\"/></map>", "2:3025 3:3025" },
    { "an entry that stands alone", "<entry from=\"a\" to=\"b\"/>", "2:3023" },
    { "a pattern with look-ahead", "<param name=\"A\" from=\"config.X\" pattern=\"(?=a)a\"/>", "2:3217" },
    { "a pattern with a back-reference", "<param name=\"A\" from=\"config.X\" pattern=\"(a)\\1\"/>", "2:3217" },
    { "a pattern with a group", "<param name=\"A\" from=\"config.X\" pattern=\"(a)\"/>", "2:3217" },
    { "extract without a group", "<param name=\"A\" from=\"config.X\" extract=\"a\"/>", "2:3217" },
    { "extract with two groups", "<param name=\"A\" from=\"config.X\" extract=\"(a)(b)\"/>", "2:3217" },
    { "extract of an identity out of a domain", "<param name=\"REMOTE_USER\" from=\"auth.user\" extract=\"([^@]+)@corp\\.example\"/>", "" },
    { "extract of an identity out of any domain", "<param name=\"REMOTE_USER\" from=\"auth.user\" extract=\"([^@]+)@.*\"/>", "2:3112" },
    { "extract of an identity out of nothing", "<param name=\"REMOTE_USER\" from=\"auth.user\" extract=\"CN=(.*)\"/>", "2:3112" },
    { "a step raises no class", "<map name=\"m\"><entry from=\"a\" to=\"admin\"/></map>\n<param name=\"REMOTE_USER\" from=\"header.X\" map=\"m\"/>", "3:3104" },
};

static const row_t made[] = {
    { "<server-header>", "<server-header name=\"X-Remote-User\" from=\"auth.user\"/>", "" },
    { "<server-header> is an identity", "<server-header name=\"X-Y\" from=\"header.X-Z\"/>", "2:3104" },
    { "<server-header> of a literal", "<server-header name=\"X-Y\" value=\"1\"/>", "2:3101" },
    { "<server-header> of a literal, asserted", "<server-header name=\"X-Y\" value=\"1\" assert=\"x\"/>", "" },
    { "<server-header> for names with a meaning", "<server-header name=\"Host\" from=\"server.name\"/>\n<server-header name=\"Cookie\" from=\"auth.user\"/>\n"
      "<server-header name=\"Content-Type\" from=\"auth.user\"/>\n<server-header name=\"Content-Foo\" from=\"auth.user\"/>\n"
      "<server-header name=\"Proxy\" from=\"auth.user\"/>\n<server-header name=\"Proxy-X\" from=\"auth.user\"/>\n"
      "<server-header name=\"Connection\" from=\"auth.user\"/>", "2:3110 3:3110 4:3110 5:3110 6:3110 7:3110 8:3110" },
    { "<server-header> without a name", "<server-header name=\"X Y\" from=\"auth.user\"/>\n<server-header name=\"X-*\" from=\"auth.user\"/>", "2:3201 3:3201" },
    { "<server-header> twice", "<server-header name=\"X-A\" from=\"auth.user\"/>\n<server-header name=\"x_a\" from=\"auth.user\"/>", "3:3203" },
    { "<server-header> beside <header>", "<server-header name=\"X-A\" from=\"auth.user\"/>\n<header name=\"x_a\"/>", "3:3203" },
    { "<server-header> below a prefix", "<server-header name=\"X-A\" from=\"auth.user\"/>\n<header name=\"X-*\"/>", "" },
};

#define UPSTREAM(fields) "<upstream name=\"lb\" peers=\"10.0.0.0/8 ::1\" assert=\"our own\">\n" fields "</upstream>\n"

static const row_t upstreams[] = {
    { "<upstream>", UPSTREAM("<field name=\"X-User\" needs=\"X-Ok\"/><field name=\"X-Ok\" equals=\"yes\"/>")
      "<param name=\"REMOTE_USER\" from=\"upstream.lb.X-User\" assert=\"x\"/>", "" },
    { "an identity from an upstream without assert", UPSTREAM("<field name=\"X-User\"/>") "<param name=\"REMOTE_USER\" from=\"upstream.lb.X-User\"/>", "4:3101" },
    { "an unknown upstream", "<param name=\"A\" from=\"upstream.lb.X\" assert=\"x\"/>", "2:3220" },
    { "an unknown field", UPSTREAM("<field name=\"X-User\"/>") "<param name=\"A\" from=\"upstream.lb.X\" assert=\"x\"/>", "4:3220" },
    { "no field in the source", UPSTREAM("<field name=\"X-User\"/>") "<param name=\"A\" from=\"upstream.lb\" assert=\"x\"/>", "4:3220" },
    { "no field", UPSTREAM(""), "2:3220" },
    { "X-Forwarded-For", UPSTREAM("<field name=\"X-Forwarded-For\"/>\n<field name=\"forwarded\"/>"), "3:3220 4:3220" },
    { "a field with a meaning", UPSTREAM("<field name=\"Cookie\"/>\n<field name=\"Host\"/>\n<field name=\"TE\"/>"), "3:3220 4:3220 5:3220" },
    { "a field that is no name", UPSTREAM("<field name=\"X User\"/>"), "3:3220" },
    { "two fields of one name", UPSTREAM("<field name=\"X-User\"/>\n<field name=\"x_user\"/>"), "4:3220" },
    { "needs that lead nowhere", UPSTREAM("<field name=\"X-A\" needs=\"X-B\"/>\n<field name=\"X-C\" needs=\"X-C\"/>"), "3:3220 4:3220" },
    { "needs of needs", UPSTREAM("<field name=\"X-A\" needs=\"X-B\"/>\n<field name=\"X-B\" needs=\"X-C\"/>\n<field name=\"X-C\"/>"), "3:3220" },
    { "peers that are none", "<upstream name=\"lb\" peers=\"lb.example\" assert=\"x\"><field name=\"X\"/></upstream>", "2:3220" },
    { "no peers", "<upstream name=\"lb\" peers=\" \" assert=\"x\"><field name=\"X\"/></upstream>", "2:3220" },
    { "a name with a dot", "<upstream name=\"l.b\" peers=\"::1\" assert=\"x\"><field name=\"X\"/></upstream>", "2:3220" },
    { "two upstreams of one name", UPSTREAM("<field name=\"X-A\"/>") UPSTREAM("<field name=\"X-B\"/>"), "4:3220" },
    { "a field of two upstreams", UPSTREAM("<field name=\"X-A\"/>") "<upstream name=\"b\" peers=\"::1\" assert=\"x\"><field name=\"x_a\"/></upstream>", "4:3203" },
    { "a field beside <header>", UPSTREAM("<field name=\"X-A\"/>") "<header name=\"X-A\"/>", "4:3203" },
    { "a field beside <server-header>", UPSTREAM("<field name=\"X-A\"/>") "<server-header name=\"X-A\" from=\"auth.user\"/>", "3:3203" },
    { "no assert", "<upstream name=\"lb\" peers=\"::1\"><field name=\"X\"/></upstream>", "2:3025" },
};

static const row_t settings[] = {
    { "<request> twice", "<request methods=\"GET\"/>\n<request methods=\"HEAD\"/>", "3:3213" },
    { "<request when>", "<request methods=\"GET\"/><request when=\"path:/up\" methods=\"PUT\"/><request when=\"path:/x\" max-body=\"1G\"/>", "" },
    { "<request when> that makes no sense with <request>", "<request chunked=\"spool\"/>\n<request when=\"tls\" max-body=\"unlimited\"/>", "3:3213" },
    { "<request when> that makes sense by itself", "<request chunked=\"spool\"/>\n<request when=\"tls\" max-body=\"unlimited\" chunked=\"stream\"/>", "" },
    { "a condition of <request> that is none", "<request when=\"header:x\"/>", "2:3205" },
    { "a condition of <request> that nothing satisfies", "<request when=\"tls !tls\"/>", "2:3206" },
    { "all settings", "<request methods=\"GET\" max-body=\"unlimited\" chunked=\"stream\" upgrade=\"refuse\" encoded-slash=\"raw\"/>"
      "<response hide=\"X-Powered-By\" max-header-bytes=\"8K\" max-header-count=\"50\" max-interim=\"2\" hold=\"0\" hold-time=\"0ms\" "
      "missing-content-type=\"refuse\" local-redirect=\"follow\" interim=\"forward\" max-stderr=\"1K\"/>"
      "<backend profile=\"php-fpm\" docroot=\"/srv\" index=\"index.php\" front-controller=\"/app.php\" workers=\"fcgi://127.0.0.1:9000\"/>", "" },
    { "methods that are none", "<request methods=\"GET, HEAD\"/>", "2:3213" },
    { "no methods", "<request methods=\" \"/>", "2:3213" },
    { "an unlimited body that is kept whole", "<request max-body=\"unlimited\"/>", "2:3213" },
    { "a field to hide that is none", "<response hide=\"X-Powered-By:\"/>", "2:3213" },
    { "a docroot that is no path", "<backend profile=\"php-fpm\" docroot=\"srv\"/>", "2:3213" },
    { "a docroot with a way out", "<backend profile=\"php-fpm\" docroot=\"/srv/../etc\"/>", "2:3213" },
    { "a docroot that ends with a way out", "<backend profile=\"php-fpm\" docroot=\"/srv/..\"/>", "2:3213" },
    { "a docroot that ends with a dot", "<backend profile=\"php-fpm\" docroot=\"/srv/a.\"/>", "" },
    { "a front controller that is no path", "<backend profile=\"php-fpm\" front-controller=\"app.php\"/>", "2:3213" },
    { "an index with a path", "<backend profile=\"php-fpm\" index=\"a/index.php\"/>", "2:3213" },
    { "an index nobody looks at", "<backend profile=\"go\" index=\"index.php\"/>", "2:3213" },
    { "a front controller nobody looks at", "<backend script=\"file\" front-controller=\"/app.php\"/>", "2:3213" },
    { "a mount nobody looks at", "<backend profile=\"php-fpm\" mount=\"/app\"/>", "2:3213" },
    { "a mount", "<backend profile=\"wsgi\" mount=\"/app\"/>", "" },
    { "a mount with a query", "<backend profile=\"wsgi\" mount=\"/app?x\"/>", "2:3213" },
};

static void run_rows(const char *chapter, const row_t *rows, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        fct_findings_t *findings;
        apr_pool_t *p;
        const fct_policy_t *policy;

        apr_pool_create(&p, pool);
        policy = policy_load(rows[i].lines, &findings, p);
        if (!tap_is_str(policy_findings_text(findings, p), rows[i].expected, "%s: %s", chapter, rows[i].about)) {
            policy_diag(findings, p);
        }
        tap_ok((policy != NULL) == (findings->errors == 0), "a policy is returned only where there is no error");
        apr_pool_destroy(p);
    }
}

#define RUN(chapter, rows) run_rows(chapter, rows, sizeof(rows) / sizeof(rows[0]))

static void test_bytes(void)
{
    static const struct {
        const char *about, *text, *expected;
    } rows[] = {
        { "no bytes", "", "1:3005" },
        { "no XML", "hello", "1:3005" },
        { "half a document", "<policy", "1:3005" },
        { "another root", "<polizei xmlns=\"urn:mod-fcgi-trust:policy:1\"/>", "1:3021" },
        { "no namespace", "<policy name=\"t\" version=\"1\" language=\"1.0\"/>", "1:3020" },
        { "another namespace", "<policy xmlns=\"urn:x\" name=\"t\" version=\"1\" language=\"1.0\"/>", "1:3020" },
        { "another language", "<policy xmlns=\"urn:mod-fcgi-trust:policy:1\" name=\"t\" version=\"1\" language=\"1.1\"/>", "1:3022" },
        { "an undeclared prefix", "<x:policy name=\"t\" version=\"1\" language=\"1.0\"/>", "1:3005" },
        { "a document type", "<!DOCTYPE policy>\n" POLICY_ROOT "</policy>", "1:3004" },
        { "entities", "<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY a \"b\">]>\n" POLICY_ROOT "<description>&a;</description></policy>", "2:3004" },
        { "an external entity", "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>\n" POLICY_ROOT "<description>&a;</description></policy>",
          "1:3004" },
        { "an external subset", "<!DOCTYPE x SYSTEM \"http://192.0.2.1/x.dtd\">\n" POLICY_ROOT "</policy>", "1:3004" },
        { "billion laughs", "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
          "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">]>\n"
          "<policy xmlns=\"urn:mod-fcgi-trust:policy:1\" name=\"&d;&d;&d;\" version=\"1\" language=\"1.0\"/>", "1:3004" },
        { "an entity nobody declared", POLICY_ROOT "<description>&foo;</description></policy>", "2:3005" },
        { "UTF-7", "<?xml version=\"1.0\" encoding=\"UTF-7\"?>\n" POLICY_ROOT "</policy>", "1:3003" },
        { "an encoding nobody knows", "<?xml version=\"1.0\" encoding=\"x-klingon\"?>\n" POLICY_ROOT "</policy>", "1:3005" },
        { "a byte that is no UTF-8", POLICY_ROOT "<description>\xff</description></policy>", "2:3005" },
        { "a prefix of its own", "<p:policy xmlns:p=\"urn:mod-fcgi-trust:policy:1\" name=\"t\" version=\"1\" language=\"1.0\"><p:header name=\"X\"/></p:policy>", "" },
        { "US-ASCII", "<?xml version=\"1.0\" encoding=\"US-ASCII\"?>\n" POLICY_ROOT "</policy>", "" },
        { "a byte order mark", "\xef\xbb\xbf" POLICY_ROOT "</policy>", "" },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fct_findings_t *findings;

        policy_load_text(rows[i].text, &findings, pool);
        if (!tap_is_str(policy_findings_text(findings, pool), rows[i].expected, "bytes: %s", rows[i].about)) {
            policy_diag(findings, pool);
        }
    }
}

static fct_findings_t *load_bytes(fct_bytes_t text)
{
    fct_reader_options_t options = { FCT_POLICY_DIR, NULL, &fct_crypto_openssl };
    fct_findings_t *findings = fct_findings_create(pool);

    fct_reader_load_bytes(text, "t.xml", &options, findings, pool);
    return findings;
}

static char *repeated(const char *text, int n, fct_bytes_t *all)
{
    apr_size_t len = strlen(text), root = strlen(POLICY_ROOT);
    char *buf = apr_palloc(pool, root + len * (apr_size_t)n + 20);
    int i;

    memcpy(buf, POLICY_ROOT, root);
    for (i = 0; i < n; i++) {
        memcpy(buf + root + len * (apr_size_t)i, text, len);
    }
    memcpy(buf + root + len * (apr_size_t)n, "</policy>", 10);
    *all = fct_bytes_make(buf, root + len * (apr_size_t)n + 9);
    return buf;
}

static void test_limits(void)
{
    static const char utf16[] = "\xff\xfe<\0p\0/\0>\0";
    fct_bytes_t text;
    fct_findings_t *findings;

    tap_is_str(policy_findings_text(load_bytes(fct_bytes_make(utf16, sizeof(utf16) - 1)), pool), "0:3003", "limits: UTF-16 is refused");
    repeated("<!-- a comment of fifty bytes and some more here -->", 21000, &text);
    tap_is_str(policy_findings_text(load_bytes(text), pool), "0:3002", "limits: more than 1 MiB is refused");
    repeated("\n", 65534, &text);
    tap_is_str(policy_findings_text(load_bytes(text), pool), "0:3002", "limits: more than 65,535 lines are refused");
    repeated("\n", 65000, &text);
    tap_is_str(policy_findings_text(load_bytes(text), pool), "", "limits: 65,000 lines are not");
    repeated("<description/>\n", 8200, &text);
    tap_is_str(policy_findings_text(load_bytes(text), pool), "8194:3006", "limits: more than 8192 elements are refused");
    repeated("<identity names=\"A\"/>\n", 4097, &text);
    tap_is_str(policy_findings_text(load_bytes(text), pool), "0:3006", "limits: more than 4096 rules of a kind are refused");
    repeated("<request when=\"tls\"/>\n", 65, &text);
    tap_ok(strncmp(policy_findings_text(load_bytes(text), pool), "0:3006 ", 7) == 0, "limits: more than 64 conditional <request> are refused");
    repeated("<a>", 5000, &text);
    findings = load_bytes(text);
    tap_ok(findings->errors > 0 && findings->errors <= 12, "limits: a document 5000 deep is refused, with few words");
}

static void test_defaults(void)
{
    const fct_policy_t *policy = policy_must_load("", pool);

    tap_is_str(policy->name, "t", "the name is the policy's");
    tap_is_str(policy->version, "1", "and so is the version");
    tap_is_str(policy->file, "t.xml", "and the file");
    tap_is_str(policy->request.allow, "GET, HEAD, POST", "by default GET, HEAD and POST are allowed");
    tap_is_int(policy->request.max_body, 1048576, "by default a body has at most 1 MiB");
    tap_is_int(policy->request.chunked, FCT_CHUNKED_SPOOL, "by default a body without a length is spooled");
    tap_ok(!policy->request.refuse_upgrade, "by default an upgrade is ignored");
    tap_is_int((long long)policy->response.hold, 65536, "by default 64 KiB are held");
    tap_is_int(policy->response.hold_time, 20000, "for 20 ms");
    tap_ok(!policy->response.follow_local_redirect && !policy->response.forward_interim
           && !policy->response.refuse_missing_content_type, "by default local redirects are refused, interim responses dropped");
    tap_is_int((long long)policy->response.limits.head.max_bytes, 65536, "by default a header block has at most 64 KiB");
    tap_is_str(policy->backend.profile, "generic", "by default the profile is generic");
    tap_is_int(policy->backend.script.mode, FCT_SCRIPT_MOUNT, "which names the script by its mount");
    tap_is_int(policy->backend.script.encoded_slash, FCT_ENCODED_SLASH_REFUSE, "and encoded slashes are refused");
}

static void test_settings(void)
{
    const fct_policy_t *policy = policy_must_load(
        "<request methods=\"PUT DELETE\" max-body=\"10M\" chunked=\"refuse\" upgrade=\"refuse\" encoded-slash=\"raw\"/>"
        "<response hide=\"Server X-Powered-By\" hold=\"2K\" hold-time=\"1s\" local-redirect=\"follow\" max-interim=\"3\"/>"
        "<backend profile=\"php-fpm\" script=\"split\" docroot=\"/srv\" workers=\"fcgi://a:1 fcgi://b:2\"/>", pool);

    tap_is_str(policy->request.allow, "PUT, DELETE", "methods are what the policy says");
    tap_is_int(policy->request.max_body, 10485760, "max-body too");
    tap_is_int(policy->request.chunked, FCT_CHUNKED_REFUSE, "chunked too");
    tap_ok(policy->request.refuse_upgrade && policy->response.follow_local_redirect, "upgrade and local-redirect too");
    tap_ok(policy->response.nhide == 2 && fct_bytes_equal(policy->response.hide[1], FCT_BYTES_LITERAL("X-Powered-By")), "hide too");
    tap_is_int(policy->response.hold_time, 1000000, "hold-time too");
    tap_is_int(policy->response.limits.max_interim, 3, "max-interim too");
    tap_is_int(policy->backend.script.mode, FCT_SCRIPT_SPLIT, "script over the profile's own");
    tap_is_mem(policy->backend.script.docroot.at, policy->backend.script.docroot.len, "/srv", 4, "docroot too");
    tap_is_int((long long)policy->backend.nworkers, 2, "workers too");
    tap_ok(!fct_policy_uses(policy, FCT_SOURCE_REQUEST_ID), "it asks for no source that no rule names");
    policy = policy_must_load("<param name=\"UNIQUE_ID\" from=\"request.id\"/><header name=\"X\" when=\"authenticated\"/>", pool);
    tap_ok(fct_policy_uses(policy, FCT_SOURCE_REQUEST_ID) && fct_policy_uses(policy, FCT_SOURCE_AUTH_USER),
           "it asks for what a rule or a condition names");
}

int main(void)
{
    pool = tap_begin();
    RUN("elements", elements);
    RUN("identity", identity);
    RUN("names", names);
    RUN("parameters", params);
    RUN("headers", headers);
    RUN("identities", identities);
    RUN("values", chains);
    RUN("server headers", made);
    RUN("upstreams", upstreams);
    RUN("settings", settings);
    test_bytes();
    test_limits();
    test_defaults();
    test_settings();
    return tap_end();
}
