/*
 * batch.h: cells on their way over the wire, column by column (sealroom.v1.ColumnBatch):
 *
 *     nulls    bitmap, least significant bit first, row 0 first; empty when no cell is NULL
 *     width    not 0: every non-NULL cell has this many bytes, and there are no lengths
 *     lengths  one for each row otherwise; 0 for a NULL cell
 *     data     the bytes of the non-NULL cells, one after another
 *
 * Both ends use this file: what one gathers the other splits. A batch from a peer is checked whole before
 * any cell is handed out: bitmap and lengths must fit the number of rows, data must be used up exactly.
 */
#ifndef SEALROOM_MODEL_BATCH_H
#define SEALROOM_MODEL_BATCH_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

enum
{
    BATCH_MOST_ROWS = 65536,
    /* Rows times columns: bounds the memory that a small message of NULLs can ask for. */
    BATCH_MOST_CELLS = 1 << 20,
};

/* A column of a batch as it travels; everything is borrowed. */
typedef struct
{
    sr_slice nulls;
    uint32_t width;
    const uint32_t *lengths;
    size_t length_count;
    sr_slice data;
} batch_column;

/* Fills `cells` and `nulls` (`rows` items each); the cells are borrowed from column->data. SR_E_FORMAT
 * for a column that contradicts itself; what was filled until then means nothing. */
sr_result batch_split(sr_slice *cells, bool *nulls, const batch_column *column, uint32_t rows,
                      sr_err *err) SR_MUST_USE;

/* Gathers the cells of one column. `width` as above, fixed for its life. */
typedef struct
{
    sr_buf data;
    uint32_t *lengths;
    uint8_t *nulls;
    uint32_t width;
    uint32_t rows;
    uint32_t most_rows;
    bool has_nulls;
} batch_gatherer;

void batch_gatherer_init(batch_gatherer *gatherer, uint32_t width, uint32_t most_rows,
                         size_t most_bytes);
void batch_gatherer_clear(batch_gatherer *gatherer);
/* SR_E_LIMIT when the bytes are full; more rows than announced, or a cell that is not `width` bytes
 * long, is a mistake of the caller (asserted). */
sr_result batch_gatherer_add(batch_gatherer *gatherer, sr_slice cell, bool is_null,
                             sr_err *err) SR_MUST_USE;
/* Borrowed until the next add, empty or clear. */
batch_column batch_gatherer_view(const batch_gatherer *gatherer);
/* Ready for the next batch; keeps its memory. */
void batch_gatherer_empty(batch_gatherer *gatherer);

#endif
