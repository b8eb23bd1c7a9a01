/*
 * cell_opener.h: opens encrypted cells, whatever their kind, and gives the text that a person reads.
 *
 *     raw cells → open (crypto/sealed.h, crypto/deterministic.h) → typed values → text
 *
 * One row of the table in cell_opener.c for each kind that can be opened. Typed values are printed as
 * crypto/cell_render.h says. A sealed cell opens under any header; a deterministic one only under the
 * header it was made for (its key depends on it), normalised here.
 *
 * Errors: SR_E_SECRET for a wrong secret, a changed cell, or a deterministic cell under another
 * header; SR_E_FORMAT for a malformed one. `texts->bad` is the index of the cell that failed. Not
 * shared by threads.
 */
#ifndef SEALROOM_CLIENT_CELL_OPENER_H
#define SEALROOM_CLIENT_CELL_OPENER_H

#include "crypto/cell.h"
#include "crypto/kdf.h"

typedef struct cell_opener cell_opener;

/* `keys` must outlive it. */
sr_result cell_opener_new(cell_opener **out, const kdf_schedule *keys, sr_err *err) SR_MUST_USE;
bool cell_opener_can(cell_kind kind);
/* Text of each raw cell; NULL cells and sealed NULLs are NULL. */
sr_result cell_opener_open(cell_opener *self, cell_batch *texts, cell_kind kind, const char *header,
                           const cell_input *raw, size_t count, sr_err *err) SR_MUST_USE;
/* The same from the text form of cells (prefix and base64), as they stand in a file. */
sr_result cell_opener_open_text(cell_opener *self, cell_batch *texts, cell_kind kind,
                                const char *header, const cell_input *cells, size_t count,
                                sr_err *err) SR_MUST_USE;
void cell_opener_free(cell_opener *self); /* accepts NULL */
void cell_opener_clear(cell_opener **self);
#define CELL_OPENER(name) cell_opener *name SR_CLEANUP(cell_opener_clear) = NULL

#endif
