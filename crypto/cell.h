/*
 * cell.h: cells, batches of cells, and the text form of encrypted cells.
 *
 * A column type makes *raw* cells. An upload carries them raw; a file carries text:
 *
 *     kind            text form                                     raw cell
 *     cleartext       the value itself                              the value itself
 *     fingerprint     "02:hmac:" || base64(raw)                     MAC (32)
 *     sealed          "02:enc:"  || base64(raw)                     nonce (32) || IV (12) || CT ||
 * tag (16) deterministic   "03:det:"  || base64(raw)                     SIV (16) || ciphertext
 *
 * Base64 is RFC 4648 section 4 with padding. A cell's kind is told by its whole prefix, at its
 * beginning: a value that merely contains "enc:" is cleartext.
 *
 * A batch holds the cells of one column for some rows, one after another in one buffer, with
 * offsets: cell i is bytes[offsets[i] .. offsets[i+1]). It owns its memory and is reused: each
 * function that fills it empties it first and keeps the room. Wiping: batches of decrypted values
 * are cleared like all others, with an overwrite.
 *
 * Never repeats: a row nonce. It is drawn once per row (random.h) and used by all sealed cells of
 * that row.
 */
#ifndef SEALROOM_CRYPTO_CELL_H
#define SEALROOM_CRYPTO_CELL_H

#include "base/bytes.h"
#include "base/err.h"

/* ---- kinds: one row of the table in cell.c each ---------------------------------------------- */

typedef enum
{
    CELL_CLEARTEXT = 0,
    CELL_FINGERPRINT,
    CELL_SEALED,
    CELL_DETERMINISTIC,
    CELL_KIND_COUNT_ /* number of kinds, not a kind */
} cell_kind;

const char *cell_kind_name(cell_kind kind);   /* "sealed" … */
const char *cell_kind_prefix(cell_kind kind); /* "02:enc:" …; "" for cleartext */
/* Smallest and (fingerprint) only length of a raw cell. */
size_t cell_kind_min_size(cell_kind kind);
size_t cell_kind_max_size(cell_kind kind);
/* By prefix only; what follows may still be malformed. */
cell_kind cell_kind_of_var(sr_slice text);

/* ---- rows ------------------------------------------------------------------------------------ */

enum
{
    CELL_NONCE_SIZE = 32,
    CELL_TEXT_MAX = 16383,              /* longest text of a sealed cell that C3R accepts */
    CELL_BATCH_MAX = 256 * 1024 * 1024, /* bytes in one batch */
};

typedef struct
{
    uint8_t bytes[CELL_NONCE_SIZE];
} cell_nonce;

struct sealed_row_keys;

/* The rows that a batch belongs to. Only sealed columns look at the nonces; others accept NULL. */
typedef struct
{
    size_t count;
    const cell_nonce *nonces;
    const struct sealed_row_keys
        *keys; /* derived once for several sealed columns (sealed.h), or NULL */
} cell_rows;

/* A value or cell as it comes in. For NULL, `value` holds the type's parameters or nothing
 * (cell_value.h). Borrowed. */
typedef struct
{
    sr_slice value;
    bool null;
} cell_input;

/* ---- batches --------------------------------------------------------------------------------- */

typedef struct
{
    sr_buf bytes;
    size_t *offsets; /* count + 1 of them */
    bool *nulls;     /* such a cell is NULL and has no bytes */
    size_t count;
    size_t room;
    size_t bad; /* after a failure: the index of the cell that failed */
} cell_batch;

void cell_batch_init(cell_batch *batch);
void cell_batch_clear(cell_batch *batch); /* wipes and releases; may be called twice */
#define CELL_BATCH(name)                                                                           \
    cell_batch name SR_CLEANUP(cell_batch_clear) = {                                               \
        {NULL, 0, 0, CELL_BATCH_MAX}, NULL, NULL, 0, 0, 0}

/* Borrowed until the batch is filled again or cleared. NULL cells are empty. */
sr_slice cell_batch_view(const cell_batch *batch, size_t index);
bool cell_batch_is_null(const cell_batch *batch, size_t index);

/* Emptying keeps the memory (wiped) and makes room for `count` cells. Then cells are put one by
 * one: either NULL, or `len` bytes that the caller fills through the pointer (valid until the next
 * put). */
void cell_batch_start(cell_batch *batch, size_t count);
void cell_batch_put_null(cell_batch *batch);
sr_result cell_batch_put(cell_batch *batch, uint8_t **out, size_t len, sr_err *err) SR_MUST_USE;
/* Shortens the cell put last to `len` bytes (wiping the rest), or makes it NULL with `len` 0. */
void cell_batch_shorten(cell_batch *batch, size_t len, bool null);
/* Empties the batch after a failure, remembering the cell that failed. Always SR_FAIL. */
sr_result cell_batch_fail(cell_batch *batch, size_t bad);

/* ---- text form ------------------------------------------------------------------------------- */

/* Raw cells of this kind to text; NULL stays NULL. Cleartext is copied as it is. */
sr_result cell_batch_to_text(cell_batch *out, const cell_batch *raw, cell_kind kind,
                             sr_err *err) SR_MUST_USE;
/* Text cells to raw: prefix, base64 and size are checked (SR_E_FORMAT); NULL stays NULL. */
sr_result cell_batch_from_text(cell_batch *out, cell_kind kind, const cell_input *texts,
                               size_t count, sr_err *err) SR_MUST_USE;
/* Length of the text of a raw cell of `raw_len` bytes. */
size_t cell_text_len(cell_kind kind, size_t raw_len);
/* One raw cell to text, appended; and back into an empty buffer. */
sr_result cell_to_text(sr_buf *out, cell_kind kind, sr_slice raw, sr_err *err) SR_MUST_USE;
sr_result cell_from_text(sr_buf *out, cell_kind kind, sr_slice text, sr_err *err) SR_MUST_USE;

#endif
