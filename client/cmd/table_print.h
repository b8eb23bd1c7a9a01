/*
 * table_print.h: a configured table for people and as JSON: columns, rule in words, one legal example.
 */
#ifndef SEALROOM_CLIENT_CMD_TABLE_PRINT_H
#define SEALROOM_CLIENT_CMD_TABLE_PRINT_H

#include "../output.h"
#include "model/room.h"

/* What is known besides the table itself. */
typedef struct
{
    const char *cards;       /* about the column cards, in words; NULL: nothing to say */
    const char *partner;     /* another table to use in the example; NULL: a placeholder */
    const char *partner_key; /* its join column */
} table_context;

/* `context` may be NULL. */
sr_result table_to_json(sr_json **out, const room_table *table, const table_context *context,
                        sr_err *err) SR_MUST_USE;
/* As CSV: the columns alone. */
sr_result table_print(const room_table *table, const table_context *context, output_form form,
                      sr_err *err) SR_MUST_USE;

#endif
