#include "answers.h"

#include <pthread.h>

typedef struct
{
    digest_value key;
    sr_uuid collaboration;
    given_count given;
    uint64_t used; /* 0: the place is empty; else the larger the later */
} kept_answer;

struct answers
{
    pthread_mutex_t lock; /* over what follows */
    uint64_t era;
    uint64_t uses;
    kept_answer kept[ANSWERS_MOST];
};

answers *answers_new(void)
{
    answers *self = sr_alloc(sizeof *self);
    pthread_mutex_init(&self->lock, NULL);
    return self;
}

void answers_free(answers *self)
{
    if (self == NULL)
        return;
    pthread_mutex_destroy(&self->lock);
    sr_free(self);
}

uint64_t answers_era(answers *self)
{
    if (self == NULL)
        return 0;
    pthread_mutex_lock(&self->lock);
    uint64_t era = self->era;
    pthread_mutex_unlock(&self->lock);
    return era;
}

/* Under the lock; NULL: there is none. Keys are digests of what is no secret here. */
static kept_answer *find(answers *self, const digest_value *key)
{
    sr_slice wanted = sr_slice_of(key->bytes, sizeof key->bytes);
    for (size_t i = 0; i < ANSWERS_MOST; i++)
    {
        kept_answer *here = &self->kept[i];
        if (here->used > 0 &&
            sr_slice_equal_var(sr_slice_of(here->key.bytes, sizeof here->key.bytes), wanted))
            return here;
    }
    return NULL;
}

/* An empty place, or the one that was not used for the longest time. Under the lock. */
static kept_answer *find_place(answers *self)
{
    kept_answer *oldest = &self->kept[0];
    for (size_t i = 1; i < ANSWERS_MOST; i++)
        if (self->kept[i].used < oldest->used)
            oldest = &self->kept[i];
    return oldest;
}

bool answers_find(answers *self, given_count *out, const digest_value *key)
{
    *out = (given_count){.held_back = true};
    if (self == NULL)
        return false;
    pthread_mutex_lock(&self->lock);
    kept_answer *here = find(self, key);
    if (here != NULL)
    {
        here->used = ++self->uses;
        *out = here->given;
    }
    pthread_mutex_unlock(&self->lock);
    return here != NULL;
}

void answers_keep(answers *self, const digest_value *key, const sr_uuid *collaboration,
                  const given_count *given, uint64_t era)
{
    if (self == NULL)
        return;
    pthread_mutex_lock(&self->lock);
    if (self->era == era)
    {
        kept_answer *here = find(self, key);
        if (here == NULL)
            here = find_place(self);
        *here = (kept_answer){*key, *collaboration, *given, ++self->uses};
    }
    pthread_mutex_unlock(&self->lock);
}

void answers_forget(answers *self, const sr_uuid *collaboration)
{
    if (self == NULL)
        return;
    pthread_mutex_lock(&self->lock);
    self->era++;
    for (size_t i = 0; i < ANSWERS_MOST; i++)
        if (self->kept[i].used > 0 && sr_uuid_equal(&self->kept[i].collaboration, collaboration))
            sr_wipe(&self->kept[i], sizeof self->kept[i]);
    pthread_mutex_unlock(&self->lock);
}

size_t answers_count(answers *self)
{
    size_t count = 0;
    if (self == NULL)
        return 0;
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < ANSWERS_MOST; i++)
        count += self->kept[i].used > 0;
    pthread_mutex_unlock(&self->lock);
    return count;
}
