#include "order.h"

#include <string.h>

typedef struct
{
    size_t members[MANIFEST_MEMBERS_MOST];                         /* new place → old */
    size_t labels[MANIFEST_MEMBERS_MOST][MANIFEST_SEGMENTS_MOST];  /* of old members: new → old */
    uint8_t places[MANIFEST_MEMBERS_MOST][MANIFEST_SEGMENTS_MOST]; /* of old members: old → new */
} order;

static void order_members(order *out, const manifest *rules)
{
    for (size_t i = 0; i < rules->member_count; i++)
    {
        size_t to = i;
        for (; to > 0; to--)
        {
            size_t before = out->members[to - 1];
            if (strcmp(rules->members[before].name, rules->members[i].name) < 0)
                break;
            out->members[to] = before;
        }
        out->members[to] = i;
    }
}

static void order_labels(size_t *labels, uint8_t *places, const overlap_sizes *sizes)
{
    for (size_t i = 0; i < sizes->label_count; i++)
    {
        size_t to = i;
        for (; to > 0 && strcmp(sizes->labels[labels[to - 1]], sizes->labels[i]) > 0; to--)
            labels[to] = labels[to - 1];
        labels[to] = i;
    }
    for (size_t i = 0; i < sizes->label_count; i++)
        places[labels[i]] = (uint8_t)i;
}

static void copy_sizes(overlap_sizes *out, const overlap_sizes *from, const size_t *labels)
{
    size_t count = from->label_count;
    out->label_count = count;
    out->labels = sr_array(count, sizeof *out->labels);
    out->items = sr_array(count, sizeof *out->items);
    out->shared = sr_array(count, sizeof *out->shared);
    for (size_t i = 0; i < count; i++)
    {
        sr_copy(out->labels[i], from->labels[labels[i]], sizeof out->labels[i]);
        out->items[i] = from->items[labels[i]];
        out->shared[i] = from->shared[labels[i]];
    }
}

/* Where regions say only who has an item (counts.h), a place becomes another that says no more. */
static void copy_region(overlap_region *out, const overlap_region *from, const order *by,
                        size_t members)
{
    out->items = from->items;
    for (size_t i = 0; i < members; i++)
    {
        size_t old = by->members[i];
        uint8_t place = from->places[old];
        out->places[i] = place == 0 ? 0 : (uint8_t)(by->places[old][place - 1] + 1);
    }
}

void overlap_put_in_order(overlap_counts *counts_out, manifest *rules_out,
                          const overlap_counts *counts, const manifest *rules)
{
    order by;
    size_t members = counts->member_count;
    *counts_out = (overlap_counts){.member_count = members};
    *rules_out = *rules;
    order_members(&by, rules);
    for (size_t i = 0; i < members; i++)
        order_labels(by.labels[i], by.places[i], &counts->members[i]);
    for (size_t i = 0; i < members; i++)
    {
        size_t old = by.members[i];
        rules_out->members[i] = rules->members[old];
        copy_sizes(&counts_out->members[i], &counts->members[old], by.labels[old]);
    }
    counts_out->regions = sr_array(counts->region_count, sizeof *counts_out->regions);
    for (size_t i = 0; i < counts->region_count; i++)
        copy_region(&counts_out->regions[counts_out->region_count++], &counts->regions[i], &by,
                    members);
}
