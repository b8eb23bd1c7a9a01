/*
 * wire.h: the messages of proto/ as bytes, and back: the one door to protobuf-c.
 *
 * The build turns every proto/…/X.proto into X.pb-c.{h,c}; those headers are included as
 * "sealroom/v1/table.pb-c.h", and only by the .c files of server/rpc, client/link, proto/rpc and
 * proto/wire. No type of protobuf-c appears here: a message is a `void *` that must point to a
 * generated struct (each begins with its descriptor), and a descriptor is the generated
 * `&sealroom__v1__ping_request__descriptor`.
 *
 *     Sealroom__V1__PingRequest request = SEALROOM__V1__PING_REQUEST__INIT;    stack, borrows
 *     SR_BUF(bytes, RPC_MESSAGE_MAX);
 *     if (wire_pack(&request, &bytes, err) != SR_OK) …
 *
 *     WIRE_MESSAGE(Sealroom__V1__PingReply, reply);                            owned, releases
 * itself if (wire_unpack(&reply, &sealroom__v1__ping_reply__descriptor, sr_buf_view(&bytes), err) …
 *
 * Format: Protocol Buffers, proto3 (https://protobuf.dev/programming-guides/encoding/), read more
 * strictly than protobuf-c does, because what arrives was written by somebody else. Before anything
 * is allocated the bytes are walked once and refused, with SR_E_INVALID and the field's name, when
 *   - they are cut short, or a length, tag or varint is malformed, or a group is used;
 *   - a known field has another wire type than its definition says;
 *   - a string (also in a list or map) is not valid UTF-8 or holds a NUL, which C would cut at;
 *   - messages nest deeper than WIRE_DEPTH_MAX;
 *   - it holds more than WIRE_PARTS_MAX messages and unknown fields: what costs an allocation each;
 *   - a field that is no list appears twice (decoders would have to merge, in quadratic time).
 * Unknown fields are skipped, as proto3 asks, so that newer peers can talk to us.
 *
 * Memory: WIRE_PARTS_MAX and the limit on messages (rpc/rpc.h) bound what protobuf-c allocates to a few
 * times the largest message; without the former it would be fifty times, for two bytes each. Timing: variable in everything; messages carry ciphertext and
 * public data alone.
 */
#ifndef SEALROOM_WIRE_WIRE_H
#define SEALROOM_WIRE_WIRE_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    WIRE_DEPTH_MAX = 32,    /* the outermost message is at depth 1 */
    WIRE_PARTS_MAX = 65536, /* the widest honest one: a list of tables with all their columns */
    WIRE_FIELDS_MAX = 256,  /* fields that a message definition of ours may have (asserted) */
};

/* Appends the message's bytes to `out`. SR_E_LIMIT, with nothing appended, when they would go
 * beyond out->max; nothing is serialised in that case. Strings of our own must be valid UTF-8 and
 * not NULL (proto3's empty value is ""): the generated INIT macros see to that. */
sr_result wire_pack(const void *message, sr_buf *out, sr_err *err) SR_MUST_USE;

/* For filling a message to be packed: generated structs hold `char *`, though packing only reads. Borrows
 * the text as it is; NULL gives "". Never for a message that wire_free will see. */
char *wire_text(const char *text);

/* Reads one message. `out` is the address of a pointer to the generated struct (`Type **`; declared
 * `void *` so that no cast is needed) and receives NULL on failure. Release with wire_free. */
sr_result wire_unpack(void *out, const void *descriptor, sr_slice bytes, sr_err *err) SR_MUST_USE;

/* Releases what wire_unpack made, with everything in it, wiped; never a message on the stack. Accepts
 * NULL. */
void wire_free(void *message);

/* Cleanup function of WIRE_MESSAGE: the address of a message pointer; sets it to NULL. */
void wire_clear(void *message_pointer);
#define WIRE_MESSAGE(type, name) type *name SR_CLEANUP(wire_clear) = NULL

#endif
