#include "data_type.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct
{
    const char *name;
    data_kind kind;
} name_row;

/* The first name of a kind is the canonical one. */
static const name_row names[] = {
    {"STRING", DATA_STRING},   {"VARCHAR", DATA_STRING},      {"CHAR", DATA_STRING},
    {"TEXT", DATA_STRING},     {"SMALLINT", DATA_SMALLINT},   {"INTEGER", DATA_INTEGER},
    {"INT", DATA_INTEGER},     {"BIGINT", DATA_BIGINT},       {"DECIMAL", DATA_DECIMAL},
    {"NUMERIC", DATA_DECIMAL}, {"REAL", DATA_REAL},           {"FLOAT", DATA_REAL},
    {"DOUBLE", DATA_DOUBLE},   {"BOOLEAN", DATA_BOOLEAN},     {"BOOL", DATA_BOOLEAN},
    {"DATE", DATA_DATE},       {"TIMESTAMP", DATA_TIMESTAMP},
};

enum
{
    NAME_COUNT = sizeof names / sizeof names[0],
    DECIMAL_MOST = 38,
    DECIMAL_DEFAULT_PRECISION = 18, /* of DECIMAL without brackets */
    DECIMAL_DEFAULT_SCALE = 3,
    NAME_MOST = 16,
};

static sr_result fail_unknown(sr_err *err)
{
    return sr_fail(err, SR_E_INVALID,
                   "unknown data type: expected STRING, SMALLINT, INTEGER, BIGINT, DECIMAL(p,s), "
                   "REAL, DOUBLE, BOOLEAN, DATE or TIMESTAMP");
}

/* ---- reading a name -------------------------------------------------------------------------- */

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

static const char *read_number(const char *at, int *out)
{
    at = skip_blanks(at);
    size_t digits = strspn(at, "0123456789");
    if (digits == 0 || digits > 5)
        return NULL;
    *out = 0;
    for (size_t i = 0; i < digits; i++)
        *out = *out * 10 + (at[i] - '0');
    return skip_blanks(at + digits);
}

/* "(12)" or "(12, 2)"; NULL when it is neither. */
static const char *read_brackets(const char *at, int numbers[2], int *count)
{
    *count = 0;
    if (*at != '(')
        return at;
    at = read_number(at + 1, &numbers[(*count)++]);
    if (at != NULL && *at == ',')
        at = read_number(at + 1, &numbers[(*count)++]);
    if (at == NULL || *at != ')')
        return NULL;
    return skip_blanks(at + 1);
}

static const name_row *find_name(const char *at, size_t len)
{
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (strlen(names[i].name) == len && strncasecmp(names[i].name, at, len) == 0)
            return &names[i];
    return NULL;
}

static sr_result set_decimal(data_type *out, const int numbers[2], int count, sr_err *err)
{
    int precision = count > 0 ? numbers[0] : DECIMAL_DEFAULT_PRECISION;
    int scale = count == 0 ? DECIMAL_DEFAULT_SCALE : 0;
    if (count > 1)
        scale = numbers[1];
    if (precision < 1 || precision > DECIMAL_MOST || scale > precision)
        return sr_fail(err, SR_E_INVALID, "DECIMAL(p,s): p is 1 to 38 and s is 0 to p");
    out->precision = (uint8_t)precision;
    out->scale = (uint8_t)scale;
    return SR_OK;
}

/* "DOUBLE PRECISION" is the one name of two words. */
static const char *skip_precision(const char *at, data_kind kind)
{
    static const char word[] = "PRECISION";
    bool there = kind == DATA_DOUBLE && strncasecmp(at, word, sizeof word - 1) == 0;
    return there ? skip_blanks(at + sizeof word - 1) : at;
}

sr_result data_type_parse(data_type *out, const char *text, sr_err *err)
{
    int numbers[2] = {0, 0};
    int count = 0;
    const char *at = skip_blanks(text);
    size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    const name_row *row = find_name(at, len);
    *out = (data_type){.kind = DATA_STRING};
    if (row == NULL)
        return fail_unknown(err);
    at = read_brackets(skip_precision(skip_blanks(at + len), row->kind), numbers, &count);
    bool length_allowed = row->kind == DATA_STRING && count <= 1;
    if (at == NULL || *at != '\0' || (count > 0 && row->kind != DATA_DECIMAL && !length_allowed))
        return fail_unknown(err);
    if (row->kind == DATA_DECIMAL && set_decimal(out, numbers, count, err) != SR_OK)
        return SR_FAIL;
    out->kind = row->kind;
    return SR_OK;
}

/* ---- writing and comparing ------------------------------------------------------------------- */

void data_type_print(char *out, data_type type)
{
    const char *name = names[0].name;
    for (size_t i = NAME_COUNT; i-- > 0;)
        if (names[i].kind == type.kind)
            name = names[i].name;
    if (type.kind == DATA_DECIMAL)
        snprintf(out, DATA_TYPE_TEXT_SIZE, "%s(%u,%u)", name, (unsigned)type.precision,
                 (unsigned)type.scale);
    else
        snprintf(out, DATA_TYPE_TEXT_SIZE, "%s", name);
}

bool data_type_equal(data_type a, data_type b)
{
    bool same_decimal = a.precision == b.precision && a.scale == b.scale;
    return a.kind == b.kind && (a.kind != DATA_DECIMAL || same_decimal);
}

data_kind data_type_representative(data_type type)
{
    bool whole = type.kind == DATA_SMALLINT || type.kind == DATA_INTEGER;
    return whole ? DATA_BIGINT : type.kind;
}

bool data_type_is_number(data_type type)
{
    switch (type.kind)
    {
    case DATA_SMALLINT:
    case DATA_INTEGER:
    case DATA_BIGINT:
    case DATA_DECIMAL:
    case DATA_REAL:
    case DATA_DOUBLE:
        return true;
    default:
        return false;
    }
}
