/*
 * serve.h: the life of the server:
 *
 *     prepare    umask, no core dumps, signals kept for serve_run
 *     claim      the data folder's lock; a second server is refused before anything is touched
 *     run        bind the port → keys → catalog → engines → (dev: write profiles) → serve → stop
 *
 * Whatever fails before serving begins is one error, and nothing is left half made: a port that is not to
 * be had, or a certificate that is not usable, is found before the catalog is made.
 *
 * SIGTERM or SIGINT: no new calls, running ones may finish within the grace; a second signal ends the
 * process at once (what was committed is safe either way).
 *
 * A service manager that asked for it is told when the server serves and when it begins to stop (notify.h).
 *
 * The SQL parser is a program of its own, `sealroom-sql`, expected beside this one.
 */
#ifndef SEALROOM_SERVER_SHELL_SERVE_H
#define SEALROOM_SERVER_SHELL_SERVE_H

#include "config.h"

typedef struct
{
    /* Gets "HOST:PORT\n" at once when the server serves, and is removed when it begins to stop; or NULL. */
    const char *ready_file;
    /* Called when the port is bound and before anybody is served; may be NULL. */
    sr_result (*bound)(void *context, const char *address, sr_err *err);
    void *context;
    /* Whose advice is logged once the server serves; may be NULL. */
    const config_report *report;
} serve_options;

/* Before any thread starts. */
sr_result serve_prepare(sr_err *err) SR_MUST_USE;

/* Takes the data folder's lock (lock.h). A folder that is not there yet is not made for an address that is
 * malformed or not to be had: SR_E_INVALID, SR_E_IO. */
sr_result serve_claim(int *lock, const char *data_folder, const char *listen,
                      sr_err *err) SR_MUST_USE;

/* Serves until a signal says to stop; the caller holds the claim. */
sr_result serve_run(const server_config *config, const serve_options *options,
                    sr_err *err) SR_MUST_USE;

/* The catalog's file in a data folder; owned (sr_free). */
char *serve_catalog_path(const char *data_folder) SR_MUST_USE;

#endif
