#include "scan.h"

#include <assert.h>
#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "base/text.h"

#include "wire.h"

typedef ProtobufCMessageDescriptor message_type;
typedef ProtobufCFieldDescriptor field_type;

/* One field as it lies in the bytes. `body` is empty for varints. */
typedef struct
{
    uint64_t tag;
    unsigned wire_type;
    sr_slice body;
} field_bytes;

/* One message on the way down. */
typedef struct
{
    const message_type *type;
    unsigned depth;
    size_t *parts;              /* of the whole: what a reader has to allocate one by one */
    bool seen[WIRE_FIELDS_MAX]; /* by position in type->fields */
} level;

static const uint64_t LARGEST_TAG = (UINT64_C(1) << 29) - 1;

static sr_result scan_message(const message_type *type, sr_slice bytes, unsigned depth,
                              size_t *parts, sr_err *err);

static sr_result malformed(sr_err *err)
{
    return sr_fail(err, SR_E_INVALID, "the message is cut short or malformed");
}

/* At most ten bytes of seven bits; more fails the cursor by reading past its end on purpose. */
static uint64_t read_varint(sr_cursor *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7)
    {
        uint8_t byte = sr_cursor_u8(in);
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7fu) << shift;
        if ((byte & 0x80u) == 0)
            return value;
    }
    in->failed = true;
    return 0;
}

static sr_slice read_body(sr_cursor *in, unsigned wire_type)
{
    switch (wire_type)
    {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        read_varint(in);
        return sr_slice_of(NULL, 0);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return sr_cursor_bytes(in, 8);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return sr_cursor_bytes(in, 4);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        return sr_cursor_bytes(in, (size_t)read_varint(in));
    default: /* groups, and numbers without a meaning */
        in->failed = true;
        return sr_slice_of(NULL, 0);
    }
}

static sr_result read_field(sr_cursor *in, field_bytes *out, sr_err *err)
{
    uint64_t key = read_varint(in);
    out->tag = key >> 3;
    out->wire_type = (unsigned)(key & 7u);
    out->body = read_body(in, out->wire_type);
    if (in->failed || out->tag == 0 || out->tag > LARGEST_TAG)
        return malformed(err);
    return SR_OK;
}

static unsigned wire_type_of(ProtobufCType type)
{
    switch (type)
    {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

/* A list of numbers may also come packed into one body. */
static bool wire_type_fits(const field_type *field, unsigned wire_type)
{
    if (wire_type == wire_type_of(field->type))
        return true;
    return field->label == PROTOBUF_C_LABEL_REPEATED &&
           wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
}

static sr_result check_string(sr_slice text, sr_err *err)
{
    if (!sr_utf8_is_valid(text))
        return sr_fail(err, SR_E_INVALID, "not valid UTF-8");
    if (text.len > 0 && memchr(text.data, '\0', text.len) != NULL)
        return sr_fail(err, SR_E_INVALID, "a NUL character is not allowed");
    return SR_OK;
}

/* Two bytes can ask for a message of a hundred: a small sender must not make a large reader. */
static sr_result count_part(size_t *parts, sr_err *err)
{
    if (++*parts > WIRE_PARTS_MAX)
        return sr_fail(err, SR_E_INVALID, "more than %d messages and unknown fields in one message",
                       WIRE_PARTS_MAX);
    return SR_OK;
}

static sr_result check_message(const level *here, const field_type *field, sr_slice body,
                               sr_err *err)
{
    if (count_part(here->parts, err) != SR_OK)
        return SR_FAIL;
    return scan_message(field->descriptor, body, here->depth + 1, here->parts, err);
}

static sr_result check_value(const level *here, const field_type *field, const field_bytes *found,
                             sr_err *err)
{
    if (!wire_type_fits(field, found->wire_type))
        return sr_fail(err, SR_E_INVALID, "not of the type that the definition says");
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return check_string(found->body, err);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return check_message(here, field, found->body, err);
    return SR_OK;
}

static sr_result check_field(level *here, const field_bytes *found, sr_err *err)
{
    const field_type *field =
        protobuf_c_message_descriptor_get_field(here->type, (unsigned)found->tag);
    if (field == NULL)
        return count_part(here->parts, err);
    size_t position = (size_t)(field - here->type->fields);
    if (here->seen[position] && field->label != PROTOBUF_C_LABEL_REPEATED)
        return sr_fail(err, SR_E_INVALID, "%s: appears twice", field->name);
    here->seen[position] = true;
    if (check_value(here, field, found, err) != SR_OK)
        return sr_fail_in(err, "%s", field->name);
    return SR_OK;
}

static sr_result scan_message(const message_type *type, sr_slice bytes, unsigned depth,
                              size_t *parts, sr_err *err)
{
    assert(type->n_fields <= WIRE_FIELDS_MAX);
    if (depth > WIRE_DEPTH_MAX)
        return sr_fail(err, SR_E_INVALID, "messages nest deeper than %d", WIRE_DEPTH_MAX);
    level here = {.type = type, .depth = depth, .parts = parts};
    sr_cursor in = sr_cursor_of(bytes);
    while (in.left > 0)
    {
        field_bytes found;
        if (read_field(&in, &found, err) != SR_OK || check_field(&here, &found, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

sr_result wire_scan(const void *descriptor, sr_slice bytes, sr_err *err)
{
    size_t parts = 0;
    return scan_message(descriptor, bytes, 1, &parts, err);
}
