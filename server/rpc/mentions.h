/*
 * mentions.h: which tables a refused query speaks of.
 *
 * A query that is refused before its names are resolved (a syntax error, `SELECT *`, a caller without the
 * ability) still belongs on the record of the owners of the tables that it was after. So for a refusal every
 * table of the collaboration whose name stands in the text as a word, in any case, counts as touched. A name
 * inside a comment or a text counts too: an owner rather sees one attempt too many.
 */
#ifndef SEALROOM_SERVER_RPC_MENTIONS_H
#define SEALROOM_SERVER_RPC_MENTIONS_H

#include "server/catalog/catalog.h"

typedef struct
{
    room_table_version *items;
    size_t count;
} mentioned_tables;

void mentioned_tables_clear(mentioned_tables *tables);
#define MENTIONED_TABLES(name) mentioned_tables name SR_CLEANUP(mentioned_tables_clear) = {NULL, 0}

/* `known` (those that were resolved) and the tables that the text names besides, each once. */
sr_result mentions_find(mentioned_tables *out, catalog *catalog, const sr_uuid *collaboration,
                        const char *sql, const room_table_version *known, size_t known_count,
                        sr_err *err) SR_MUST_USE;
/* True when `name` stands in the text as a word, in any case. */
bool mentions_name(const char *sql, const char *name);

#endif
