/*
 * check.h: the one way in which tests use cmocka. Test names are sentences; a failing check prints the
 * error text that the code under test left.
 */
#ifndef SEALROOM_TESTS_CHECK_H
#define SEALROOM_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/err.h"

#define check(condition) assert_true(condition)
#define check_int(actual, expected) assert_int_equal((actual), (expected))
#define check_text(actual, expected) assert_string_equal((actual), (expected))

/* The call must succeed; otherwise its error line is shown. */
#define check_ok(call, err)                                                                        \
    do                                                                                             \
    {                                                                                              \
        if ((call) != SR_OK)                                                                       \
            fail_msg("%s failed: %s", #call, (err)->text);                                         \
    } while (0)

/* The call must fail with this code. */
#define check_fails(call, err, expected_code)                                                      \
    do                                                                                             \
    {                                                                                              \
        if ((call) != SR_FAIL)                                                                     \
            fail_msg("%s succeeded, and should not have", #call);                                  \
        if ((err)->code != (expected_code))                                                        \
            fail_msg("%s failed with %s (%s), not %s", #call, sr_code_name((err)->code),           \
                     (err)->text, sr_code_name(expected_code));                                    \
    } while (0)

/* The error text must contain this. */
#define check_error_says(err, part)                                                                \
    do                                                                                             \
    {                                                                                              \
        if (strstr((err)->text, (part)) == NULL)                                                   \
            fail_msg("error text \"%s\" does not say \"%s\"", (err)->text, (part));                \
    } while (0)

#define check_slice(slice, text)                                                                   \
    do                                                                                             \
    {                                                                                              \
        sr_slice check_slice_ = (slice);                                                           \
        check_int(check_slice_.len, strlen(text));                                                 \
        if (check_slice_.len > 0)                                                                  \
            assert_memory_equal(check_slice_.data, (text), check_slice_.len);                      \
    } while (0)

#define check_main(tests) return cmocka_run_group_tests((tests), NULL, NULL)

#endif
