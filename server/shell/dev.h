/*
 * dev.h: a clean room to try out, in one folder: `sealroomd --dev DIR`.
 *
 *     DIR/server/config.json
 *     DIR/server/tls/{ca.pem,ca.key,server.pem,server.key}
 *     DIR/server/{keys,data}/
 *     DIR/members/<name>/{profile.json,ca.pem,admin.pem,admin.key,owner.pem,owner.key,analyst.pem,analyst.key}
 *
 * Members' files lie outside the server's folder, and no collaboration secret is made: members make theirs
 * (`sealroom keys new`). It is a throw-away because one hand holds the CA's key and all members' keys;
 * otherwise it is the real server. Run again on the same folder it keeps everything, adds members that are
 * new, and notes the port that was bound.
 */
#ifndef SEALROOM_SERVER_SHELL_DEV_H
#define SEALROOM_SERVER_SHELL_DEV_H

#include "config.h"

typedef struct
{
    const char *folder;
    const char *members; /* names with commas between them */
    const char *listen;  /* host:port; port 0: any free one; NULL: as before, or 127.0.0.1:7443 */
} dev_options;

/* Makes what is not there yet. The path of the configuration is the caller's (sr_free). */
sr_result dev_make(char **config_path, const dev_options *options, sr_err *err) SR_MUST_USE;
/* For serve_options.bound; the context is the dev_options: writes profiles for the real address, and prints
 * what to do next. */
sr_result dev_bound(void *options, const char *address, sr_err *err) SR_MUST_USE;

#endif
