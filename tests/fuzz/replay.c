/*
 * Runs a fuzz target over each file of a corpus folder, then over mutations of it that need no luck:
 * every truncation, every byte flipped in several ways, doubled and left out. Long files are sampled
 * evenly, so that the work is bounded. Each input lies in memory of exactly its size, where a sanitizer
 * sees a read past the end.
 *
 * A failing input is written to the current folder before the process ends.
 */
#include <dirent.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

enum
{
    FILE_MAX = 1 << 20,
    PLACES = 256,    /* positions of a file that are mutated */
    SECONDS_MAX = 20 /* for one corpus; the rest of the mutations is left out */
};

typedef struct
{
    uint8_t *data;
    size_t size;
} input;

static input running; /* what the handler saves */
static size_t inputs;
static time_t deadline;

/* ---- running one input ----------------------------------------------------------------------- */

static void save_and_stop(int signal_number)
{
    static const char message[] = "replay: the failing input is in ./fuzz-failure\n";
    FILE *file = fopen("fuzz-failure", "wb"); /* not async-signal-safe, but the process ends here */
    if (file != NULL)
    {
        fwrite(running.data, 1, running.size, file);
        fclose(file);
    }
    if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
        _exit(1);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* Runs and releases an input. */
static void run_take(input in)
{
    running = in;
    LLVMFuzzerTestOneInput(in.data, in.size);
    inputs++;
    free(in.data);
}

/* ---- mutations ------------------------------------------------------------------------------- */

/* The first `head` bytes of a seed, `middle` bytes of room, and the seed from `tail` on. */
static input splice(const input *seed, size_t head, size_t middle, size_t tail)
{
    size_t size = head + middle + (seed->size - tail);
    input made = {must(malloc(size == 0 ? 1 : size)), size};
    memcpy(made.data, seed->data, head);
    memset(made.data + head, 0, middle);
    memcpy(made.data + head + middle, seed->data + tail, seed->size - tail);
    return made;
}

static void run_with_byte(const input *seed, size_t at, uint8_t byte)
{
    input made = splice(seed, at, 1, at + 1);
    made.data[at] = byte;
    run_take(made);
}

static void mutate_at(const input *seed, size_t at)
{
    static const uint8_t flips[] = {0x01, 0x20, 0x80, 0xff};
    static const uint8_t bytes[] = {0x00, 0xff, '"', ',', '0', '-', '('};
    run_take(splice(seed, at, 0, seed->size)); /* cut here */
    run_take(splice(seed, at, 0, at + 1));     /* left out */
    input doubled = splice(seed, at + 1, 1, at + 1);
    doubled.data[at + 1] = seed->data[at];
    run_take(doubled);
    for (size_t i = 0; i < sizeof flips; i++)
        run_with_byte(seed, at, seed->data[at] ^ flips[i]);
    for (size_t i = 0; i < sizeof bytes; i++)
        run_with_byte(seed, at, bytes[i]);
}

static void replay(const input *seed)
{
    size_t step = seed->size / PLACES + 1;
    run_take(splice(seed, seed->size, 0, seed->size));
    for (size_t at = 0; at < seed->size && time(NULL) < deadline; at += step)
        mutate_at(seed, at);
}

/* ---- the corpus ------------------------------------------------------------------------------ */

static int replay_file(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
    {
        perror(path);
        return 1;
    }
    input seed = {must(malloc(FILE_MAX)), 0};
    seed.size = fread(seed.data, 1, FILE_MAX, file);
    fclose(file);
    replay(&seed);
    free(seed.data);
    return 0;
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void catch_failures(void)
{
    static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], save_and_stop);
}

int main(int argc, char **argv)
{
    struct dirent **entries;
    int failed = 0;
    if (argc != 2)
    {
        fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
        return 2;
    }
    int count = scandir(argv[1], &entries, not_hidden, alphasort);
    if (count <= 0)
    {
        fprintf(stderr, "replay: %s: no seeds there\n", argv[1]);
        return 1;
    }
    catch_failures();
    deadline = time(NULL) + SECONDS_MAX;
    for (int i = 0; i < count; i++)
    {
        failed |= replay_file(argv[1], entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    printf("%zu inputs from %d seeds\n", inputs, count);
    return failed;
}
