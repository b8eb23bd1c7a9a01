/*
 * core.h: what the doors to the gRPC library share. Internal to rpc/.
 *
 * No type of the library appears in a header: a completion queue, a byte buffer and the like are
 * handles (`void *`) that only core.c, server.c, server_call.c and client.c look into.
 *
 * The library reports that an operation is done by handing back its tag. Of ours every tag is an
 * rpc_tag: an object that knows what to do then. The library orders what was written before a tag was given
 * and what is read after it came back, but by means that a race checker does not see; so
 * rpc_core_hand_over is called before each giving, and rpc_core_poll pairs with it.
 */
#ifndef SEALROOM_RPC_CORE_H
#define SEALROOM_RPC_CORE_H

#include "base/bytes.h"
#include "base/err.h"

typedef struct rpc_tag rpc_tag;
struct rpc_tag
{
    /* `ok` as the library defines it per operation. Must not block. */
    void (*done)(rpc_tag *tag, bool ok);
};

/* Every server and channel holds the library once from its birth to its end; the last release waits for
 * the library's own threads. The first hold silences its log (rpc.h, "Diagnostics"). */
void rpc_core_hold(void);
void rpc_core_release(void);

/* Called before a tag (and what it leads to) is given to the library. */
void rpc_core_hand_over(void);

/* Hands events of a `next` queue to their tags until the queue is shut down and empty. */
void rpc_core_poll(void *queue);

/* A message as the library wants it (grpc_byte_buffer), copied; release with rpc_core_bytes_free. */
void *rpc_core_bytes_new(sr_slice message) SR_MUST_USE;
/* Replaces the contents of `out`. SR_E_LIMIT beyond out->max; SR_E_INVALID when it came compressed. */
sr_result rpc_core_bytes_read(sr_buf *out, void *bytes, sr_err *err) SR_MUST_USE;
void rpc_core_bytes_free(void *bytes); /* accepts NULL */

/* One setting of a channel or server; `text` NULL means that `number` counts. */
typedef struct
{
    const char *key;
    const char *text;
    int number;
} rpc_setting;

/* Settings that both sides have: message limits, no compression, no retries, no proxy, metadata size. */
enum
{
    RPC_SETTINGS_COMMON = 9,
    RPC_SETTINGS_MAX = 24,
};
/* Writes them to the front of `settings` and returns how many. */
size_t rpc_core_common_settings(rpc_setting settings[RPC_SETTINGS_MAX], size_t max_message);
/* Fills the library's form of them (an array of `count` grpc_arg); the texts stay borrowed. */
void rpc_core_arguments(void *args, const rpc_setting *settings, size_t count);

#endif
