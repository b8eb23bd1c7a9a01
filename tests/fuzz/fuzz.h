/*
 * fuzz.h: what every fuzz target includes.
 *
 * A target is one function that takes any bytes at all and must return. It stops the process when a
 * promise of the code under test is broken (fuzz_check); memory faults are the sanitizers' business.
 * It prints nothing, keeps nothing between calls, and releases what it made.
 */
#ifndef SEALROOM_TESTS_FUZZ_H
#define SEALROOM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer's name for the target; the replay program calls it too. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define fuzz_check(condition)                                                                      \
    do                                                                                             \
    {                                                                                              \
        if (!(condition))                                                                          \
        {                                                                                          \
            fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition);        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
