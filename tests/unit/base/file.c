#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"

static void put(const char *name, const char *text)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_file_write(in_folder(name), sr_slice_text(text), 0600, true, &err), &err);
}

static void check_holds(const char *name, const char *text)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(found, 1 << 20);
    check_ok(sr_file_read(&found, in_folder(name), &err), &err);
    check_slice(sr_buf_view(&found), text);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void a_file_is_read_whole(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(big, 300000);
    SR_BUF(found, 300000);
    for (size_t i = 0; i < 300000; i++)
        check_ok(sr_buf_append_byte(&big, (uint8_t)(i * 7), &err), &err);
    check_ok(sr_file_write(in_folder("a"), sr_buf_view(&big), 0600, false, &err), &err);
    check_ok(sr_file_read(&found, in_folder("a"), &err), &err);
    check(sr_slice_equal_var(sr_buf_view(&big), sr_buf_view(&found)));
    put("empty", "");
    check_ok(sr_file_read(&found, in_folder("empty"), &err), &err);
    check_int(found.len, 0);
}

static void a_file_longer_than_the_limit_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(exact, 5);
    SR_BUF(small, 4);
    put("a", "12345");
    check_ok(sr_file_read(&exact, in_folder("a"), &err), &err);
    check_fails(sr_file_read(&small, in_folder("a"), &err), &err, SR_E_LIMIT);
    check_error_says(&err, in_folder("a"));
    check_int(small.len, 0);
    check(small.data == NULL);
}

static void a_missing_file_a_folder_and_a_forbidden_file_are_said(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(found, 10);
    check_fails(sr_file_read(&found, in_folder("none"), &err), &err, SR_E_NOT_FOUND);
    check_error_says(&err, "none: No such file");
    check_fails(sr_file_read(&found, folder, &err), &err, SR_E_IO);
    check_error_says(&err, "Is a directory");
    check_int(found.len, 0);
}

static void a_descriptor_is_read_and_left_open(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(found, 100);
    int ends[2];
    check_int(pipe(ends), 0);
    check_int(write(ends[1], "from a pipe", 11), 11);
    close(ends[1]);
    check_ok(sr_file_read_fd(&found, ends[0], "pipe", &err), &err);
    check_slice(sr_buf_view(&found), "from a pipe");
    check_int(close(ends[0]), 0);
    check_fails(sr_file_read_fd(&found, -1, "the secret's descriptor", &err), &err, SR_E_IO);
    check_error_says(&err, "the secret's descriptor: ");
    check_int(found.len, 0);
}

static void input_streams_and_rewinds(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    char part[4];
    size_t got;
    SR_IN(in);
    put("a", "123456");
    check_ok(sr_in_open(&in, in_folder("a"), &err), &err);
    check_int(sr_in_size(in), 6);
    check_ok(sr_in_read(in, part, 4, &got, &err), &err);
    check_slice(sr_slice_of(part, got), "1234");
    check_ok(sr_in_read(in, part, 4, &got, &err), &err);
    check_slice(sr_slice_of(part, got), "56");
    check_ok(sr_in_read(in, part, 4, &got, &err), &err);
    check_int(got, 0);
    check_ok(sr_in_rewind(in, &err), &err);
    check_ok(sr_in_read(in, part, 1, &got, &err), &err);
    check_slice(sr_slice_of(part, got), "1");
}

static void a_pipe_cannot_be_rewound(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_IN(in);
    check_int(mkfifo(in_folder("fifo"), 0600), 0);
    int keep = open(in_folder("fifo"), O_RDWR);
    check(keep >= 0);
    check_ok(sr_in_open(&in, in_folder("fifo"), &err), &err);
    check_int(sr_in_size(in), 0);
    check_fails(sr_in_rewind(in, &err), &err, SR_E_IO);
    check_error_says(&err, "cannot be read twice");
    close(keep);
}

