#include "data_type.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

enum
{
    SECONDS_A_DAY = 86400,
    FRACTION_DIGITS = 6,
    NUMBER_TEXT_MOST = 64,
};

static sr_result fail_expected(data_type type, sr_err *err)
{
    char words[DATA_TYPE_TEXT_SIZE];
    data_type_print(words, type);
    return sr_fail(err, SR_E_FORMAT, "expected %s", words);
}

/* ---- reading digits -------------------------------------------------------------------------- */

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Exactly `count` digits as a number; -1 when they are not there. */
static int64_t take_digits(sr_cursor *cursor, size_t count)
{
    sr_slice digits = sr_cursor_bytes(cursor, count);
    int64_t value = 0;
    for (size_t i = 0; i < digits.len; i++)
    {
        if (!is_digit(digits.data[i]))
            return -1;
        value = value * 10 + (digits.data[i] - '0');
    }
    return digits.len == count ? value : -1;
}

static bool take_byte(sr_cursor *cursor, uint8_t wanted)
{
    return cursor->left > 0 && sr_cursor_u8(cursor) == wanted;
}

static bool take_sign(sr_slice *text)
{
    bool negative = text->len > 0 && text->data[0] == '-';
    if (text->len > 0 && (negative || text->data[0] == '+'))
        *text = sr_slice_sub(*text, 1, text->len - 1);
    return negative;
}

/* ---- whole numbers --------------------------------------------------------------------------- */

static bool read_whole(int64_t *out, sr_slice text, int64_t least, int64_t most)
{
    bool negative = take_sign(&text);
    wide value = 0;
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++)
    {
        if (!is_digit(text.data[i]) || value > INT64_MAX)
            return false;
        value = value * 10 + (text.data[i] - '0');
    }
    if (negative)
        value = -value;
    *out = (int64_t)value;
    return value >= least && value <= most;
}

/* ---- decimals -------------------------------------------------------------------------------- */

/* Digits with at most one point; more fraction digits than the scale has must be zeros. */
static bool read_decimal(wide *out, sr_slice text, data_type type)
{
    bool negative = take_sign(&text);
    bool after_point = false;
    unsigned digits = 0;
    unsigned fraction = 0;
    unsigned kept = 0; /* significant digits in the value */
    unsigned_wide value = 0;
    for (size_t i = 0; i < text.len; i++)
    {
        uint8_t byte = text.data[i];
        if (byte == '.' && !after_point)
        {
            after_point = true;
            continue;
        }
        if (!is_digit(byte))
            return false;
        digits++;
        if (after_point && fraction == type.scale)
        {
            if (byte != '0')
                return false;
            continue;
        }
        fraction += after_point ? 1 : 0;
        kept += kept > 0 || byte != '0' ? 1 : 0;
        if (kept > type.precision)
            return false;
        value = value * 10 + (unsigned)(byte - '0');
    }
    for (; fraction < type.scale && value != 0; fraction++)
    {
        if (++kept > type.precision)
            return false;
        value *= 10;
    }
    *out = negative ? -(wide)value : (wide)value;
    return digits > 0;
}

/* ---- floating point -------------------------------------------------------------------------- */

static bool read_real(double *out, sr_slice text, bool narrow)
{
    char number[NUMBER_TEXT_MOST];
    char *end = NULL;
    if (text.len == 0 || text.len >= sizeof number)
        return false;
    sr_copy(number, text.data, text.len);
    number[text.len] = '\0';
    if (strspn(number, "+-0123456789.eE") != text.len) /* no hexadecimal, no "inf", no blanks */
        return false;
    *out = narrow ? (double)strtof(number, &end) : strtod(number, &end);
    return end == number + text.len && isfinite(*out);
}

/* ---- dates ----------------------------------------------------------------------------------- */

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/* Days since 1970-01-01 of a proleptic Gregorian date (Hinnant, "chrono-compatible low-level date
 * algorithms"): years begin in March, so that the leap day is the last. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2 ? 1 : 0;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted + (shifted < 10 ? 3 : -9);
    *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

static bool take_date(int64_t *days, sr_cursor *cursor)
{
    int64_t year = take_digits(cursor, 4);
    bool dash = take_byte(cursor, '-');
    int64_t month = take_digits(cursor, 2);
    dash = take_byte(cursor, '-') && dash;
    int64_t day = take_digits(cursor, 2);
    if (!dash || year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_from_date(year, month, day);
    return true;
}

/* ".5" to ".123456", as microseconds. */
static bool take_fraction(int64_t *micros, sr_cursor *cursor)
{
    size_t digits = 0;
    *micros = 0;
    if (cursor->left == 0)
        return true;
    if (!take_byte(cursor, '.'))
        return false;
    for (; cursor->left > 0 && is_digit(*cursor->at); digits++)
        *micros = *micros * 10 + (sr_cursor_u8(cursor) - '0');
    if (digits == 0 || digits > FRACTION_DIGITS)
        return false;
    for (; digits < FRACTION_DIGITS; digits++)
        *micros *= 10;
    return true;
}

