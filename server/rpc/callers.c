#include "callers.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/bytes.h"
#include "model/principal.h"

typedef struct
{
    char member[MODEL_NAME_SIZE];
    unsigned calls; /* 0: a place for the next member */
} caller_count;

struct callers
{
    pthread_mutex_t lock; /* over what follows */
    unsigned most;
    caller_count *counts;
    size_t room;
};

callers *callers_new(unsigned most)
{
    callers *self = sr_alloc(sizeof *self);
    assert(most > 0);
    pthread_mutex_init(&self->lock, NULL);
    self->most = most;
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

/* The member's place, or an empty one; there are never more places than calls. Under the lock. */
static caller_count *place_of(callers *self, const char *member)
{
    caller_count *empty = NULL;
    for (size_t i = 0; i < self->room; i++)
    {
        caller_count *here = &self->counts[i];
        if (here->calls > 0 && strcmp(here->member, member) == 0)
            return here;
        if (here->calls == 0)
            empty = here;
    }
    if (empty == NULL)
    {
        self->counts =
            sr_array_grow(self->counts, self->room, self->room + 1, sizeof *self->counts);
        empty = &self->counts[self->room++];
    }
    bool fits = sr_text_put(empty->member, sizeof empty->member, member);
    assert(fits); /* names of members are checked before */
    (void)fits;
    return empty;
}

sr_result callers_enter(callers *self, const char *member, sr_err *err)
{
    pthread_mutex_lock(&self->lock);
    caller_count *here = place_of(self, member);
    bool has_room = here->calls < self->most;
    here->calls += has_room ? 1 : 0;
    pthread_mutex_unlock(&self->lock);
    if (has_room)
        return SR_OK;
    return sr_fail(err, SR_E_LIMIT,
                   "member \"%s\" has %u calls under way, which is its share: let one end first",
                   member, self->most);
}

void callers_leave(callers *self, const char *member)
{
    pthread_mutex_lock(&self->lock);
    caller_count *here = place_of(self, member);
    assert(here->calls > 0);
    here->calls--;
    pthread_mutex_unlock(&self->lock);
}
