#include "server/backup/files.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "place.h"

static void a_copy_has_the_same_bytes_and_is_private(void **state)
{
    SR_TEXT(text);
    files_content copied;
    files_content original;
    files_content again;
    sr_err err = SR_ERR_INIT;
    (void)state;
    place_write("from", "some rows", 0644);
    check_ok(files_copy(&copied, "to", "from", &err), &err);
    check_ok(files_read(&original, "from", &err), &err);
    check_ok(files_read(&again, "to", &err), &err);
    text = place_read("to");
    check_text(text, "some rows");
    check_int(place_mode("to"), 0600);
    check_int(copied.size, 9);
    check(files_content_equal(&copied, &original) && files_content_equal(&copied, &again));
    place_write("from", "same rows", 0644);
    check_ok(files_read(&original, "from", &err), &err);
    check(!files_content_equal(&copied, &original));
}

static void a_copy_never_replaces_anything(void **state)
{
    SR_TEXT(text);
    files_content copied = {.size = 1};
    sr_err err = SR_ERR_INIT;
    (void)state;
    place_write("from", "new", 0600);
    place_write("to", "old", 0600);
    check_fails(files_copy(&copied, "to", "from", &err), &err, SR_E_EXISTS);
    check_int(copied.size, 0);
    text = place_read("to");
    check_text(text, "old");
    sr_err_reset(&err);
    check_fails(files_copy(&copied, "other", "none", &err), &err, SR_E_NOT_FOUND);
    check(!sr_file_exists("other"));
}

/* What lies in a backup's folder need not be a backup. */
static void a_pipe_is_not_waited_for(void **state)
{
    files_content content;
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_int(mkfifo("pipe", 0600), 0);
    check_fails(files_read(&content, "pipe", &err), &err, SR_E_FORMAT);
    check_error_says(&err, "pipe: is no file");
    sr_err_reset(&err);
    check_fails(files_copy(&content, "to", "pipe", &err), &err, SR_E_FORMAT);
    check(!sr_file_exists("to"));
}

static void moving_refuses_a_target_that_holds_something(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(sr_folder_make("from", 0700, &err), &err);
    check_ok(sr_folder_make("to/full", 0700, &err), &err);
    check_ok(sr_folder_make("empty", 0700, &err), &err);
    place_write("file", "x", 0600);
    check_fails(files_move("from", "to", &err), &err, SR_E_EXISTS);
    check_error_says(&err, "to: holds something already");
    sr_err_reset(&err);
    check_fails(files_move("from", "file", &err), &err, SR_E_EXISTS);
    sr_err_reset(&err);
    check_ok(files_move("from", "empty", &err), &err);
    check(!sr_file_exists("from"));
    check_fails(files_move("from", "elsewhere", &err), &err, SR_E_NOT_FOUND);
}

static void a_listing_is_in_order_and_a_missing_folder_is_empty(void **state)
{
    FILES_LISTING(listing);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(files_list(&listing, "none", &err), &err);
    check_int(listing.count, 0);
    check_ok(sr_folder_make("some/b", 0700, &err), &err);
    place_write("some/c", "", 0600);
    place_write("some/.a", "", 0600);
    check_ok(files_list(&listing, "some", &err), &err);
    check_int(listing.count, 3);
    check_text(listing.names[0], ".a");
    check_text(listing.names[1], "b");
    check_text(listing.names[2], "c");
    files_listing_clear(&listing);
    check_fails(files_list(&listing, "some/c", &err), &err, SR_E_IO);
    check_int(listing.count, 0);
}

static void one_place_is_known_by_every_path_to_it(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(sr_folder_make("a/b", 0700, &err), &err);
    check_int(symlink("a/b", "link"), 0);
    check(files_are_same("a/b", "link"));
    check(files_are_same("a/b", "a/../a/b/."));
    check(!files_are_same("a", "a/b"));
    check(!files_are_same("none", "none"));
}

static void a_folder_has_its_name_only_when_it_is_finished(void **state)
{
    FILES_GROWING(growing);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(files_begin_folder(&growing, "whole/", &err), &err);
    place_write("whole.partial/file", "x", 0600);
    check(!sr_file_exists("whole"));
    check_int(place_mode("whole.partial"), 0700);
    check_ok(files_finish_folder(&growing, &err), &err);
    files_drop_folder(&growing);
    check(sr_file_exists("whole/file"));
    check(!sr_file_exists("whole.partial"));
}

static void a_folder_that_is_dropped_leaves_nothing(void **state)
{
    FILES_GROWING(growing);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(files_begin_folder(&growing, "whole", &err), &err);
    place_write("whole.partial/file", "x", 0600);
    files_drop_folder(&growing);
    files_drop_folder(&growing);
    check(!sr_file_exists("whole") && !sr_file_exists("whole.partial"));
}

static void what_a_killed_run_left_is_begun_anew(void **state)
{
    FILES_GROWING(growing);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(sr_folder_make("whole.partial/old", 0700, &err), &err);
    check_ok(files_begin_folder(&growing, "whole", &err), &err);
    check(!sr_file_exists("whole.partial/old"));
}

static void two_cannot_fill_the_same_folder(void **state)
{
    FILES_GROWING(first);
    FILES_GROWING(second);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(files_begin_folder(&first, "whole", &err), &err);
    place_write("whole.partial/file", "x", 0600);
    check_fails(files_begin_folder(&second, "whole", &err), &err, SR_E_STATE);
    check(second.partial == NULL);
    check(sr_file_exists("whole.partial/file"));
}

static void a_folder_that_holds_something_is_not_begun(void **state)
{
    FILES_GROWING(growing);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(sr_folder_make("full/x", 0700, &err), &err);
    place_write("file", "x", 0600);
    check_fails(files_begin_folder(&growing, "full", &err), &err, SR_E_EXISTS);
    sr_err_reset(&err);
    check_fails(files_begin_folder(&growing, "file", &err), &err, SR_E_EXISTS);
    check(!sr_file_exists("full.partial") && !sr_file_exists("file.partial"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        place_test(a_copy_has_the_same_bytes_and_is_private),
        place_test(a_copy_never_replaces_anything),
        place_test(a_pipe_is_not_waited_for),
        place_test(moving_refuses_a_target_that_holds_something),
        place_test(a_listing_is_in_order_and_a_missing_folder_is_empty),
        place_test(one_place_is_known_by_every_path_to_it),
        place_test(a_folder_has_its_name_only_when_it_is_finished),
        place_test(a_folder_that_is_dropped_leaves_nothing),
        place_test(what_a_killed_run_left_is_begun_anew),
        place_test(two_cannot_fill_the_same_folder),
        place_test(a_folder_that_holds_something_is_not_begun),
    };
    check_main(tests);
}
