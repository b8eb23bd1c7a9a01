#include "callers.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "model/principal.h"

static const int64_t minute_us = 60 * INT64_C(1000000);

typedef struct
{
    char member[MODEL_NAME_SIZE];
    uint64_t calls;   /* under way */
    int64_t spent_us; /* how much time must pass until the bucket is full again, at `seen_us` */
    int64_t seen_us;
} caller_count;

struct callers
{
    pthread_mutex_t lock; /* over what follows */
    quotas quotas;
    caller_count *counts;
    size_t room;
};

callers *callers_new(const quotas *in_force)
{
    callers *self = sr_alloc(sizeof *self);
    pthread_mutex_init(&self->lock, NULL);
    self->quotas = *in_force;
    return self;
}

void callers_free(callers *self)
{
    if (self == NULL)
        return;
    pthread_mutex_destroy(&self->lock);
    sr_free(self->counts);
    sr_free(self);
}

/* ---- places ---------------------------------------------------------------------------------- */

static void flow_in(caller_count *here, int64_t now_us)
{
    int64_t passed =
        now_us > here->seen_us ? now_us - here->seen_us : 0; /* two threads may cross */
    here->spent_us = passed < here->spent_us ? here->spent_us - passed : 0;
    here->seen_us += passed;
}

/* A member that has nothing under way and a full bucket is forgotten, so that its place serves the next. */
static bool is_empty(caller_count *here, int64_t now_us)
{
    flow_in(here, now_us);
    return here->calls == 0 && here->spent_us == 0;
}

static caller_count *find(callers *self, const char *member)
{
    for (size_t i = 0; i < self->room; i++)
        if (strcmp(self->counts[i].member, member) == 0)
            return &self->counts[i];
    return NULL;
}

/* The member's place, or an empty one. Under the lock. */
static caller_count *place_of(callers *self, const char *member, int64_t now_us)
{
    caller_count *here = find(self, member);
    for (size_t i = 0; i < self->room && here == NULL; i++)
        if (is_empty(&self->counts[i], now_us))
            here = &self->counts[i];
    if (here == NULL)
    {
        self->counts =
            sr_array_grow(self->counts, self->room, self->room + 1, sizeof *self->counts);
        here = &self->counts[self->room++];
        here->seen_us = now_us;
    }
    bool fits = sr_text_put(here->member, sizeof here->member, member);
    assert(fits); /* names of members are checked before */
    (void)fits;
    flow_in(here, now_us);
    return here;
}

/* ---- a call ---------------------------------------------------------------------------------- */

/* How much time one call takes out of the bucket; 0: there is no bucket. */
static int64_t price_us(const callers *self)
{
    uint64_t most = self->quotas.limit[QUOTA_CALLS_PER_MINUTE];
    return most == 0 || most > (uint64_t)minute_us ? 0 : minute_us / (int64_t)most;
}

static sr_result take(callers *self, caller_count *here, sr_err *err)
{
    int64_t price = price_us(self);
    if (!quota_allows(&self->quotas, QUOTA_CALLS_PER_MEMBER, here->calls + 1))
        return quota_refuse(err, QUOTA_CALLS_PER_MEMBER,
                            "member \"%s\" has %" PRIu64
                            " calls under way, the most that one member may; let one end first",
                            here->member, here->calls);
    if (here->spent_us + price > minute_us)
    {
        int64_t wait_us = here->spent_us + price - minute_us;
        return quota_refuse(err, QUOTA_CALLS_PER_MINUTE,
                            "member \"%s\" has begun the %" PRIu64
                            " calls that one member may in a minute; try again in %" PRId64 " s",
                            here->member, self->quotas.limit[QUOTA_CALLS_PER_MINUTE],
                            (wait_us + 999999) / 1000000);
    }
    here->spent_us += price;
    here->calls++;
    return SR_OK;
}

sr_result callers_enter_at(callers *self, const char *member, int64_t now_us, sr_err *err)
{
    pthread_mutex_lock(&self->lock);
    sr_result entered = take(self, place_of(self, member, now_us), err);
    pthread_mutex_unlock(&self->lock);
    return entered;
}

sr_result callers_enter(callers *self, const char *member, sr_err *err)
{
    return callers_enter_at(self, member, sr_monotonic_us(), err);
}

void callers_leave(callers *self, const char *member)
{
    pthread_mutex_lock(&self->lock);
    caller_count *here = find(self, member);
    assert(here != NULL && here->calls > 0);
    here->calls--;
    pthread_mutex_unlock(&self->lock);
}
