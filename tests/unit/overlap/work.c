#include "server/overlap/work.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "check.h"

enum
{
    THREADS = 8,
    ROUNDS = 200,
};

static bool is_there(const void *context)
{
    (void)context;
    return false;
}

static bool is_gone(const void *context)
{
    (void)context;
    return true;
}

static overlap_job job_of(overlap_work *work, const sr_uuid *session, const sr_uuid *collaboration)
{
    return (overlap_job){work, *session, *collaboration, is_there, NULL};
}

/* What is at work now, and whether it ever was too much. */
typedef struct
{
    overlap_work *work;
    sr_uuid sessions[3];
    atomic_int running;
    atomic_int of_session[3];
    atomic_bool too_many;
} workplace;

typedef struct
{
    workplace *place;
    size_t first;
} worker;

static void *work_on(void *context)
{
    const worker *self = context;
    workplace *place = self->place;
    for (size_t i = 0; i < ROUNDS; i++)
    {
        size_t one = (self->first + i) % 3;
        sr_err err = SR_ERR_INIT;
        overlap_job job = job_of(place->work, &place->sessions[one], &place->sessions[one % 2]);
        if (overlap_work_enter(&job, &err) != SR_OK)
            atomic_store(&place->too_many, true);
        if (atomic_fetch_add(&place->running, 1) >= OVERLAP_WORK_AT_ONCE ||
            atomic_fetch_add(&place->of_session[one], 1) >= 1)
            atomic_store(&place->too_many, true);
        atomic_fetch_sub(&place->of_session[one], 1);
        atomic_fetch_sub(&place->running, 1);
        overlap_work_leave(&job);
    }
    return NULL;
}

static void few_work_at_once_and_one_on_a_session(void **state)
{
    (void)state;
    workplace place = {.work = overlap_work_new(1000, 3)};
    pthread_t threads[THREADS];
    worker workers[THREADS];
    for (size_t i = 0; i < 3; i++)
        place.sessions[i] = sr_uuid_random();
    for (size_t i = 0; i < THREADS; i++)
    {
        workers[i] = (worker){&place, i};
        check_int(pthread_create(&threads[i], NULL, work_on, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    overlap_job job = job_of(place.work, &place.sessions[0], &place.sessions[0]);
    check(!atomic_load(&place.too_many));
    check_int(overlap_job_memory(&job), 1000 / OVERLAP_WORK_AT_ONCE);
    check_int(overlap_job_threads(&job), 3);
    overlap_work_free(place.work);
}

static void whoever_waits_gives_up_when_its_caller_does(void **state)
{
    (void)state;
    overlap_work *work = overlap_work_new(1, 1);
    const sr_uuid session = sr_uuid_random();
    const sr_uuid others[2] = {sr_uuid_random(), sr_uuid_random()};
    overlap_job first = job_of(work, &session, &session);
    overlap_job same = {work, session, session, is_gone, NULL};
    overlap_job second = {work, others[0], others[0], is_gone, NULL};
    overlap_job third = {work, others[1], others[1], is_gone, NULL};
    sr_err err = SR_ERR_INIT;
    sr_err twice = SR_ERR_INIT;
    sr_err full = SR_ERR_INIT;
    sr_err gone = SR_ERR_INIT;
    check_ok(overlap_work_enter(&first, &err), &err);
    check_ok(overlap_job_check(&first, &err), &err);
    check_fails(overlap_work_enter(&same, &twice), &twice, SR_E_CANCELLED);
    check_ok(overlap_work_enter(&second, &err), &err);
    check_fails(overlap_job_check(&second, &gone), &gone, SR_E_CANCELLED);
    check_fails(overlap_work_enter(&third, &full), &full, SR_E_CANCELLED);
    overlap_work_leave(&second);
    check_ok(overlap_work_enter(&third, &err), &err);
    overlap_work_leave(&first);
    overlap_work_leave(&third);
    overlap_work_free(work);
}

/* One that enters in a thread of its own, and notes as the how many-th it was let in. */
typedef struct
{
    overlap_job job;
    atomic_int *entered;
    atomic_int asked; /* how often it was asked whether it still waits */
    int place;
    pthread_t thread;
} entrant;

static bool count_asked(const void *context)
{
    atomic_fetch_add(&((entrant *)(uintptr_t)context)->asked, 1);
    return false;
}

static void *enter(void *context)
{
    entrant *self = context;
    sr_err err = SR_ERR_INIT;
    if (overlap_work_enter(&self->job, &err) == SR_OK)
        self->place = atomic_fetch_add(self->entered, 1) + 1;
    return NULL;
}

/* Returns when it stands in the line. */
static void start(entrant *self, overlap_work *work, const sr_uuid *collaboration,
                  atomic_int *entered)
{
    const sr_uuid session = sr_uuid_random();
    *self = (entrant){.job = job_of(work, &session, collaboration), .entered = entered};
    self->job.is_gone = count_asked;
    self->job.context = self;
    check_int(pthread_create(&self->thread, NULL, enter, self), 0);
    while (atomic_load(&self->asked) == 0)
        sched_yield();
}

/* Spring is at work twice; spring waits, spring waits, summer waits. */
static void a_collaboration_at_work_lets_others_go_first_and_else_who_came_first_goes(void **state)
{
    (void)state;
    overlap_work *work = overlap_work_new(1, 1);
    const sr_uuid spring = sr_uuid_random();
    const sr_uuid summer = sr_uuid_random();
    const sr_uuid one = sr_uuid_random();
    const sr_uuid other = sr_uuid_random();
    overlap_job running[2] = {job_of(work, &one, &spring), job_of(work, &other, &spring)};
    atomic_int entered = 0;
    entrant waiting[3];
    sr_err err = SR_ERR_INIT;
    check_ok(overlap_work_enter(&running[0], &err), &err);
    check_ok(overlap_work_enter(&running[1], &err), &err);
    start(&waiting[0], work, &spring, &entered);
    start(&waiting[1], work, &spring, &entered);
    start(&waiting[2], work, &summer, &entered);
    overlap_work_leave(&running[0]);
    pthread_join(waiting[2].thread, NULL);
    check_int(waiting[2].place, 1);
    overlap_work_leave(&running[1]);
    pthread_join(waiting[0].thread, NULL);
    check_int(waiting[0].place, 2);
    overlap_work_leave(&waiting[2].job);
    pthread_join(waiting[1].thread, NULL);
    check_int(waiting[1].place, 3);
    overlap_work_leave(&waiting[0].job);
    overlap_work_leave(&waiting[1].job);
    overlap_work_free(work);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_work_at_once_and_one_on_a_session),
        cmocka_unit_test(whoever_waits_gives_up_when_its_caller_does),
        cmocka_unit_test(a_collaboration_at_work_lets_others_go_first_and_else_who_came_first_goes),
    };
    check_main(tests);
}
