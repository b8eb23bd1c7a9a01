#include "base/wait.h"

#include <errno.h>

#include "base/text.h"
#include "check.h"

enum
{
    NS_OF_S = 1000 * 1000 * 1000,
    US_OF_S = 1000 * 1000,
    NS_OF_US = 1000,
    DAY_MS = 24 * 60 * 60 * 1000,
};

static int64_t us_of(struct timespec at)
{
    check(at.tv_nsec >= 0 && at.tv_nsec < NS_OF_S);
    return (int64_t)at.tv_sec * US_OF_S + at.tv_nsec / NS_OF_US;
}

/* It is that long after a moment between the two that the clock shows before and after. */
static void check_in(int64_t ms, int64_t expected_us)
{
    int64_t before = sr_monotonic_us();
    int64_t found = us_of(sr_in_ms(ms));
    int64_t after = sr_monotonic_us();
    check(found - expected_us >= before);
    check(found - expected_us <= after);
}

static void no_time_is_now_and_less_than_none_too(void **state)
{
    (void)state;
    check_in(0, 0);
    check_in(-5, 0);
    check_in(INT64_MIN, 0);
}

/* Nearly a second, so that now and then it goes over the full one, whatever the clock shows; and whole ones. */
static void milliseconds_become_seconds(void **state)
{
    (void)state;
    for (int64_t ms = 1; ms < 1000; ms++)
        check_in(ms, ms * 1000);
    check_in(1000, US_OF_S);
    check_in(61001, INT64_C(61001000));
    check_in(DAY_MS, INT64_C(86400) * US_OF_S);
}

static void it_is_by_the_clock_that_nobody_sets(void **state)
{
    (void)state;
    struct timespec before;
    struct timespec after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int64_t found = us_of(sr_in_ms(0));
    clock_gettime(CLOCK_MONOTONIC, &after);
    check(found >= us_of(before) && found <= us_of(after));
}

/* By another clock than sr_in_ms's it would be decades. */
static void a_wait_ends_when_its_time_is_over(void **state)
{
    (void)state;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t cond;
    int result = 0;
    sr_cond_init(&cond);
    struct timespec until = sr_in_ms(20);
    check_int(pthread_mutex_lock(&mutex), 0);
    while (result == 0) /* may wake up for nothing */
        result = pthread_cond_timedwait(&cond, &mutex, &until);
    int64_t now = sr_monotonic_us();
    check_int(pthread_mutex_unlock(&mutex), 0);
    check_int(result, ETIMEDOUT);
    check(now >= us_of(until));
    check_int(pthread_cond_destroy(&cond), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_time_is_now_and_less_than_none_too),
        cmocka_unit_test(milliseconds_become_seconds),
        cmocka_unit_test(it_is_by_the_clock_that_nobody_sets),
        cmocka_unit_test(a_wait_ends_when_its_time_is_over),
    };
    check_main(tests);
}
