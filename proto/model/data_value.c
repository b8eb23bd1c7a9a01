/* Cleartext values: from text and back. One reader and one printer a kind. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data_type.h"

/* ---- reading pieces -------------------------------------------------------------------------- */

/* A value as it is consumed from the left; `left` 0 at the end means that all of it was understood. */
typedef struct
{
    const uint8_t *at;
    size_t left;
} reader;

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static uint8_t peek(const reader *in)
{
    return in->left == 0 ? 0 : *in->at;
}

static bool take(reader *in, char c)
{
    if (in->left == 0 || *in->at != (uint8_t)c)
        return false;
    in->at++;
    in->left--;
    return true;
}

static bool take_sign(reader *in)
{
    bool negative = take(in, '-');
    if (!negative)
        (void)take(in, '+');
    return negative;
}

/* Exactly `digits` of them. */
static bool take_fixed(reader *in, size_t digits, int64_t *out)
{
    *out = 0;
    for (; digits > 0; digits--)
    {
        if (!is_digit(peek(in)))
            return false;
        *out = *out * 10 + (*in->at - '0');
        in->at++;
        in->left--;
    }
    return true;
}

static size_t take_digits(reader *in)
{
    size_t count = 0;
    for (; is_digit(peek(in)); count++)
    {
        in->at++;
        in->left--;
    }
    return count;
}

/* ---- whole numbers and decimals -------------------------------------------------------------- */

/* Adds decimal digits to *value, keeping it below 10^38; leading zeros are free. */
static bool gather(data_int128 *value, const uint8_t *digits, size_t count)
{
    static const data_int128 most = (data_int128)1000000000000000000 * 10000000000000000000u;
    for (size_t i = 0; i < count; i++)
    {
        if (*value > (most * 10 - 1) / 10) /* 10^37 - 1: one more digit would be the 39th */
            return false;
        *value = *value * 10 + (digits[i] - '0');
    }
    return true;
}

static bool read_whole(data_value *out, sr_slice text, int64_t least, int64_t most)
{
    reader in = {text.data, text.len};
    bool negative = take_sign(&in);
    const uint8_t *digits = in.at;
    size_t count = take_digits(&in);
    data_int128 value = 0;
    if (count == 0 || in.left != 0 || !gather(&value, digits, count))
        return false;
    if (negative)
        value = -value;
    if (value < least || value > most)
        return false;
    out->integer = (int64_t)value;
    return true;
}

static data_int128 power_of_ten(unsigned exponent)
{
    data_int128 value = 1;
    while (exponent-- > 0)
        value *= 10;
    return value;
}

static bool all_zeros(const uint8_t *digits, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (digits[i] != '0')
            return false;
    return true;
}

static bool read_decimal(data_value *out, data_type type, sr_slice text)
{
    reader in = {text.data, text.len};
    bool negative = take_sign(&in);
    const uint8_t *whole = in.at;
    size_t whole_count = take_digits(&in);
    const uint8_t *fraction = in.at + 1;
    size_t fraction_count = take(&in, '.') ? take_digits(&in) : 0;
    if (whole_count + fraction_count == 0 || in.left != 0)
        return false;
    size_t kept = fraction_count < type.scale ? fraction_count : type.scale;
    data_int128 value = 0;
    if (fraction_count > kept && !all_zeros(fraction + kept, fraction_count - kept))
        return false;
    if (!gather(&value, whole, whole_count) || (kept > 0 && !gather(&value, fraction, kept)))
        return false;
    for (; kept < type.scale; kept++)
        if (!gather(&value, (const uint8_t *)"0", 1))
            return false;
    if (type.precision < 38 && value >= power_of_ten(type.precision))
        return false;
    out->unscaled = negative ? -value : value;
    return true;
}

/* ---- floating point -------------------------------------------------------------------------- */

enum
{
    REAL_TEXT_MOST = 400, /* the longest plain text of a double is shorter */
};

/* [sign] digits [. digits] [e [sign] digits], at least one digit before the exponent. */
static bool looks_real(sr_slice text)
{
    reader in = {text.data, text.len};
    (void)take_sign(&in);
    size_t digits = take_digits(&in);
    if (take(&in, '.'))
        digits += take_digits(&in);
    bool good = digits > 0;
    if (take(&in, 'e') || take(&in, 'E'))
    {
        (void)take_sign(&in);
        good = good && take_digits(&in) > 0;
    }
    return good && in.left == 0;
}

