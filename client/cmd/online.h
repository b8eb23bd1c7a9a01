/*
 * online.h: what commands that talk to the server do alike: profile, identity, connection, collaboration,
 * and the secret where one is needed.
 */
#ifndef SEALROOM_CLIENT_CMD_ONLINE_H
#define SEALROOM_CLIENT_CMD_ONLINE_H

#include "../link/link.h"
#include "../output.h"
#include "../profile.h"
#include "crypto/kdf.h"

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
    const char *collaboration; /* as given, or the profile's; NULL: the only one there is */
} online;

/* Connects as the role that the command needs; from here a first signal cancels the running call. */
sr_result online_open(online *out, const options *given, principal_role role,
                      sr_err *err) SR_MUST_USE;
/* For commands with ONLINE_COLLAB_OPTION: option, else SEALROOM_COLLABORATION, else the profile's. */
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