static void a_missing_input_leaves_nothing_open(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_IN(in);
    check_fails(sr_in_open(&in, in_folder("none"), &err), &err, SR_E_NOT_FOUND);
    check(in == NULL);
    sr_in_close(NULL);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void an_output_appears_only_at_commit(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_OUT(out);
    check_ok(sr_out_open(&out, in_folder("a"), false, &err), &err);
    check_ok(sr_out_write(out, sr_slice_text("hello "), &err), &err);
    check_ok(sr_out_write(out, sr_slice_text("world"), &err), &err);
    check(!sr_file_exists(in_folder("a")));
    check_ok(sr_out_commit(out, &err), &err);
    check_holds("a", "hello world");
    sr_out_clear(&out);
    check_holds("a", "hello world");
    check_int(files_in_folder(), 1);
}

static void an_output_without_commit_leaves_nothing(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    {
        SR_OUT(out);
        check_ok(sr_out_open(&out, in_folder("a"), false, &err), &err);
        check_ok(sr_out_write(out, sr_slice_text("half"), &err), &err);
        check_int(files_in_folder(), 1);
    }
    check_int(files_in_folder(), 0);
}

static void an_abandoned_replacement_leaves_the_old_file(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    put("a", "old");
    {
        SR_OUT(out);
        check_ok(sr_out_open(&out, in_folder("a"), true, &err), &err);
        check_ok(sr_out_write(out, sr_slice_text("new"), &err), &err);
    }
    check_holds("a", "old");
}

static void an_existing_target_is_refused_unless_asked_for(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_OUT(out);
    put("a", "old");
    check_fails(sr_out_open(&out, in_folder("a"), false, &err), &err, SR_E_EXISTS);
    check(out == NULL);
    check_fails(sr_file_write(in_folder("a"), sr_slice_text("new"), 0600, false, &err), &err,
                SR_E_EXISTS);
    check_holds("a", "old");
    put("a", "new");
    check_holds("a", "new");
}

static void a_target_that_appears_meanwhile_is_not_replaced(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_OUT(out);
    check_ok(sr_out_open(&out, in_folder("a"), false, &err), &err);
    put("a", "somebody else's");
    check_fails(sr_out_commit(out, &err), &err, SR_E_EXISTS);
    sr_out_clear(&out);
    check_holds("a", "somebody else's");
    check_int(files_in_folder(), 1);
}

static void outputs_are_private_and_written_files_have_their_mode(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    struct stat status;
    SR_OUT(out);
    check_ok(sr_out_open(&out, in_folder("a"), false, &err), &err);
    check_ok(sr_out_commit(out, &err), &err);
    check_int(stat(in_folder("a"), &status), 0);
    check_int(status.st_mode & 07777, 0600);
    check_ok(sr_file_write(in_folder("b"), sr_slice_text("x"), 0644, false, &err), &err);
    check_int(stat(in_folder("b"), &status), 0);
    check_int(status.st_mode & 07777, 0644);
}

static void a_symbolic_link_keeps_pointing_at_the_replaced_file(void **state)
{
    (void)state;
    struct stat status;
    put("real", "old");
    check_int(symlink("real", in_folder("link")), 0);
    put("link", "new");
    check_int(lstat(in_folder("link"), &status), 0);
    check(S_ISLNK(status.st_mode));
    check_holds("real", "new");
}

static void what_is_no_regular_file_is_not_replaced(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_OUT(out);
    check_fails(sr_out_open(&out, "/dev/null", true, &err), &err, SR_E_INVALID);
    check_fails(sr_out_open(&out, folder, true, &err), &err, SR_E_INVALID);
    check(out == NULL);
}

static void a_missing_folder_is_said(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_OUT(out);
    check_fails(sr_out_open(&out, in_folder("no/a"), false, &err), &err, SR_E_NOT_FOUND);
    check_error_says(&err, "no/a: No such file or directory");
}

static void big_and_small_writes_keep_their_order(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(expected, 4 << 20);
    SR_BUF(found, 4 << 20);
    SR_BUF(chunk, 1 << 20);
    SR_OUT(out);
    check_ok(sr_out_open(&out, in_folder("a"), false, &err), &err);
    for (size_t size = 1; size <= 1 << 20; size *= 2)
    {
        sr_buf_clear(&chunk);
        for (size_t i = 0; i < size; i++)
            check_ok(sr_buf_append_byte(&chunk, (uint8_t)(size + i), &err), &err);
        check_ok(sr_buf_append(&expected, sr_buf_view(&chunk), &err), &err);
        check_ok(sr_out_write(out, sr_buf_view(&chunk), &err), &err);
    }
    check_ok(sr_out_commit(out, &err), &err);
    check_ok(sr_file_read(&found, in_folder("a"), &err), &err);
    check(sr_slice_equal_var(sr_buf_view(&expected), sr_buf_view(&found)));
}

static void a_handler_unlinks_what_is_not_committed(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_OUT(done);
    SR_OUT(half);
    check_ok(sr_out_open(&done, in_folder("done"), false, &err), &err);
    check_ok(sr_out_commit(done, &err), &err);
    check_ok(sr_out_open(&half, in_folder("half"), false, &err), &err);
    sr_out_unlink_all();
    sr_out_unlink_all();
    check_int(files_in_folder(), 1);
    check(sr_file_exists(in_folder("done")));
    check_fails(sr_out_commit(half, &err), &err, SR_E_NOT_FOUND);
}

static size_t unfinished_in_folder(void)
{
    size_t count = 0;
    DIR *entries = opendir(folder);
    check(entries != NULL);
    for (const struct dirent *one = readdir(entries); one != NULL; one = readdir(entries))
        count += sr_out_is_unfinished(one->d_name) ? 1 : 0;
    closedir(entries);
    return count;
}

static void an_output_is_unfinished_until_its_commit(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    char longest[201] = {0};
    SR_OUT(out);
    SR_OUT(other);
    memset(longest, 'x', sizeof longest - 1);
    check_ok(sr_out_open(&out, in_folder("a"), false, &err), &err);
    check_ok(sr_out_open(&other, in_folder(longest), false, &err), &err);
    check_int(unfinished_in_folder(), 2);
    check_ok(sr_out_commit(out, &err), &err);
    check_int(unfinished_in_folder(), 1);
    check_ok(sr_out_commit(other, &err), &err);
    check_int(unfinished_in_folder(), 0);
}

static void other_names_are_of_nothing_unfinished(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",
        ".",
        "..",
        ".tmp",
        "list",
        ".list.tmp",
        "list.0123456789abcdef.tmp",
        ".0123456789abcdef.tmp",
        "..0123456789abcdef.tmp",
        ".list.0123456789abcde.tmp",
        ".list.0123456789abcdef0.tmp",
        ".list.0123456789ABCDEF.tmp",
        ".list.0123456789abcdeg.tmp",
        ".list.0123456789abcdef.tmp~",
        ".list.0123456789abcdef",
    };
    check(sr_out_is_unfinished(".list.0123456789abcdef.tmp"));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check(!sr_out_is_unfinished(names[i]));
}

