#include "cell_render.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- dates ----------------------------------------------------------------------------------- */

enum
{
    DAYS_PER_ERA = 146097, /* 400 years */
    EPOCH_DAY = 719468,    /* from 0000-03-01 to 1970-01-01 */
    MICROS_PER_SECOND = 1000000,
    SECONDS_PER_DAY = 86400,
};

typedef struct
{
    int64_t year;
    int month;
    int day;
} civil_date;

/* Rounds towards the past. */
static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

/* Proleptic Gregorian calendar, years from March (Howard Hinnant, days_from_civil). */
static civil_date civil_of(int64_t days)
{
    int64_t shifted = days + EPOCH_DAY;
    int64_t era = floor_div(shifted, DAYS_PER_ERA);
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
    int64_t day = day_of_year - (153 * month + 2) / 5 + 1;
    int64_t year = year_of_era + era * 400 + (month >= 10 ? 1 : 0);
    return (civil_date){year, (int)(month < 10 ? month + 3 : month - 9), (int)day};
}

static sr_result render_days(sr_buf *out, int64_t days, sr_err *err)
{
    civil_date date = civil_of(days);
    const char *sign = date.year < 0 ? "-" : date.year > 9999 ? "+" : "";
    int64_t year = date.year < 0 ? -date.year : date.year;
    return sr_buf_printf(out, err, "%s%04" PRId64 "-%02d-%02d", sign, year, date.month, date.day);
}

static sr_result render_timestamp(sr_buf *out, const cell_value *value, sr_err *err)
{
    static const int64_t per_second[] = {1000, MICROS_PER_SECOND, 1000000000};
    int64_t scale = per_second[value->unit];
    int64_t seconds = floor_div(value->integer, scale);
    int64_t part = value->integer - seconds * scale;
    int64_t micros = scale > MICROS_PER_SECOND ? part / (scale / MICROS_PER_SECOND)
                                               : part * (MICROS_PER_SECOND / scale);
    int64_t days = floor_div(seconds, SECONDS_PER_DAY);
    int64_t second = seconds - days * SECONDS_PER_DAY;
    if (render_days(out, days, err) != SR_OK)
        return SR_FAIL;
    return sr_buf_printf(out, err, " %02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%06" PRId64,
                         second / 3600, second / 60 % 60, second % 60, micros);
}

/* ---- floating point -------------------------------------------------------------------------- */

enum
{
    DIGITS_MIN = 2,
    DIGITS_MAX = 17,
    DIGITS_ROOM = 40, /* sign, digits, point, exponent, NUL */
};

/* Whether `text` reads back as the same number and lies strictly inside what rounds to it. The
 * point half-way to a neighbour has one bit more than the number, so the next wider type holds it
 * exactly. */
static bool reads_back(const char *text, double number, bool is_float)
{
    if (is_float)
    {
        float same = (float)number;
        double wide = strtod(text, NULL);
        double up = ((double)nextafterf(same, INFINITY) + number) / 2;
        double down = ((double)nextafterf(same, -INFINITY) + number) / 2;
        return strtof(text, NULL) == same && wide != up && wide != down;
    }
    long double wide = strtold(text, NULL);
    long double exact = (long double)number;
    long double up = ((long double)nextafter(number, (double)INFINITY) + exact) / 2;
    long double down = ((long double)nextafter(number, -(double)INFINITY) + exact) / 2;
    return strtod(text, NULL) == number && wide != up && wide != down;
}

typedef struct
{
    char digits[DIGITS_ROOM]; /* significant ones, without trailing zeros, at least two */
    int count;
    int exponent; /* of ten, for the first digit */
} shortest_decimal;

