/*
 * baselines.h: what the figures of scripts/bench are held against, measured in the same run.
 *
 * Each command does bare work on data that it is given or draws itself, checks what came out, and
 * prints one line of JSON with its figures. CPU seconds are those of this process, all threads.
 * Not part of the product and not a test: nothing here fails because it was slow.
 */
#ifndef SEALROOM_TESTS_BENCH_BASELINES_H
#define SEALROOM_TESTS_BENCH_BASELINES_H

#include "base/err.h"

enum
{
    BASELINE_RUNS = 7, /* figures are medians of so many */
};

/* CPU seconds of this process so far. */
double baseline_cpu(void);
/* Seconds of the wall clock. */
double baseline_wall(void);
/* Sorts the runs. */
double baseline_median(double *runs, size_t count);

/* cells FILE: the crypto calls for a table of e-mail, number, text (fingerprint, cleartext, sealed
 * max) without reading, ordering or writing. */
sr_result baseline_cells(int count, char **words, sr_err *err) SR_MUST_USE;
/* tls BYTES: so many bytes through TLS 1.3 on loopback, in records as gRPC writes them. */
sr_result baseline_tls(int count, char **words, sr_err *err) SR_MUST_USE;
/* ask ROWS AGGREGATES: join and group over tokens and over whole numbers in the server's engine. */
sr_result baseline_ask(int count, char **words, sr_err *err) SR_MUST_USE;

#endif
