/* core/policy_diff*.c: what it says of random edits of random policies agrees with what requests get under both. */
#include "policy_diff.h"

#include "name.h"
#include "policy_random.h"
#include "request.h"

#define REQUESTS 200
#define PAIRS 3600
#define LAYOUTS 150
#define FIELDS_MAX 12

static apr_pool_t *pool;

/* --- requests that policies can tell apart --- */

typedef struct sample_t {
    request_t *request;
    apr_off_t length;                   /* of a body of which the client says no length */
} sample_t;

static sample_t samples[REQUESTS];

static const char *one_of(const char *const *words, unsigned n)
{
    return words[random_below(n)];
}

#define ONE_OF(words) one_of(words, sizeof(words) / sizeof(words[0]))

static apr_sockaddr_t *an_address(void)
{
    static const char *const addresses[] = { "10.1.2.3", "10.200.0.1", "192.0.2.7", "2001:db8::1" };
    apr_sockaddr_t *address = NULL;

    if (random_below(8)) {
        apr_sockaddr_info_get(&address, ONE_OF(addresses), APR_UNSPEC, 80, 0, pool);
    }
    return address;
}

static void add_field(request_t *request)
{
    static const struct {
        const char *name;
        const char *values[5];
    } fields[] = {
        { "X-App-Foo", { "f", "foo1", "a long value indeed", "x\001y", "f" } }, { "X-App-Bar", { "b", "bar", "b", "barbar", "b" } },
        { "x-app-foo", { "f", "f", "foo", "f", "f" } }, { "X_App_Foo", { "f", "f", "f", "f", "f" } }, { "X-App-User", { "eve", "eve", "eve", "eve", "eve" } },
        { "X-A", { "a", "a;b", "a;b;c", "abcdefghijklmnopq", "1;2" } }, { "X-A", { "b;a", "12", "anna", "x;a", "bob@corp" } }, { "X-Other", { "o", "o", "o", "o", "o" } },
        { "Depth", { "1", "0", "1", "infinity", "1" } }, { "Cookie", { "c1=x", "c1=x; c2=y", "C1=z; c2=y", "c1=x; c1=y", "d=1; c1=long" } },
        { "X-Bad", { "1", "1", "1", "1", "1" } }, { "X-Bar", { "1", "1", "1", "1", "1" } }, { "X-U", { "u1", "u2", "anna", "u1", "bob@corp" } }, { "X-O", { "y", "y", "y", "", "y" } },
    };
    unsigned i = random_below(sizeof(fields) / sizeof(fields[0]));
    fct_field_origin_t origin = random_below(8) ? FCT_ORIGIN_CLIENT : FCT_ORIGIN_CHANGED;

    request_add_bytes(request, fct_bytes_of(fields[i].name), fct_bytes_of(fields[i].values[random_below(5)]), origin);
}

static void set_user(request_t *request)
{
    static const char *const users[] = { "anna", "bob@corp", "eve@other", "Carl", "a" };
    static const char *const types[] = { "Basic", "Negotiate" };

    if (random_below(3)) {
        request_set(request, "auth.user", ONE_OF(users));
        request_set(request, "auth.type", ONE_OF(types));
    }
}

static void set_certificate(request_t *request)
{
    static const char *const names[] = { "anna", "a", "Carl", "bob@corp" };
    unsigned n;

    if (!request->facts.is_tls || random_below(2)) {
        return;
    }
    request_certify(request, "subject.CN", ONE_OF(names));
    for (n = random_below(4); n > 0; n--) {
        request_certify_bytes(request, "san.email", fct_bytes_of(ONE_OF(names)), random_below(8) == 0);
    }
}

