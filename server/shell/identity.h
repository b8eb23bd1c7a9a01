/*
 * identity.h: who calls: the principal that the client's verified certificate names.
 *
 * A certificate must carry exactly one URI of the form `sealroom://<member>/<role>` among its subject
 * alternative names (model/principal.h). None, two, or one that does not parse is SR_E_UNKNOWN_PEER: a
 * certificate that can be read in two ways names nobody.
 */
#ifndef SEALROOM_SERVER_SHELL_IDENTITY_H
#define SEALROOM_SERVER_SHELL_IDENTITY_H

#include "model/principal.h"
#include "rpc/call.h"

sr_result identity_of_call(principal *out, const rpc_call *call, sr_err *err) SR_MUST_USE;
/* The rule itself, over the URIs of a certificate. */
sr_result identity_of_uris(principal *out, const char *const *uris, size_t count,
                           sr_err *err) SR_MUST_USE;

#endif
