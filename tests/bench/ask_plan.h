/* ask_plan.h: the SQL that the server runs for the question of ask.c, from its own stages. */
#ifndef SEALROOM_TESTS_BENCH_ASK_PLAN_H
#define SEALROOM_TESTS_BENCH_ASK_PLAN_H

#include "base/err.h"
#include "model/room.h"

enum
{
    ASK_MEASURES = 6,
};

/*
 * "SELECT b.grp, SUM(a.m0), … FROM a JOIN b ON a.person = b.person GROUP BY b.grp", parsed, resolved, checked
 * and planned; a is the engine's table `first`, b the next. `repeats`: of both keys. The text is the caller's.
 */
sr_result ask_plan(char **sql, uint64_t first, size_t aggregates, room_repeats repeats,
                   sr_err *err) SR_MUST_USE;

#endif