/* What modules say, before and during authentication. */
static void set_words(request_t *request)
{
    static const char *const words[] = { "a", "anna", "12", "bob@corp", "x;y" };

    request_set(request, "env.E", random_below(2) ? ONE_OF(words) : NULL);
    request_set(request, "auth.env.G", random_below(2) ? ONE_OF(words) : NULL);
    if (random_below(2)) {
        request_add_bytes(request, FCT_BYTES_LITERAL("X-S"), fct_bytes_of(ONE_OF(words)), FCT_ORIGIN_SERVER);
    }
    if (random_below(2)) {
        request_add_bytes(request, FCT_BYTES_LITERAL("X-H"), fct_bytes_of(ONE_OF(words)), FCT_ORIGIN_SERVER);
        request->fields[request->facts.nfields - 1].is_by_auth = 1;
    }
}

static void set_body(sample_t *sample)
{
    static const apr_off_t lengths[] = { 0, 2, 5, 50, 1000, 3000000 };
    apr_off_t length = lengths[random_below(6)];

    sample->request->facts.body = (fct_body_kind_t)random_below(3);
    sample->request->facts.body_length = length;
    sample->length = length;
}

static void make_sample(sample_t *sample)
{
    static const char *const paths[] = { "/", "/a", "/a/b", "/a/b/c", "/ab", "/c", "/c/d" };
    static const char *const methods[] = { "GET", "POST", "PUT", "DELETE", "GET" };
    static const char *const values[] = { "a", "a;b", "b", "12", "conf" };
    request_t *request = request_make(ONE_OF(paths), pool);
    unsigned n = random_below(FIELDS_MAX);

    sample->request = request;
    request->facts.method = fct_bytes_of(ONE_OF(methods));
    request->facts.is_tls = (int)random_below(2);
    request->facts.is_upgrade = random_below(10) == 0;
    request->facts.peer = an_address();
    request->facts.client = an_address();
    if (random_below(8) == 0) {
        request->facts.mapping.raw_path = FCT_BYTES_LITERAL("/c%2fd");
        request->facts.mapping.path = FCT_BYTES_LITERAL("/c/d");
    }
    set_user(request);
    set_words(request);
    set_certificate(request);
    set_body(sample);
    request_set(request, "request.query", "q=1");
    request_set(request, "request.authority", random_below(2) ? "a.example" : "a");
    request_set(request, "tls.https", request->facts.is_tls ? "on" : NULL);
    request_set(request, "tls.sni", random_below(2) ? "anna" : NULL);
    request_set(request, "config.C", random_below(3) ? ONE_OF(values) : NULL);
    request_set(request, "config.T", "Digest");
    while (n--) {
        add_field(request);
    }
}

/* --- what becomes of one --- */

typedef struct outcome_t {
    int status;
    int lacks_cookies;                  /* the client left them out */
    apr_array_header_t *told;           /* of const char *: "NAME=item", lists taken apart */
} outcome_t;

/* How a field is written, not what it says. */
static int is_about_form(fct_finding_id_t finding)
{
    return finding == FCT_FINDING_FIELD_VALUE_INVALID || finding == FCT_FINDING_FIELD_TOO_LONG || finding == FCT_FINDING_FIELD_TOO_MANY
        || finding == FCT_FINDING_FIELD_ALIASED || finding == FCT_FINDING_FIELD_CHANGED;
}

static void leave_out_field(request_t *request, fct_bytes_t name)
{
    apr_size_t i, kept = 0;

    for (i = 0; i < request->facts.nfields; i++) {
        if (!fct_name_folds_equal(request->fields[i].name, name)) {
            request->fields[kept++] = request->fields[i];
        }
    }
    request->facts.nfields = kept;
}

/* Leaves out all fields that fold to the one which the verdict is about. Returns 0 if that is none of them. */
static int leave_out(request_t *request, const fct_verdict_t *verdict)
{
    fct_bytes_t name = FCT_BYTES_ABSENT;
    apr_size_t i;

    for (i = 0; i < request->facts.nfields; i++) {
        const char *text = fct_bytes_string(request->fields[i].name, request->p);
        const char *at = strstr(verdict->detail, text);

        if (at && at[strlen(text)] != '-' && strlen(text) > name.len) {
            name = request->fields[i].name;
        }
    }
    if (fct_bytes_is_absent(name)) {
        return 0;
    }
    leave_out_field(request, name);
    return 1;
}

