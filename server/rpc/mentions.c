#include "mentions.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void mentioned_tables_clear(mentioned_tables *tables)
{
    sr_free(tables->items);
    *tables = (mentioned_tables){NULL, 0};
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

bool mentions_name(const char *sql, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = sql; *at != '\0'; at++)
    {
        bool begins = at == sql || !is_word(at[-1]);
        if (begins && strncasecmp(at, name, len) == 0 && !is_word(at[len]))
            return true;
    }
    return false;
}

static void add(mentioned_tables *out, const room_table_version *version)
{
    for (size_t i = 0; i < out->count; i++)
        if (strcmp(out->items[i].table, version->table) == 0)
            return;
    out->items = sr_array_grow(out->items, out->count, out->count + 1, sizeof *out->items);
    out->items[out->count++] = *version;
}

typedef struct
{
    catalog_table *items;
    size_t count;
} all_tables;

static void all_tables_clear(all_tables *tables)
{
    catalog_tables_free(tables->items, tables->count);
}

sr_result mentions_find(mentioned_tables *out, catalog *from, const sr_uuid *collaboration,
                        const char *sql, const room_table_version *known, size_t known_count,
                        sr_err *err)
{
    all_tables all SR_CLEANUP(all_tables_clear) = {NULL, 0};
    *out = (mentioned_tables){NULL, 0};
    if (catalog_table_list(&all.items, &all.count, from, collaboration, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < known_count; i++)
        add(out, &known[i]);
    for (size_t i = 0; i < all.count; i++)
    {
        const room_table *table = &all.items[i].room;
        room_table_version version = {.version = table->version};
        if (!mentions_name(sql, table->name))
            continue;
        sr_copy(version.table, table->name, sizeof version.table);
        sr_copy(version.owner, table->owner, sizeof version.owner);
        add(out, &version);
    }
    return SR_OK;
}
