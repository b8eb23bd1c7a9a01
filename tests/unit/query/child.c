#include "server/query/child.h"

#include <signal.h>
#include <unistd.h>

#include "base/text.h"
#include "check.h"

enum
{
    SOON_MS = 300,
    LATER_MS = 20000,
    SLACK_US = 5000000, /* a busy machine */
};

/* Runs a script; children must not hold the test up whatever they do. */
static sr_result shell(sr_buf *out, const char *script, unsigned limit_ms, sr_err *err)
{
    return child_run(out, "/bin/sh", sr_slice_text(script), limit_ms, err);
}

static void refuses(const char *script, unsigned limit_ms)
{
    SR_BUF(out, 1000);
    sr_err err = SR_ERR_INIT;
    int64_t start = sr_monotonic_us();
    check_fails(shell(&out, script, limit_ms, &err), &err, SR_E_LIMIT);
    check(sr_monotonic_us() - start < SLACK_US);
    check_int(out.len, 0);
}

static void output_comes_back_whole(void **state)
{
    (void)state;
    SR_BUF(in, 1 << 20);
    SR_BUF(out, 1 << 20);
    sr_err err = SR_ERR_INIT;
    for (int i = 0; i < 100000; i++) /* more than a pipe holds, both ways at once */
        check_ok(sr_buf_append_text(&in, "line", &err), &err);
    check_ok(child_run(&out, "/bin/cat", sr_buf_view(&in), LATER_MS, &err), &err);
    check(sr_slice_equal_var(sr_buf_view(&in), sr_buf_view(&out)));
}

static void a_missing_program_is_a_fault_of_ours(void **state)
{
    (void)state;
    SR_BUF(out, 1000);
    sr_err err = SR_ERR_INIT;
    check_fails(child_run(&out, "/no/such/program", sr_slice_text("x"), SOON_MS, &err), &err,
                SR_E_IO);
    check_int(out.len, 0);
}

static void a_child_that_takes_too_long_is_killed(void **state)
{
    (void)state;
    refuses("sleep 100", SOON_MS);
    refuses("exec sleep 100", SOON_MS);
    refuses("trap '' TERM HUP INT; while :; do :; done", SOON_MS);
}

static void a_child_that_lingers_without_output_is_killed(void **state)
{
    (void)state;
    refuses("echo done; exec <&- >&-; exec sleep 100", LATER_MS);
}

static void a_child_that_fails_or_crashes_is_refused(void **state)
{
    (void)state;
    refuses("echo half; exit 3", LATER_MS);
    refuses("kill -SEGV $$", LATER_MS);
}

static void a_child_that_writes_too_much_is_refused(void **state)
{
    (void)state;
    refuses("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done",
            LATER_MS);
}

static void a_child_that_does_not_read_is_no_trouble(void **state)
{
    (void)state;
    SR_BUF(in, 1 << 21);
    SR_BUF(out, 1000);
    sr_err err = SR_ERR_INIT;
    check_ok(sr_buf_append_text(&in, "exec <&-; exit 0\n", &err), &err);
    for (int i = 0; i < 200000; i++)
        check_ok(sr_buf_append_text(&in, "# more\n", &err), &err);
    (void)!child_run(&out, "/bin/sh", sr_buf_view(&in), LATER_MS, &err); /* and no SIGPIPE */
}

static void a_child_inherits_nothing(void **state)
{
    (void)state;
    SR_BUF(out, 1000);
    sr_err err = SR_ERR_INIT;
    int leaked = dup(STDERR_FILENO); /* without close-on-exec */
    check(leaked > 2);
    check_ok(child_run(&out, "/usr/bin/env", sr_slice_text(""), LATER_MS, &err), &err);
    check_int(out.len, 0);
    SR_TEXT(script);
    script = sr_text_printf("test -e /proc/self/fd/%d && echo leaked; exit 0", leaked);
    check_ok(shell(&out, script, LATER_MS, &err), &err);
    check_int(out.len, 0);
    (void)close(leaked);
}

static void blocked_signals_stay_ours(void **state)
{
    (void)state;
    SR_BUF(out, 1000);
    sr_err err = SR_ERR_INIT;
    sigset_t all;
    sigset_t old;
    sigfillset(&all);
    check_int(sigprocmask(SIG_BLOCK, &all, &old), 0);
    check_ok(shell(&out, "grep SigBlk /proc/self/status", LATER_MS, &err), &err);
    check_int(sigprocmask(SIG_SETMASK, &old, NULL), 0);
    SR_TEXT(text);
    check_ok(sr_buf_take_text(&text, &out, &err), &err);
    check_text(text, "SigBlk:\t0000000000000000\n");
}

static void a_program_is_found_beside_ours(void **state)
{
    (void)state;
    SR_TEXT(path);
    path = child_beside("query_child");
    check(path != NULL);
    check_int(access(path, X_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_comes_back_whole),
        cmocka_unit_test(a_missing_program_is_a_fault_of_ours),
        cmocka_unit_test(a_child_that_takes_too_long_is_killed),
        cmocka_unit_test(a_child_that_lingers_without_output_is_killed),
        cmocka_unit_test(a_child_that_fails_or_crashes_is_refused),
        cmocka_unit_test(a_child_that_writes_too_much_is_refused),
        cmocka_unit_test(a_child_that_does_not_read_is_no_trouble),
        cmocka_unit_test(a_child_inherits_nothing),
        cmocka_unit_test(blocked_signals_stay_ours),
        cmocka_unit_test(a_program_is_found_beside_ours),
    };
    check_main(tests);
}
