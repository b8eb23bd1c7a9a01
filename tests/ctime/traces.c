/*
 * Constant time, checked on the machine code: each case runs once for each of some secrets, looked at before each instruction, and
 * all its runs must take the same instructions and the same addresses (trace.h). Unlike valgrind this follows every
 * instruction that the processor has; unlike valgrind it only knows the secrets that it was given.
 *
 *     ctime_traces KERNEL      portable, avx2, ifma: the suite curve25519 with that kernel
 *     ctime_traces scalars     of both suites
 *     ctime_traces p256        hashing and decoding
 *     ctime_traces twins       leaky twins, with every kernel: each must be flagged, where it leaks
 *     ... RUNS                 for so many secrets: all zero, all one (as far as there are such), then random ones
 *
 * Ends with 0, 1, or 77: skipped, because this machine lacks the kernel or lets no program write code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/group/group.h"
#include "traces.h"

enum
{
    EXIT_SKIPPED = 77,
    RUNS = 6,
};

static const char *const kernels[] = {"portable", "avx2", "ifma"};

static size_t runs = RUNS;

static bool is_as_expected(const trace_case *one, const trace_result *got)
{
    if (got->verdict != one->flaw)
        return false;
    return one->culprit == NULL || strcmp(one->culprit, got->function) == 0;
}

static size_t failures_of(const trace_case *table)
{
    size_t failed = 0;
    for (; table->name != NULL; table++)
    {
        trace_result got;
        trace_compare(&got, table->prepare, table->run, runs);
        bool good = is_as_expected(table, &got);
        printf("%s %s: %s: %zu steps, %zu runs%s%s\n", good ? "ok   " : "WRONG",
               group_kernel_name(), table->name, got.steps, got.run + 1,
               got.why[0] == 0 ? "" : ": ", got.why);
        fflush(stdout);
        failed += good ? 0 : 1;
    }
    return failed;
}

static size_t failures_of_twins(void)
{
    size_t failed = failures_of(twins_of_a_tracer);
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        if (group_kernel_force(kernels[i], &err) == SR_OK)
            failed += failures_of(twins_of_a_kernel);
    }
    return failed;
}

/* What the argument names; *is_usable: whether this machine can. */
static size_t failures_of_set(const char *name, bool *is_usable)
{
    sr_err err = SR_ERR_INIT;
    *is_usable = true;
    if (strcmp(name, "twins") == 0)
        return failures_of_twins();
    if (strcmp(name, "scalars") == 0)
        return failures_of(traces_of_scalars);
    if (strcmp(name, "p256") == 0)
        return failures_of(traces_of_p256);
    *is_usable = group_kernel_force(name, &err) == SR_OK;
    if (!*is_usable)
        printf("skipped: %s\n", err.text);
    return *is_usable ? failures_of(traces_of_a_kernel) : 0;
}

int main(int argc, char **argv)
{
    bool is_usable = false;
    if (argc == 3)
        runs = strtoul(argv[2], NULL, 10);
    if (argc < 2 || argc > 3 || runs < 2)
        return 2;
    if (!trace_init())
    {
        printf("skipped: this machine lets no program write code, or has no decoder\n");
        return EXIT_SKIPPED;
    }
    size_t failed = failures_of_set(argv[1], &is_usable);
    if (!is_usable)
        return EXIT_SKIPPED;
    return failed == 0 ? 0 : 1;
}
