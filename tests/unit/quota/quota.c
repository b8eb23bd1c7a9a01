/* Names, defaults and refusals of quotas. */
#include "server/quota/quota.h"

#include "check.h"

static void each_quota_has_a_name_of_its_own_and_a_default(void **state)
{
    (void)state;
    for (int id = 0; id < QUOTA_COUNT_; id++)
    {
        check(strlen(quota_name((quota_id)id)) > 3);
        check(quota_default((quota_id)id) > 0);
        for (int other = 0; other < id; other++)
            check(strcmp(quota_name((quota_id)id), quota_name((quota_id)other)) != 0);
    }
}

static void the_limit_itself_is_allowed_and_zero_is_no_limit(void **state)
{
    quotas in_force = {.limit = {0}};
    (void)state;
    check(quota_allows(&in_force, QUOTA_TABLES, UINT64_MAX));
    in_force.limit[QUOTA_TABLES] = 3;
    check(quota_allows(&in_force, QUOTA_TABLES, 3));
    check(!quota_allows(&in_force, QUOTA_TABLES, 4));
    check(quota_allows(&in_force, QUOTA_MEMBERS, 4)); /* each has its own */
}

static void a_refusal_begins_with_its_name_and_carries_it(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    for (int id = 0; id < QUOTA_COUNT_; id++)
    {
        SR_TEXT(words);
        words = sr_text_printf("quota %s: 7 of them; let one end", quota_name((quota_id)id));
        check_fails(quota_refuse(&err, (quota_id)id, "%d of them; let one end", 7), &err,
                    SR_E_LIMIT);
        check_text(err.text, words);
        check_text(err.detail.reason, "QUOTA_EXCEEDED");
        check_text(err.detail.field, quota_name((quota_id)id));
        check(sr_code_peer_may_read(err.code));
        check_int(sr_code_grpc_status(err.code), 8); /* RESOURCE_EXHAUSTED */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_quota_has_a_name_of_its_own_and_a_default),
        cmocka_unit_test(the_limit_itself_is_allowed_and_zero_is_no_limit),
        cmocka_unit_test(a_refusal_begins_with_its_name_and_carries_it),
    };
    check_main(tests);
}