static void a_full_disk_is_said(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_FD(fd);
    fd = open("/dev/full", O_WRONLY);
    check(fd >= 0);
    check_fails(sr_fd_write_at(fd, 0, sr_slice_text("x"), &err), &err, SR_E_FULL);
}

/* ---- folders, paths, permissions ------------------------------------------------------------- */

static void folders_are_made_with_their_parents_and_removed_whole(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    struct stat status;
    check_ok(sr_folder_make(in_folder("x/y/z"), 0700, &err), &err);
    check_ok(sr_folder_make(in_folder("x/y/z/"), 0700, &err), &err);
    check_int(stat(in_folder("x/y"), &status), 0);
    check_int(status.st_mode & 07777, 0700);
    put("x/y/z/f", "1");
    put("outside", "stays");
    check_int(symlink("../outside", in_folder("x/link")), 0);
    check_ok(sr_folder_remove(in_folder("x"), &err), &err);
    check(!sr_file_exists(in_folder("x")));
    check_holds("outside", "stays");
    check_ok(sr_folder_remove(in_folder("x"), &err), &err);
}

static void a_file_in_the_way_of_a_folder_is_said(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    put("x", "1");
    check_fails(sr_folder_make(in_folder("x"), 0700, &err), &err, SR_E_IO);
    check_fails(sr_folder_make(in_folder("x/y"), 0700, &err), &err, SR_E_IO);
    check_holds("x", "1");
}

