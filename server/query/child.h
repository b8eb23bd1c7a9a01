/*
 * child.h: one run of a child program with text in, bytes out, and no way to be held up by it: it has a
 * time limit, its output has a size limit, it inherits no descriptor, no environment and no signal mask,
 * and it is gone when the function returns.
 */
#ifndef SEALROOM_SERVER_QUERY_CHILD_H
#define SEALROOM_SERVER_QUERY_CHILD_H

#include "base/bytes.h"
#include "base/err.h"

/* Runs `program` without arguments, `input` on its standard input, and collects its standard output in
 * `out` (its max is the limit). SR_E_IO: it could not be started; SR_E_LIMIT: it crashed, failed, took
 * longer than `limit_ms` or wrote too much: the input was too much for it. `out` is then empty. */
sr_result child_run(sr_buf *out, const char *program, sr_slice input, unsigned limit_ms,
                    sr_err *err) SR_MUST_USE;

/* A program's path in the folder of the running program; owned. NULL when that is unknown. */
char *child_beside(const char *name) SR_MUST_USE;

#endif
