/*
 * profile.h: the profile file: where the server is, and which certificate to show it.
 *
 *     {
 *       "server": "rooms.example.org:7443",
 *       "ca": "ca.pem",
 *       "identities": {
 *         "admin":   {"certificate": "admin.pem",   "key": "admin.key"},
 *         "owner":   {"certificate": "owner.pem",   "key": "owner.key"},
 *         "analyst": {"certificate": "analyst.pem", "key": "analyst.key"}
 *       }
 *     }
 *
 * Paths are relative to the profile's folder. Which file: `--profile`, else $SEALROOM_PROFILE, else
 * ~/.config/sealroom/profile.json. A certificate names one role (DESIGN: principals), so a profile holds
 * one identity for each role that its person has; a command knows which roles may do it and takes the
 * first of them that is there, or the only identity there is; `--role` decides otherwise.
 *
 * Errors: SR_E_NOT_FOUND when the file is missing (saying how to name another), SR_E_INVALID with the
 * path inside the JSON, SR_E_ROLE when no identity of the profile may do it.
 */
#ifndef SEALROOM_CLIENT_PROFILE_H
#define SEALROOM_CLIENT_PROFILE_H

#include "base/bytes.h"
#include "base/err.h"
#include "model/principal.h"

typedef struct
{
    bool present;
    char *certificate; /* paths, usable from the current folder */
    char *key;
} profile_identity;

typedef struct
{
    char *path;
    char *server;
    char *
        server_name; /* name that the server's certificate must carry; NULL: the host of `server` */
    char *ca;
    profile_identity identities[ROLE_COUNT_];
} profile;

void profile_clear(profile *self);
#define PROFILE(name) profile name SR_CLEANUP(profile_clear) = {.path = NULL}

/* `path` NULL: from the environment or the default place. */
sr_result profile_load(profile *out, const char *path, sr_err *err) SR_MUST_USE;

/* The identity for a command: `wanted` is the value of --role or NULL; `roles` the bits (ROLE_BIT) of
 * those that may do it. */
sr_result profile_pick(principal_role *out, const profile *self, unsigned roles, const char *wanted,
                       sr_err *err) SR_MUST_USE;

#endif
