/* What the curve costs: masks and hash-and-masks a second of one kernel, beside OpenSSL's EVP X25519 in the same run,
 * in CPU time of one core.
 *
 *     overlap_masks [KERNEL [COUNT [RUNS]]]
 *
 * Prints one object a line: {"name": …, "kernel": …, "rate": …}. They take turns, and each rate is the median
 * of its runs. What was computed is compared with OpenSSL. A kernel that this machine lacks: 77. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "base/text.h"
#include "crypto/group/curve25519.h"
#include "crypto/group/group.h"

enum
{
    EXIT_SKIPPED = 77,
    POINT = 32,
    RUNS_MAX = 99,
};

typedef struct
{
    size_t count;
    uint8_t *points;
    uint8_t *out;
    sr_slice *ids;
    group_scalar scalar;
    group_domain domain;
} bench;

typedef struct
{
    const char *name;
    void (*run)(bench *b);
    double rates[RUNS_MAX];
} figure;

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "overlap_masks: %s\n", what);
    exit(1);
}

static void run_mask(bench *b)
{
    sr_err err = SR_ERR_INIT;
    must(group_mask(b->out, &b->scalar, b->points, b->count, &err) == SR_OK, err.text);
}

static void run_hash_and_mask(bench *b)
{
    sr_err err = SR_ERR_INIT;
    must(group_hash_and_mask(b->out, &b->scalar, &b->domain, b->ids, b->count, &err) == SR_OK,
         err.text);
}

static void run_hash(bench *b)
{
    sr_err err = SR_ERR_INIT;
    must(group_hash(b->out, &b->domain, b->ids, b->count, &err) == SR_OK, err.text);
}

static void run_check(bench *b)
{
    sr_err err = SR_ERR_INIT;
    must(group_check(GROUP_CURVE25519, b->points, b->count, &err) == SR_OK, err.text);
}

static void run_ladder(bench *b)
{
    curve25519_kernel_in_use()->ladder(b->out, b->scalar.bytes, b->points, b->count);
}

/* One context for all, as a user of EVP would have it who multiplies many points by one scalar. */
static void run_evp(bench *b)
{
    EVP_PKEY *mine =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, b->scalar.bytes, GROUP_SCALAR_SIZE);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(mine, NULL);
    must(EVP_PKEY_derive_init(context) == 1, "EVP");
    for (size_t i = 0; i < b->count; i++)
    {
        size_t len = POINT;
        EVP_PKEY *theirs =
            EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, b->points + POINT * i, POINT);
        must(EVP_PKEY_derive_set_peer_ex(context, theirs, 0) == 1 &&
                 EVP_PKEY_derive(context, b->out + POINT * i, &len) == 1,
             "EVP");
        EVP_PKEY_free(theirs);
    }
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(mine);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int compare_rates(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void prepare(bench *b, char (*texts)[48])
{
    sr_err err = SR_ERR_INIT;
    b->points = sr_array(b->count, POINT);
    b->out = sr_array(b->count, POINT);
    b->ids = sr_array(b->count, sizeof *b->ids);
    for (size_t i = 0; i < b->count; i++)
    {
        (void)snprintf(texts[i], sizeof texts[i], "person%zu@example.com", i);
        b->ids[i] = sr_slice_text(texts[i]);
    }
    /* A scalar that X25519's clamping leaves alone, so that both compute the same. */
    sr_random_bytes(b->scalar.bytes, sizeof b->scalar.bytes);
    b->scalar.bytes[0] &= 248;
    b->scalar.bytes[31] = (uint8_t)((b->scalar.bytes[31] & 127) | 64);
    b->scalar.suite = GROUP_CURVE25519;
    must(group_domain_init(&b->domain, GROUP_CURVE25519, sr_slice_text("SEALROOM-BENCH"), &err) ==
             SR_OK,
         err.text);
    group_random_points(b->points, GROUP_CURVE25519, b->count);
}

static void compare_with_openssl(bench *b)
{
    uint8_t *ours = sr_array(b->count, POINT);
    run_mask(b);
    memcpy(ours, b->out, b->count * POINT);
    run_evp(b);
    must(memcmp(ours, b->out, b->count * POINT) == 0, "masks differ from OpenSSL's");
    sr_free(ours);
}

static void measure(bench *b, size_t runs)
{
    static figure figures[] = {
        {.name = "EVP X25519", .run = run_evp},
        {.name = "mask", .run = run_mask},
        {.name = "ladder", .run = run_ladder},
        {.name = "hash", .run = run_hash},
        {.name = "hash and mask", .run = run_hash_and_mask},
        {.name = "check", .run = run_check},
    };
    size_t count = sizeof figures / sizeof figures[0];
    for (size_t turn = 0; turn < runs; turn++)
        for (size_t i = 0; i < count; i++)
        {
            double start = cpu_seconds();
            figures[i].run(b);
            figures[i].rates[turn] = (double)b->count / (cpu_seconds() - start);
        }
    for (size_t i = 0; i < count; i++)
    {
        qsort(figures[i].rates, runs, sizeof(double), compare_rates);
        printf("{\"name\": \"%s\", \"kernel\": \"%s\", \"rate\": %.0f}\n", figures[i].name,
               i == 0 ? "openssl" : group_kernel_name(), figures[i].rates[runs / 2]);
    }
}

int main(int argc, char **argv)
{
    sr_err err = SR_ERR_INIT;
    bench b = {.count = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000};
    size_t runs = argc > 3 ? strtoull(argv[3], NULL, 10) : 3;
    must(b.count > 0 && runs > 0 && runs <= RUNS_MAX, "COUNT or RUNS is out of range");
    if (argc > 1 && group_kernel_force(argv[1], &err) != SR_OK)
    {
        fprintf(stderr, "skipped: %s\n", err.text);
        return EXIT_SKIPPED;
    }
    char(*texts)[48] = sr_array(b.count, sizeof *texts);
    prepare(&b, texts);
    compare_with_openssl(&b);
    measure(&b, runs);
    group_scalar_clear(&b.scalar);
    sr_free(b.points);
    sr_free(b.out);
    sr_free(b.ids);
    sr_free(texts);
    return 0;
}
