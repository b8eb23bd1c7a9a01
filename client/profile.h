/*
 * profile.h: how this member reaches the server, and as whom.
 *
 *     { "server": "clean-room.example:7443",
 *       "serverName": "clean-room.example",           optional: the name in the server's certificate
 *       "ca": "ca.pem",
 *       "collaboration": "spring",                    optional: used when --collab is not given
 *       "identities": { "admin":   {"certificate": "admin.pem",   "key": "admin.key"},
 *                       "owner":   {"certificate": "owner.pem",   "key": "owner.key"},
 *                       "analyst": {"certificate": "analyst.pem", "key": "analyst.key"} } }
 *
 * Paths are relative to the profile's folder. Which file: `--profile`, else SEALROOM_PROFILE, else
 * ~/.config/sealroom/profile.json. `--server`, or SEALROOM_SERVER, overrides the address.
 *
 * A profile holds one identity or several. A command knows the role that its call needs and takes that
 * identity; where there is only one it takes that, and the server decides. `--role` chooses.
 */
#ifndef SEALROOM_CLIENT_PROFILE_H
#define SEALROOM_CLIENT_PROFILE_H

#include "base/bytes.h"
#include "model/principal.h"
#include "options.h"

typedef struct
{
    char *certificate; /* path; NULL: no identity of this role */
    char *key;
} profile_identity;

typedef struct
{
    char *path;
    char *server;
    char *server_name; /* NULL: the host of `server` */
    char *ca;
    char *collaboration; /* NULL: none */
    profile_identity identities[ROLE_COUNT_];
} profile;

/* From the options of a command (PROFILE_OPTIONS), the environment, or the default place. */
sr_result profile_load(profile *out, const options *given, sr_err *err) SR_MUST_USE;
void profile_clear(profile *self);
#define PROFILE(name) profile name SR_CLEANUP(profile_clear) = {.path = NULL}

#define PROFILE_OPTIONS                                                                            \
    {"profile", NULL, 'l', OPTION_TEXT, "FILE", "who and where (default: $SEALROOM_PROFILE)"},     \
        {"server", NULL, 0, OPTION_TEXT, "HOST:PORT", "another address than the profile's"},       \
    {                                                                                              \
        "role", NULL, 0, OPTION_TEXT, "ROLE", "the identity to use: admin, owner or analyst"       \
    }

/* The identity for a call that needs `wanted`: see above. */
sr_result profile_pick(const profile_identity **out, const profile *self, principal_role wanted,
                       const options *given, sr_err *err) SR_MUST_USE;

#endif
