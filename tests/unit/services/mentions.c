/* Which tables a refused text speaks of: names as words, in any case. */
#include "server/rpc/mentions.h"

#include "check.h"

static void a_name_is_found_as_a_word_in_any_case(void **state)
{
    (void)state;
    check(mentions_name("SELECT * FROM customers", "customers"));
    check(mentions_name("select * from Customers;", "customers"));
    check(mentions_name("customers", "customers"));
    check(mentions_name("SELECT \"customers\".x FROM(customers)", "customers"));
    check(mentions_name("SELECT * FROM my_customers, customers", "customers"));
}

static void a_name_inside_another_word_is_not_found(void **state)
{
    (void)state;
    check(!mentions_name("", "customers"));
    check(!mentions_name("SELECT * FROM customer", "customers"));
    check(!mentions_name("SELECT * FROM customers2", "customers"));
    check(!mentions_name("SELECT * FROM my_customers", "customers"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_found_as_a_word_in_any_case),
        cmocka_unit_test(a_name_inside_another_word_is_not_found),
    };
    check_main(tests);
}
