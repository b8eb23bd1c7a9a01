/* Counts that are kept: found by everything that decides them, few, and gone when a table changes. */
#include "server/rpc/answers.h"

#include <pthread.h>

#include "check.h"

typedef struct
{
    answers *kept;
    sr_uuid room;
} fixture;

static fixture begin(void)
{
    return (fixture){answers_new(), sr_uuid_random()};
}

static digest_value key_of(uint64_t number)
{
    return digest_of(sr_slice_of((const uint8_t *)&number, sizeof number));
}

static void keep(fixture *at, uint64_t key, uint64_t subjects)
{
    digest_value key_bytes = key_of(key);
    given_count given = {.subjects = subjects};
    answers_keep(at->kept, &key_bytes, &at->room, &given, answers_era(at->kept));
}

static bool finds(fixture *at, uint64_t key, uint64_t subjects)
{
    digest_value key_bytes = key_of(key);
    given_count given;
    return answers_find(at->kept, &given, &key_bytes) && !given.held_back &&
           given.subjects == subjects;
}

static void an_answer_is_found_by_its_key_alone(void **state)
{
    (void)state;
    fixture at = begin();
    check(!finds(&at, 1, 0));
    keep(&at, 1, 100);
    keep(&at, 2, 200);
    check(finds(&at, 1, 100) && finds(&at, 2, 200) && !finds(&at, 3, 0));
    keep(&at, 1, 101);
    check(finds(&at, 1, 101));
    check_int(answers_count(at.kept), 2);
    answers_free(at.kept);
}

static void what_is_held_back_is_kept_as_that(void **state)
{
    (void)state;
    fixture at = begin();
    digest_value key_bytes = key_of(1);
    given_count given = {.held_back = true};
    answers_keep(at.kept, &key_bytes, &at.room, &given, answers_era(at.kept));
    given.held_back = false;
    check(answers_find(at.kept, &given, &key_bytes) && given.held_back);
    answers_free(at.kept);
}

static void only_so_many_are_kept_and_the_least_used_goes(void **state)
{
    (void)state;
    fixture at = begin();
    for (uint64_t i = 0; i < ANSWERS_MOST; i++)
        keep(&at, i, i);
    check(finds(&at, 0, 0)); /* used again: now 1 is the oldest */
    keep(&at, ANSWERS_MOST, 7);
    check_int(answers_count(at.kept), ANSWERS_MOST);
    check(finds(&at, 0, 0) && !finds(&at, 1, 1) && finds(&at, 2, 2) && finds(&at, ANSWERS_MOST, 7));
    answers_free(at.kept);
}

static void a_change_forgets_the_answers_of_its_collaboration(void **state)
{
    (void)state;
    fixture at = begin();
    fixture other = {at.kept, sr_uuid_random()};
    keep(&at, 1, 100);
    keep(&other, 2, 200);
    answers_forget(at.kept, &at.room);
    check(!finds(&at, 1, 100));
    check(finds(&other, 2, 200));
    check_int(answers_count(at.kept), 1);
    answers_free(at.kept);
}

static void what_began_before_a_change_is_not_kept(void **state)
{
    (void)state;
    fixture at = begin();
    digest_value key_bytes = key_of(1);
    given_count given = {.subjects = 100};
    uint64_t before = answers_era(at.kept);
    answers_forget(at.kept, &at.room);
    answers_keep(at.kept, &key_bytes, &at.room, &given, before);
    check_int(answers_count(at.kept), 0);
    answers_keep(at.kept, &key_bytes, &at.room, &given, answers_era(at.kept));
    check_int(answers_count(at.kept), 1);
    answers_free(at.kept);
}

static void without_a_place_nothing_is_kept(void **state)
{
    (void)state;
    fixture at = {NULL, sr_uuid_random()};
    keep(&at, 1, 100);
    check(!finds(&at, 1, 100));
    answers_forget(NULL, &at.room);
    check_int(answers_count(NULL), 0);
    answers_free(NULL);
}

/* ---- many at once ---------------------------------------------------------------------------- */

enum
{
    THREADS = 4,
    STEPS = 3000,
};

static void *use(void *context)
{
    fixture *at = context;
    size_t wrong = 0;
    for (uint64_t i = 0; i < STEPS; i++)
    {
        digest_value key_bytes = key_of(i % 400);
        given_count given;
        if (answers_find(at->kept, &given, &key_bytes) && given.subjects != i % 400)
            wrong++;
        keep(at, i % 400, i % 400);
        if (i % 97 == 0)
            answers_forget(at->kept, &at->room);
    }
    return (void *)(uintptr_t)wrong;
}

static void many_at_once_find_nothing_that_is_not_theirs(void **state)
{
    (void)state;
    fixture at = begin();
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        check_int(pthread_create(&threads[i], NULL, use, &at), 0);
    for (size_t i = 0; i < THREADS; i++)
    {
        void *wrong = NULL;
        check_int(pthread_join(threads[i], &wrong), 0);
        check(wrong == NULL);
    }
    check(answers_count(at.kept) <= ANSWERS_MOST);
    answers_free(at.kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_found_by_its_key_alone),
        cmocka_unit_test(what_is_held_back_is_kept_as_that),
        cmocka_unit_test(only_so_many_are_kept_and_the_least_used_goes),
        cmocka_unit_test(a_change_forgets_the_answers_of_its_collaboration),
        cmocka_unit_test(what_began_before_a_change_is_not_kept),
        cmocka_unit_test(without_a_place_nothing_is_kept),
        cmocka_unit_test(many_at_once_find_nothing_that_is_not_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
