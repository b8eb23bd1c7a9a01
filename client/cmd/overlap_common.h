/*
 * overlap_common.h: what the overlap commands do alike: this member with its key, and a session in words.
 */
#ifndef SEALROOM_CLIENT_CMD_OVERLAP_COMMON_H
#define SEALROOM_CLIENT_CMD_OVERLAP_COMMON_H

#include "../overlap/join.h"
#include "online.h"

/* This member as overlap/join.h wants it, with the texts that it borrows; the key is wiped. */
typedef struct
{
    overlap_self self;
    char member[MODEL_NAME_SIZE];
    char *ca;
    char *certificate;
    char *key;
} overlap_identity;

void overlap_identity_clear(overlap_identity *identity);
#define OVERLAP_IDENTITY(name)                                                                     \
    overlap_identity name SR_CLEANUP(overlap_identity_clear) = {.key = NULL}

/* Of a connection that was opened as an analyst. */
sr_result overlap_identity_load(overlap_identity *out, const online *here, sr_err *err) SR_MUST_USE;

/* The session, its terms and what is due, as a table or JSON. */
sr_result overlap_print(const link_overlap *session, output_form form, sr_err *err) SR_MUST_USE;

#endif
