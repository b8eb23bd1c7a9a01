#include "wait.h"

#include "text.h"

enum
{
    US_OF_MS = 1000,
    US_OF_S = 1000 * 1000,
    NS_OF_US = 1000,
};

void sr_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct timespec sr_in_ms(int64_t ms)
{
    int64_t at_us = sr_monotonic_us() + (ms < 0 ? 0 : ms * US_OF_MS);
    return (struct timespec){.tv_sec = at_us / US_OF_S, .tv_nsec = at_us % US_OF_S * NS_OF_US};
}
