/*
 * room.h: a collaboration for tests: the tables of one setup of a red-team suite, loaded into a real engine,
 * behind the interfaces that a query asks. No network and no catalog: tokens are made from a fake fingerprint,
 * rules come from the suite.
 */
#ifndef SEALROOM_TESTS_REDTEAM_ROOM_H
#define SEALROOM_TESTS_REDTEAM_ROOM_H

#include "base/json.h"
#include "server/query/query.h"

typedef struct test_room test_room;

/* `setup` as in suite.json, files relative to `folder`. A column is a fingerprint if it is called
 * user_id_hash, cleartext otherwise, or what the setup's "columnTypes" says. The document must live as
 * long as the room. */
sr_result test_room_new(test_room **out, const sr_json *setup, const char *folder,
                        sr_err *err) SR_MUST_USE;
void test_room_free(test_room *room); /* accepts NULL */

/* What one query left behind. */
typedef struct
{
    sr_err err;
    bool submitted;
    bool decided;
    bool refused;
    bool finished;
    bool data_before_decision; /* must never be */
    query_outcome outcome;
    query_column *columns; /* labels are owned copies */
    size_t column_count;
    char **cells; /* rows * columns; NULL is NULL */
    size_t row_count;
} test_answer;

void test_answer_clear(test_answer *answer);
#define TEST_ANSWER(name) test_answer name SR_CLEANUP(test_answer_clear) = {.err = SR_ERR_INIT}

/* Runs a query as a member with these abilities. */
sr_result test_room_ask(test_answer *out, test_room *room, const char *member, unsigned abilities,
                        const char *sql) SR_MUST_USE;
/* The request that test_room_ask makes, for tests of single stages. */
query_request test_room_request(test_room *room, const char *member, unsigned abilities,
                                const char *sql);
/* Replaces the rule of a table from the next look-up on; NULL: no rule. */
void test_room_set_rule(test_room *room, const char *table, const char *rule_json);
collaboration_flags *test_room_flags(test_room *room);
/* Called at each look-up with its number from 1; for changes in the middle of a query. */
void test_room_on_find(test_room *room, void (*hook)(test_room *room, unsigned number));
/* Whether columns say that their values never repeat, as a room does first, or that it is not known: the answers
 * must be the same. */
void test_room_hide_repeats(test_room *room, bool hidden);

#endif
