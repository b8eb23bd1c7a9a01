#include "bytes.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ---------------------------------------------------------------------------------- */

static void stop_without_memory(void)
{
    fputs("sealroom: out of memory\n", stderr);
    abort();
}

void *sr_alloc(size_t size)
{
    void *memory = calloc(1, size == 0 ? 1 : size);
    if (memory == NULL)
        stop_without_memory();
    return memory;
}

void *sr_array(size_t count, size_t item_size)
{
    size_t size;
    if (__builtin_mul_overflow(count, item_size, &size))
        stop_without_memory();
    return sr_alloc(size);
}

void *sr_array_grow(void *array, size_t old_count, size_t new_count, size_t item_size)
{
    assert(new_count >= old_count);
    uint8_t *grown = reallocarray(array, new_count == 0 ? 1 : new_count, item_size);
    if (grown == NULL)
        stop_without_memory();
    memset(grown + old_count * item_size, 0, (new_count - old_count) * item_size);
    return grown;
}

void sr_free(void *memory)
{
    free(memory);
}

void sr_wipe(void *memory, size_t size)
{
    if (size > 0)
        explicit_bzero(memory, size);
}

/* ---- text ------------------------------------------------------------------------------------ */

void sr_text_clear(char **text)
{
    free(*text);
    *text = NULL;
}

char *sr_text_copy(const char *text)
{
    if (text == NULL)
        return NULL;
    size_t size = strlen(text) + 1;
    char *copy = sr_alloc(size);
    memcpy(copy, text, size);
    return copy;
}

char *sr_text_printf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        stop_without_memory();
    return text;
}

bool sr_text_put(char *out, size_t size, const char *text)
{
    size_t len = strlen(text);
    bool fits = len < size;
    if (fits)
        memcpy(out, text, len + 1);
    else
        out[0] = '\0';
    return fits;
}

/* ---- slices ---------------------------------------------------------------------------------- */

sr_slice sr_slice_of(const void *data, size_t len)
{
    return (sr_slice){data, len};
}

