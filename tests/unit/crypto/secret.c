#include "crypto/secret.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/locked.h"
#include "support.h"

/* 32 bytes 00, 01, … 1f. */
static const char good[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
static const char good_hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

static char folder[] = "/tmp/sealroom-secret-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    return sr_folder_remove(folder, &err) == SR_OK ? 0 : -1;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_file_write(path, sr_slice_text(text), 0600, true, &err), &err);
    check_int(chmod(path, mode), 0);
}

static void check_secret(const collaboration_secret *secret)
{
    check_hex(secret_view(secret), good_hex);
}

/* Refused, with nothing in the output, and none of the text in the error. */
static void check_refused_text(const char *text)
{
    sr_err err = SR_ERR_INIT;
    collaboration_secret *secret = NULL;
    check_fails(secret_from_text(&secret, sr_slice_text(text), &err), &err, SR_E_SECRET);
    check(secret == NULL);
    check(strlen(text) < 4 || strstr(err.text, text) == NULL);
    check(strstr(err.text, "AAEC") == NULL);
}

static void base64_text_is_read_with_and_without_padding_and_line_end(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        SECRET(secret);
        check_ok(secret_from_text(&secret, sr_slice_text(texts[i]), &err), &err);
        check_secret(secret);
    }
}

static void unusable_texts_are_refused_without_showing_them(void **state)
{
    (void)state;
    check_refused_text("");
    check_refused_text("\n");
    check_refused_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg=="); /* 31 bytes */
    check_refused_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n");
    check_refused_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 =");
    check_refused_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd_h8=");
    check_refused_text("not a secret at all");
}

static void all_of_a_long_secret_counts_up_to_the_limit(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SECRET(secret);
    static char text[5466];
    memset(text, 'A', sizeof text);
    check_ok(secret_from_text(&secret, sr_slice_of(text, 5462), &err), &err); /* 4096 bytes */
    check_int(secret_view(secret).len, SECRET_MAX_SIZE);
    secret_clear(&secret);
    check_fails(secret_from_text(&secret, sr_slice_of(text, 5463), &err), &err, SR_E_SECRET);
    check_fails(secret_from_text(&secret, sr_slice_of(text, 5466), &err), &err, SR_E_SECRET);
    check(secret == NULL);
}

static void a_private_file_is_read(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SECRET(secret);
    SR_TEXT(path);
    path = sr_path_join(folder, "private");
    write_file(path, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", 0400);
    check_ok(secret_from_file(&secret, path, &err), &err);
    check_secret(secret);
}

static void a_file_that_others_may_read_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    collaboration_secret *secret = NULL;
    SR_TEXT(path);
    path = sr_path_join(folder, "public");
    write_file(path, good, 0640);
    check_fails(secret_from_file(&secret, path, &err), &err, SR_E_SECRET);
    check(secret == NULL);
    check_error_says(&err, path);
    check(strstr(err.text, "AAEC") == NULL);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    collaboration_secret *secret = NULL;
    check_fails(secret_from_file(&secret, "/nowhere/secret", &err), &err, SR_E_NOT_FOUND);
    check_error_says(&err, "/nowhere/secret");
}

static void a_descriptor_is_read_to_its_end(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SECRET(secret);
    int ends[2];
    check_int(pipe(ends), 0);
    check_int(write(ends[1], good, strlen(good)), strlen(good));
    close(ends[1]);
    check_ok(secret_from_fd(&secret, ends[0], &err), &err);
    check_secret(secret);
    close(ends[0]);
}

static void a_variable_is_read_wiped_and_removed(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SECRET(secret);
    setenv("MY_SECRET", good, 1);
    const char *copy = getenv("MY_SECRET");
    check_ok(secret_from_env(&secret, "MY_SECRET", &err), &err);
    check_secret(secret);
    check(getenv("MY_SECRET") == NULL);
    check_int(copy[0], 0);
    check_int(copy[10], 0);
}

static void an_unusable_variable_is_wiped_too(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    collaboration_secret *secret = NULL;
    setenv("MY_SECRET", "half-a-secret", 1);
    const char *copy = getenv("MY_SECRET");
    check_fails(secret_from_env(&secret, "MY_SECRET", &err), &err, SR_E_SECRET);
    check(secret == NULL);
    check(getenv("MY_SECRET") == NULL);
    check_int(copy[0], 0);
    check_error_says(&err, "MY_SECRET");
    check(strstr(err.text, "half") == NULL);
}