/* "d.ddde±xx" to its digits and exponent; the point may be the locale's. */
static void take_apart(shortest_decimal *out, const char *text)
{
    out->count = 0;
    while (*text != 'e' && *text != '\0')
    {
        if (*text >= '0' && *text <= '9')
            out->digits[out->count++] = *text;
        text++;
    }
    out->exponent = *text == 'e' ? (int)strtol(text + 1, NULL, 10) : 0;
    while (out->count > DIGITS_MIN && out->digits[out->count - 1] == '0')
        out->count--;
    out->digits[out->count] = '\0';
}

static void find_shortest(shortest_decimal *out, double number, bool is_float)
{
    char text[DIGITS_ROOM];
    for (int digits = DIGITS_MIN; digits <= DIGITS_MAX; digits++)
    {
        snprintf(text, sizeof text, "%.*e", digits - 1, number);
        if (reads_back(text, number, is_float))
            break;
    }
    take_apart(out, text);
}

/* The digits with the point after `before` of them; zeros are filled in on either side. */
static sr_result put_plain(sr_buf *out, const shortest_decimal *number, int before, sr_err *err)
{
    int after = number->count - before;
    if (before <= 0) /* 0.00ddd */
        return sr_buf_printf(out, err, "0.%.*s%s", -before, "000", number->digits);
    if (after <= 0) /* ddd000.0 */
        return sr_buf_printf(out, err, "%s%.*s.0", number->digits, -after, "0000000");
    return sr_buf_printf(out, err, "%.*s.%s", before, number->digits, number->digits + before);
}

static void drop_last_zeros(shortest_decimal *number, int keep)
{
    while (number->count > keep && number->count > 1 && number->digits[number->count - 1] == '0')
        number->digits[--number->count] = '\0';
}

/* Java: plain from 10^-3 to below 10^7, else d.dddE±x. */
static sr_result render_real(sr_buf *out, double number, bool is_float, sr_err *err)
{
    shortest_decimal shortest;
    if (isnan(number))
        return sr_buf_append_text(out, "NaN", err);
    if (signbit(number) && sr_buf_append_byte(out, '-', err) != SR_OK)
        return SR_FAIL;
    number = fabs(number);
    if (isinf(number))
        return sr_buf_append_text(out, "Infinity", err);
    if (fpclassify(number) == FP_ZERO)
        return sr_buf_append_text(out, "0.0", err);
    find_shortest(&shortest, number, is_float);
    if (shortest.exponent >= -3 && shortest.exponent < 7)
    {
        drop_last_zeros(&shortest, shortest.exponent + 2);
        return put_plain(out, &shortest, shortest.exponent + 1, err);
    }
    return sr_buf_printf(out, err, "%c.%sE%d", shortest.digits[0], shortest.digits + 1,
                         shortest.exponent);
}

/* ---- all types ------------------------------------------------------------------------------- */

static sr_result render(sr_buf *out, const cell_value *value, sr_err *err)
{
    assert(!value->null);
    switch (value->type)
    {
    case CELL_BIGINT:
    case CELL_INT:
    case CELL_SMALLINT:
        return sr_buf_printf(out, err, "%" PRId64, value->integer);
    case CELL_BOOLEAN:
        return sr_buf_append_text(out, value->integer != 0 ? "true" : "false", err);
    case CELL_DATE:
        return render_days(out, value->integer, err);
    case CELL_TIMESTAMP:
        return render_timestamp(out, value, err);
    case CELL_DOUBLE:
    case CELL_FLOAT:
        return render_real(out, value->real, value->type == CELL_FLOAT, err);
    case CELL_STRING:
    case CELL_CHAR:
    case CELL_VARCHAR:
    case CELL_DECIMAL:
        return sr_buf_append(out, value->text, err);
    default:
        return sr_fail(err, SR_E_INTERNAL, "a value of unknown type cannot be shown");
    }
}

sr_result cell_render(sr_buf *out, const cell_value *value, sr_err *err)
{
    size_t before = out->len;
    sr_result result = render(out, value, err);
    if (result != SR_OK)
        sr_buf_cut(out, before);
    return result;
}