static bool read_timestamp(int64_t *out, sr_cursor *cursor)
{
    int64_t days = 0;
    int64_t micros = 0;
    if (!take_date(&days, cursor))
        return false;
    uint8_t between = sr_cursor_u8(cursor);
    int64_t hour = take_digits(cursor, 2);
    bool colon = take_byte(cursor, ':');
    int64_t minute = take_digits(cursor, 2);
    colon = take_byte(cursor, ':') && colon;
    int64_t second = take_digits(cursor, 2);
    if ((between != ' ' && between != 'T') || !colon || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 59)
        return false;
    if (cursor->left > 0 && cursor->at[cursor->left - 1] == 'Z')
        cursor->left--;
    if (!take_fraction(&micros, cursor))
        return false;
    int64_t seconds = days * SECONDS_A_DAY + hour * 3600 + minute * 60 + second;
    *out = seconds * 1000000 + micros;
    return true;
}

static bool read_boolean(int64_t *out, sr_slice text)
{
    *out = text.len == 4 && strncasecmp((const char *)text.data, "true", 4) == 0;
    return *out == 1 || (text.len == 5 && strncasecmp((const char *)text.data, "false", 5) == 0);
}

/* ---- one value ------------------------------------------------------------------------------- */

static bool read_value(data_value *out, data_type type, sr_slice text)
{
    sr_cursor cursor = sr_cursor_of(text);
    switch (type.kind)
    {
    case DATA_STRING:
        out->text = text;
        return true;
    case DATA_SMALLINT:
        return read_whole(&out->integer, text, INT16_MIN, INT16_MAX);
    case DATA_INTEGER:
        return read_whole(&out->integer, text, INT32_MIN, INT32_MAX);
    case DATA_BIGINT:
        return read_whole(&out->integer, text, INT64_MIN, INT64_MAX);
    case DATA_DECIMAL:
        return read_decimal(&out->unscaled, text, type);
    case DATA_REAL:
        return read_real(&out->real, text, true);
    case DATA_DOUBLE:
        return read_real(&out->real, text, false);
    case DATA_BOOLEAN:
        return read_boolean(&out->integer, text);
    case DATA_DATE:
        return take_date(&out->integer, &cursor) && cursor.left == 0;
    case DATA_TIMESTAMP:
        return read_timestamp(&out->integer, &cursor) && cursor.left == 0 && !cursor.failed;
    default:
        return false;
    }
}

sr_result data_value_parse(data_value *out, data_type type, sr_slice text, sr_err *err)
{
    *out = (data_value){.kind = type.kind};
    if (read_value(out, type, text))
        return SR_OK;
    *out = (data_value){.kind = type.kind};
    return fail_expected(type, err);
}

/* ---- writing --------------------------------------------------------------------------------- */

static sr_result print_decimal(sr_buf *out, data_type type, wide value, sr_err *err)
{
    char digits[48];
    size_t at = sizeof digits;
    unsigned_wide left = value < 0 ? (unsigned_wide)0 - (unsigned_wide)value : (unsigned_wide)value;
    unsigned written = 0;
    while (left != 0 || written <= type.scale)
    {
        if (written == type.scale && type.scale > 0)
            digits[--at] = '.';
        digits[--at] = (char)('0' + (int)(left % 10));
        left /= 10;
        written++;
    }
    if (value < 0)
        digits[--at] = '-';
    return sr_buf_append(out, sr_slice_of(digits + at, sizeof digits - at), err);
}

/* The shortest text that reads back as the same number. */
static sr_result print_real(sr_buf *out, double value, bool narrow, sr_err *err)
{
    char text[40];
    int most = narrow ? 9 : 17;
    for (int digits = 1; digits <= most; digits++)
    {
        snprintf(text, sizeof text, "%.*g", digits, value);
        bool same = narrow ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
        if (same)
            break;
    }
    return sr_buf_append_text(out, text, err);
}

static sr_result print_date(sr_buf *out, int64_t days, sr_err *err)
{
    int64_t year = 0;
    int64_t month = 0;
    int64_t day = 0;
    date_from_days(days, &year, &month, &day);
    return sr_buf_printf(out, err, "%04" PRId64 "-%02" PRId64 "-%02" PRId64, year, month, day);
}

static sr_result print_timestamp(sr_buf *out, int64_t micros, sr_err *err)
{
    int64_t day = (int64_t)SECONDS_A_DAY * 1000000;
    int64_t days = micros / day - (micros % day < 0 ? 1 : 0);
    int64_t rest = micros - days * day;
    int64_t seconds = rest / 1000000;
    int64_t fraction = rest % 1000000;
    if (print_date(out, days, err) != SR_OK ||
        sr_buf_printf(out, err, " %02" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
                      seconds / 60 % 60, seconds % 60) != SR_OK)
        return SR_FAIL;
    return fraction == 0 ? SR_OK : sr_buf_printf(out, err, ".%06" PRId64, fraction);
}

sr_result data_value_print(sr_buf *out, data_type type, const data_value *value, sr_err *err)
{
    switch (type.kind)
    {
    case DATA_STRING:
        return sr_buf_append(out, value->text, err);
    case DATA_DECIMAL:
        return print_decimal(out, type, value->unscaled, err);
    case DATA_REAL:
        return print_real(out, value->real, true, err);
    case DATA_DOUBLE:
        return print_real(out, value->real, false, err);
    case DATA_BOOLEAN:
        return sr_buf_append_text(out, value->integer != 0 ? "true" : "false", err);
    case DATA_DATE:
        return print_date(out, value->integer, err);
    case DATA_TIMESTAMP:
        return print_timestamp(out, value->integer, err);
    default:
        return sr_buf_printf(out, err, "%" PRId64, value->integer);
    }
}
