/*
 * bytes.h: the only place where memory is allocated, copied and measured.
 *
 * Four shapes:
 *   sr_slice   borrowed bytes (pointer and length); owns nothing; NULL data with length 0 is "empty"
 *   sr_buf     owned, growing bytes, born with the largest size it may ever have
 *   sr_cursor  reads a record from a slice: fails once, stays failed, is asked once at the end
 *   text       NUL-terminated owned strings, released with sr_free (SR_TEXT locals release themselves)
 *
 * Policy on memory: small allocations (`sr_alloc`, `sr_array`, `sr_text_*`) never return NULL; when
 * the system has none left the process stops with one line. Anything whose size a peer or a file
 * chooses goes into an sr_buf, whose limit turns an excess into SR_E_LIMIT.
 *
 * Every owning local is declared together with its release:
 *
 *     SR_BUF(out, 64 * 1024);          sr_buf out, cleared when it leaves scope
 *     SR_TEXT(path);                   char *path = NULL, freed when it leaves scope
 */
#ifndef SEALROOM_BASE_BYTES_H
#define SEALROOM_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Declares that a local is released by `fn(&local)` when it leaves scope. Foreign types too. */
#define SR_CLEANUP(fn) __attribute__((cleanup(fn)))

/* ---- memory ---------------------------------------------------------------------------------- */

/* Zeroed memory; never NULL (size 0 gives one byte). Release with sr_free. */
void *sr_alloc(size_t size) SR_MUST_USE;
/* Zeroed memory for `count` items; an overflowing product stops the process. Never NULL. */
void *sr_array(size_t count, size_t item_size) SR_MUST_USE;
/* Grows an array from `old_count` to `new_count` items; new items are zero. Never NULL. */
void *sr_array_grow(void *array, size_t old_count, size_t new_count, size_t item_size) SR_MUST_USE;
/* Accepts NULL. */
void sr_free(void *memory);
/* Overwrites memory in a way that the compiler may not remove. Accepts NULL with size 0. */
void sr_wipe(void *memory, size_t size);

/* ---- text ------------------------------------------------------------------------------------ */

/* Release function for SR_TEXT: frees *text and sets it to NULL. */
void sr_text_clear(char **text);
#define SR_TEXT(name) char *name SR_CLEANUP(sr_text_clear) = NULL

char *sr_text_copy(const char *text) SR_MUST_USE; /* NULL gives NULL */
char *sr_text_printf(const char *format, ...) SR_PRINTF(1, 2) SR_MUST_USE;
/* Copies a NUL-free text into a fixed array with its NUL; false (and "") when it does not fit. */
bool sr_text_put(char *out, size_t size, const char *text) SR_MUST_USE;

/* ---- slices ---------------------------------------------------------------------------------- */

typedef struct
{
    const uint8_t *data;
    size_t len;
} sr_slice;

sr_slice sr_slice_of(const void *data, size_t len);
sr_slice sr_slice_text(const char *text); /* without the NUL; NULL gives the empty slice */
/* A part of a slice; asserts that it lies inside. */
sr_slice sr_slice_sub(sr_slice slice, size_t from, size_t len);
bool sr_slice_equal_var(sr_slice a, sr_slice b);  /* variable time: public data only */
int sr_slice_compare_var(sr_slice a, sr_slice b); /* unsigned bytes, shorter first; <0, 0, >0 */
bool sr_slice_is_text_var(sr_slice slice, const char *text);
bool sr_slice_starts_with_var(sr_slice slice, const char *prefix);
/* An owned, NUL-terminated copy; NUL bytes inside are refused with SR_E_FORMAT. */
sr_result sr_slice_to_text(char **out, sr_slice slice, sr_err *err) SR_MUST_USE;
/* Constant time in the contents (not in the lengths); for MACs and key check values. */
bool sr_equal_ct(const void *a, const void *b, size_t len);
/* Copies exactly `len` bytes; the regions may not overlap. Accepts len 0 with NULL. */
void sr_copy(void *to, const void *from, size_t len);

/* ---- growing buffers ------------------------------------------------------------------------- */

typedef struct
{
    uint8_t *data; /* NULL while nothing was reserved */
    size_t len;
    size_t room;
    size_t max; /* len never exceeds it */
} sr_buf;

/* No allocation happens before the first append. */
void sr_buf_init(sr_buf *buf, size_t max);
/* Releases the memory and empties it; may be called twice; `max` stays. */
void sr_buf_clear(sr_buf *buf);
/* The same, overwriting the memory first (growth of a buffer leaves no copies behind either way). */
void sr_buf_wipe(sr_buf *buf);
#define SR_BUF(name, max_size) sr_buf name SR_CLEANUP(sr_buf_clear) = {NULL, 0, 0, (max_size)}
#define SR_SECRET_BUF(name, max_size) sr_buf name SR_CLEANUP(sr_buf_wipe) = {NULL, 0, 0, (max_size)}

/* Each append fails with SR_E_LIMIT when `max` would be exceeded, leaving the contents as they were. */
sr_result sr_buf_append(sr_buf *buf, sr_slice bytes, sr_err *err) SR_MUST_USE;
sr_result sr_buf_append_text(sr_buf *buf, const char *text, sr_err *err) SR_MUST_USE;
sr_result sr_buf_append_byte(sr_buf *buf, uint8_t byte, sr_err *err) SR_MUST_USE;
sr_result sr_buf_printf(sr_buf *buf, sr_err *err, const char *format, ...)
    SR_PRINTF(3, 4) SR_MUST_USE;
/* Big-endian integers. */
sr_result sr_buf_append_u16(sr_buf *buf, uint16_t value, sr_err *err) SR_MUST_USE;
sr_result sr_buf_append_u32(sr_buf *buf, uint32_t value, sr_err *err) SR_MUST_USE;
sr_result sr_buf_append_u64(sr_buf *buf, uint64_t value, sr_err *err) SR_MUST_USE;
/* Extends the contents by `len` bytes that the caller fills through the returned pointer, which is
 * valid until the next append (NULL when `len` is 0). */
sr_result sr_buf_extend(sr_buf *buf, uint8_t **out, size_t len, sr_err *err) SR_MUST_USE;
/* Shortens the contents to `len` (asserts that it is not longer than now); keeps the memory. */
void sr_buf_cut(sr_buf *buf, size_t len);
sr_slice sr_buf_view(const sr_buf *buf);
/* Moves the contents to the caller as NUL-terminated text (sr_free); refuses NUL bytes inside. */
sr_result sr_buf_take_text(char **out, sr_buf *buf, sr_err *err) SR_MUST_USE;

/* ---- cursors --------------------------------------------------------------------------------- */

typedef struct
{
    const uint8_t *at;
    size_t left;
    bool failed; /* a read asked for more than was left; all later reads give zeros */
} sr_cursor;

sr_cursor sr_cursor_of(sr_slice bytes);
uint8_t sr_cursor_u8(sr_cursor *cursor);
uint16_t sr_cursor_u16(sr_cursor *cursor); /* big-endian, like the next two */
uint32_t sr_cursor_u32(sr_cursor *cursor);
uint64_t sr_cursor_u64(sr_cursor *cursor);
sr_slice sr_cursor_bytes(sr_cursor *cursor, size_t len); /* borrowed from the record */
sr_slice sr_cursor_rest(sr_cursor *cursor);
/* Asked once at the end: SR_E_FORMAT when a read failed or bytes are left over. */
sr_result sr_cursor_finish(const sr_cursor *cursor, const char *what, sr_err *err) SR_MUST_USE;

#endif
