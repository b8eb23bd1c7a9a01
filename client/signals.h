/*
 * signals.h: what SIGINT, SIGTERM and SIGHUP do: no half-written file stays behind.
 *
 * Usually the first signal removes every temporary output (sr_out_unlink_all) and ends the process
 * with status 128 + number. While a command talks to a server it asks for `signals_defer(true)`: then the
 * first signal only sets the flag, which calls look at (rpc/client.h, `interrupt`), so that the server
 * hears of it; the second one ends the process.
 */
#ifndef SEALROOM_CLIENT_SIGNALS_H
#define SEALROOM_CLIENT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Once, by main. Also ignores SIGPIPE: a closed pipe is an error of the write. */
void signals_install(void);
void signals_defer(bool on);
/* Non-zero after a signal. */
const volatile sig_atomic_t *signals_flag(void);

#endif
