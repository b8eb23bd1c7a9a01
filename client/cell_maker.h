/*
 * cell_maker.h: makes the cells of one column, whatever its type: the one place where the client turns
 * a schema's column into a column of crypto/.
 *
 * One row of the table in cell_maker.c for each column type, the same verbs for all: new, clone,
 * encrypt, free. To add a type: its file in crypto/, its row in model/column_type.c, its row here.
 *
 * Values are payloads (crypto/cell_value.h): for text the text itself. Cleartext cells are the values.
 * Not shared by threads; each works on its own clone.
 */
#ifndef SEALROOM_CLIENT_CELL_MAKER_H
#define SEALROOM_CLIENT_CELL_MAKER_H

#include "crypto/cell.h"
#include "crypto/kdf.h"
#include "model/flags.h"
#include "schema.h"

typedef struct cell_maker cell_maker;

/* `keys` may be NULL for cleartext. For padding `max` the column's `pad.longest` must be set. */
sr_result cell_maker_new(cell_maker **out, const kdf_schedule *keys, const schema_column *column,
                         const collaboration_flags *flags, sr_err *err) SR_MUST_USE;
sr_result cell_maker_clone(cell_maker **out, const cell_maker *self, sr_err *err) SR_MUST_USE;
/* Raw cells of these rows; a failure names the cell in out->bad. */
sr_result cell_maker_encrypt(cell_maker *self, cell_batch *out, const cell_input *values,
                             const cell_rows *rows, sr_err *err) SR_MUST_USE;
void cell_maker_free(cell_maker *self); /* accepts NULL */

/* The kind of cell that a column type makes, and the type inside it for a data type. */
cell_kind cell_kind_of_column(column_type type);
cell_type cell_type_of_data(data_type data);

#endif
