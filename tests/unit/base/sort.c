#include "base/sort.h"

#include <stdlib.h>

#include "check.h"

enum
{
    MANY = 40000,
};

/* Repeatable numbers: a linear congruential generator's upper bytes. */
static uint8_t next_byte(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint8_t)(*state >> 56);
}

static size_t compared_size;

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, compared_size);
}

/* Random records, of which one byte in `alike` differs from 7, and what qsort makes of them. */
static uint8_t *make(uint8_t **expected, size_t size, size_t count, unsigned alike)
{
    uint64_t state = size * 1000003 + count * 17 + alike;
    uint8_t *records = sr_array(count, size);
    *expected = sr_array(count, size);
    for (size_t i = 0; i < count * size; i++)
        records[i] = next_byte(&state) % alike == 0 ? next_byte(&state) : 7;
    sr_copy(*expected, records, count * size);
    compared_size = size;
    qsort(*expected, count, size, compare);
    return records;
}

static void records_come_out_ascending(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 5, 20, 32, 33, SORT_RECORD_MOST};
    static const size_t counts[] = {0, 1, 2, 23, 24, 25, 1000, MANY};
    static const unsigned alike[] = {1, 3, 100};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (size_t a = 0; a < sizeof alike / sizeof *alike; a++)
            {
                uint8_t *expected;
                uint8_t *records = make(&expected, sizes[s], counts[c], alike[a]);
                sr_sort(records, sizes[s], counts[c]);
                assert_memory_equal(records, expected, counts[c] * sizes[s]);
                sr_free(records);
                sr_free(expected);
            }
}

/* Adds `count` records in pieces, takes them in other pieces. */
static void sort_with(uint64_t memory, size_t size, size_t count, unsigned alike)
{
    SR_SORTER(sorter);
    sr_err err = SR_ERR_INIT;
    uint8_t *expected;
    uint8_t *records = make(&expected, size, count, alike);
    uint64_t got = 1;
    size_t done = 0;
    sorter = sr_sorter_new(size, memory, NULL);
    for (size_t some = 1; done < count; some = some * 3 % 1009)
    {
        some = some < count - done ? some : count - done;
        check_ok(sr_sorter_add(sorter, records + done * size, some, &err), &err);
        done += some;
    }
    memset(records, 0, count * size);
    for (done = 0; got > 0; done += got)
        check_ok(sr_sorter_next(sorter, records + done * size,
                                count - done < 777 ? count - done + 1 : 777, &got, &err),
                 &err);
    check_int(done, count);
    assert_memory_equal(records, expected, count * size);
    sr_free(records);
    sr_free(expected);
}

static void a_sorter_gives_what_a_sort_in_memory_gives(void **state)
{
    (void)state;
    sort_with(64 * 1024 * 1024, 32, MANY, 1); /* all in memory */
    sort_with(0, 32, MANY, 1);                /* ten runs on disk */
    sort_with(0, 33, MANY, 40);               /* with repeats */
    sort_with(0, 32, 4096, 1);                /* just one run */
    sort_with(0, 1, MANY, 1);
    sort_with(0, 32, 0, 1);
    sort_with(0, 32, 1, 1);
}

static void a_sorter_without_a_place_on_disk_fails(void **state)
{
    (void)state;
    SR_SORTER(sorter);
    sr_err err = SR_ERR_INIT;
    uint8_t *expected;
    uint8_t *records = make(&expected, 32, MANY, 1);
    sorter = sr_sorter_new(32, 0, "/nonexistent/folder");
    check_fails(sr_sorter_add(sorter, records, MANY, &err), &err, SR_E_NOT_FOUND);
    check_error_says(&err, "scratch file of a sort");
    sr_free(records);
    sr_free(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_out_ascending),
        cmocka_unit_test(a_sorter_gives_what_a_sort_in_memory_gives),
        cmocka_unit_test(a_sorter_without_a_place_on_disk_fails),
    };
    check_main(tests);
}
