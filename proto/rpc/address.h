/*
 * address.h: "host:port" and "[v6]:port". Used by rpc/ and where an address is judged before it is used.
 */
#ifndef SEALROOM_RPC_ADDRESS_H
#define SEALROOM_RPC_ADDRESS_H

#include "base/bytes.h"
#include "base/err.h"

typedef struct
{
    char host[256]; /* a name or a numeric address, without brackets */
    unsigned port;  /* 0 to 65535 */
    bool v6;        /* was in brackets */
} rpc_address;

/* SR_E_INVALID, with the text in front, for anything else. `what` says whose address it is. */
sr_result rpc_address_parse(rpc_address *out, const char *text, const char *what,
                            sr_err *err) SR_MUST_USE;

/* Binds the address for a moment, because the gRPC library does not say why a port was not to be had:
 * SR_E_IO with the reason (in use, not permitted, not an address of this machine). */
sr_result rpc_address_try_bind(const rpc_address *address, sr_err *err) SR_MUST_USE;

/* "host:port" as the library wants it: brackets around v6, percent-encoded for a target's URI. Owned. */
char *rpc_address_print(const rpc_address *address) SR_MUST_USE;
char *rpc_address_target(const rpc_address *address) SR_MUST_USE;

#endif