sr_slice sr_slice_text(const char *text)
{
    return (sr_slice){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

sr_slice sr_slice_sub(sr_slice slice, size_t from, size_t len)
{
    assert(from <= slice.len && len <= slice.len - from);
    if (len == 0)
        return (sr_slice){NULL, 0};
    return (sr_slice){slice.data + from, len};
}

bool sr_slice_equal_var(sr_slice a, sr_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int sr_slice_compare_var(sr_slice a, sr_slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool sr_slice_is_text_var(sr_slice slice, const char *text)
{
    return sr_slice_equal_var(slice, sr_slice_text(text));
}

bool sr_slice_starts_with_var(sr_slice slice, const char *prefix)
{
    size_t len = strlen(prefix);
    return slice.len >= len && (len == 0 || memcmp(slice.data, prefix, len) == 0);
}

sr_result sr_slice_to_text(char **out, sr_slice slice, sr_err *err)
{
    *out = NULL;
    if (slice.len > 0 && memchr(slice.data, 0, slice.len) != NULL)
        return sr_fail(err, SR_E_FORMAT, "a NUL byte inside a text");
    *out = sr_alloc(slice.len + 1);
    sr_copy(*out, slice.data, slice.len);
    return SR_OK;
}

bool sr_equal_ct(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *left = a;
    const volatile uint8_t *right = b;
    uint8_t difference = 0;
    for (size_t i = 0; i < len; i++)
        difference = (uint8_t)(difference | (left[i] ^ right[i]));
    return difference == 0;
}

void sr_copy(void *to, const void *from, size_t len)
{
    if (len > 0)
        memcpy(to, from, len);
}

/* ---- growing buffers ------------------------------------------------------------------------- */

void sr_buf_init(sr_buf *buf, size_t max)
{
    *buf = (sr_buf){NULL, 0, 0, max};
}

void sr_buf_clear(sr_buf *buf)
{
    free(buf->data);
    *buf = (sr_buf){NULL, 0, 0, buf->max};
}

void sr_buf_wipe(sr_buf *buf)
{
    sr_wipe(buf->data, buf->room);
    sr_buf_clear(buf);
}

/* Growth copies into fresh memory and wipes the old: a buffer may hold plaintext. */
static void grow(sr_buf *buf, size_t needed)
{
    size_t room = buf->room < 256 ? 256 : buf->room;
    while (room < needed)
        room = room > buf->max / 2 ? buf->max : room * 2;
    if (room > buf->max)
        room = buf->max;
    uint8_t *data = malloc(room);
    if (data == NULL)
        stop_without_memory();
    sr_copy(data, buf->data, buf->len);
    sr_wipe(buf->data, buf->len);
    free(buf->data);
    buf->data = data;
    buf->room = room;
}

sr_result sr_buf_extend(sr_buf *buf, uint8_t **out, size_t len, sr_err *err)
{
    *out = NULL;
    if (len > buf->max - buf->len)
        return sr_fail(err, SR_E_LIMIT, "longer than %zu bytes", buf->max);
    if (len == 0)
        return SR_OK;
    if (len > buf->room - buf->len)
        grow(buf, buf->len + len);
    *out = buf->data + buf->len;
    buf->len += len;
    return SR_OK;
}

sr_result sr_buf_append(sr_buf *buf, sr_slice bytes, sr_err *err)
{
    uint8_t *at;
    if (bytes.len == 0)
        return SR_OK;
    if (sr_buf_extend(buf, &at, bytes.len, err) != SR_OK)
        return SR_FAIL;
    assert(at != NULL); /* there are bytes, so there is room for them */
    memcpy(at, bytes.data, bytes.len);
    return SR_OK;
}

sr_result sr_buf_append_text(sr_buf *buf, const char *text, sr_err *err)
{
    return sr_buf_append(buf, sr_slice_text(text), err);
}

sr_result sr_buf_append_byte(sr_buf *buf, uint8_t byte, sr_err *err)
{
    return sr_buf_append(buf, sr_slice_of(&byte, 1), err);
}

sr_result sr_buf_printf(sr_buf *buf, sr_err *err, const char *format, ...)
{
    SR_TEXT(text);
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        stop_without_memory();
    return sr_buf_append(buf, sr_slice_of(text, (size_t)length), err);
}

static sr_result append_big_endian(sr_buf *buf, uint64_t value, size_t size, sr_err *err)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    return sr_buf_append(buf, sr_slice_of(bytes, size), err);
}

sr_result sr_buf_append_u16(sr_buf *buf, uint16_t value, sr_err *err)
{
    return append_big_endian(buf, value, 2, err);
}

sr_result sr_buf_append_u32(sr_buf *buf, uint32_t value, sr_err *err)
{
    return append_big_endian(buf, value, 4, err);
}

sr_result sr_buf_append_u64(sr_buf *buf, uint64_t value, sr_err *err)
{
    return append_big_endian(buf, value, 8, err);
}

void sr_buf_cut(sr_buf *buf, size_t len)
{
    assert(len <= buf->len);
    buf->len = len;
}

sr_slice sr_buf_view(const sr_buf *buf)
{
    return (sr_slice){buf->data, buf->len};
}

sr_result sr_buf_take_text(char **out, sr_buf *buf, sr_err *err)
{
    if (sr_slice_to_text(out, sr_buf_view(buf), err) != SR_OK)
        return SR_FAIL;
    sr_buf_clear(buf);
    return SR_OK;
}

/* ---- cursors --------------------------------------------------------------------------------- */

sr_cursor sr_cursor_of(sr_slice bytes)
{
    return (sr_cursor){bytes.data, bytes.len, false};
}

sr_slice sr_cursor_bytes(sr_cursor *cursor, size_t len)
{
    if (cursor->failed || len > cursor->left)
    {
        cursor->failed = true;
        return (sr_slice){NULL, 0};
    }
    if (len == 0)
        return (sr_slice){NULL, 0};
    sr_slice bytes = {cursor->at, len};
    cursor->at += len;
    cursor->left -= len;
    return bytes;
}

static uint64_t read_big_endian(sr_cursor *cursor, size_t size)
{
    sr_slice bytes = sr_cursor_bytes(cursor, size);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.len; i++)
        value = value << 8 | bytes.data[i];
    return value;
}

uint8_t sr_cursor_u8(sr_cursor *cursor)
{
    return (uint8_t)read_big_endian(cursor, 1);
}

uint16_t sr_cursor_u16(sr_cursor *cursor)
{
    return (uint16_t)read_big_endian(cursor, 2);
}

uint32_t sr_cursor_u32(sr_cursor *cursor)
{
    return (uint32_t)read_big_endian(cursor, 4);
}

uint64_t sr_cursor_u64(sr_cursor *cursor)
{
    return read_big_endian(cursor, 8);
}

sr_slice sr_cursor_rest(sr_cursor *cursor)
{
    return sr_cursor_bytes(cursor, cursor->failed ? 0 : cursor->left);
}

sr_result sr_cursor_finish(const sr_cursor *cursor, const char *what, sr_err *err)
{
    if (cursor->failed)
        return sr_fail(err, SR_E_FORMAT, "%s ends too early", what);
    if (cursor->left > 0)
        return sr_fail(err, SR_E_FORMAT, "%s has bytes left over", what);
    return SR_OK;
}
