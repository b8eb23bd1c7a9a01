/*
 * traces.h: cases of the constant-time test by traces (traces.c). Each compares runs of one piece of code (trace.h) whose
 * secrets differ in every run, and nothing else.
 */
#ifndef SEALROOM_TESTS_TRACES_H
#define SEALROOM_TESTS_TRACES_H

#include "trace.h"

typedef struct
{
    const char *name;
    void (*prepare)(size_t run); /* sets the secrets of that run */
    void (*run)(void);
    /* A leaky twin: how it must be found out, and in which function. TRACE_SAME and NULL: it is none. */
    trace_verdict flaw;
    const char *culprit;
} trace_case;

/* Of the suite curve25519, for the kernel in use; as many points as it takes at once. */
extern const trace_case traces_of_a_kernel[];
extern const trace_case traces_of_scalars[];
extern const trace_case traces_of_p256[];    /* all but the multiplication, which is OpenSSL's */
extern const trace_case twins_of_a_kernel[]; /* leaky, for the kernel in use */
/* Leaky, one for each way that a trace sees, and those that are refused. */
extern const trace_case twins_of_a_tracer[];

/* What the cases above and the twins share. */
void prepare_to_mask(size_t run);
void prepare_to_hash(size_t run);
void mask_points(void);
void hash_ids(void);
const unsigned char *secret_scalar(void);
const unsigned char *points_made(void);

#endif