static void take_apart(outcome_t *outcome, const char *name, fct_bytes_t value, apr_pool_t *p)
{
    char *state = NULL;
    char *item = apr_strtok(apr_pstrmemdup(p, value.len ? value.at : "", value.len), ";,| ", &state);

    APR_ARRAY_PUSH(outcome->told, const char *) = name;
    for (; item; item = apr_strtok(NULL, ";,| ", &state)) {
        APR_ARRAY_PUSH(outcome->told, const char *) = apr_pstrcat(p, name, "=", item, NULL);
    }
}

/* What the gateway does with a body once its length is known. */
static int judge_body(const sample_t *sample, const fct_request_rules_t *rules, outcome_t *outcome)
{
    if (sample->request->facts.body != FCT_BODY_UNKNOWN) {
        return 0;
    }
    if (rules->max_body != FCT_BODY_UNLIMITED && sample->length > rules->max_body) {
        return 413;
    }
    if (rules->chunked == FCT_CHUNKED_SPOOL) {
        APR_ARRAY_PUSH(outcome->told, const char *) = "CONTENT_LENGTH";
    }
    return 0;
}

static int has_cookies(const request_t *request)
{
    apr_size_t i = 0;

    while (i < request->facts.nfields && !fct_bytes_equal(request->fields[i].name, FCT_BYTES_LITERAL("Cookie"))) {
        i++;
    }
    return i < request->facts.nfields;
}

/* Who is refused for the form of a field leaves it out and asks again. */
static outcome_t run(const sample_t *sample, int without_cookies, const fct_policy_t *policy, apr_pool_t *p)
{
    request_t request = *sample->request;
    outcome_t outcome = { 0, 0, NULL };
    fct_bytes_t name, value;
    apr_size_t cookie = 0;
    fct_params_t *params;
    fct_verdict_t verdict;

    request.p = p;
    request.facts.fields = request.fields;
    request.facts.context = &request;
    if (without_cookies) {
        leave_out_field(&request, FCT_BYTES_LITERAL("Cookie"));
    }
    do {
        params = fct_params_create(512, 1 << 16, p);
        verdict = fct_eval_request(policy, &request.facts, params, NULL, p);
    } while (verdict.status && is_about_form(verdict.finding) && leave_out(&request, &verdict));
    outcome.status = verdict.status;
    outcome.lacks_cookies = has_cookies(sample->request) && !has_cookies(&request);
    outcome.told = apr_array_make(p, 32, sizeof(const char *));
    while (!verdict.status && fct_params_next(params, &cookie, &name, &value)) {
        take_apart(&outcome, fct_bytes_string(name, p), value, p);
    }
    if (outcome.status == 0) {
        outcome.status = judge_body(sample, verdict.request, &outcome);
    }
    if (outcome.status) {
        outcome.told->nelts = 0;
    }
    return outcome;
}

static int has(const outcome_t *outcome, const char *told)
{
    int i;

    for (i = 0; i < outcome->told->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(outcome->told, i, const char *), told) == 0) {
            return 1;
        }
    }
    return 0;
}

/* The first thing that `b` is told and `a` is not; NULL: nothing. */
static const char *gain(const outcome_t *a, const outcome_t *b)
{
    int i;

    if (a->status && !b->status) {
        return "(passes)";
    }
    for (i = 0; !a->status && i < b->told->nelts; i++) {
        if (!has(a, APR_ARRAY_IDX(b->told, i, const char *))) {
            return APR_ARRAY_IDX(b->told, i, const char *);
        }
    }
    return NULL;
}

/* --- what diff says --- */

