#include "cell_value.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

/* ---- types: one row each --------------------------------------------------------------------- */

typedef struct
{
    const char *name;
    cell_type representative;
    size_t parameters; /* bytes before the value */
    size_t value;      /* bytes of the value; 0 when it is a text of any length */
} type_row;

static const type_row type_table[CELL_TYPE_COUNT_] = {
    [CELL_UNKNOWN] = {"UNKNOWN", CELL_UNKNOWN, 0, 0},
    [CELL_STRING] = {"STRING", CELL_STRING, 0, 0},
    [CELL_BIGINT] = {"BIGINT", CELL_BIGINT, 0, 8},
    [CELL_BOOLEAN] = {"BOOLEAN", CELL_BOOLEAN, 0, 1},
    [CELL_CHAR] = {"CHAR", CELL_STRING, 0, 0},
    [CELL_DATE] = {"DATE", CELL_DATE, 0, 4},
    [CELL_DECIMAL] = {"DECIMAL", CELL_UNKNOWN, 8, 0},
    [CELL_DOUBLE] = {"DOUBLE", CELL_UNKNOWN, 0, 8},
    [CELL_FLOAT] = {"FLOAT", CELL_UNKNOWN, 0, 4},
    [CELL_INT] = {"INT", CELL_BIGINT, 0, 4},
    [CELL_SMALLINT] = {"SMALLINT", CELL_BIGINT, 0, 2},
    [CELL_TIMESTAMP] = {"TIMESTAMP", CELL_UNKNOWN, 5, 8},
    [CELL_VARCHAR] = {"VARCHAR", CELL_STRING, 4, 0},
};

static bool is_encryptable(cell_type type)
{
    return (unsigned)type > CELL_UNKNOWN && (unsigned)type < CELL_TYPE_COUNT_;
}

const char *cell_type_name(cell_type type)
{
    return type_table[is_encryptable(type) ? type : CELL_UNKNOWN].name;
}

bool cell_type_from_name(cell_type *out, const char *name)
{
    *out = CELL_UNKNOWN;
    for (int type = CELL_UNKNOWN + 1; type < CELL_TYPE_COUNT_; type++)
        if (strcmp(type_table[type].name, name) == 0)
            *out = (cell_type)type;
    return *out != CELL_UNKNOWN;
}

uint8_t cell_meta(cell_type type, bool null)
{
    return (uint8_t)((unsigned)type << 1 | (null ? 1u : 0u));
}

cell_type cell_type_representative(cell_type type)
{
    return type_table[is_encryptable(type) ? type : CELL_UNKNOWN].representative;
}

/* ---- payloads by length ---------------------------------------------------------------------- */

sr_result cell_value_check_payload(cell_type type, bool null, sr_slice payload, sr_err *err)
{
    if (!is_encryptable(type))
        return sr_fail(err, SR_E_INVALID, "a value of unknown type cannot be encrypted");
    const type_row *row = &type_table[type];
    bool fits = row->value == 0 ? payload.len >= row->parameters
                                : payload.len == row->parameters + row->value;
    if (null)
        fits = payload.len == 0 || payload.len == row->parameters;
    if (!fits)
        return sr_fail(err, SR_E_FORMAT, "a %s value of a wrong length", row->name);
    return SR_OK;
}

sr_slice cell_value_representative(uint8_t room[8], cell_type type, sr_slice payload)
{
    const type_row *row = &type_table[type];
    assert(is_encryptable(type) && row->representative != CELL_UNKNOWN);
    if (row->representative != CELL_BIGINT)
        return sr_slice_sub(payload, row->parameters, payload.len - row->parameters);
    /* Widened to eight bytes; the sign is spread without a branch. */
    unsigned sign = payload.data[0] >> 7;
    for (size_t i = 0; i < 8; i++)
        room[i] = (uint8_t)(0u - sign);
    sr_copy(room + 8 - payload.len, payload.data, payload.len);
    return sr_slice_of(room, 8);
}

/* ---- what a value may be --------------------------------------------------------------------- */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Plain decimal text: sign, digits, point, digits. Counts as java.math.BigDecimal does: precision
 * without leading zeros but at least 1, scale the digits after the point. */
