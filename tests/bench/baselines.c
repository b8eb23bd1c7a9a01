/* baselines.c: the command table, and what the commands share. */
#include "baselines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct
{
    const char *name;
    int words;
    sr_result (*run)(int count, char **words, sr_err *err);
} baseline_row;

static const baseline_row table[] = {
    {"cells", 1, baseline_cells},
    {"tls", 1, baseline_tls},
    {"ask", 2, baseline_ask},
};

static double seconds(clockid_t clock)
{
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double baseline_cpu(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double baseline_wall(void)
{
    return seconds(CLOCK_MONOTONIC);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

double baseline_median(double *runs, size_t count)
{
    qsort(runs, count, sizeof *runs, compare);
    return runs[count / 2];
}

int main(int argc, char **argv)
{
    sr_err err = SR_ERR_INIT;
    for (size_t i = 0; argc > 1 && i < sizeof table / sizeof table[0]; i++)
    {
        if (strcmp(argv[1], table[i].name) != 0 || argc - 2 != table[i].words)
            continue;
        if (table[i].run(argc - 2, argv + 2, &err) == SR_OK)
            return 0;
        fprintf(stderr, "baselines: %s\n", err.text);
        return 1;
    }
    fputs("usage: baselines cells FILE | tls BYTES | ask ROWS AGGREGATES\n", stderr);
    return 2;
}
