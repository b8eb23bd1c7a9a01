#include "server/shell/lock.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "place.h"
#include "server/shell/serve.h"

static void the_lock_makes_a_private_folder(void **state)
{
    SR_FD(lock);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(lock_take(&lock, "a/data", &err), &err);
    check(lock >= 0);
    check_int(place_mode("a/data"), 0700);
    check_int(place_mode("a/data/lock"), 0600);
}

static void a_second_holder_is_refused_and_told_who_has_it(void **state)
{
    SR_FD(first);
    SR_FD(second);
    SR_TEXT(words);
    sr_err err = SR_ERR_INIT;
    (void)state;
    words = sr_text_printf("process %ld", (long)getpid());
    check_ok(lock_take(&first, "data", &err), &err);
    check_fails(lock_take(&second, "data", &err), &err, SR_E_STATE);
    check_int(second, -1);
    check_error_says(&err, "another sealroomd");
    check_error_says(&err, words);
}

static void a_lock_ends_with_its_holder(void **state)
{
    SR_FD(first);
    SR_FD(second);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(lock_take(&first, "data", &err), &err);
    sr_fd_clear(&first);
    check_ok(lock_take(&second, "data", &err), &err); /* though the file is still there */
}

static void a_child_program_does_not_inherit_it(void **state)
{
    SR_FD(first);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(lock_take(&first, "data", &err), &err);
    check(place_run("flock -n data/lock true") != 0);
    sr_fd_clear(&first);
    check_int(place_run("flock -n data/lock true"), 0);
}

static void an_unfinished_restore_lets_nobody_in_but_a_restore(void **state)
{
    SR_FD(lock);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(sr_folder_make("data/" LOCK_UNFINISHED_RESTORE, 0700, &err), &err);
    check_fails(lock_take(&lock, "data", &err), &err, SR_E_STATE);
    check_int(lock, -1);
    check_error_says(&err, "did not finish");
    check_ok(lock_take_for_restore(&lock, "data", &err), &err);
}

static void a_folder_that_others_may_open_is_refused(void **state)
{
    SR_FD(lock);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_int(mkdir("data", 0700), 0);
    check_int(chmod("data", 0755), 0);
    check_fails(lock_take(&lock, "data", &err), &err, SR_E_SECRET);
    check(!sr_file_exists("data/lock"));
}

static void a_lock_that_is_a_link_is_not_followed(void **state)
{
    SR_FD(lock);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_int(mkdir("data", 0700), 0);
    place_write("other", "kept", 0600);
    check_int(symlink("../other", "data/lock"), 0);
    check_fails(lock_take(&lock, "data", &err), &err, SR_E_IO);
}

static void a_malformed_address_claims_nothing(void **state)
{
    SR_FD(lock);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_fails(serve_claim(&lock, "data", "localhost", &err), &err, SR_E_INVALID);
    check_fails(serve_claim(&lock, "data", "198.51.100.1:1", &err), &err, SR_E_IO);
    check(!sr_file_exists("data"));
    check_int(lock, -1);
    check_ok(serve_claim(&lock, "data", "127.0.0.1:0", &err), &err);
    check(lock >= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        place_test(the_lock_makes_a_private_folder),
        place_test(a_second_holder_is_refused_and_told_who_has_it),
        place_test(a_lock_ends_with_its_holder),
        place_test(a_child_program_does_not_inherit_it),
        place_test(an_unfinished_restore_lets_nobody_in_but_a_restore),
        place_test(a_folder_that_others_may_open_is_refused),
        place_test(a_lock_that_is_a_link_is_not_followed),
        place_test(a_malformed_address_claims_nothing),
    };
    check_main(tests);
}
