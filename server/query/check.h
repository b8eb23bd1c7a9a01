/*
 * check.h: the parts of the check stage, for each other. One `check_state` goes through all of them; what they
 * add to `out` is what may happen.
 */
#ifndef SEALROOM_SERVER_QUERY_CHECK_H
#define SEALROOM_SERVER_QUERY_CHECK_H

#include "checked.h"
#include "resolved.h"

/* Refusals say SR_E_REFUSED through query_refuse; indices count items of `out`. */
typedef struct
{
    checked_query *out;           /* grows part by part */
    const resolved_query *in;     /* what is asked */
    const query_request *request; /* who asks, and the collaboration's flags */
} check_state;

/* Where a node stands in the text; the table of a column node. */

query_place check_place(const check_state *checking, const ast_node *node);
const checked_table *check_table(const check_state *checking, const ast_node *column);

/* check_join.c: every ON, and that each table with joinRequired meets one of the runner's. */
sr_result check_joins(check_state *checking, sr_err *err) SR_MUST_USE;

/* check_where.c: comparisons with constants, put together with AND, OR and NOT. */
sr_result check_where(check_state *checking, sr_err *err) SR_MUST_USE;
sr_result check_having(check_state *checking, sr_err *err) SR_MUST_USE;

/* check_value.c. `use` completes "column … cannot be …": "selected", "grouped by", "filtered". */
sr_result check_operand(checked_operand *out, check_state *checking, const ast_node *node,
                        const char *use, sr_err *err) SR_MUST_USE;

/* check_literal.c: a constant of this type becomes a parameter; its index. `subject` names what it meets. */
sr_result check_literal(size_t *index, check_state *checking, checked_parameters *parameters,
                        const ast_node *node, data_type type, const char *subject,
                        sr_err *err) SR_MUST_USE;
/* A plain whole number from `least` to `most`. */
sr_result check_small_number(int64_t *out, const check_state *checking, const ast_node *node,
                             int64_t least, int64_t most, sr_err *err) SR_MUST_USE;
/* A constant of the SELECT list. */
sr_result check_constant(size_t *index, check_state *checking, const ast_node *node,
                         sr_err *err) SR_MUST_USE;
/* A text that was checked elsewhere; borrowed. */
size_t check_add_text(checked_parameters *parameters, const char *text);

/* check_aggregate.c: COUNT, SUM and AVG by name; equal aggregates are one. */
bool check_is_aggregate(const ast_node *node);
sr_result check_aggregate(size_t *index, check_state *checking, const ast_node *node,
                          sr_err *err) SR_MUST_USE;

/* What a column may be used for, e.g. "its rule allows it in joins and COUNT_DISTINCT"; owned. */
char *check_uses(const checked_table *table, const char *column) SR_MUST_USE;

#endif
