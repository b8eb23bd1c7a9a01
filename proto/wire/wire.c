#include "wire.h"

#include <assert.h>
#include <malloc.h>
#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "scan.h"

static sr_result append_packed(const ProtobufCMessage *message, sr_buf *out, sr_err *err)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    size_t before = out->len;
    uint8_t *to = NULL;
    if (size > out->max - before)
        return sr_fail(err, SR_E_LIMIT, "larger than the %zu bytes that a message may have",
                       out->max);
    if (sr_buf_extend(out, &to, size, err) != SR_OK)
        return SR_FAIL;
    protobuf_c_message_pack(message, to);
    /* What a peer of ours would refuse is not sent: the fault is named where it was made. */
    sr_slice packed = sr_slice_sub(sr_buf_view(out), before, size);
    if (wire_scan(message->descriptor, packed, err) != SR_OK)
    {
        sr_buf_cut(out, before);
        return SR_FAIL;
    }
    return SR_OK;
}

sr_result wire_pack(const void *message, sr_buf *out, sr_err *err)
{
    const ProtobufCMessage *generated = message;
    assert(generated->descriptor->magic == PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC);
    if (append_packed(generated, out, err) != SR_OK)
        return sr_fail_in(err, "%s", generated->descriptor->short_name);
    return SR_OK;
}

char *wire_text(const char *text)
{
    return (char *)(text == NULL ? "" : text);
}

/* `out` is the address of some message pointer, whose type is not known here. */
static void set_pointer(void *out, void *message)
{
    memcpy(out, &message, sizeof message);
}

sr_result wire_unpack(void *out, const void *descriptor, sr_slice bytes, sr_err *err)
{
    const ProtobufCMessageDescriptor *type = descriptor;
    set_pointer(out, NULL);
    if (wire_scan(type, bytes, err) != SR_OK)
        return sr_fail_in(err, "%s", type->short_name);
    void *message = protobuf_c_message_unpack(type, NULL, bytes.len, bytes.data);
    if (message == NULL)
        return sr_fail(err, SR_E_INVALID, "%s: the message is malformed", type->short_name);
    set_pointer(out, message);
    return SR_OK;
}

static void wipe_and_free(void *context, void *memory)
{
    (void)context;
    if (memory != NULL)
        sr_wipe(memory, malloc_usable_size(memory));
    sr_free(memory);
}

/* Half a key may be in it (a checkpoint's share), and nobody has to know in which message. */
void wire_free(void *message)
{
    static ProtobufCAllocator wiping = {.alloc = NULL, .free = wipe_and_free};
    protobuf_c_message_free_unpacked(message, &wiping);
}

void wire_clear(void *message_pointer)
{
    void *message = NULL;
    memcpy(&message, message_pointer, sizeof message);
    wire_free(message);
    set_pointer(message_pointer, NULL);
}
