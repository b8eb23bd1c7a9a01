/*
 * progress.h: one line on the terminal about work that takes long; nothing in a pipe.
 *
 *     encrypting  1,204,224 rows  38.1 MB/s  61 %
 *
 * Written to standard error, at most ten times a second, over itself; wiped away by progress_end.
 */
#ifndef SEALROOM_CLIENT_PROGRESS_H
#define SEALROOM_CLIENT_PROGRESS_H

#include "base/bytes.h"

typedef struct progress progress;

/* Silent (but never NULL) when standard error is no terminal, or `quiet`. */
progress *progress_new(bool quiet) SR_MUST_USE;
/* `stage` is a word; `done` of `total` makes the per cent (total 0: unknown). Accepts NULL. */
void progress_show(progress *self, const char *stage, uint64_t rows, uint64_t done, uint64_t total);
/* Wipes the line. Accepts NULL. */
void progress_end(progress *self);
void progress_free(progress *self); /* ends it; accepts NULL */
void progress_clear(progress **self);
#define PROGRESS(name) progress *name SR_CLEANUP(progress_clear) = NULL

#endif