static void ours_comes_before_c3rs_variable_and_both_are_wiped(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SECRET(secret);
    setenv("C3R_SHARED_SECRET", good, 1);
    check_ok(secret_from_env(&secret, NULL, &err), &err);
    check_secret(secret);
    check(getenv("C3R_SHARED_SECRET") == NULL);
    secret_clear(&secret);
    setenv("C3R_SHARED_SECRET", "x", 1);
    setenv("SEALROOM_SHARED_SECRET", good, 1);
    check_ok(secret_from_env(&secret, NULL, &err), &err);
    check_secret(secret);
    check(getenv("C3R_SHARED_SECRET") == NULL);
    check(getenv("SEALROOM_SHARED_SECRET") == NULL);
}

static void without_any_variable_the_error_names_it(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    collaboration_secret *secret = NULL;
    check_fails(secret_from_env(&secret, NULL, &err), &err, SR_E_SECRET);
    check_error_says(&err, "SEALROOM_SHARED_SECRET");
}

static void a_generated_secret_is_written_privately_and_read_back(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SECRET(made);
    SECRET(read);
    SR_TEXT(path);
    struct stat info;
    path = sr_path_join(folder, "generated");
    check_ok(secret_generate(&made, &err), &err);
    check_ok(secret_write_new(made, path, &err), &err);
    check_int(stat(path, &info), 0);
    check_int(info.st_mode & 0777, 0600);
    check_ok(secret_from_file(&read, path, &err), &err);
    check(sr_slice_equal_var(secret_view(made), secret_view(read)));
    check_fails(secret_write_new(made, path, &err), &err, SR_E_EXISTS);
}

static void two_generated_secrets_differ(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SECRET(a);
    SECRET(b);
    check_ok(secret_generate(&a, &err), &err);
    check_ok(secret_generate(&b, &err), &err);
    check(!sr_slice_equal_var(secret_view(a), secret_view(b)));
}

static void a_protected_process_leaves_no_core(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
    {
        sr_err err = SR_ERR_INIT;
        struct rlimit limit;
        bool done = secret_process_protect(&err) == SR_OK && getrlimit(RLIMIT_CORE, &limit) == 0 &&
                    limit.rlim_max == 0;
        _exit(done ? 0 : 1);
    }
    int status = 0;
    check_int(waitpid(child, &status, 0), child);
    check_int(status, 0);
}

/* ---- locked memory --------------------------------------------------------------------------- */

static void locked_memory_is_zero_and_aligned_at_any_size(void **state)
{
    (void)state;
    for (size_t size = 1; size < 9000; size = size * 3 + 1)
    {
        sr_err err = SR_ERR_INIT;
        void *memory;
        check_ok(locked_new(&memory, size, &err), &err);
        check_int((uintptr_t)memory % 16, 0);
        check_int(((uint8_t *)memory)[0], 0);
        memset(memory, 1, size);
        locked_free(memory, size);
    }
}

static void touch_and_exit(volatile uint8_t *at)
{
    signal(SIGSEGV, SIG_DFL);
    *at = 1;
    _exit(0);
}

static void a_write_past_locked_memory_stops_the_process(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    void *memory;
    int status = 0;
    check_ok(locked_new(&memory, 64, &err), &err);
    pid_t child = fork();
    if (child == 0)
        touch_and_exit((uint8_t *)memory + 64);
    check_int(waitpid(child, &status, 0), child);
    check(status != 0);
    locked_free(memory, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_text_is_read_with_and_without_padding_and_line_end),
        cmocka_unit_test(unusable_texts_are_refused_without_showing_them),
        cmocka_unit_test(all_of_a_long_secret_counts_up_to_the_limit),
        cmocka_unit_test(a_private_file_is_read),
        cmocka_unit_test(a_file_that_others_may_read_is_refused),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_descriptor_is_read_to_its_end),
        cmocka_unit_test(a_variable_is_read_wiped_and_removed),
        cmocka_unit_test(an_unusable_variable_is_wiped_too),
        cmocka_unit_test(ours_comes_before_c3rs_variable_and_both_are_wiped),
        cmocka_unit_test(without_any_variable_the_error_names_it),
        cmocka_unit_test(a_generated_secret_is_written_privately_and_read_back),
        cmocka_unit_test(two_generated_secrets_differ),
        cmocka_unit_test(a_protected_process_leaves_no_core),
        cmocka_unit_test(locked_memory_is_zero_and_aligned_at_any_size),
        cmocka_unit_test(a_write_past_locked_memory_stops_the_process),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
