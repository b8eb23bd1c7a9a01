/*
 * lock.h: one process at a time over a data folder.
 *
 *     <data folder>/lock     flock(2) held while a server, or a tool of the operator, uses the folder;
 *                            the content is the holder's process number, for the message to the next one
 *
 * The kernel gives the lock back when its holder ends, however it ends: a lock file that is there says
 * nothing by itself. It is taken before anything else in the folder is touched.
 */
#ifndef SEALROOM_SERVER_SHELL_LOCK_H
#define SEALROOM_SERVER_SHELL_LOCK_H

#include "base/err.h"

/* In the data folder while `sealroomd restore` fills it: what lies beside it is not whole. */
#define LOCK_UNFINISHED_RESTORE "restore.partial"

/* Held while *fd is open (SR_FD, sr_fd_clear); -1 after a failure. The folder is made, mode 0700, when it is
 * not there. SR_E_STATE: another process has it, or a restore did not finish there; SR_E_SECRET: others may
 * open the folder. */
sr_result lock_take(int *fd, const char *data_folder, sr_err *err) SR_MUST_USE;
/* The same, whatever an earlier restore left. */
sr_result lock_take_for_restore(int *fd, const char *data_folder, sr_err *err) SR_MUST_USE;

#endif