static int is_about(const fct_policy_change_t *change, const char *told)
{
    const char *name = strchr(change->subject, ' ');

    return *told == '(' || (name && strncmp(told, name + 1, strcspn(told, "=")) == 0) || strncmp(told, "HTTP_X_APP_USER", 15) == 0;
}

/* Something is said to be of this kind; or what is told comes from elsewhere now. */
static int says(const apr_array_header_t *changes, fct_change_kind_t kind, const char *told)
{
    int i;

    for (i = 0; i < changes->nelts; i++) {
        const fct_policy_change_t *change = &APR_ARRAY_IDX(changes, i, fct_policy_change_t);

        if ((change->kinds & kind) || ((change->kinds & FCT_CHANGE_RESOURCED) && is_about(change, told))) {
            return 1;
        }
    }
    return 0;
}

static int says_nothing(const apr_array_header_t *changes)
{
    int i;

    for (i = 0; i < changes->nelts; i++) {
        if (APR_ARRAY_IDX(changes, i, fct_policy_change_t).kinds != FCT_CHANGE_METADATA) {
            return 0;
        }
    }
    return 1;
}

/* Why the two disagree; NULL: they do not. */
static const char *contradiction(const apr_array_header_t *changes, const sample_t *sample, const fct_policy_t *was, const fct_policy_t *is,
                                 apr_pool_t *p)
{
    outcome_t a = run(sample, 0, was, p), b = run(sample, 0, is, p);
    const char *gained, *lost;

    if (a.lacks_cookies != b.lacks_cookies) {            /* which of them to leave out is the client's choice: all, both times */
        a = run(sample, 1, was, p);
        b = run(sample, 1, is, p);
    }
    gained = gain(&a, &b);
    lost = gain(&b, &a);
    if (gained && !says(changes, FCT_CHANGE_WIDENED, gained)) {
        return apr_psprintf(p, "nothing is said to be wider, and there is %s (%d, was %d)", gained, b.status, a.status);
    }
    if (lost && !says(changes, FCT_CHANGE_NARROWED, lost)) {
        return apr_psprintf(p, "nothing is said to be narrower, and there is no %s (%d, was %d)", lost, b.status, a.status);
    }
    if ((gained || lost || (changes->nelts && a.status != b.status)) && says_nothing(changes)) {
        return apr_psprintf(p, "nothing is said, and the status is %d, was %d", b.status, a.status);
    }
    return NULL;
}

/* --- pairs --- */

static struct {
    int pairs, changed, requests, widened, narrowed, both, different;
} tally;

static void count(const apr_array_header_t *changes)
{
    int i;

    for (i = 0; i < changes->nelts; i++) {
        unsigned kinds = APR_ARRAY_IDX(changes, i, fct_policy_change_t).kinds & (FCT_CHANGE_WIDENED | FCT_CHANGE_NARROWED);

        tally.widened += kinds == FCT_CHANGE_WIDENED;
        tally.narrowed += kinds == FCT_CHANGE_NARROWED;
        tally.both += kinds == (FCT_CHANGE_WIDENED | FCT_CHANGE_NARROWED);
    }
    tally.pairs++;
    tally.changed += changes->nelts > 0;
}

static void complain(const char *why, const apr_array_header_t *changes, const char *was, const char *is, apr_pool_t *p)
{
    char *state = NULL, *line;
    int i;

    tap_diag("%s", why);
    for (i = 0; i < changes->nelts; i++) {
        const fct_policy_change_t *change = &APR_ARRAY_IDX(changes, i, fct_policy_change_t);

        tap_diag("said: %s: %s %s", fct_policy_diff_kinds_text(change->kinds, p), change->subject, change->attribute ? change->attribute : "");
    }
    for (line = apr_strtok(apr_pstrcat(p, "--- old\n", was, "\n--- new\n", is, NULL), "\n", &state); line; line = apr_strtok(NULL, "\n", &state)) {
        tap_diag("%s", line);
    }
}

