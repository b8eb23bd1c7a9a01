/*
 * online.h: what commands that talk to the server do alike: profile, identity, connection, collaboration,
 * and the secret where one is needed.
 */
#ifndef SEALROOM_CLIENT_CMD_ONLINE_H
#define SEALROOM_CLIENT_CMD_ONLINE_H

#include "../link/link.h"
#include "../options.h"
#include "../output.h"
#include "../profile.h"
#include "crypto/kdf.h"

#define ONLINE_OPTIONS                                                                             \
    {"profile", NULL, 'l', OPTION_TEXT, "FILE", "who and where (default: $SEALROOM_PROFILE)"},     \
        {"server", NULL, 0, OPTION_TEXT, "HOST:PORT", "another address than the profile's"},       \
    {                                                                                              \
        "role", NULL, 0, OPTION_TEXT, "ROLE", "the identity to use: admin, owner or analyst"       \
    }
#define ONLINE_OUTPUT_OPTION                                                                       \
    {                                                                                              \
        "output", NULL, 'o', OPTION_TEXT, "table|json|csv", "how to print the result"              \
    }
#define ONLINE_COLLAB_OPTION                                                                       \
    {                                                                                              \
        "collab", "collaboration", 'c', OPTION_TEXT, "NAME",                                       \
            "the collaboration, by name or id (default: the only one there is)"                    \
    }
#define ONLINE_SECRET_OPTIONS                                                                      \
    {"secret-file", NULL, 0, OPTION_TEXT, "FILE", "the secret, in a file that only you may read"}, \
    {                                                                                              \
        "secret-fd", NULL, 0, OPTION_TEXT, "N", "the secret, from an open descriptor"              \
    }

typedef struct
{
    profile profile;
    link_session *link;
    const char *collaboration; /* as chosen; NULL: the only one there is */
} online;

/* Connects as the first of the roles (ROLE_BIT …) that the profile has an identity for; from here a first
 * signal cancels the running call. */
sr_result online_open(online *out, const options *given, unsigned roles, sr_err *err) SR_MUST_USE;
/* What --output says. */
sr_result online_form(output_form *out, const options *given, sr_err *err) SR_MUST_USE;
/* For commands with ONLINE_COLLAB_OPTION: the option, else SEALROOM_COLLABORATION. */
void online_choose(online *self, const options *given);
void online_clear(online *self);
#define ONLINE(name) online name SR_CLEANUP(online_clear) = {.link = NULL}

/* True when an option or the environment gives a secret. */
bool online_has_secret(const options *given);
/* Keys of this collaboration from the secret that options or environment give. */
sr_result online_keys(kdf_schedule **out, const options *given, const sr_uuid *collaboration,
                      sr_err *err) SR_MUST_USE;
/* Argument `index`, which must be there; `what` names it in the error. */
sr_result online_argument(const char **out, const options *given, size_t index, const char *what,
                          sr_err *err) SR_MUST_USE;

#endif
