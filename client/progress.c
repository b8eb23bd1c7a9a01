#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"

enum
{
    SHOW_EVERY_US = 100 * 1000,
};

struct progress
{
    bool active;
    bool shown;
    const char *stage;
    int64_t stage_began;
    int64_t shown_last;
};

progress *progress_new(bool quiet)
{
    progress *self = sr_alloc(sizeof *self);
    self->active = !quiet && isatty(STDERR_FILENO) == 1;
    return self;
}

/* Rates are per stage: bytes while reading, rows (as `done`) elsewhere. */
static void print(const progress *self, uint64_t rows, uint64_t done, uint64_t total, int64_t now)
{
    double seconds = (double)(now - self->stage_began) / 1e6;
    double rate = seconds > 0 ? (double)rows / seconds / 1e3 : 0;
    (void)fprintf(stderr, "\r\033[K%s  %" PRIu64 " rows  %.0f thousand rows/s", self->stage, rows,
                  rate);
    if (done != rows && seconds > 0)
        (void)fprintf(stderr, "  %.1f MB/s", (double)done / seconds / 1e6);
    if (total > 0)
        (void)fprintf(stderr, "  %" PRIu64 " %%", done >= total ? 100 : done * 100 / total);
    (void)fflush(stderr);
}

void progress_show(progress *self, const char *stage, uint64_t rows, uint64_t done, uint64_t total)
{
    if (self == NULL || !self->active)
        return;
    int64_t now = sr_monotonic_us();
    if (self->stage != stage)
    {
        self->stage = stage;
        self->stage_began = now;
        self->shown_last = 0;
    }
    if (now - self->shown_last < SHOW_EVERY_US)
        return;
    self->shown_last = now;
    self->shown = true;
    print(self, rows, done, total, now);
}

void progress_end(progress *self)
{
    if (self == NULL || !self->shown)
        return;
    (void)fputs("\r\033[K", stderr);
    (void)fflush(stderr);
    self->shown = false;
}

void progress_free(progress *self)
{
    progress_end(self);
    sr_free(self);
}

void progress_clear(progress **self)
{
    progress_free(*self);
    *self = NULL;
}
