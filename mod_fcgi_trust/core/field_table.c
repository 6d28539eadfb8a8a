/* What the policy says of header field names, by folded name. */
#include "field_table.h"

#include "name.h"

static void init_slots(fct_field_slots_t *slots, apr_size_t n, apr_pool_t *p)
{
    apr_size_t size = 8;

    while (size < n * 2) {
        size *= 2;
    }
    slots->at = apr_pcalloc(p, size * sizeof(*slots->at));
    slots->mask = size - 1;
}

/* The slot that has the name, or the free one where it would be. */
static fct_field_entry_t *probe(const fct_field_slots_t *slots, fct_bytes_t name, apr_uint32_t hash)
{
    apr_size_t i = hash & slots->mask;

    while (!fct_bytes_is_absent(slots->at[i].folded)
           && (slots->at[i].hash != hash || !fct_name_folds_equal(slots->at[i].folded, name))) {
        i = (i + 1) & slots->mask;
    }
    return &slots->at[i];
}

void fct_field_table_init(fct_field_table_t *table, apr_size_t n, apr_pool_t *p)
{
    apr_size_t i, known;
    const fct_field_info_t *info = fct_field_name_table(&known);

    init_slots(&table->whole, known + n, p);
    init_slots(&table->prefixes, n, p);
    table->prefix_lengths = 0;
    for (i = 0; i < known; i++) {
        fct_field_table_claim(table, fct_bytes_of(info[i].folded), 0)->traits = info[i].traits;
    }
}

fct_field_entry_t *fct_field_table_claim(fct_field_table_t *table, fct_bytes_t folded, int is_prefix)
{
    apr_uint32_t hash = fct_name_hash(folded);
    fct_field_entry_t *entry = probe(is_prefix ? &table->prefixes : &table->whole, folded, hash);

    entry->folded = folded;
    entry->hash = hash;
    if (is_prefix) {
        table->prefix_lengths |= (apr_uint64_t)1 << folded.len;
    }
    return entry;
}

/* A prefix admits only what begins with it as it is written; it refuses whatever folds to it. */
static void match_prefix(const fct_field_table_t *table, fct_bytes_t front, apr_uint32_t hash, fct_field_match_t *match)
{
    const fct_field_entry_t *entry = probe(&table->prefixes, front, hash);
    const fct_plan_field_t *rule;

    if (fct_bytes_is_absent(entry->folded)) {
        return;
    }
    if (entry->refuse) {
        match->refuse_prefix = entry->refuse;
    }
    for (rule = entry->pass; rule; rule = rule->next) {
        if (fct_bytes_equal_nocase(rule->rule->name, front)) {
            match->prefix = entry->pass;
        }
    }
}

void fct_field_table_match(const fct_field_table_t *table, fct_bytes_t name, fct_field_match_t *match)
{
    const fct_field_entry_t *entry;
    apr_uint32_t hash = FCT_NAME_HASH_START;
    apr_size_t i;

    memset(match, 0, sizeof(*match));
    for (i = 0; i < name.len; i++) {
        hash = fct_name_hash_byte(hash, (unsigned char)name.at[i]);
        if (i + 1 < 64 && (table->prefix_lengths >> (i + 1)) & 1) {
            match_prefix(table, fct_bytes_make(name.at, i + 1), hash, match);
        }
    }
    match->hash = hash;
    entry = probe(&table->whole, name, hash);
    match->whole = fct_bytes_is_absent(entry->folded) ? NULL : entry;
}
