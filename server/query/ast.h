/*
 * ast.h: a query as our own small tree: what `parse` makes and `resolve` and `check` read.
 *
 * It holds one SELECT over inner joins and nothing else; there is no node for what we do not support, so
 * that nothing of the kind can reach a later stage. Nodes and texts belong to the parsed_query and live
 * as long. Names are folded as PostgreSQL folds them: lower case unless quoted.
 *
 *     select   items [from-tables, joins] [where] [group by …] [having] [order by …]
 *     node     kind      text            args
 *              COLUMN    -               -                 qualifier (or NULL), name; see resolved.h
 *              LITERAL   its text        -                 literal kind; NULL has no text
 *              CALL      function name   arguments         star, distinct; COALESCE too
 *              CAST      type name       one, [length]
 *              COMPARE   = <> < <= > >=  two
 *              IN        -               left, then items  negated
 *              LIKE      -               left, pattern, [escape character]   negated
 *              BETWEEN   -               left, low, high   negated
 *              IS_NULL   -               one               negated
 *              AND, OR   -               two or more
 *              NOT       -               one
 */
#ifndef SEALROOM_SERVER_QUERY_AST_H
#define SEALROOM_SERVER_QUERY_AST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "refuse.h"
#include "stages.h"

typedef enum
{
    AST_COLUMN,
    AST_LITERAL,
    AST_CALL,
    AST_CAST,
    AST_COMPARE,
    AST_IN,
    AST_LIKE,
    AST_BETWEEN,
    AST_IS_NULL,
    AST_AND,
    AST_OR,
    AST_NOT,
} ast_kind;

typedef enum
{
    AST_NUMBER,
    AST_TEXT,
    AST_BOOLEAN, /* text "true" or "false" */
    AST_NULL,
} ast_literal;

typedef struct ast_node ast_node;

struct ast_node
{
    ast_kind kind;
    long at; /* byte offset in the text, negative when unknown */
    ast_literal literal;
    const char *text;      /* see the table above */
    const char *qualifier; /* COLUMN: table name or alias, or NULL */
    const char *name;      /* COLUMN */
    ast_node **args;
    size_t arg_count;
    bool negated;
    bool star;
    bool distinct;
    bool special; /* CALL written in SQL's own syntax, e.g. TRIM(BOTH FROM x) */
    /* Written by resolve, for COLUMN: */
    size_t table;
    size_t column;
};

/* An item of the SELECT list. */
typedef struct
{
    const char *label; /* NULL when the item has no AS */
    ast_node *node;
} ast_item;

/* A table of FROM. */
typedef struct
{
    const char *name;
    const char *alias; /* the name when there is no alias */
    long at;
} ast_table;

/* Tables [first, middle) joined with [middle, end) of the FROM list, read from left to right. */
typedef struct
{
    size_t first;
    size_t middle;
    size_t end;
    ast_node *condition;
} ast_join;

/* ORDER BY; PostgreSQL's default is LAST for ascending, FIRST for descending order. */
typedef enum
{
    AST_NULLS_DEFAULT,
    AST_NULLS_FIRST,
    AST_NULLS_LAST,
} ast_nulls;

typedef struct
{
    ast_node *node;
    bool descending;
    ast_nulls nulls;
} ast_order;

/* Beyond these a query is too complex (QUERY_TOO_COMPLEX). */
enum
{
    AST_MOST_NODES = 8000,
    AST_MOST_DEPTH = 64,
    AST_MOST_TABLES = 16,
    AST_MOST_ITEMS = 200, /* of SELECT, GROUP BY and ORDER BY each */
};

struct parsed_query
{
    char *sql;
    ast_item *items;
    size_t item_count;
    ast_table *tables;
    size_t table_count;
    ast_join *joins;
    size_t join_count;
    ast_node *where; /* NULL: none */
    ast_node **groups;
    size_t group_count;
    ast_node *having; /* NULL: none */
    ast_order *orders;
    size_t order_count;
    size_t node_count;
    void **memory; /* everything above, released together */
    size_t memory_count;
    size_t memory_room;
};

/* Zeroed memory that lives as long as the tree. Never NULL. */
void *ast_alloc(parsed_query *tree, size_t count, size_t size) SR_MUST_USE;
const char *ast_text(parsed_query *tree, const char *text) SR_MUST_USE;
/* A node, counted against AST_MOST_NODES. */
sr_result ast_node_new(ast_node **out, parsed_query *tree, ast_kind kind, long at,
                       sr_err *err) SR_MUST_USE;

/* Fills an empty tree (`sql` set) from libpg_query's JSON. Default deny: a node, a field or a value that
 * the readers do not know is refused by name. */
sr_result ast_read(parsed_query *tree, const sr_json *document, sr_err *err) SR_MUST_USE;
/* One expression (ast_expr.c). */
sr_result ast_read_node(ast_node **out, parsed_query *tree, const sr_json *json, unsigned depth,
                        sr_err *err) SR_MUST_USE;
/* An object's only member: its node's name and body. NULL name when there is not exactly one. */
const char *ast_node_name(const sr_json **body, const sr_json *json);
/* Refuses members of `body` that are not in the NULL-terminated list, by our words for them. */
sr_result ast_only(const parsed_query *tree, const sr_json *body, const char *const *known, long at,
                   sr_err *err) SR_MUST_USE;
/* "construct X is not allowed", in our words for libpg_query's node or field name. */
sr_result ast_refuse(const parsed_query *tree, const char *name, long at, sr_err *err);
long ast_at(const sr_json *body); /* the member "location" */
/* The only String of a list of names; NULL when there are several (schema-qualified). */
const char *ast_only_name(const sr_json *list);
/* Refuses with QUERY_TOO_COMPLEX: "the query is too complex: <what>". */
sr_result ast_too_complex(const parsed_query *tree, long at, const char *what, sr_err *err);

#endif
