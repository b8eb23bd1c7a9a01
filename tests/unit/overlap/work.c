#include "server/overlap/work.h"

#include <pthread.h>
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
        if (overlap_work_enter(place->work, &place->sessions[one], is_there, NULL, &err) != SR_OK)
            atomic_store(&place->too_many, true);
        if (atomic_fetch_add(&place->running, 1) >= OVERLAP_WORK_AT_ONCE ||
            atomic_fetch_add(&place->of_session[one], 1) >= 1)
            atomic_store(&place->too_many, true);
        atomic_fetch_sub(&place->of_session[one], 1);
        atomic_fetch_sub(&place->running, 1);
        overlap_work_leave(place->work, &place->sessions[one]);
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
    check(!atomic_load(&place.too_many));
    check_int(overlap_work_memory(place.work), 1000 / OVERLAP_WORK_AT_ONCE);
    check_int(overlap_work_threads(place.work), 3);
    overlap_work_free(place.work);
}

static void whoever_waits_gives_up_when_its_caller_does(void **state)
{
    (void)state;
    overlap_work *work = overlap_work_new(1, 1);
    const sr_uuid session = sr_uuid_random();
    const sr_uuid others[2] = {sr_uuid_random(), sr_uuid_random()};
    sr_err err = SR_ERR_INIT;
    sr_err same = SR_ERR_INIT;
    sr_err full = SR_ERR_INIT;
    check_ok(overlap_work_enter(work, &session, is_there, NULL, &err), &err);
    check_fails(overlap_work_enter(work, &session, is_gone, NULL, &same), &same, SR_E_CANCELLED);
    check_ok(overlap_work_enter(work, &others[0], is_gone, NULL, &err), &err);
    check_fails(overlap_work_enter(work, &others[1], is_gone, NULL, &full), &full, SR_E_CANCELLED);
    overlap_work_leave(work, &others[0]);
    check_ok(overlap_work_enter(work, &others[1], is_gone, NULL, &err), &err);
    overlap_work_leave(work, &session);
    overlap_work_leave(work, &others[1]);
    overlap_work_free(work);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_work_at_once_and_one_on_a_session),
        cmocka_unit_test(whoever_waits_gives_up_when_its_caller_does),
    };
    check_main(tests);
}
