#include "client/overlap/state.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include "overlap_place.h"

#define SESSION "11111111-2222-4333-8444-555555555555"

enum
{
    SIZE = 32,
};

static void open_folder(overlap_folder *out, const place *at)
{
    SR_TEXT(profile);
    sr_err err = SR_ERR_INIT;
    profile = sr_path_join(at->folder, "profile.json");
    check_ok(overlap_folder_open(out, profile, SESSION, &err), &err);
}

/* Writes half of a list and is killed. */
static void leave_unfinished(const char *path)
{
    sr_err err = SR_ERR_INIT;
    int status = 0;
    pid_t child = fork();
    if (child == 0)
    {
        sr_out *out = NULL;
        bool written = sr_out_open(&out, path, true, &err) == SR_OK &&
                       sr_out_write(out, sr_slice_text("half of a list"), &err) == SR_OK;
        _exit(written ? 0 : 1);
    }
    check_int(waitpid(child, &status, 0), child);
    check(WIFEXITED(status));
    check_int(WEXITSTATUS(status), 0);
}

static size_t unfinished_in(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    check(folder != NULL);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        count += strncmp(entry->d_name, ".list.", strlen(".list.")) == 0 ? 1 : 0;
    closedir(folder);
    return count;
}

static void what_a_killed_process_left_goes(void **state)
{
    (void)state;
    PLACE(at);
    SR_TEXT(list);
    SR_TEXT(kept);
    overlap_folder folder = {.folder = NULL};
    open_folder(&folder, &at);
    list = sr_path_join(folder.folder, "list");
    kept = sr_path_join(folder.folder, "answer." SESSION);
    leave_unfinished(list);
    check_int(unfinished_in(folder.folder), 1);
    write_text(kept, "an answer");
    overlap_folder_clear(&folder);
    open_folder(&folder, &at);
    check_int(unfinished_in(folder.folder), 0);
    check(sr_file_exists(kept));
    overlap_folder_clear(&folder);
}

static void a_list_is_there_once_it_was_kept(void **state)
{
    (void)state;
    PLACE(at);
    OVERLAP_FOLDER(folder);
    ITEMS(list);
    sr_err err = SR_ERR_INIT;
    bool there = true;
    open_folder(&folder, &at);
    items_config config = {.rows = rows_of(&at, false),
                           .domain = &at.domain,
                           .scalar = &at.scalar,
                           .folder = folder.folder};
    write_text(at.input, "id\nann\nbob\n");
    check_ok(items_read(&list, &config, &err), &err);
    {
        LIST_FILE(none);
        check_ok(overlap_list_open(&none, &there, &folder, SIZE, &err), &err);
        check(!there && none.fd < 0);
    }
    check_ok(overlap_list_keep(&folder, &list, &err), &err);
    {
        LIST_FILE(kept);
        check_ok(overlap_list_open(&kept, &there, &folder, SIZE, &err), &err);
        check(there);
        check_int(kept.parts[0].count, 2);
    }
}

static void a_changed_input_is_refused(void **state)
{
    (void)state;
    PLACE(at);
    OVERLAP_FOLDER(folder);
    sr_err err = SR_ERR_INIT;
    digest_value input = digest_of(sr_slice_text("one"));
    digest_value other = digest_of(sr_slice_text("other"));
    open_folder(&folder, &at);
    check_ok(overlap_pin_input(&folder, &at.key, &at.scalar, &input, &err), &err);
    check_ok(overlap_pin_input(&folder, &at.key, &at.scalar, &input, &err), &err);
    check_fails(overlap_pin_input(&folder, &at.key, &at.scalar, &other, &err), &err, SR_E_STATE);
}

static void a_damaged_file_is_named_with_the_way_out(void **state)
{
    (void)state;
    PLACE(at);
    OVERLAP_FOLDER(folder);
    SR_TEXT(nonce);
    SR_TEXT(checkpoint);
    GROUP_SCALAR(scalar);
    sr_err err = SR_ERR_INIT;
    uint8_t bytes[MANIFEST_NONCE_SIZE];
    sr_slice terms = sr_slice_text("terms");
    open_folder(&folder, &at);
    nonce = sr_path_join(folder.folder, "nonce");
    checkpoint = sr_path_join(folder.folder, "checkpoint");
    check_ok(overlap_keep_confirmation(&folder, terms, bytes, &err), &err);
    write_text(nonce, "12");
    check_fails(overlap_keep_confirmation(&folder, terms, bytes, &err), &err, SR_E_CORRUPT);
    check_error_says(&err, nonce);
    check_error_says(&err, "`sealroom overlap cancel`");
    sr_err_reset(&err);
    write_text(checkpoint, "a checkpoint of another kind");
    check_fails(overlap_scalar(&scalar, &folder, &at.key, GROUP_CURVE25519, &err), &err,
                SR_E_SECRET);
    check_error_says(&err, checkpoint);
    check_error_says(&err, "`sealroom overlap cancel`");
}

static void an_answer_is_there_once_it_is_whole(void **state)
{
    (void)state;
    PLACE(at);
    OVERLAP_FOLDER(folder);
    SR_OUT(out);
    SR_FD(fd);
    sr_err err = SR_ERR_INIT;
    uint64_t points = 9;
    const uint8_t bytes[2 * SIZE] = {1};
    open_folder(&folder, &at);
    check_ok(overlap_answer_begin(&out, &folder, SESSION, &err), &err);
    check_ok(sr_out_write(out, sr_slice_of(bytes, sizeof bytes), &err), &err);
    check_ok(overlap_answer_open(&fd, &points, &folder, SESSION, SIZE, &err), &err);
    check(fd < 0);
    check_int(points, 0);
    check_ok(sr_out_commit(out, &err), &err);
    check_ok(overlap_answer_open(&fd, &points, &folder, SESSION, SIZE, &err), &err);
    check(fd >= 0);
    check_int(points, 2);
    sr_fd_clear(&fd);
    check_fails(overlap_answer_open(&fd, &points, &folder, SESSION, 33, &err), &err, SR_E_CORRUPT);
    check(fd < 0);
    sr_err_reset(&err);
    overlap_answer_drop(&folder, SESSION);
    check_ok(overlap_answer_open(&fd, &points, &folder, SESSION, SIZE, &err), &err);
    check(fd < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_killed_process_left_goes),
        cmocka_unit_test(a_list_is_there_once_it_was_kept),
        cmocka_unit_test(a_changed_input_is_refused),
        cmocka_unit_test(a_damaged_file_is_named_with_the_way_out),
        cmocka_unit_test(an_answer_is_there_once_it_is_whole),
    };
    check_main(tests);
}
