/*
 * resolved.h: a parsed query whose names are gone: each column node carries the index of its table here and
 * of its column in that table; each table is a configured table of this collaboration with its rule.
 */
#ifndef SEALROOM_SERVER_QUERY_RESOLVED_H
#define SEALROOM_SERVER_QUERY_RESOLVED_H

#include "ast.h"
#include "model/rule.h"

/* A table of FROM; owns its description and its rule. */
typedef struct
{
    room_table room;
    uint64_t engine_table;
    analysis_rule *rule;
    const char *alias; /* borrowed from the parsed query */
    long at;           /* its place in the text */
} resolved_table;

struct resolved_query
{
    const parsed_query *parsed;
    resolved_table *tables; /* in the order of FROM */
    size_t table_count;
};

/* The column that an AST_COLUMN node means. */
const room_column *resolved_column(const resolved_query *query, const ast_node *node);
/* What the item is called in the answer: its AS, else PostgreSQL's choice (column or function name). */
const char *resolved_label(const ast_item *item);

#endif
