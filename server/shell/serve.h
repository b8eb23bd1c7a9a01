/*
 * serve.h: the life of the server:
 *
 *     lock the data folder → catalog → engines → keys → bind the port → (dev: write profiles) → serve
 *     … SIGTERM or SIGINT: no new calls, running ones may finish within the grace; a second signal ends at once
 *
 * Whatever fails before serving begins is one error, and nothing is left half made: the data folder is
 * locked before anything in it is touched, so a second server over the same data is refused at once.
 */
#ifndef SEALROOM_SERVER_SHELL_SERVE_H
#define SEALROOM_SERVER_SHELL_SERVE_H

#include "config.h"

typedef struct
{
    const char *
        ready_file; /* gets "HOST:PORT\n" when the server serves, and is removed when it stops; or NULL */
    /* Called when the port is bound and before anybody is served; may be NULL. */
    sr_result (*bound)(void *context, const char *address, sr_err *err);
    void *context;
} serve_options;

/* Before any thread starts: umask, no core dumps, signals kept for serve_run. */
sr_result serve_prepare(sr_err *err) SR_MUST_USE;
/* Serves until a signal says to stop. */
sr_result serve_run(const server_config *config, const serve_options *options,
                    sr_err *err) SR_MUST_USE;

/* The lock of a data folder, held while the descriptor is open; the folder is made when it is not there.
 * SR_E_STATE: another process has it. */
sr_result serve_lock(int *fd, const char *data_folder, sr_err *err) SR_MUST_USE;
/* The catalog's file in a data folder; owned (sr_free). */
char *serve_catalog_path(const char *data_folder) SR_MUST_USE;

#endif
