/* Files that are read and written at offsets, unnamed ones among them. */
#include <unistd.h>

#include "folder.h"

static void scratch_files_have_no_name_and_keep_their_bytes(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    char back[5];
    SR_FD(fd);
    check_ok(sr_scratch_open(&fd, folder, &err), &err);
    check_int(files_in_folder(), 0);
    check_ok(sr_fd_write_at(fd, 100000, sr_slice_text("hello"), &err), &err);
    check_ok(sr_fd_read_at(fd, 100000, back, 5, &err), &err);
    check_slice(sr_slice_of(back, 5), "hello");
}

static void a_file_is_opened_to_be_read_at_offsets(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    char back[3];
    uint64_t size = 0;
    SR_FD(fd);
    check_ok(sr_file_write(in_folder("f"), sr_slice_text("abcdef"), 0600, false, &err), &err);
    check_ok(sr_fd_open(&fd, &size, in_folder("f"), &err), &err);
    check_int(size, 6);
    check_ok(sr_fd_read_at(fd, 2, back, 3, &err), &err);
    check_slice(sr_slice_of(back, 3), "cde");
    sr_fd_clear(&fd);
    check_fails(sr_fd_open(&fd, NULL, folder, &err), &err, SR_E_INVALID);
    sr_err_reset(&err);
    check_fails(sr_fd_open(&fd, NULL, in_folder("none"), &err), &err, SR_E_NOT_FOUND);
    check_int(fd, -1);
}

static void reading_past_the_end_of_scratch_fails_and_gives_zeros(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    char back[5] = "xxxx";
    SR_FD(fd);
    check_ok(sr_scratch_open(&fd, NULL, &err), &err);
    check_ok(sr_fd_write_at(fd, 0, sr_slice_text("abc"), &err), &err);
    check_fails(sr_fd_read_at(fd, 0, back, 5, &err), &err, SR_E_IO);
    assert_memory_equal(back, "\0\0\0\0\0", 5);
    sr_fd_clear(&fd);
    sr_fd_clear(&fd);
    check_int(fd, -1);
    check_fails(sr_scratch_open(&fd, in_folder("none"), &err), &err, SR_E_NOT_FOUND);
    check_int(fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_own_folder(scratch_files_have_no_name_and_keep_their_bytes),
        in_own_folder(a_file_is_opened_to_be_read_at_offsets),
        in_own_folder(reading_past_the_end_of_scratch_fails_and_gives_zeros),
    };
    check_main(tests);
}
