/* core/finding.c: the table is well-formed and the list sorts, merges and counts. */
#include "finding.h"

#include "tap.h"

#include <apr_strings.h>

static int ends_with_full_stop(const char *sentence)
{
    size_t n = strlen(sentence);

    return n > 1 && sentence[n - 1] == '.' && sentence[n - 2] != '.' && sentence[n - 2] != ' ';
}

static void test_table(void)
{
    apr_size_t i, n;
    const fct_finding_info_t *table = fct_finding_table(&n);
    int ascending = 1, found = 1, told = 1;
    const char *sentence;

    for (i = 0; i < n; i++) {
        ascending &= i == 0 || table[i - 1].id < table[i].id;
        found &= fct_finding_info(table[i].id) == &table[i];
        sentence = table[i].sentence;
        if (table[i].area[0] == '\0' || strlen(sentence) < 10 || ends_with_full_stop(sentence)) {
            tap_diag("FCT%04d: '%s'", (int)table[i].id, sentence);
            told = 0;
        }
    }
    tap_ok(n > 50, "there are findings");
    tap_ok(ascending, "the rows stand in the order of their numbers, none twice");
    tap_ok(found, "each row is found by its number");
    tap_ok(told, "each row has an area and a sentence without a full stop");
    tap_ok(fct_finding_info(FCT_FINDING_NONE) == NULL, "0 is no finding");
    tap_ok(fct_finding_info((fct_finding_id_t)1100) == NULL, "a number between two rows is no finding");
    tap_ok(fct_finding_info(FCT_FINDING_MAX) == NULL, "a number behind all rows is no finding");
}

static const fct_finding_t *item(const fct_findings_t *list, int i)
{
    return &APR_ARRAY_IDX(list->items, i, fct_finding_t);
}

static void test_list(apr_pool_t *p)
{
    fct_findings_t *list = fct_findings_create(p);
    char file[] = "b.xml";

    fct_findings_sort(list);
    tap_is_int(list->items->nelts, 0, "an empty list can be sorted");

    fct_findings_add(list, FCT_FINDING_RECORD_ID, file, 7, "seven of %s", "b");
    fct_findings_add(list, FCT_FINDING_RECORD_ID, file, 7, "seven of %s", "b");
    fct_findings_add(list, FCT_FINDING_RECORD_VERSION, file, 7, "seven of b");
    fct_findings_add(list, FCT_FINDING_RECORD_ID, file, 7, "another seven");
    fct_findings_add(list, FCT_FINDING_RESPONSE_STDOUT_LATE, file, 6, NULL);
    fct_findings_add(list, FCT_FINDING_RECORD_ID, "a.xml", 90, NULL);
    fct_findings_add(list, FCT_FINDING_RECORD_ID, NULL, 0, NULL);
    file[0] = 'z';
    tap_is_int(list->errors, 6, "a warning is not counted among the errors");

    fct_findings_sort(list);
    tap_is_int(list->items->nelts, 6, "the same finding at the same place is there once");
    tap_is_int(list->errors, 5, "and counted once");
    tap_ok(item(list, 0)->file == NULL, "what is no file's fault comes first");
    tap_is_str(item(list, 1)->file, "a.xml", "then file by file");
    tap_is_int(item(list, 2)->line, 6, "then line by line");
    tap_is_int(item(list, 3)->id, FCT_FINDING_RECORD_VERSION, "then by number");
    tap_is_str(item(list, 4)->detail, "another seven", "then by detail");
    tap_is_str(item(list, 5)->file, "b.xml", "the list keeps its own copy of a file's name");
    tap_is_str(item(list, 0)->detail, fct_finding_info(FCT_FINDING_RECORD_ID)->sentence,
               "without a format the detail is the table's sentence");
}

static void test_order(apr_pool_t *p)
{
    static const int lines[] = { 5, 1, 9, 3, 7, 2, 8, 6, 4 };
    fct_findings_t *list = fct_findings_create(p);
    int i, wrong = 0;

    for (i = 0; i < 9; i++) {
        fct_findings_add(list, FCT_FINDING_RECORD_ID, "a.xml", lines[i], NULL);
    }
    fct_findings_sort(list);
    for (i = 0; i < 9; i++) {
        wrong += item(list, i)->line != i + 1;
    }
    tap_is_int(wrong, 0, "nine lines in any order come out in order");
}

static void test_text(apr_pool_t *p)
{
    fct_finding_t finding = { FCT_FINDING_RECORD_ID, "hr.xml", 12, "what is wrong" };

    tap_is_str(fct_finding_text(&finding, p), "hr.xml:12: FCT1102 record: what is wrong", "a finding tells file and line");
    finding.line = 0;
    tap_is_str(fct_finding_text(&finding, p), "hr.xml: FCT1102 record: what is wrong", "or only the file");
    finding.file = NULL;
    tap_is_str(fct_finding_text(&finding, p), "FCT1102 record: what is wrong", "or neither");
}

int main(void)
{
    apr_pool_t *p = tap_begin();

    test_table();
    test_list(p);
    test_order(p);
    test_text(p);
    return tap_end();
}
