#include "signals.h"

#include <stddef.h>
#include <unistd.h>

#include "base/file.h"

static volatile sig_atomic_t arrived;
static volatile sig_atomic_t deferred;

static void on_signal(int number)
{
    sig_atomic_t before = arrived;
    arrived = number;
    if (deferred != 0 && before == 0)
        return;
    sr_out_unlink_all();
    _exit(128 + number);
}

void signals_install(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigemptyset(&action.sa_mask);
    (void)sigemptyset(&ignore.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
}

void signals_defer(bool on)
{
    deferred = on ? 1 : 0;
}

const volatile sig_atomic_t *signals_flag(void)
{
    return &arrived;
}