/* Loads without errors; else NULL. */
static const fct_policy_t *load(const char *text, apr_pool_t *p)
{
    fct_findings_t *findings;

    return policy_load(text, &findings, p);
}

/* 1 if diff and requests agree. */
static int agree(const fct_policy_t *was, const fct_policy_t *is, const char *was_text, const char *is_text, apr_pool_t *p)
{
    const apr_array_header_t *changes = fct_policy_diff(was, is, &fct_crypto_openssl, p);
    int same = strcmp(was->digest, is->digest) == 0;
    const char *why = NULL;
    int i;

    count(changes);
    if (same != (changes->nelts == 0)) {
        why = same ? "the digests are equal, and something is said" : "the digests differ, and nothing is said";
    }
    for (i = 0; i < REQUESTS && why == NULL; i++) {
        apr_pool_t *each;

        apr_pool_create(&each, p);
        why = contradiction(changes, &samples[i], was, is, each);
        why = why ? apr_psprintf(p, "request %d: %s", i, why) : NULL;
        apr_pool_destroy(each);
        tally.requests++;
    }
    if (why) {
        complain(why, changes, was_text, is_text, p);
    }
    return why == NULL;
}

/* A random policy that loads, and what an edit makes of it, if that does. */
static int try_pair(unsigned seed, void (*edit)(random_policy_t *policy), unsigned edits)
{
    random_policy_t policy;
    const fct_policy_t *was, *is = NULL;
    const char *was_text, *is_text;
    int agreed = 1;
    apr_pool_t *p;
    unsigned i;

    apr_pool_create(&p, pool);
    random_seed(seed);
    do {
        random_policy(&policy, 3 + random_below(9));
        was_text = random_policy_text(&policy, p);
        was = load(was_text, p);
    } while (was == NULL);
    for (i = 0; i < edits; i++) {
        edit(&policy);
    }
    is_text = random_policy_text(&policy, p);
    is = load(is_text, p);
    if (is && !agree(was, is, was_text, is_text, p)) {
        tap_diag("that was seed %u", seed);
        agreed = 0;
    }
    if (is && edit == random_layout && strcmp(was->digest, is->digest) != 0) {
        tap_diag("seed %u: layout changed the digest\n%s\n%s", seed, was_text, is_text);
        agreed = 0;
    }
    apr_pool_destroy(p);
    return agreed;
}

static int try_pairs(unsigned first, unsigned n, void (*edit)(random_policy_t *policy), unsigned edits)
{
    int disagreed = 0;
    unsigned i;

    for (i = 0; i < n && disagreed < 5; i++) {
        disagreed += !try_pair(first + i, edit, edits);
    }
    return disagreed;
}

int main(int argc, const char *const *argv)
{
    unsigned seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
    unsigned n = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : PAIRS;
    unsigned i;

    pool = tap_begin();
    random_seed(seed);
    for (i = 0; i < REQUESTS; i++) {
        make_sample(&samples[i]);
    }
    tap_is_int(try_pairs(seed, n, random_edit, 1), 0, "what diff says of one edit agrees with what requests get");
    tap_is_int(try_pairs(seed + 1000000, n / 3, random_edit, 4), 0, "what diff says of several edits agrees with what requests get");
    tap_ok(tally.pairs > (int)n / 3 && tally.changed > tally.pairs / 2 && tally.widened > 20 && tally.narrowed > 20,
           "there was something to say of %d policies of %d", tally.changed, tally.pairs);
    tap_diag("%d requests; %d changes only widened, %d only narrowed, %d perhaps both", tally.requests, tally.widened, tally.narrowed, tally.both);
    tally.changed = 0;
    tap_is_int(try_pairs(seed + 2000000, n / 6 + 1, random_layout, 1), 0, "another layout changes neither digest nor requests");
    tap_is_int(tally.changed, 0, "and diff says nothing of it");
    return tap_end();
}
