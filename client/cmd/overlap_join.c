#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../signals.h"
#include "base/text.h"
#include "cmd.h"
#include "common.h"
#include "overlap_common.h"

static const option_row overlap_join_options[] = {
    {"id", NULL, 0, OPTION_TEXT, "COLUMN", "header of the identifiers (default: the only column)"},
    {"segment", NULL, 0, OPTION_TEXT, "COLUMN", "header of the segment's label of each identifier"},
    {"wait", NULL, 0, OPTION_TEXT, "SECONDS",
     "wait so long for other members, and do what becomes due (default 0)"},
    {"threads", NULL, 0, OPTION_TEXT, "N", "threads (default: one for each processor)"},
    {"quiet", NULL, 'q', OPTION_FLAG, NULL, "no progress line"},
    ONLINE_OPTIONS,
    COMMON_END,
};

enum
{
    PAUSE_MS = 500,
    SECOND_US = 1000 * 1000,
};

typedef struct
{
    online here;
    overlap_identity me;
    overlap_input input;
    progress *progress;
    const char *session;
    uint64_t wait_s;
    overlap_done all;
} job;

static void job_clear(job *self)
{
    overlap_identity_clear(&self->me);
    progress_clear(&self->progress);
    online_clear(&self->here);
}

static sr_result read_arguments(job *self, const options *given, sr_err *err)
{
    uint64_t threads = 0;
    if (online_argument(&self->session, given, 0, "session", err) != SR_OK ||
        options_number(given, "wait", 0, 0, 30 * 24 * 3600, &self->wait_s, err) != SR_OK ||
        options_number(given, "threads", 0, 1, 64, &threads, err) != SR_OK)
        return SR_FAIL;
    self->progress = progress_new(options_flag(given, "quiet"));
    self->input = (overlap_input){
        .input = options_argument(given, 1),
        .id_column = options_text(given, "id"),
        .segment_column = options_text(given, "segment"),
        .threads = (unsigned)threads,
        .progress = self->progress,
    };
    return SR_OK;
}

static void add_done(overlap_done *all, const overlap_done *some)
{
    size_t parts = all->parts_returned + some->parts_returned;
    uint64_t points = all->points_returned + some->points_returned;
    if (some->contributed)
        *all = *some;
    all->parts_returned = parts;
    all->points_returned = points;
}

static void pause_a_little(void)
{
    struct timespec pause = {.tv_nsec = PAUSE_MS * 1000 * 1000};
    (void)nanosleep(&pause, NULL);
}

/* Works off what is due; while there is time, waits for more. */
static sr_result work(link_overlap *now, job *self, sr_err *err)
{
    int64_t end_us = sr_monotonic_us() + (int64_t)self->wait_s * SECOND_US;
    for (;;)
    {
        overlap_done done;
        if (overlap_member_work(now, &done, &self->me.self, self->session, &self->input, err) !=
            SR_OK)
            return SR_FAIL;
        add_done(&self->all, &done);
        if (strcmp(now->state, "running") != 0 && strcmp(now->state, "open") != 0)
            return SR_OK;
        if (sr_monotonic_us() >= end_us || *signals_flag() != 0)
            return SR_OK;
        link_overlap_clear(now);
        pause_a_little();
    }
}

static void say_done(const overlap_done *all, const char *input)
{
    if (all->contributed)
        (void)printf("sent        %" PRIu64 " identifier%s of %s, blinded, as %" PRIu64
                     " point%s\n",
                     all->items, overlap_plural(all->items),
                     input == NULL ? "the list that was kept" : input, all->points,
                     overlap_plural(all->points));
    if (all->repeats > 0)
        (void)printf("repeats     %" PRIu64 " row%s: each identifier counts once\n", all->repeats,
                     overlap_plural(all->repeats));
    if (all->left_out > 0)
        (void)printf("left out    %" PRIu64 " row%s without identifier or segment\n", all->left_out,
                     overlap_plural(all->left_out));
    if (all->parts_returned > 0)
        (void)printf("re-blinded  %zu list%s of other members, %" PRIu64 " point%s\n",
                     all->parts_returned, overlap_plural(all->parts_returned), all->points_returned,
                     overlap_plural(all->points_returned));
}

/* Not as the server shows them now: those that the list was made under. */
static sr_result say_members(const overlap_done *all, sr_err *err)
{
    if (!all->contributed)
        return SR_OK;
    (void)puts("\nThe list went under these certificates. Compare them with the other members by\n"
               "telephone; if one differs, `sealroom overlap cancel`.");
    if (overlap_print_members(&all->manifest, err) != SR_OK)
        return SR_FAIL;
    (void)putchar('\n');
    return SR_OK;
}

static void say_next(const link_overlap *now)
{
    overlap_say_state("state       ", now);
    overlap_say_waiting(now);
    overlap_say_next(now);
    if (now->waiting_count > 0)
        (void)puts("Run this again later, or with --wait SECONDS.");
}

/* A file that was named and not needed: whoever meant another list hears that it is not this one. */
static void say_unread(const job *self, const link_overlap *now)
{
    if (self->input.input == NULL || self->all.contributed)
        return;
    if (strcmp(now->state, "open") == 0)
        command_warn("not all members have confirmed yet; %s was not read", self->input.input);
    else
        command_warn("the list is in already; %s was not read", self->input.input);
}

static sr_result run_overlap_join(const options *given, sr_err *err)
{
    job self SR_CLEANUP(job_clear) = {.session = NULL};
    LINK_OVERLAP(now);
    if (read_arguments(&self, given, err) != SR_OK ||
        online_open(&self.here, given, ROLE_BIT(ROLE_ANALYST), err) != SR_OK ||
        overlap_identity_load(&self.me, &self.here, err) != SR_OK)
        return SR_FAIL;
    sr_result result = work(&now, &self, err);
    progress_end(self.progress);
    if (result != SR_OK)
        return SR_FAIL;
    say_done(&self.all, self.input.input);
    if (say_members(&self.all, err) != SR_OK)
        return SR_FAIL;
    if (overlap_is_over(&now) || strcmp(now.state, "released") == 0)
        overlap_forget(self.here.profile.path, now.session);
    if (overlap_is_over(&now))
        return overlap_fail_over(&now, err);
    say_unread(&self, &now);
    say_next(&now);
    return SR_OK;
}

const command_row command_overlap_join = {
    .noun = "overlap",
    .verb = "join",
    .line = "give your list to an overlap session, and re-blind the others'",
    .usage = "SESSION [FILE] [--id COLUMN] [--segment COLUMN] [--wait SECONDS]",
    .about =
        "Does what is due for this member: brings the identifiers of FILE (CSV) into the form that "
        "the\n"
        "manifest names, hashes them to the curve, blinds and sorts them, sends them; and blinds\n"
        "again what other members sent. Returns when nothing is due, or waits for more.\n"
        "\n"
        "  sealroom overlap join 7d0f8a52-… customers.csv --id email --wait 600\n"
        "\n"
        "Says under which certificates the list went, to be compared with the members' own. Fails\n"
        "when the session was cancelled, has expired or failed.\n"
        "\n"
        "It can be run again at any time, also after it was killed: the scalar is kept beside the\n"
        "profile, sealed under a key that the server holds half of until the session ends; what "
        "was\n"
        "sent is sent again byte by byte. The file must be the same then.",
    .options = overlap_join_options,
    .arguments = 2,
    .run = run_overlap_join,
};
