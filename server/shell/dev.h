/*
 * dev.h: a clean room to try out, in one folder: `sealroomd --dev DIR`.
 *
 *     DIR/server/config.json                             as config.h says
 *     DIR/server/tls/{ca.pem,ca.key,server.pem,server.key,revoked.txt}
 *     DIR/server/{keys,data}/
 *     DIR/members/<name>/                                one folder a member (dev_members.h)
 *
 * Folders have mode 0700, keys 0600. Members' files lie outside the server's folder, and no collaboration
 * secret is made: members make theirs (`sealroom keys new`). It is a throw-away because one hand holds the
 * CA's key and all members' keys; apart from that it is the real server.
 *
 * Run again on the same folder it keeps what is there (CA, certificates, data, and what somebody changed in
 * the configuration or a profile), adds members that are new, and notes the address that was bound in the
 * configuration's `listen` and in every profile's `server`. A second server over a folder in use is refused
 * before anything is touched.
 *
 *     dev_open    options → names checked → folder claimed → files made → the configuration
 *     dev_bound   the port is known → profiles → what to do next, on standard output
 */
#ifndef SEALROOM_SERVER_SHELL_DEV_H
#define SEALROOM_SERVER_SHELL_DEV_H

#include "config.h"

typedef struct
{
    const char *folder;
    const char
        *members; /* names with commas between; NULL: those there are, at first two by default */
    const char
        *listen; /* host:port; port 0: any free one; NULL: as before, at first 127.0.0.1:7443 */
} dev_options;

/* Claims the folder, makes what is not there yet, and gives what to serve; *lock as in serve_claim.
 * SR_E_USAGE: a malformed member's name. */
sr_result dev_open(server_config *out, config_report *report, int *lock, const dev_options *options,
                   sr_err *err) SR_MUST_USE;

/* For serve_options.bound; the context is the dev_options. */
sr_result dev_bound(void *options, const char *address, sr_err *err) SR_MUST_USE;

#endif
