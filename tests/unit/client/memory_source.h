/*
 * memory_source.h: a csv_source over bytes in memory that gives at most `step` bytes at a time, so that
 * a test can cut a record anywhere.
 */
#ifndef SEALROOM_TESTS_MEMORY_SOURCE_H
#define SEALROOM_TESTS_MEMORY_SOURCE_H

#include "client/csv_read.h"

typedef struct
{
    sr_slice left;
    size_t step;
} memory_source;

static inline sr_result memory_source_read(void *self, void *buffer, size_t size, size_t *got,
                                           sr_err *err)
{
    memory_source *memory = self;
    size_t len = size < memory->step ? size : memory->step;
    (void)err;
    if (len > memory->left.len)
        len = memory->left.len;
    sr_copy(buffer, memory->left.data, len);
    memory->left = sr_slice_sub(memory->left, len, memory->left.len - len);
    *got = len;
    return SR_OK;
}

#define MEMORY_SOURCE(memory)                                                                      \
    (csv_source)                                                                                   \
    {                                                                                              \
        .read = memory_source_read, .self = &(memory), .name = "t.csv"                             \
    }

#endif
