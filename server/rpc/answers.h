/*
 * answers.h: counts that were given a moment ago (`overlap count`), in memory alone.
 *
 * The key of an answer is a digest of everything that decides it: the collaboration, the text (tables, column and
 * condition), and of every table its number, version, and rule. Table numbers and versions are never given out
 * twice, so an answer cannot be taken for that of another version or rule. The asking member is part of it too:
 * how fast an answer comes must not tell one member what another has asked.
 *
 * An answer does not outlive its versions and rules: whoever changed a table calls answers_forget after the change
 * (upload, rule, delete). A count that was under way then may not be kept any more: it began in an earlier `era`.
 *
 * What may be asked is decided by the query's stages each time, before the answer is looked up; whether the caller
 * receives results, after it. At most ANSWERS_MOST are kept; the one that was not used for the longest time goes.
 *
 * Threads: any number at once. NULL for `answers` keeps nothing.
 */
#ifndef SEALROOM_SERVER_RPC_ANSWERS_H
#define SEALROOM_SERVER_RPC_ANSWERS_H

#include "base/uuid.h"
#include "crypto/digest.h"

enum
{
    ANSWERS_MOST = 256,
};

typedef struct answers answers;

typedef struct
{
    bool held_back; /* under a minimum, or nothing to count */
    uint64_t subjects;
} given_count;

answers *answers_new(void) SR_MUST_USE;
void answers_free(answers *self);

/* The present era: ask before the catalog is read. */
uint64_t answers_era(answers *self);
/* True, with the answer, when there is one. */
bool answers_find(answers *self, given_count *out, const digest_value *key);
/* Keeps it, unless the era has passed. */
void answers_keep(answers *self, const digest_value *key, const sr_uuid *collaboration,
                  const given_count *given, uint64_t era);
/* Drops all answers of the collaboration and begins a new era. */
void answers_forget(answers *self, const sr_uuid *collaboration);
/* How many are kept. */
size_t answers_count(answers *self);

#endif
