/*
 * The constant-time test for kernels whose instructions valgrind does not know (AVX-512): clang's
 * MemorySanitizer follows undefined bytes too, and stops the program at the first branch or address that
 * depends on one. Secrets are marked as undefined, as in ctime.c; each case runs in a process of its own,
 * and leaky twins must be stopped.
 *
 *     ctime_msan      skipped (77) where the processor lacks what the kernel needs
 *
 * Weaker than valgrind in one thing: it sees clang's code before the last steps of compilation.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sanitizer/msan_interface.h>

#include "crypto/group/kernel.h"
#include "crypto/group/xmd.h"

enum
{
    POINT = 32,
    POINTS = 19, /* two vectors and a part of one */
    EXIT_SKIPPED = 77,
};

static const curve25519_kernel *const kernel = &curve25519_ifma;

static uint8_t scalar[POINT];
static uint8_t points[POINTS * POINT];
static uint8_t field[2 * POINTS * POINT];
static uint8_t out[POINTS * POINT];
static uint8_t valid[POINTS];
static volatile const uint8_t table[256] = {1, 2, 3};
static volatile int seen;

/* Some points on the curve, some on its twist, one of small order. */
static void prepare(bool secret_scalar, bool secret_points)
{
    for (size_t i = 0; i < POINTS; i++)
        points[POINT * i] = (uint8_t)(i == 3 ? 1 : 9 + i);
    for (size_t i = 0; i < sizeof scalar; i++)
        scalar[i] = (uint8_t)(8 + 8 * i);
    for (size_t i = 0; i < sizeof field; i++)
        field[i] = (uint8_t)(i % POINT == POINT - 1 ? 0 : 7 * i);
    if (secret_scalar)
        __msan_poison(scalar, sizeof scalar);
    if (secret_points)
        __msan_poison(points, sizeof points);
    if (secret_points)
        __msan_poison(field, sizeof field);
}

static void mask(void)
{
    prepare(true, true);
    kernel->mask(out, valid, scalar, points, POINTS);
}

static void ladder(void)
{
    prepare(true, true);
    kernel->ladder(out, scalar, points, POINTS);
}

static void check(void)
{
    prepare(true, true);
    kernel->check(valid, points, POINTS);
}

static void hash(void)
{
    prepare(true, true);
    kernel->hash(out, field, POINTS);
}

static void hash_and_mask(void)
{
    prepare(true, true);
    kernel->hash_and_mask(out, valid, scalar, field, POINTS);
}

/* Identifiers of several lengths, side by side. */
static void expand_a_list_of_ids(void)
{
    static uint8_t wide[96 * POINTS];
    static char id[] =
        "person@example.com, and so many more letters that some need another block of SHA-512";
    sr_err err = SR_ERR_INIT;
    xmd_tag tag;
    sr_slice ids[POINTS];
    if (xmd_tag_init(&tag, XMD_SHA512, sr_slice_text("SEALROOM-CTIME"), &err) != SR_OK)
        _exit(2);
    __msan_poison(id, sizeof id);
    for (size_t i = 0; i < POINTS; i++)
        ids[i] = sr_slice_of(id, sizeof id - 1 - 4 * i);
    xmd_expand_list(wide, 96, &tag, kernel->sha512, ids, POINTS);
    memcpy(out, wide, sizeof out);
}

/* ---- leaky twins: they also show that a secret stays one all the way through the kernel ------------- */

static void mask_only_for_bits_that_are_set(void)
{
    prepare(true, false);
    for (int i = 0; i < 8; i++)
        if (scalar[1] >> i & 1)
            kernel->mask(out, valid, scalar, points, 1);
}

static void branch_on_what_a_secret_scalar_masked(void)
{
    prepare(true, false);
    kernel->mask(out, valid, scalar, points, POINTS);
    if (out[0] & 1) /* of the base point, which is valid */
        seen = 1;
}

static void branch_on_a_secret_point_masked(void)
{
    prepare(false, true);
    kernel->mask(out, valid, scalar, points, POINTS);
    if (out[POINT * 18 + 31] & 1)
        seen = 1;
}

static void branch_on_a_verdict(void)
{
    check();
    if (valid[2] == 1)
        seen = 1;
}

static void look_up_by_expanded_bytes(void)
{
    expand_a_list_of_ids();
    seen = table[out[POINT * 4 + 9]];
}

static void look_up_by_a_hash(void)
{
    hash();
    seen = table[out[POINT]];
}

static void look_up_by_a_masked_hash(void)
{
    prepare(true, false);
    kernel->hash_and_mask(out, valid, scalar, field, POINTS);
    seen = table[out[5]];
}

static const struct
{
    const char *name;
    void (*run)(void);
    bool is_leaky;
} cases[] = {
    {"mask", mask, false},
    {"ladder", ladder, false},
    {"check", check, false},
    {"hash", hash, false},
    {"hash and mask", hash_and_mask, false},
    {"expanding a list of identifiers", expand_a_list_of_ids, false},
    {"leaky twin: masking where a scalar's bit is set", mask_only_for_bits_that_are_set, true},
    {"leaky twin: a branch on what a secret scalar masked", branch_on_what_a_secret_scalar_masked,
     true},
    {"leaky twin: a branch on a masked secret point", branch_on_a_secret_point_masked, true},
    {"leaky twin: a branch on a verdict", branch_on_a_verdict, true},
    {"leaky twin: a table indexed by expanded bytes", look_up_by_expanded_bytes, true},
    {"leaky twin: a table indexed by a hash", look_up_by_a_hash, true},
    {"leaky twin: a table indexed by a masked hash", look_up_by_a_masked_hash, true},
};

/* Whether the case ran to its end. Who was stopped has said why on the error stream. */
static bool runs_through(void (*run)(void))
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
    {
        run();
        _exit(0);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(void)
{
    int wrong = 0;
    if (!kernel->is_usable())
    {
        printf("skipped: kernel %s: not usable on this machine\n", kernel->name);
        return EXIT_SKIPPED;
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        bool good = runs_through(cases[i].run) != cases[i].is_leaky;
        printf("%s %s\n", good ? "ok  " : "WRONG", cases[i].name);
        wrong += good ? 0 : 1;
    }
    return wrong == 0 ? 0 : 1;
}