static bool read_real(data_value *out, sr_slice text, bool single)
{
    char copy[REAL_TEXT_MOST + 1] = "";
    if (text.len > REAL_TEXT_MOST || !looks_real(text))
        return false;
    sr_copy(copy, text.data, text.len);
    out->real = single ? (double)strtof(copy, NULL) : strtod(copy, NULL);
    return isfinite(out->real);
}

/* ---- boolean, date, timestamp ---------------------------------------------------------------- */

static bool read_boolean(data_value *out, sr_slice text)
{
    static const char *const words[2][3] = {{"false", "f", "0"}, {"true", "t", "1"}};
    char lower[8] = "";
    if (text.len >= sizeof lower)
        return false;
    for (size_t i = 0; i < text.len; i++)
        lower[i] =
            (char)(text.data[i] >= 'A' && text.data[i] <= 'Z' ? text.data[i] + 32 : text.data[i]);
    for (int value = 0; value < 2; value++)
        for (int i = 0; i < 3; i++)
            if (sr_slice_is_text_var(sr_slice_of(lower, text.len), words[value][i]))
            {
                out->integer = value;
                return true;
            }
    return false;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar: years that start in March put the leap day
 * last (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static bool take_date(reader *in, int64_t *days)
{
    int64_t year, month, day;
    if (!take_fixed(in, 4, &year) || !take(in, '-') || !take_fixed(in, 2, &month) ||
        !take(in, '-') || !take_fixed(in, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_of(year, month, day);
    return true;
}

/* Up to six digits, as microseconds. */
static bool take_fraction(reader *in, int64_t *us)
{
    size_t digits = 0;
    *us = 0;
    for (; is_digit(peek(in)); digits++)
    {
        int64_t digit;
        if (digits == 6 || !take_fixed(in, 1, &digit))
            return false;
        *us = *us * 10 + digit;
    }
    for (size_t i = digits; i < 6; i++)
        *us *= 10;
    return digits > 0;
}

static bool take_time(reader *in, int64_t *us)
{
    int64_t hour, minute, second, fraction = 0;
    if (!take_fixed(in, 2, &hour) || !take(in, ':') || !take_fixed(in, 2, &minute) ||
        !take(in, ':') || !take_fixed(in, 2, &second))
        return false;
    if (take(in, '.') && !take_fraction(in, &fraction))
        return false;
    *us = ((hour * 60 + minute) * 60 + second) * 1000000 + fraction;
    return hour < 24 && minute < 60 && second < 60;
}

static bool read_date(data_value *out, sr_slice text)
{
    reader in = {text.data, text.len};
    return take_date(&in, &out->integer) && in.left == 0;
}

static bool read_timestamp(data_value *out, sr_slice text)
{
    reader in = {text.data, text.len};
    int64_t days, us;
    if (!take_date(&in, &days) || !(take(&in, ' ') || take(&in, 'T')) || !take_time(&in, &us))
        return false;
    (void)take(&in, 'Z');
    out->integer = days * 86400000000 + us;
    return in.left == 0;
}

/* ---- any value ------------------------------------------------------------------------------- */

static bool read_value(data_value *out, data_type type, sr_slice text)
{
    switch (type.kind)
    {
    case DATA_STRING:
        out->text = text;
        return sr_utf8_is_valid(text);
    case DATA_SMALLINT:
        return read_whole(out, text, INT16_MIN, INT16_MAX);
    case DATA_INTEGER:
        return read_whole(out, text, INT32_MIN, INT32_MAX);
    case DATA_BIGINT:
        return read_whole(out, text, INT64_MIN, INT64_MAX);
    case DATA_DECIMAL:
        return read_decimal(out, type, text);
    case DATA_REAL:
    case DATA_DOUBLE:
        return read_real(out, text, type.kind == DATA_REAL);
    case DATA_BOOLEAN:
        return read_boolean(out, text);
    case DATA_DATE:
        return read_date(out, text);
    case DATA_TIMESTAMP:
        return read_timestamp(out, text);
    case DATA_KIND_COUNT_:
        break;
    }
    return false;
}

static const char *form_of(data_kind kind)
{
    static const char *const forms[DATA_KIND_COUNT_] = {
        [DATA_STRING] = " (valid UTF-8)",
        [DATA_BOOLEAN] = " (true or false)",
        [DATA_DATE] = " (yyyy-mm-dd)",
        [DATA_TIMESTAMP] = " (yyyy-mm-dd hh:mm:ss)",
    };
    return forms[kind] == NULL ? "" : forms[kind];
}

sr_result data_value_parse(data_value *out, data_type type, sr_slice text, sr_err *err)
{
    data_value value = {.kind = type.kind};
    char name[DATA_TYPE_TEXT_SIZE];
    *out = (data_value){.kind = type.kind};
    if (!read_value(&value, type, text))
    {
        data_type_print(name, type);
        return sr_fail(err, SR_E_FORMAT, "expected %s%s", name, form_of(type.kind));
    }
    *out = value;
    return SR_OK;
}

/* ---- printing -------------------------------------------------------------------------------- */

static sr_result print_decimal(sr_buf *out, unsigned scale, data_int128 unscaled, sr_err *err)
{
    char digits[48];
    size_t at = sizeof digits;
    bool negative = unscaled < 0;
    unsigned printed = 0;
    __extension__ unsigned __int128 rest = (unsigned __int128)unscaled;
    if (negative)
        rest = 0 - rest;
    for (; rest > 0 || printed <= scale; printed++)
    {
        if (printed == scale && scale > 0)
            digits[--at] = '.';
        digits[--at] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    if (negative)
        digits[--at] = '-';
    return sr_buf_append(out, sr_slice_of(digits + at, sizeof digits - at), err);
}

/* The fewest digits that read back to the same value. */
static sr_result print_real(sr_buf *out, double value, bool single, sr_err *err)
{
    char text[40];
    int most = single ? 9 : 17;
    if (isnan(value))
        return sr_buf_append_text(out, "NaN", err);
    if (isinf(value))
        return sr_buf_append_text(out, value < 0 ? "-Infinity" : "Infinity", err);
    for (int digits = single ? 6 : 15; digits <= most; digits++)
    {
        snprintf(text, sizeof text, "%.*g", digits, value);
        double back = single ? (double)strtof(text, NULL) : strtod(text, NULL);
        if (back == value)
            break;
    }
    return sr_buf_append_text(out, text, err);
}

/* The inverse of days_of, from the same source. */
static sr_result print_date(sr_buf *out, int64_t days, sr_err *err)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * shifted + 2) / 5 + 1;
    int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    return sr_buf_printf(out, err, "%04lld-%02lld-%02lld", (long long)year, (long long)month,
                         (long long)day);
}

static sr_result print_timestamp(sr_buf *out, int64_t us, sr_err *err)
{
    static const int64_t day = 86400000000;
    int64_t days = us / day - (us % day < 0 ? 1 : 0);
    int64_t rest = us - days * day;
    int64_t seconds = rest / 1000000;
    int64_t fraction = rest % 1000000;
    if (print_date(out, days, err) != SR_OK)
        return SR_FAIL;
    if (sr_buf_printf(out, err, " %02lld:%02lld:%02lld", (long long)(seconds / 3600),
                      (long long)(seconds / 60 % 60), (long long)(seconds % 60)) != SR_OK)
        return SR_FAIL;
    if (fraction == 0)
        return SR_OK;
    return sr_buf_printf(out, err, ".%06lld", (long long)fraction);
}

sr_result data_value_print(sr_buf *out, data_type type, const data_value *value, sr_err *err)
{
    switch (type.kind)
    {
    case DATA_STRING:
        return sr_buf_append(out, value->text, err);
    case DATA_SMALLINT:
    case DATA_INTEGER:
    case DATA_BIGINT:
        return sr_buf_printf(out, err, "%lld", (long long)value->integer);
    case DATA_DECIMAL:
        return print_decimal(out, type.scale, value->unscaled, err);
    case DATA_REAL:
    case DATA_DOUBLE:
        return print_real(out, value->real, type.kind == DATA_REAL, err);
    case DATA_BOOLEAN:
        return sr_buf_append_text(out, value->integer != 0 ? "true" : "false", err);
    case DATA_DATE:
        return print_date(out, value->integer, err);
    case DATA_TIMESTAMP:
        return print_timestamp(out, value->integer, err);
    case DATA_KIND_COUNT_:
        break;
    }
    return sr_fail(err, SR_E_INTERNAL, "a value of no known type");
}
