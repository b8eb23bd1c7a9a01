#include "data_type.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct
{
    const char *name;
    data_kind representative;
    bool is_number;
} kind_row;

static const kind_row kinds[DATA_KIND_COUNT_] = {
    [DATA_STRING] = {"STRING", DATA_STRING, false},
    [DATA_SMALLINT] = {"SMALLINT", DATA_BIGINT, true},
    [DATA_INTEGER] = {"INTEGER", DATA_BIGINT, true},
    [DATA_BIGINT] = {"BIGINT", DATA_BIGINT, true},
    [DATA_DECIMAL] = {"DECIMAL", DATA_DECIMAL, true},
    [DATA_REAL] = {"REAL", DATA_REAL, true},
    [DATA_DOUBLE] = {"DOUBLE", DATA_DOUBLE, true},
    [DATA_BOOLEAN] = {"BOOLEAN", DATA_BOOLEAN, false},
    [DATA_DATE] = {"DATE", DATA_DATE, false},
    [DATA_TIMESTAMP] = {"TIMESTAMP", DATA_TIMESTAMP, false},
};

static const struct
{
    const char *name;
    data_kind kind;
} names[] = {
    {"STRING", DATA_STRING},   {"VARCHAR", DATA_STRING},      {"CHAR", DATA_STRING},
    {"TEXT", DATA_STRING},     {"SMALLINT", DATA_SMALLINT},   {"INTEGER", DATA_INTEGER},
    {"INT", DATA_INTEGER},     {"BIGINT", DATA_BIGINT},       {"DECIMAL", DATA_DECIMAL},
    {"NUMERIC", DATA_DECIMAL}, {"REAL", DATA_REAL},           {"FLOAT", DATA_REAL},
    {"DOUBLE", DATA_DOUBLE},   {"BOOLEAN", DATA_BOOLEAN},     {"BOOL", DATA_BOOLEAN},
    {"DATE", DATA_DATE},       {"TIMESTAMP", DATA_TIMESTAMP},
};

enum
{
    MOST_ARGUMENT = 1000000, /* of VARCHAR(n); what it says is not kept */
    MOST_PRECISION = 38,
};

/* ---- reading "NAME(a, b)" -------------------------------------------------------------------- */

typedef struct
{
    const char *name;
    size_t name_len;
    unsigned argument[2];
    size_t arguments;
} type_words;

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

static bool read_number(const char **at, unsigned *out)
{
    size_t digits = strspn(*at, "0123456789");
    unsigned value = 0;
    for (size_t i = 0; i < digits && value <= MOST_ARGUMENT; i++)
        value = value * 10 + (unsigned)((*at)[i] - '0');
    *at += digits;
    *out = value;
    return digits > 0 && value <= MOST_ARGUMENT;
}

/* After the opening bracket, up to and with the closing one. */
static bool read_arguments(type_words *out, const char **at)
{
    for (out->arguments = 0; out->arguments < 2; (*at)++)
    {
        *at = skip_blanks(*at);
        if (!read_number(at, &out->argument[out->arguments++]))
            return false;
        *at = skip_blanks(*at);
        if (**at != ',')
            break;
    }
    return *(*at)++ == ')';
}

static bool read_words(type_words *out, const char *text)
{
    const char *at = skip_blanks(text);
    *out = (type_words){.name = at, .name_len = strcspn(at, " \t(")};
    at = skip_blanks(at + out->name_len);
    if (*at == '(')
    {
        at++;
        if (!read_arguments(out, &at))
            return false;
    }
    return *skip_blanks(at) == '\0';
}

static bool find_kind(data_kind *out, const type_words *words)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i].name) == words->name_len &&
            strncasecmp(names[i].name, words->name, words->name_len) == 0)
        {
            *out = names[i].kind;
            return true;
        }
    return false;
}

static sr_result take_decimal(data_type *out, const type_words *words, sr_err *err)
{
    unsigned precision = words->argument[0];
    unsigned scale = words->arguments == 2 ? words->argument[1] : 0;
    if (words->arguments == 0)
        return sr_fail(err, SR_E_INVALID,
                       "data type DECIMAL: say its precision and scale, e.g. DECIMAL(12,2)");
    if (precision < 1 || precision > MOST_PRECISION || scale > precision)
        return sr_fail(
            err, SR_E_INVALID,
            "data type DECIMAL: expected a precision from 1 to %d and a scale from 0 to it",
            MOST_PRECISION);
    *out = (data_type){DATA_DECIMAL, (uint8_t)precision, (uint8_t)scale};
    return SR_OK;
}

static sr_result unknown_type(const char *text, sr_err *err)
{
    return sr_fail(err, SR_E_INVALID,
                   "data type \"%.40s\": expected STRING, SMALLINT, INTEGER, BIGINT, DECIMAL(p,s), "
                   "REAL, DOUBLE, BOOLEAN, DATE or TIMESTAMP",
                   text);
}

sr_result data_type_parse(data_type *out, const char *text, sr_err *err)
{
    type_words words;
    data_kind kind = DATA_STRING;
    *out = (data_type){DATA_STRING, 0, 0};
    if (strcasecmp(text, "DOUBLE PRECISION") == 0)
        text = "DOUBLE";
    if (!read_words(&words, text) || !find_kind(&kind, &words))
        return unknown_type(text, err);
    if (kind == DATA_DECIMAL)
        return take_decimal(out, &words, err);
    if (words.arguments > (kind == DATA_STRING ? 1u : 0u))
        return unknown_type(text, err);
    out->kind = kind;
    return SR_OK;
}

/* ---- asking ---------------------------------------------------------------------------------- */

void data_type_print(char *out, data_type type)
{
    if (type.kind == DATA_DECIMAL)
        snprintf(out, DATA_TYPE_TEXT_SIZE, "DECIMAL(%u,%u)", type.precision, type.scale);
    else
        snprintf(out, DATA_TYPE_TEXT_SIZE, "%s", kinds[type.kind].name);
}

bool data_type_equal(data_type a, data_type b)
{
    bool same_size = a.precision == b.precision && a.scale == b.scale;
    return a.kind == b.kind && (a.kind != DATA_DECIMAL || same_size);
}

data_kind data_type_representative(data_type type)
{
    return kinds[type.kind].representative;
}

bool data_type_is_number(data_type type)
{
    return kinds[type.kind].is_number;
}
