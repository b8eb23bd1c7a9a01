/* workers.h: every job runs once, in no more threads than the limit. */
#include "room.h"

#include "rpc/workers.h"

static atomic_int running;
static atomic_int most;
static atomic_int done;

static void run(void *job)
{
    (void)job;
    int now = atomic_fetch_add(&running, 1) + 1;
    int seen = atomic_load(&most);
    while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
        ;
    room_sleep_ms(5);
    atomic_fetch_sub(&running, 1);
    atomic_fetch_add(&done, 1);
}

static void reset(void)
{
    atomic_store(&most, 0);
    atomic_store(&done, 0);
}

static void jobs_run_side_by_side_up_to_the_limit(void **state)
{
    int job = 0;
    reset();
    (void)state;
    rpc_workers *workers = rpc_workers_new(8, run);
    for (int round = 1; round <= 10; round++)
    {
        for (int i = 0; i < 8; i++)
            check(rpc_workers_give(workers, &job));
        check(room_wait_for(&done, 8 * round));
    }
    rpc_workers_free(workers);
    check_int(atomic_load(&done), 80);
    check(atomic_load(&most) > 1 && atomic_load(&most) <= 8);
}

static void waiting_jobs_run_before_the_end(void **state)
{
    int job = 0;
    reset();
    (void)state;
    rpc_workers *workers = rpc_workers_new(4, run);
    for (int i = 0; i < 4; i++)
        check(rpc_workers_give(workers, &job));
    rpc_workers_free(workers);
    check_int(atomic_load(&done), 4);
}

static void no_job_and_no_workers_are_fine(void **state)
{
    (void)state;
    rpc_workers_free(rpc_workers_new(4, run));
    rpc_workers_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_run_side_by_side_up_to_the_limit),
        cmocka_unit_test(waiting_jobs_run_before_the_end),
        cmocka_unit_test(no_job_and_no_workers_are_fine),
    };
    check_main(tests);
}
