#include "text.h"

#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <wchar.h>

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* Unicode 15, table 3-7: which second bytes may follow a first byte, and how many bytes in all. */
typedef struct
{
    uint8_t first_least, first_most;
    uint8_t second_least, second_most;
    size_t size;
} utf8_row;

static const utf8_row utf8_rows[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static const utf8_row *utf8_row_of(uint8_t first)
{
    for (size_t i = 0; i < sizeof utf8_rows / sizeof utf8_rows[0]; i++)
        if (first >= utf8_rows[i].first_least && first <= utf8_rows[i].first_most)
            return &utf8_rows[i];
    return NULL;
}

/* Size of the valid character that starts here, or 0. */
static size_t character_size(const uint8_t *at, size_t left)
{
    const utf8_row *row = utf8_row_of(at[0]);
    if (row == NULL || row->size > left)
        return 0;
    if (row->size > 1 && (at[1] < row->second_least || at[1] > row->second_most))
        return 0;
    for (size_t i = 2; i < row->size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return row->size;
}

static bool eight_ascii(const uint8_t *at)
{
    uint8_t all = at[0] | at[1] | at[2] | at[3] | at[4] | at[5] | at[6] | at[7];
    return all < 0x80;
}

size_t sr_utf8_valid_prefix(sr_slice bytes)
{
    size_t at = 0;
    while (at < bytes.len)
    {
        size_t size = 8;
        if (bytes.len - at < size || !eight_ascii(bytes.data + at))
            size = character_size(bytes.data + at, bytes.len - at);
        if (size == 0)
            break;
        at += size;
    }
    return at;
}

bool sr_utf8_is_valid(sr_slice bytes)
{
    return sr_utf8_valid_prefix(bytes) == bytes.len;
}

static uint32_t code_point(const uint8_t *at, size_t size)
{
    static const uint8_t first_bits[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t value = at[0] & first_bits[size];
    for (size_t i = 1; i < size; i++)
        value = value << 6 | (at[i] & 0x3fu);
    return value;
}

/* wcwidth asks the thread's locale, and a program that never called setlocale has only ASCII. */
static locale_t utf8_locale;

static void make_utf8_locale(void)
{
    utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static size_t character_width(const uint8_t *at, size_t size)
{
    int width = size == 0 ? -1 : wcwidth((wchar_t)code_point(at, size));
    return width < 0 ? 1 : (size_t)width;
}

bool sr_utf8_has_control(sr_slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
    {
        uint8_t c = bytes.data[i];
        if (c < ' ' || c == 0x7f ||
            (c == 0xc2 && i + 1 < bytes.len && bytes.data[i + 1] >= 0x80 &&
             bytes.data[i + 1] < 0xa0))
            return true;
    }
    return false;
}

size_t sr_utf8_width(sr_slice bytes)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_utf8_locale);
    locale_t before = utf8_locale == (locale_t)0 ? (locale_t)0 : uselocale(utf8_locale);
    size_t width = 0;
    for (size_t at = 0; at < bytes.len;)
    {
        size_t size = character_size(bytes.data + at, bytes.len - at);
        width += character_width(bytes.data + at, size);
        at += size == 0 ? 1 : size;
    }
    if (before != (locale_t)0)
        uselocale(before);
    return width;
}

/* ---- hexadecimal ----------------------------------------------------------------------------- */

/* All ones when a < b; for values below 256. */
static unsigned mask_below(unsigned a, unsigned b)
{
    return 0u - ((a - b) >> 31);
}

static char hex_digit(unsigned four_bits)
{
    return (char)('0' + four_bits + (~mask_below(four_bits, 10) & ('a' - '0' - 10)));
}

void sr_hex_encode(char *out, sr_slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
    {
        out[2 * i] = hex_digit(bytes.data[i] >> 4);
        out[2 * i + 1] = hex_digit(bytes.data[i] & 0x0f);
    }
    out[2 * bytes.len] = '\0';
}

/* Value of a digit; *bad collects ones for anything else. */
static unsigned hex_value(unsigned c, unsigned *bad)
{
    unsigned letter = c | 0x20;
    unsigned is_digit = ~mask_below(c, '0') & mask_below(c, '9' + 1);
    unsigned is_letter = ~mask_below(letter, 'a') & mask_below(letter, 'f' + 1);
    *bad |= ~(is_digit | is_letter);
    return (is_digit & (c - '0')) | (is_letter & (letter - 'a' + 10));
}

sr_result sr_hex_decode(uint8_t *out, size_t len, sr_slice text, sr_err *err)
{
    unsigned bad = 0;
    sr_wipe(out, len);
    if (len > SIZE_MAX / 2 || text.len != 2 * len)
        return sr_fail(err, SR_E_FORMAT, "expected %zu hexadecimal digits", 2 * len);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(hex_value(text.data[2 * i], &bad) << 4 |
                           hex_value(text.data[2 * i + 1], &bad));
    if (bad == 0)
        return SR_OK;
    sr_wipe(out, len);
    return sr_fail(err, SR_E_FORMAT, "not hexadecimal: a character outside 0-9 a-f");
}

/* ---- time ------------------------------------------------------------------------------------ */

static int64_t read_clock(clockid_t clock)
{
    struct timespec now = {0, 0};
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t sr_now_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t sr_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

sr_time_text sr_time_print(int64_t us_since_epoch)
{
    sr_time_text out = {""};
    struct tm parts;
    int64_t rest = us_since_epoch % 1000000;
    time_t seconds = us_since_epoch / 1000000 - (rest < 0); /* rounds down before 1970 too */
    if (gmtime_r(&seconds, &parts) != NULL)
        strftime(out.text, sizeof out.text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return out;
}

/* ---- randomness ------------------------------------------------------------------------------ */

void sr_random_bytes(void *out, size_t len)
{
    uint8_t *at = out;
    while (len > 0)
    {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
        {
            fputs("sealroom: the kernel's random generator failed\n", stderr);
            abort();
        }
        at += got;
        len -= (size_t)got;
    }
}
