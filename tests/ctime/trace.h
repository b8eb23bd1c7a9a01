/*
 * trace.h: does a piece of machine code take the same steps whatever its secrets are? It runs once for each of some
 * secrets, followed instruction by instruction, and each run is compared with the first: which instructions, in which order, and
 * which addresses each of them forms (instruction.h).
 *
 *     parent   prepare(0)                        what libraries do once is done
 *     child i  prepare(i), run() followed (trace_follow.h)        for i = 0, 1, ...
 *
 * Every run is a child of the same parent, so all of them have the same addresses, the same heap and the same
 * environment; prepare must leave the heap as it is.
 *
 * What it shows holds for the secrets that it was given, and for the machine code as it is, whatever compiled it.
 */
#ifndef SEALROOM_TESTS_TRACE_H
#define SEALROOM_TESTS_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum
{
    TRACE_SAME,
    TRACE_DIFFERS, /* a branch or an address depends on the secret */
    TRACE_REFUSED, /* an instruction that cannot be followed (instruction.h) */
    TRACE_BROKEN, /* the code under test ended by itself, or took more steps than there is room for */
} trace_verdict;

enum
{
    TRACE_WHY_SIZE = 512,
    TRACE_FUNCTION_SIZE = 128,
};

typedef struct
{
    trace_verdict verdict;
    size_t steps;                       /* of the first run */
    size_t run;                         /* the one that differs from the first */
    char function[TRACE_FUNCTION_SIZE]; /* in which it does so, or is refused; "" */
    char why[TRACE_WHY_SIZE];           /* one line; "" for TRACE_SAME */
} trace_result;

/* False when this machine lets nobody write code, or there is no decoder. Before the first comparison. */
bool trace_init(void);

void trace_compare(trace_result *out, void (*prepare)(size_t run), void (*run)(void), size_t runs);

#endif
