/*
 * fixture.h: a room for tests of the stages: a setup of the red-team suite, and the first stages of a query
 * on it run as far as a test wants.
 */
#ifndef SEALROOM_TESTS_QUERY_FIXTURE_H
#define SEALROOM_TESTS_QUERY_FIXTURE_H

#include "../../redteam/room.h"
#include "check.h"
#include "server/query/checked.h"
#include "server/query/resolved.h"

/* Group setup and teardown. `fixture_open` loads a setup of tests/redteam/<file>. */
int fixture_open(const char *file, const char *setup);
int fixture_close(void **state);
test_room *fixture_room(void);

/* A query as far as it came, everything released by fixture_query_clear. */
typedef struct
{
    query_request request;
    parsed_query *parsed;
    resolved_query *resolved;
    checked_query *checked;
    room_table_version *touched;
    size_t touched_count;
    sr_err err;
} fixture_query;

void fixture_query_clear(fixture_query *query);
#define FIXTURE_QUERY(name)                                                                        \
    fixture_query name SR_CLEANUP(fixture_query_clear) = {.err = SR_ERR_INIT}

/* The advertiser's query, parsed / resolved / checked. */
sr_result fixture_parse(fixture_query *out, const char *sql) SR_MUST_USE;
sr_result fixture_resolve(fixture_query *out, const char *sql) SR_MUST_USE;
sr_result fixture_check(fixture_query *out, const char *sql) SR_MUST_USE;

/* What a refusal must say; NULL fields are not looked at. */
typedef struct
{
    const char *sql;
    const char *reason;
    const char *field;
    const char *table;
    const char *column;
    const char *position;
    const char *words; /* a part of the text */
} fixture_refusal;

/* Fails the test unless the query is refused so by that stage or an earlier one. */
void fixture_refuses(sr_result (*stage)(fixture_query *out, const char *sql),
                     const fixture_refusal *expected, size_t count);

#endif
