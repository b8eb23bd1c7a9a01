/*
 * opened.h: overlap sessions in a catalog of ../catalog/fixture.h, in whose collaboration cargo is, too. Every failure
 * ends the test but that of a try.
 */
#ifndef SEALROOM_TESTS_OVERLAP_OPENED_H
#define SEALROOM_TESTS_OVERLAP_OPENED_H

#include "fixture.h"
#include "server/overlap/sessions.h"

/* Nothing of it has to last. */
void prepare(fixture *room);
#define ROOM(name)                                                                                 \
    FIXTURE(name);                                                                                 \
    prepare(&(name))

/* Runs SQL on the open catalog, under its lock. */
void change(fixture *room, const char *sql);

extern const char *const pair[2];  /* acme, brand */
extern const char *const three[3]; /* and cargo */

/* Everybody has 64 segments and receives; an hour's time. */
manifest terms_of(const fixture *room, const char *const *names, size_t count);
sr_result try_open(sr_uuid_text *id, fixture *room, const catalog_actor *opener,
                   const char *const *names, size_t count, sr_err *err) SR_MUST_USE;
sr_uuid_text open_with(fixture *room, const catalog_actor *opener, const char *const *names,
                       size_t count);
sr_result try_confirm(fixture *room, const sr_uuid_text *id, const catalog_actor *actor,
                      sr_err *err) SR_MUST_USE;
void confirm(fixture *room, const sr_uuid_text *id, const catalog_actor *actor);
/* Of acme and brand, confirmed by both. */
sr_uuid_text run_session(fixture *room);

#endif
