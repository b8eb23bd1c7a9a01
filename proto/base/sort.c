#include "sort.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum
{
    FEW = 24, /* records that are sorted by insertion */
    BYTES = 256,
};

/* Records that agree in the bytes before `from`. */
typedef struct
{
    uint8_t *at;
    size_t size;
    uint64_t count;
    size_t from;
} range;

static void insert(const range *all)
{
    uint8_t moving[SORT_RECORD_MOST];
    size_t size = all->size;
    for (uint64_t i = 1; i < all->count; i++)
    {
        uint64_t to = i;
        memcpy(moving, all->at + i * size, size);
        for (; to > 0; to--)
        {
            const uint8_t *before = all->at + (to - 1) * size;
            if (memcmp(before + all->from, moving + all->from, size - all->from) <= 0)
                break;
            memcpy(all->at + to * size, before, size);
        }
        memcpy(all->at + to * size, moving, size);
    }
}

/* How many records have each value of byte `from`; true if they all have one. */
static bool tally(uint64_t counts[BYTES], const range *all)
{
    memset(counts, 0, BYTES * sizeof *counts);
    for (uint64_t i = 0; i < all->count; i++)
        counts[all->at[i * all->size + all->from]]++;
    return counts[all->at[all->from]] == all->count;
}

/* Each record to its value's stretch: follows the chain of displaced records until one closes it. */
static void distribute(const range *all, const uint64_t counts[BYTES])
{
    uint64_t next[BYTES];
    uint64_t end[BYTES];
    uint64_t sum = 0;
    size_t size = all->size;
    for (size_t b = 0; b < BYTES; b++)
    {
        next[b] = sum;
        sum += counts[b];
        end[b] = sum;
    }
    for (size_t b = 0; b < BYTES; b++)
        while (next[b] < end[b])
        {
            uint8_t held[SORT_RECORD_MOST];
            uint8_t put[SORT_RECORD_MOST];
            uint8_t *hole = all->at + next[b] * size;
            memcpy(held, hole, size);
            for (size_t value = held[all->from]; value != b; value = held[all->from])
            {
                uint8_t *to = all->at + next[value]++ * size;
                memcpy(put, held, size);
                memcpy(held, to, size);
                memcpy(to, put, size);
            }
            memcpy(hole, held, size);
            next[b]++;
        }
}

static void sort_range(range all)
{
    uint64_t counts[BYTES];
    while (all.count > FEW && all.from < all.size && tally(counts, &all))
        all.from++;
    if (all.count < 2 || all.from == all.size)
        return;
    if (all.count <= FEW)
    {
        insert(&all);
        return;
    }
    distribute(&all, counts);
    for (size_t b = 0; b < BYTES; b++)
    {
        sort_range((range){all.at, all.size, counts[b], all.from + 1});
        all.at += counts[b] * all.size;
    }
}

void sr_sort(void *records, size_t size, uint64_t count)
{
    assert(size > 0 && size <= SORT_RECORD_MOST);
    sort_range((range){records, size, count, 0});
}
