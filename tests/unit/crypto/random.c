#include "crypto/random.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

enum
{
    MANY = 5000,
};

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, CELL_NONCE_SIZE);
}

static void nonces_of_many_blocks_all_differ(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RANDOM_SOURCE(source);
    cell_nonce *nonces = sr_array(MANY, sizeof *nonces);
    check_ok(random_source_new(&source, &err), &err);
    random_source_nonces(source, nonces, MANY);
    qsort(nonces, MANY, sizeof *nonces, compare);
    for (size_t i = 1; i < MANY; i++)
        check(compare(&nonces[i - 1], &nonces[i]) != 0);
    sr_free(nonces);
}

static void any_length_is_filled_to_its_end(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RANDOM_SOURCE(source);
    check_ok(random_source_new(&source, &err), &err);
    for (size_t len = 1; len < 10000; len = len * 2 + 1)
    {
        uint8_t *bytes = sr_alloc(len + 1);
        bool last_byte_changed = false;
        for (int round = 0; round < 20; round++)
        {
            random_source_fill(source, bytes, len);
            last_byte_changed = last_byte_changed || bytes[len - 1] != 0;
            check_int(bytes[len], 0);
        }
        check(last_byte_changed);
        sr_free(bytes);
    }
}

static void half_of_all_bits_are_set(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RANDOM_SOURCE(source);
    static uint8_t bytes[1 << 20];
    size_t ones = 0;
    check_ok(random_source_new(&source, &err), &err);
    random_source_fill(source, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        ones += (size_t)__builtin_popcount(bytes[i]);
    size_t half = sizeof bytes * 4;
    check(ones > half - 15000 && ones < half + 15000); /* ten standard deviations */
}

static void two_sources_differ(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RANDOM_SOURCE(one);
    RANDOM_SOURCE(other);
    cell_nonce a;
    cell_nonce b;
    check_ok(random_source_new(&one, &err), &err);
    check_ok(random_source_new(&other, &err), &err);
    random_source_nonces(one, &a, 1);
    random_source_nonces(other, &b, 1);
    check(compare(&a, &b) != 0);
}

static void send_nonce_and_exit(random_source *source, int pipe_end)
{
    cell_nonce nonce;
    random_source_nonces(source, &nonce, 1);
    ssize_t sent = write(pipe_end, nonce.bytes, sizeof nonce.bytes);
    _exit(sent == (ssize_t)sizeof nonce.bytes ? 0 : 1);
}

static void a_forked_child_draws_other_nonces_than_its_parent(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    RANDOM_SOURCE(source);
    cell_nonce mine;
    cell_nonce childs;
    int ends[2];
    int status = 0;
    check_ok(random_source_new(&source, &err), &err);
    random_source_nonces(source, &mine, 1);
    check_int(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
        send_nonce_and_exit(source, ends[1]);
    check_int(read(ends[0], childs.bytes, sizeof childs.bytes), sizeof childs.bytes);
    check_int(waitpid(child, &status, 0), child);
    check_int(status, 0);
    random_source_nonces(source, &mine, 1);
    check(compare(&mine, &childs) != 0);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nonces_of_many_blocks_all_differ),
        cmocka_unit_test(any_length_is_filled_to_its_end),
        cmocka_unit_test(half_of_all_bits_are_set),
        cmocka_unit_test(two_sources_differ),
        cmocka_unit_test(a_forked_child_draws_other_nonces_than_its_parent),
    };
    check_main(tests);
}
