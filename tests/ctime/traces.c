/*
 * Constant time, checked on the machine code: each case runs once for each of some secrets, one instruction at a time, and
 * all its runs must take the same instructions and the same addresses (trace.h). Unlike valgrind this follows every
 * instruction that the processor has; unlike valgrind it only knows the secrets that it was given.
 *
 *     ctime_traces KERNEL      portable, avx2, ifma: the suite curve25519 with that kernel
 *     ctime_traces scalars     of both suites
 *     ctime_traces p256        hashing and decoding
 *     ctime_traces twins       leaky twins, with every kernel: each must be flagged, where it leaks
 *     ... quick                of a kernel that valgrind knows: only the case that goes through most of it
 *     ... all                  more secrets; takes twice as long
 *
 * Ends with 0, 1, or 77: skipped, because this machine lacks the kernel or gives no single steps.
 */
#include <stdio.h>
#include <string.h>

#include "crypto/group/group.h"
#include "traces.h"

enum
{
    EXIT_SKIPPED = 77,
};

static const char *const kernels[] = {"portable", "avx2", "ifma"};

static bool has_no_steps;
static bool is_quick;
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
    for (; table->name != NULL && !has_no_steps; table++)
    {
        trace_result got;
        if (is_quick && !table->is_quick)
            continue;
        trace_compare(&got, table->prepare, table->run, runs);
        has_no_steps = got.verdict == TRACE_NO_STEPS;
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
    if (argc < 2 || argc > 3 || !trace_init())
        return 2;
    is_quick = argc == 3 && strcmp(argv[2], "quick") == 0;
    runs = argc == 3 && strcmp(argv[2], "all") == 0 ? RUNS_ALL : RUNS;
    size_t failed = failures_of_set(argv[1], &is_usable);
    if (has_no_steps)
        printf("skipped: this machine gives no single steps (the trap flag)\n");
    if (has_no_steps || !is_usable)
        return EXIT_SKIPPED;
    return failed == 0 ? 0 : 1;
}
