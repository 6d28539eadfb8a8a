/* core/eval*.c: what a request costs in instructions: the same with ten rules as with a thousand, and linear in what it carries.
 *
 * Without arguments it measures itself with valgrind; with "RULES FIELDS REQUESTS" it is what is measured. */
#include "policy.h"
#include "request.h"

static apr_pool_t *pool;

/* --- what is measured --- */

static const fct_policy_t *make_policy(int rules)
{
    apr_array_header_t *lines = apr_array_make(pool, rules + 1, sizeof(const char *));
    int i;

    APR_ARRAY_PUSH(lines, const char *) = "<extends shipped=\"generic\"/>";
    for (i = 0; i < rules; i++) {
        APR_ARRAY_PUSH(lines, const char *) = apr_psprintf(pool, i % 10 == 0 ? "<header name=\"Y-Rule-%d-*\"/>" : "<header name=\"X-Rule-%d\"/>", i);
    }
    return policy_must_load(apr_array_pstrcat(pool, lines, '\n'), pool);
}

static request_t *make_request(int fields)
{
    static const char *const names[] = { "User-Agent", "Accept", "Accept-Language", "Cookie", "Referer" };
    request_t *request = request_make("/a/path", pool);
    int i;

    for (i = 0; i < fields; i++) {
        request_add(request, i < 5 ? names[i] : apr_psprintf(pool, "Y-Rule-0-%d", i), "a value of forty bytes, as many have it");
    }
    return request;
}

static int run(int rules, int fields, int requests)
{
    const fct_policy_t *policy = make_policy(rules);
    request_t *request = make_request(fields);
    apr_pool_t *p;
    int i;

    apr_pool_create(&p, pool);
    for (i = 0; i < requests; i++) {
        if (fct_eval_request(policy, &request->facts, fct_params_create(4096, 1 << 20, p), NULL, p).status) {
            return 1;
        }
        apr_pool_clear(p);
    }
    return 0;
}

/* --- measuring --- */

static double count_instructions(const char *self, int rules, int fields, int requests)
{
    char *command = apr_psprintf(pool, "valgrind --tool=callgrind --callgrind-out-file=/dev/null '%s' %d %d %d 2>&1", self, rules, fields, requests);
    FILE *said = popen(command, "r");
    char line[512];
    double count = -1;

    while (said && fgets(line, sizeof(line), said)) {
        char *at = strstr(line, "Collected : ");

        if (at) {
            count = strtod(at + strlen("Collected : "), NULL);
        }
    }
    return said && pclose(said) == 0 ? count : -1;
}

static double per_request(const char *self, int rules, int fields)
{
    double few = count_instructions(self, rules, fields, 10);
    double many = count_instructions(self, rules, fields, 210);

    if (few < 0 || many <= few) {
        printf("Bail out! valgrind does not count\n");
        exit(1);
    }
    return (many - few) / 200;
}

static int can_measure(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return 0;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    return 0;
#endif
#endif
    return system("valgrind --version >/dev/null 2>&1") == 0;
}

int main(int argc, char **argv)
{
    double ten, thousand, fields[3];

    if (argc < 4 && !can_measure()) {
        printf("1..0 # SKIP valgrind is not installed, or the build has sanitizers\n");
        return 0;
    }
    pool = tap_begin();
    if (argc == 4) {
        return run(atoi(argv[1]), atoi(argv[2]), atoi(argv[3]));
    }
    ten = per_request(argv[0], 10, 20);
    thousand = per_request(argv[0], 1000, 20);
    tap_diag("20 fields: %.0f instructions with 10 more rules, %.0f with 1,000", ten, thousand);
    tap_ok(thousand < ten * 1.1, "a thousand rules cost at most a tenth more than ten");
    fields[0] = per_request(argv[0], 10, 10);
    fields[1] = ten;
    fields[2] = per_request(argv[0], 10, 40);
    tap_diag("10, 20 and 40 fields: %.0f, %.0f and %.0f instructions", fields[0], fields[1], fields[2]);
    tap_ok(fields[2] - fields[1] < (fields[1] - fields[0]) * 2 * 1.25, "the cost is linear in the fields that a request carries");
    tap_ok(fields[1] < 60000, "and small: twenty fields cost less than 60,000 instructions");
    return tap_end();
}