static void files_that_others_may_open_are_not_private(void **state)
{
    (void)state;
    static const mode_t open_modes[] = {0604, 0640, 0620, 0602, 0660, 0644, 0601, 0777};
    sr_err err = SR_ERR_INIT;
    put("key", "1");
    check_ok(sr_file_check_private(in_folder("key"), &err), &err);
    for (size_t i = 0; i < sizeof open_modes / sizeof open_modes[0]; i++)
    {
        check_int(chmod(in_folder("key"), open_modes[i]), 0);
        check_fails(sr_file_check_private(in_folder("key"), &err), &err, SR_E_SECRET);
        check_error_says(&err, "chmod go=");
    }
    check_ok(sr_file_check_private(folder, &err), &err);
    check_fails(sr_file_check_private(in_folder("none"), &err), &err, SR_E_NOT_FOUND);
}

static void check_join(const char *first, const char *second, const char *expected)
{
    SR_TEXT(joined);
    joined = sr_path_join(first, second);
    check_text(joined, expected);
}

static void check_folder_of(const char *path, const char *expected)
{
    SR_TEXT(found);
    found = sr_path_folder(path);
    check_text(found, expected);
}

static void paths_join_and_split(void **state)
{
    (void)state;
    check_join("a", "b", "a/b");
    check_join("a/", "b", "a/b");
    check_join("a", "/b", "/b");
    check_join("", "b", "b");
    check_join("/", "b", "/b");
    check_folder_of("a/b/c", "a/b");
    check_folder_of("c", ".");
    check_folder_of("/c", "/");
    check_text(sr_path_name("a/b/c"), "c");
    check_text(sr_path_name("c"), "c");
    check_text(sr_path_name("a/"), "");
}

static void a_file_is_read_as_text_up_to_its_limit(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(text);
    SR_TEXT(none);
    put("text", "words");
    check_ok(sr_file_read_text(&text, in_folder("text"), 5, &err), &err);
    assert_string_equal(text, "words");
    check_fails(sr_file_read_text(&none, in_folder("text"), 4, &err), &err, SR_E_LIMIT);
    assert_null(none);
}

static void a_moved_file_takes_the_place_of_one_that_is_there(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    put("from", "new");
    put("to", "old");
    check_ok(sr_file_move(in_folder("from"), in_folder("to"), &err), &err);
    check(!sr_file_exists(in_folder("from")));
    check_holds("to", "new");
    check_fails(sr_file_move(in_folder("from"), in_folder("to"), &err), &err, SR_E_NOT_FOUND);
    check_holds("to", "new");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_own_folder(a_file_is_read_whole),
        in_own_folder(a_file_longer_than_the_limit_is_refused),
        in_own_folder(a_missing_file_a_folder_and_a_forbidden_file_are_said),
        in_own_folder(a_descriptor_is_read_and_left_open),
        in_own_folder(input_streams_and_rewinds),
        in_own_folder(a_pipe_cannot_be_rewound),
        in_own_folder(a_missing_input_leaves_nothing_open),
        in_own_folder(an_output_appears_only_at_commit),
        in_own_folder(an_output_without_commit_leaves_nothing),
        in_own_folder(an_abandoned_replacement_leaves_the_old_file),
        in_own_folder(an_existing_target_is_refused_unless_asked_for),
        in_own_folder(a_target_that_appears_meanwhile_is_not_replaced),
        in_own_folder(outputs_are_private_and_written_files_have_their_mode),
        in_own_folder(a_symbolic_link_keeps_pointing_at_the_replaced_file),
        in_own_folder(what_is_no_regular_file_is_not_replaced),
        in_own_folder(a_missing_folder_is_said),
        in_own_folder(big_and_small_writes_keep_their_order),
        in_own_folder(a_handler_unlinks_what_is_not_committed),
        in_own_folder(an_output_is_unfinished_until_its_commit),
        in_own_folder(other_names_are_of_nothing_unfinished),
        in_own_folder(a_full_disk_is_said),
        in_own_folder(folders_are_made_with_their_parents_and_removed_whole),
        in_own_folder(a_file_in_the_way_of_a_folder_is_said),
        in_own_folder(files_that_others_may_open_are_not_private),
        in_own_folder(a_file_is_read_as_text_up_to_its_limit),
        in_own_folder(a_moved_file_takes_the_place_of_one_that_is_there),
        in_own_folder(paths_join_and_split),
    };
    check_main(tests);
}
