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

/* A text of the server's between two of ours: nothing in it acts on the terminal (output_safe_text). */
void overlap_say(const char *before, const char *text, const char *after);
/* A line: `before`, the session's state, and the reason of its end if there is one. */
void overlap_say_state(const char *before, const link_overlap *session);
/* A line for each step that others must do, or nothing. */
void overlap_say_waiting(const link_overlap *session);
/* What to do with a session that is complete or released: a line. Nothing for others. */
void overlap_say_next(const link_overlap *session);

/* It has ended, and without numbers: cancelled, expired or failed. */
bool overlap_is_over(const link_overlap *session);
/* "session … is over (cancelled by brand)", and the way out. Always SR_FAIL. */
sr_result overlap_fail_over(const link_overlap *session, sr_err *err) SR_MUST_USE;

/* "" for one of something, "s" for any other number. */
const char *overlap_plural(uint64_t count);

/* A warning if the terms allow more segments than numbers can be told by. */
void overlap_warn_segments(const manifest *terms);

/* Once a session is over: what this disk holds of it goes. A failure is a warning that says where, for then the
 * scalar is still there. */
void overlap_forget(const char *profile_path, const char *session);

/* Connects as an analyst and gets the session that the first argument names; `form` is what --output says. */
sr_result overlap_find(online *here, link_overlap *session, output_form *form, const options *given,
                       sr_err *err) SR_MUST_USE;

/* A table of the members: what each takes part with, and the first 128 bits of the certificate that it confirmed with,
 * in groups that can be read aloud. */
sr_result overlap_print_members(const manifest *terms, sr_err *err) SR_MUST_USE;

/* The session, its terms and what is due, as a table or JSON. */
sr_result overlap_print(const link_overlap *session, output_form form, sr_err *err) SR_MUST_USE;

#endif