static bool scan_decimal(sr_slice text, size_t *precision, size_t *scale)
{
    size_t at = text.len > 0 && text.data[0] == '-' ? 1 : 0;
    size_t digits = 0;
    bool point = false;
    *precision = 0;
    *scale = 0;
    for (; at < text.len; at++)
    {
        if (text.data[at] == '.' && !point && digits > 0)
        {
            point = true;
            continue;
        }
        if (!is_digit(text.data[at]))
            return false;
        digits++;
        *scale += point ? 1 : 0;
        *precision += *precision > 0 || text.data[at] != '0' ? 1 : 0;
    }
    if (*precision == 0)
        *precision = 1;
    return digits > 0 && text.data[text.len - 1] != '.';
}

static sr_result check_decimal(const cell_value *value, sr_err *err)
{
    size_t precision;
    size_t scale;
    if (!scan_decimal(value->text, &precision, &scale))
        return sr_fail(err, SR_E_FORMAT, "a DECIMAL value that is not plain decimal text");
    if ((int64_t)precision > value->precision || (int64_t)scale > value->scale)
        return sr_fail(err, SR_E_FORMAT, "a DECIMAL value beyond its precision or scale");
    return SR_OK;
}

/* Characters past U+FFFF (four bytes in UTF-8) are two units in UTF-16. */
static size_t utf16_units(sr_slice text)
{
    size_t units = 0;
    for (size_t i = 0; i < text.len; i++)
    {
        bool starts = (text.data[i] & 0xc0u) != 0x80u;
        bool is_pair = text.data[i] >= 0xf0u;
        units += (starts ? 1u : 0u) + (is_pair ? 1u : 0u);
    }
    return units;
}

static sr_result check_text(const cell_value *value, sr_err *err)
{
    if (!sr_utf8_is_valid(value->text))
        return sr_fail(err, SR_E_FORMAT, "a text that is not valid UTF-8");
    if (value->type == CELL_VARCHAR && (int64_t)utf16_units(value->text) > value->max_length)
        return sr_fail(err, SR_E_FORMAT, "a VARCHAR value longer than its maximum");
    return SR_OK;
}

static sr_result check_range(const cell_value *value, int64_t low, int64_t high, sr_err *err)
{
    if (value->integer < low || value->integer > high)
        return sr_fail(err, SR_E_FORMAT, "a %s value out of range", cell_type_name(value->type));
    return SR_OK;
}

static bool unit_is_known(const cell_value *value)
{
    return (unsigned)value->unit <= CELL_UNIT_NANOS;
}

static sr_result check_value(const cell_value *value, sr_err *err)
{
    if (value->type == CELL_TIMESTAMP && value->has_parameters && !unit_is_known(value))
        return sr_fail(err, SR_E_FORMAT, "a TIMESTAMP value of an unknown unit");
    if (value->null)
        return SR_OK;
    switch (value->type)
    {
    case CELL_STRING:
    case CELL_CHAR:
    case CELL_VARCHAR:
        return check_text(value, err);
    case CELL_DECIMAL:
        return check_decimal(value, err);
    case CELL_BOOLEAN:
        return check_range(value, 0, 1, err);
    case CELL_SMALLINT:
        return check_range(value, INT16_MIN, INT16_MAX, err);
    case CELL_INT:
    case CELL_DATE:
        return check_range(value, INT32_MIN, INT32_MAX, err);
    default:
        return SR_OK;
    }
}

/* ---- writing --------------------------------------------------------------------------------- */

static uint64_t real_bits(const cell_value *value)
{
    if (value->type == CELL_DOUBLE)
        return ((union {
                   double real;
                   uint64_t bits;
               }){.real = value->real})
            .bits;
    return ((union {
               float real;
               uint32_t bits;
           }){.real = (float)value->real})
        .bits;
}

static sr_result append_parameters(sr_buf *out, const cell_value *value, sr_err *err)
{
    switch (value->type)
    {
    case CELL_DECIMAL:
        if (sr_buf_append_u32(out, (uint32_t)value->precision, err) != SR_OK)
            return SR_FAIL;
        return sr_buf_append_u32(out, (uint32_t)value->scale, err);
    case CELL_TIMESTAMP:
        if (sr_buf_append_byte(out, value->is_utc, err) != SR_OK)
            return SR_FAIL;
        return sr_buf_append_u32(out, value->unit, err);
    case CELL_VARCHAR:
        return sr_buf_append_u32(out, (uint32_t)value->max_length, err);
    default:
        return SR_OK;
    }
}

