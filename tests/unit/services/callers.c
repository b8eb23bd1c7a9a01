/* Calls of each member: its share at once, and its rate. */
#include "check.h"

#include "server/rpc/callers.h"

static const int64_t second = 1000000;

static callers *with(uint64_t at_once, uint64_t per_minute)
{
    quotas in_force = {.limit = {0}};
    in_force.limit[QUOTA_CALLS_PER_MEMBER] = at_once;
    in_force.limit[QUOTA_CALLS_PER_MINUTE] = per_minute;
    return callers_new(&in_force);
}

static void check_refused(callers *calls, const char *member, int64_t now_us, quota_id id,
                          const char *words)
{
    sr_err err = SR_ERR_INIT;
    check_fails(callers_enter_at(calls, member, now_us, &err), &err, SR_E_LIMIT);
    check_text(err.detail.reason, QUOTA_REASON);
    check_text(err.detail.field, quota_name(id));
    check_error_says(&err, quota_name(id));
    check_error_says(&err, words);
}

static void pass(callers *calls, const char *member, int64_t now_us)
{
    sr_err err = SR_ERR_INIT;
    check_ok(callers_enter_at(calls, member, now_us, &err), &err);
    callers_leave(calls, member);
}

static void a_member_has_its_share_of_calls_and_the_others_theirs(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    callers *calls = with(2, 0);
    check_ok(callers_enter(calls, "acme", &err), &err);
    check_ok(callers_enter(calls, "acme", &err), &err);
    check_refused(calls, "acme", 0, QUOTA_CALLS_PER_MEMBER,
                  "member \"acme\" has 2 calls under way");
    check_ok(callers_enter(calls, "brand", &err), &err);
    callers_leave(calls, "acme");
    check_ok(callers_enter(calls, "acme", &err), &err);
    callers_leave(calls, "acme");
    callers_leave(calls, "acme");
    callers_leave(calls, "brand");
    callers_free(calls);
}

static void a_minute_has_so_many_calls_and_a_refusal_says_how_long_to_wait(void **state)
{
    (void)state;
    callers *calls = with(0, 6);
    for (int i = 0; i < 6; i++)
        pass(calls, "acme", 0);
    check_refused(calls, "acme", 0, QUOTA_CALLS_PER_MINUTE, "try again in 10 s");
    check_refused(calls, "acme", 7 * second + 1, QUOTA_CALLS_PER_MINUTE, "try again in 3 s");
    pass(calls, "brand", 7 * second);
    pass(calls, "acme", 10 * second); /* one has flowed in */
    check_refused(calls, "acme", 10 * second, QUOTA_CALLS_PER_MINUTE, "try again in 10 s");
    callers_free(calls);
}

static void a_quiet_minute_fills_the_bucket_and_no_more(void **state)
{
    (void)state;
    callers *calls = with(0, 3);
    for (int minute = 0; minute < 3; minute++)
    {
        int64_t now = (int64_t)minute * 600 * second;
        for (int i = 0; i < 3; i++)
            pass(calls, "acme", now);
        check_refused(calls, "acme", now, QUOTA_CALLS_PER_MINUTE, "3 calls");
    }
    callers_free(calls);
}

static void a_member_whose_place_another_took_has_lost_nothing(void **state)
{
    (void)state;
    callers *calls = with(0, 2);
    pass(calls, "acme", 0);
    pass(calls, "acme", 0);
    for (int i = 0; i < 50; i++)
    {
        char name[16];
        (void)snprintf(name, sizeof name, "member%d", i);
        pass(calls, name, second);
    }
    check_refused(calls, "acme", second, QUOTA_CALLS_PER_MINUTE, "2 calls");
    callers_free(calls);
}

static void time_that_seems_to_go_back_gives_and_takes_nothing(void **state)
{
    (void)state;
    callers *calls = with(0, 2);
    pass(calls, "acme", 100 * second);
    pass(calls, "acme", 99 * second);
    check_refused(calls, "acme", 100 * second, QUOTA_CALLS_PER_MINUTE, "try again in 30 s");
    pass(calls, "acme", 130 * second);
    callers_free(calls);
}

static void without_quotas_calls_are_not_limited(void **state)
{
    (void)state;
    callers *calls = with(0, 0);
    for (int i = 0; i < 100000; i++)
        pass(calls, "acme", 0);
    callers_free(calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_has_its_share_of_calls_and_the_others_theirs),
        cmocka_unit_test(a_minute_has_so_many_calls_and_a_refusal_says_how_long_to_wait),
        cmocka_unit_test(a_quiet_minute_fills_the_bucket_and_no_more),
        cmocka_unit_test(a_member_whose_place_another_took_has_lost_nothing),
        cmocka_unit_test(time_that_seems_to_go_back_gives_and_takes_nothing),
        cmocka_unit_test(without_quotas_calls_are_not_limited),
    };
    check_main(tests);
}
