#include "check.h"

#include "client/pool.h"

typedef struct
{
    int in;
    int out;
} slot;

typedef struct
{
    int done;
} worker;

enum
{
    WORKERS = 3,
    SLOTS = 5,
    BATCHES = 2000,
};

/* Takes the longer the later it comes in a group, so that batches end out of order. */
static sr_result square(void *state, void *batch, sr_err *err)
{
    worker *w = state;
    slot *s = batch;
    w->done++;
    for (volatile int i = 0; i < (s->in % 7) * 500; i++)
        ;
    s->out = s->in * s->in;
    if (s->in == 1234)
        return sr_fail(err, SR_E_FORMAT, "batch 1234 is bad");
    return SR_OK;
}

typedef struct
{
    worker workers[WORKERS];
    slot slots[SLOTS];
    void *worker_list[WORKERS];
    void *slot_list[SLOTS];
} parts;

static pool *make(parts *p)
{
    sr_err err = SR_ERR_INIT;
    pool *made = NULL;
    *p = (parts){.workers = {{0}}};
    for (size_t i = 0; i < WORKERS; i++)
        p->worker_list[i] = &p->workers[i];
    for (size_t i = 0; i < SLOTS; i++)
        p->slot_list[i] = &p->slots[i];
    check_ok(pool_new(&made, square, p->worker_list, WORKERS, p->slot_list, SLOTS, &err), &err);
    return made;
}

/* The number of the batch that failed, or `count`. */
static int run(pool *self, int count)
{
    sr_err err = SR_ERR_INIT;
    int given = 0;
    int taken = 0;
    while (taken < count)
    {
        void *batch = NULL;
        slot *s = given < count ? pool_free_slot(self) : NULL;
        if (s != NULL)
        {
            s->in = given++;
            pool_submit(self);
            continue;
        }
        if (pool_take(self, &batch, &err) != SR_OK)
        {
            check(batch == NULL);
            check_text(err.text, "batch 1234 is bad");
            return taken;
        }
        check_int(((slot *)batch)->in, taken);
        check_int(((slot *)batch)->out, taken * taken);
        pool_give_back(self);
        taken++;
    }
    check(!pool_is_busy(self));
    return taken;
}

static void batches_come_back_in_order(void **state)
{
    (void)state;
    parts p;
    POOL(self);
    self = make(&p);
    check_int(run(self, 1000), 1000);
    pool_clear(&self);
    check_int(p.workers[0].done + p.workers[1].done + p.workers[2].done, 1000);
}

static void a_failure_comes_back_in_its_place(void **state)
{
    (void)state;
    parts p;
    POOL(self);
    self = make(&p);
    check_int(run(self, BATCHES), 1234);
}

static void a_pool_can_be_dropped_while_it_works(void **state)
{
    (void)state;
    parts p;
    POOL(self);
    self = make(&p);
    for (int i = 0; i < SLOTS; i++)
    {
        slot *s = pool_free_slot(self);
        s->in = 6;
        pool_submit(self);
    }
    check(pool_free_slot(self) == NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_come_back_in_order),
        cmocka_unit_test(a_failure_comes_back_in_its_place),
        cmocka_unit_test(a_pool_can_be_dropped_while_it_works),
    };
    check_main(tests);
}