static sr_result append_value(sr_buf *out, const cell_value *value, sr_err *err)
{
    const type_row *row = &type_table[value->type];
    bool real = value->type == CELL_DOUBLE || value->type == CELL_FLOAT;
    uint64_t bits = real ? real_bits(value) : (uint64_t)value->integer;
    switch (row->value)
    {
    case 0:
        return sr_buf_append(out, value->text, err);
    case 1:
        return sr_buf_append_byte(out, (uint8_t)bits, err);
    case 2:
        return sr_buf_append_u16(out, (uint16_t)bits, err);
    case 4:
        return sr_buf_append_u32(out, (uint32_t)bits, err);
    default:
        return sr_buf_append_u64(out, bits, err);
    }
}

static sr_result append_payload(sr_buf *out, const cell_value *value, sr_err *err)
{
    if (!is_encryptable(value->type))
        return sr_fail(err, SR_E_INVALID, "a value of unknown type cannot be encrypted");
    if (check_value(value, err) != SR_OK)
        return SR_FAIL;
    if ((!value->null || value->has_parameters) && append_parameters(out, value, err) != SR_OK)
        return SR_FAIL;
    return value->null ? SR_OK : append_value(out, value, err);
}

sr_result cell_value_encode_payload(sr_buf *out, const cell_value *value, sr_err *err)
{
    size_t before = out->len;
    sr_result result = append_payload(out, value, err);
    if (result != SR_OK)
        sr_buf_cut(out, before);
    return result;
}

sr_result cell_value_encode(sr_buf *out, const cell_value *value, sr_err *err)
{
    size_t before = out->len;
    if (sr_buf_append_byte(out, cell_meta(value->type, value->null), err) != SR_OK)
        return SR_FAIL;
    sr_result result = cell_value_encode_payload(out, value, err);
    if (result != SR_OK)
        sr_buf_cut(out, before);
    return result;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void read_parameters(cell_value *value, sr_cursor *cursor)
{
    value->has_parameters = !value->null || cursor->left > 0;
    if (!value->has_parameters)
        return;
    switch (value->type)
    {
    case CELL_DECIMAL:
        value->precision = (int32_t)sr_cursor_u32(cursor);
        value->scale = (int32_t)sr_cursor_u32(cursor);
        break;
    case CELL_TIMESTAMP:
    {
        uint8_t is_utc = sr_cursor_u8(cursor);
        cursor->failed = cursor->failed || is_utc > 1;
        value->is_utc = is_utc == 1;
        value->unit = (cell_unit)sr_cursor_u32(cursor);
        break;
    }
    case CELL_VARCHAR:
        value->max_length = (int32_t)sr_cursor_u32(cursor);
        break;
    default:
        break;
    }
}

static void read_real(cell_value *value, sr_cursor *cursor)
{
    if (value->type == CELL_DOUBLE)
        value->real = ((union {
                          uint64_t bits;
                          double real;
                      }){.bits = sr_cursor_u64(cursor)})
                          .real;
    else
        value->real = (double)((union {
                          uint32_t bits;
                          float real;
                      }){.bits = sr_cursor_u32(cursor)})
                          .real;
}

static void read_value(cell_value *value, sr_cursor *cursor)
{
    switch (value->type)
    {
    case CELL_DOUBLE:
    case CELL_FLOAT:
        read_real(value, cursor);
        return;
    case CELL_BOOLEAN:
        value->integer = sr_cursor_u8(cursor);
        return;
    case CELL_SMALLINT:
        value->integer = (int16_t)sr_cursor_u16(cursor);
        return;
    case CELL_INT:
    case CELL_DATE:
        value->integer = (int32_t)sr_cursor_u32(cursor);
        return;
    case CELL_BIGINT:
    case CELL_TIMESTAMP:
        value->integer = (int64_t)sr_cursor_u64(cursor);
        return;
    default:
        value->text = sr_cursor_rest(cursor);
    }
}

sr_result cell_value_decode(cell_value *out, sr_slice encoded, sr_err *err)
{
    sr_cursor cursor = sr_cursor_of(encoded);
    uint8_t meta = sr_cursor_u8(&cursor);
    cell_value value = {.type = (cell_type)(meta >> 1), .null = (meta & 1) != 0};
    *out = (cell_value){.type = CELL_UNKNOWN};
    if (cursor.failed || !is_encryptable(value.type))
        return sr_fail(err, SR_E_FORMAT, "a value of unknown type inside a cell");
    read_parameters(&value, &cursor);
    if (!value.null)
        read_value(&value, &cursor);
    if (sr_cursor_finish(&cursor, "a value inside a cell", err) != SR_OK ||
        check_value(&value, err) != SR_OK)
        return SR_FAIL;
    *out = value;
    return SR_OK;
}
