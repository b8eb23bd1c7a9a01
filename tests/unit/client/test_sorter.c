#include "check.h"

#include "base/text.h"
#include "client/sorter.h"

enum
{
    MEMORY = SORTER_MEMORY_MIN,
};

static sorter *make(void)
{
    sr_err err = SR_ERR_INIT;
    sorter *made = NULL;
    sorter_options options = {.memory = MEMORY};
    check_ok(sorter_new(&made, &options, &err), &err);
    return made;
}

/* Items of `size` bytes under random keys; the payload repeats a number that is summed up. */
static uint64_t add_items(sorter *self, size_t count, size_t size)
{
    sr_err err = SR_ERR_INIT;
    uint64_t sum = 0;
    uint8_t *payload = sr_alloc(size);
    for (size_t i = 0; i < count; i++)
    {
        uint8_t key[SORTER_KEY_SIZE];
        sr_random_bytes(key, sizeof key);
        payload[0] = (uint8_t)i;
        payload[size - 1] = (uint8_t)(i >> 8);
        sum += (uint64_t)payload[0] + 256u * payload[size - 1];
        check_ok(sorter_add(self, key, sr_slice_of(payload, size), &err), &err);
    }
    sr_free(payload);
    return sum;
}

/* Everything comes back once and in order. */
static uint64_t drain(sorter *self, size_t count, size_t size)
{
    sr_err err = SR_ERR_INIT;
    uint8_t last[SORTER_KEY_SIZE] = {0};
    uint64_t sum = 0;
    sorter_item item;
    bool end = false;
    check_ok(sorter_sort(self, &err), &err);
    for (size_t i = 0; i < count; i++)
    {
        check_ok(sorter_next(self, &item, &end, &err), &err);
        check(!end);
        check_int(item.payload.len, size);
        check(memcmp(last, item.key, sizeof last) <= 0);
        sr_copy(last, item.key, sizeof last);
        sum += (uint64_t)item.payload.data[0] + 256u * item.payload.data[size - 1];
    }
    check_ok(sorter_next(self, &item, &end, &err), &err);
    check(end && item.key == NULL);
    return sum;
}

static void items_in_memory_come_back_in_order(void **state)
{
    (void)state;
    SORTER(self);
    self = make();
    uint64_t sum = add_items(self, 1000, 100);
    check_int(sorter_count(self), 1000);
    check_int(drain(self, 1000, 100), sum);
    check_int(sorter_runs(self), 0);
}

static void many_runs_come_back_in_order(void **state)
{
    (void)state;
    SORTER(self);
    self = make();
    uint64_t sum = add_items(self, 300000, 200); /* 60 times the memory, twice the fan-in */
    check_int(drain(self, 300000, 200), sum);
    check(sorter_runs(self) > 64);
}

static void items_larger_than_a_chunk_come_back(void **state)
{
    (void)state;
    SORTER(self);
    self = make();
    uint64_t sum = add_items(self, 40, 700 * 1000);
    check_int(drain(self, 40, 700 * 1000), sum);
    check(sorter_runs(self) > 0);
}

static void nothing_added_is_nothing_sorted(void **state)
{
    (void)state;
    SORTER(self);
    self = make();
    check_int(drain(self, 0, 1), 0);
}

/* Keys that part early, late, and only behind the bytes that the index holds. */
static void keys_that_share_their_beginning_come_in_order(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SORTER(self);
    self = make();
    uint8_t last[SORTER_KEY_SIZE] = {0};
    for (uint32_t i = 0; i < 3000; i++)
    {
        uint32_t mixed = i * 2654435761u;
        uint8_t key[SORTER_KEY_SIZE] = {0};
        key[0] = (uint8_t)(mixed >> 30);
        key[7] = (uint8_t)(mixed >> 20);
        key[8] = (uint8_t)(mixed >> 12);
        key[31] = (uint8_t)mixed;
        check_ok(sorter_add(self, key, sr_slice_of(key, sizeof key), &err), &err);
    }
    check_ok(sorter_sort(self, &err), &err);
    for (size_t i = 0; i < 3000; i++)
    {
        sorter_item item;
        bool end = false;
        check_ok(sorter_next(self, &item, &end, &err), &err);
        check(!end && memcmp(last, item.key, sizeof last) <= 0);
        check(memcmp(item.payload.data, item.key, sizeof last) == 0);
        sr_copy(last, item.key, sizeof last);
    }
}

static void equal_keys_come_in_the_order_of_payloads(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SORTER(self);
    self = make();
    const uint8_t key[SORTER_KEY_SIZE] = {7};
    static const char *const payloads[] = {"c", "a", "", "bb", "b"};
    static const char *const sorted[] = {"", "a", "b", "bb", "c"};
    for (size_t i = 0; i < 5; i++)
        check_ok(sorter_add(self, key, sr_slice_text(payloads[i]), &err), &err);
    check_ok(sorter_sort(self, &err), &err);
    for (size_t i = 0; i < 5; i++)
    {
        sorter_item item;
        bool end = false;
        check_ok(sorter_next(self, &item, &end, &err), &err);
        check_slice(item.payload, sorted[i]);
    }
}

static void an_item_that_is_too_large_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SORTER(self);
    self = make();
    const uint8_t key[SORTER_KEY_SIZE] = {0};
    size_t size = (size_t)SORTER_PAYLOAD_MAX + 1;
    uint8_t *payload = sr_alloc(size);
    check_fails(sorter_add(self, key, sr_slice_of(payload, size), &err), &err, SR_E_LIMIT);
    sr_free(payload);
}

static void a_scratch_folder_that_is_not_there_is_told(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SORTER(self);
    sorter_options options = {.memory = MEMORY, .folder = "/nonexistent"};
    check_ok(sorter_new(&self, &options, &err), &err);
    uint8_t payload[60000] = {0};
    uint8_t key[SORTER_KEY_SIZE] = {0};
    sr_result result = SR_OK;
    for (size_t i = 0; i < 40 && result == SR_OK; i++)
        result = sorter_add(self, key, sr_slice_of(payload, sizeof payload), &err);
    check_int(result, SR_FAIL);
    check_error_says(&err, "/nonexistent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_in_memory_come_back_in_order),
        cmocka_unit_test(many_runs_come_back_in_order),
        cmocka_unit_test(items_larger_than_a_chunk_come_back),
        cmocka_unit_test(nothing_added_is_nothing_sorted),
        cmocka_unit_test(keys_that_share_their_beginning_come_in_order),
        cmocka_unit_test(equal_keys_come_in_the_order_of_payloads),
        cmocka_unit_test(an_item_that_is_too_large_is_refused),
        cmocka_unit_test(a_scratch_folder_that_is_not_there_is_told),
    };
    check_main(tests);
}
