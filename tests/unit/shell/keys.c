#include "server/shell/keys.h"

#include <sys/stat.h>
#include <unistd.h>

#include "place.h"

static const sr_uuid room = {.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

#define KEY_FILE "keys/01020304-0506-0708-090a-0b0c0d0e0f10.key"

static server_keys *open_folder(void)
{
    server_keys *keys = NULL;
    sr_err err = SR_ERR_INIT;
    check_int(mkdir("keys", 0700), 0);
    check_ok(server_keys_open(&keys, "keys", &err), &err);
    return keys;
}

static bool is_zero(const token_key *key)
{
    static const token_key zero;
    return memcmp(key->bytes, zero.bytes, sizeof key->bytes) == 0;
}

static void a_key_is_a_private_file_of_32_bytes(void **state)
{
    SERVER_KEYS(keys);
    struct stat status;
    sr_err err = SR_ERR_INIT;
    (void)state;
    keys = open_folder();
    check_ok(server_keys_make(keys, &room, &err), &err);
    check_int(stat(KEY_FILE, &status), 0);
    check_int(status.st_size, 32);
    check_int(place_mode(KEY_FILE), 0600);
    check_int(place_run("test $(ls -A keys | wc -l) = 1"), 0); /* no temporary file stays */
}

static void a_key_is_loaded_as_it_was_made(void **state)
{
    SERVER_KEYS(keys);
    TOKEN_KEY(first);
    TOKEN_KEY(second);
    sr_err err = SR_ERR_INIT;
    (void)state;
    keys = open_folder();
    check_ok(server_keys_make(keys, &room, &err), &err);
    check_ok(server_keys_load(&first, keys, &room, &err), &err);
    check_ok(server_keys_load(&second, keys, &room, &err), &err);
    check(!is_zero(&first));
    check(memcmp(first.bytes, second.bytes, sizeof first.bytes) == 0);
}

static void a_key_that_is_there_stays(void **state)
{
    SERVER_KEYS(keys);
    TOKEN_KEY(before);
    TOKEN_KEY(after);
    sr_err err = SR_ERR_INIT;
    (void)state;
    keys = open_folder();
    check_ok(server_keys_make(keys, &room, &err), &err);
    check_ok(server_keys_load(&before, keys, &room, &err), &err);
    check_fails(server_keys_make(keys, &room, &err), &err, SR_E_EXISTS);
    check_ok(server_keys_load(&after, keys, &room, &err), &err);
    check(memcmp(before.bytes, after.bytes, sizeof before.bytes) == 0);
}

static void each_collaboration_has_its_own(void **state)
{
    SERVER_KEYS(keys);
    TOKEN_KEY(one);
    TOKEN_KEY(other);
    sr_uuid second = {.bytes = {9}};
    sr_err err = SR_ERR_INIT;
    (void)state;
    keys = open_folder();
    check_ok(server_keys_make(keys, &room, &err), &err);
    check_ok(server_keys_make(keys, &second, &err), &err);
    check_ok(server_keys_load(&one, keys, &room, &err), &err);
    check_ok(server_keys_load(&other, keys, &second, &err), &err);
    check(memcmp(one.bytes, other.bytes, sizeof one.bytes) != 0);
}

static void a_forgotten_key_is_gone(void **state)
{
    SERVER_KEYS(keys);
    TOKEN_KEY(key);
    sr_err err = SR_ERR_INIT;
    (void)state;
    keys = open_folder();
    check_ok(server_keys_make(keys, &room, &err), &err);
    server_keys_forget(keys, &room);
    server_keys_forget(keys, &room);
    check_fails(server_keys_load(&key, keys, &room, &err), &err, SR_E_CORRUPT);
    check(is_zero(&key));
}

static void refuse_file(const server_keys *keys, const char *text, unsigned mode)
{
    TOKEN_KEY(key);
    sr_err err = SR_ERR_INIT;
    key.bytes[0] = 1;
    place_write(KEY_FILE, text, mode);
    check_fails(server_keys_load(&key, keys, &room, &err), &err, SR_E_CORRUPT);
    check(is_zero(&key));
    check_text(sr_err_peer_text(&err), "the server's stored state is damaged");
}

static void a_damaged_key_is_refused_and_no_peer_reads_why(void **state)
{
    SERVER_KEYS(keys);
    (void)state;
    keys = open_folder();
    refuse_file(keys, "", 0600);
    refuse_file(keys, "0123456789012345678901234567890", 0600);
    refuse_file(keys, "012345678901234567890123456789012", 0600);
    refuse_file(keys, "01234567890123456789012345678901", 0640);
}

static void the_folder_must_be_a_private_folder(void **state)
{
    SERVER_KEYS(keys);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_fails(server_keys_open(&keys, "keys", &err), &err, SR_E_NOT_FOUND);
    place_write("file", "", 0600);
    check_fails(server_keys_open(&keys, "file", &err), &err, SR_E_INVALID);
    check_int(mkdir("keys", 0700), 0);
    check_int(chmod("keys", 0750), 0);
    check_fails(server_keys_open(&keys, "keys", &err), &err, SR_E_SECRET);
    check_error_says(&err, "chmod");
    check(keys == NULL);
    check_int(chmod("keys", 0700), 0);
    check_ok(server_keys_open(&keys, "keys", &err), &err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        place_test(a_key_is_a_private_file_of_32_bytes),
        place_test(a_key_is_loaded_as_it_was_made),
        place_test(a_key_that_is_there_stays),
        place_test(each_collaboration_has_its_own),
        place_test(a_forgotten_key_is_gone),
        place_test(a_damaged_key_is_refused_and_no_peer_reads_why),
        place_test(the_folder_must_be_a_private_folder),
    };
    check_main(tests);
}
