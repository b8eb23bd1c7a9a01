#include "backup_command.h"

#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "backup.h"
#include "base/file.h"
#include "server/shell/grid.h"
#include "server/shell/serve.h"

enum
{
    WIDTH = 100,   /* of a terminal */
    NAME_MOST = 40 /* columns of it for a collaboration's name */
};

static const char help[] =
    "sealroomd backup, restore, check: a copy of all that the server stores, and back\n"
    "\n"
    "  sealroomd check --config FILE                        do catalog, rows and keys fit?\n"
    "  sealroomd backup --config FILE --to FOLDER [--keys FOLDER]\n"
    "  sealroomd restore --config FILE --from FOLDER [--keys FOLDER]\n"
    "\n"
    "The server must be stopped for all three. Every night, for instance:\n"
    "  systemctl stop sealroomd\n"
    "  sealroomd backup --config /etc/sealroom/config.json --to /backup/$(date +%F) \\\n"
    "                   --keys /elsewhere/keys-$(date +%F)\n"
    "  systemctl start sealroomd\n"
    "\n"
    "backup   catalog, every collaboration's rows, and the server keys, with a manifest of sizes\n"
    "         and SHA-256 digests. It checks what is stored first, and every row of the copy "
    "after.\n"
    "         FOLDER is new; it grows as FOLDER.partial and gets its name when it is whole.\n"
    "         With --keys the keys go to a folder of their own: put it on another device. Whoever\n"
    "         has data and keys, and a member's secret, can test guesses of every fingerprint.\n"
    "restore  into the dataFolder and keyFolder of the configuration, which must be empty (keys "
    "that\n"
    "         are the same as the backup's may be there). It verifies every digest first; a file\n"
    "         that is damaged, missing or none of the backup's is named, and nothing is changed.\n"
    "         Interrupted, it can be run again; the server refuses to start in between.\n"
    "check    what is wrong, one line each, and what a start of the server would clean up. It "
    "reads\n"
    "         every row and changes nothing. Exit status 1 when something is wrong.\n"
    "\n"
    "A backup is a copy of members' data as it was: what they delete later is still in it, and "
    "comes\n"
    "back with it. Overlap sessions that run end in it. The configuration, certificates and "
    "members' own\n"
    "files are not in it.\n";

/* ---- the command line ------------------------------------------------------------------------ */

typedef struct
{
    const char *config;
    const char *to;
    const char *from;
    const char *keys;
    const char *help;
} backup_options;

static const struct option long_options[] = {
    {"config", required_argument, NULL, 1}, {"to", required_argument, NULL, 2},
    {"from", required_argument, NULL, 3},   {"keys", required_argument, NULL, 4},
    {"help", no_argument, NULL, 5},         {NULL, 0, NULL, 0},
};

static sr_result fail_usage(sr_err *err, const char *verb, const char *what)
{
    return sr_fail(err, SR_E_USAGE, "%s: %s; see sealroomd %s --help", verb, what, verb);
}

static sr_result read_options(backup_options *out, int count, char **words, sr_err *err)
{
    const char **const places[] = {&out->config, &out->to, &out->from, &out->keys, &out->help};
    opterr = 0;
    optind = 1;
    for (;;)
    {
        int option = getopt_long(count, words, "", long_options, NULL);
        if (option == -1)
            break;
        if (option < 1 || option > 5)
            return fail_usage(err, words[0], "no such option, or its value is missing");
        if (*places[option - 1] != NULL)
            return fail_usage(err, words[0], "an option is given twice");
        *places[option - 1] = optarg == NULL ? "" : optarg;
    }
    if (optind != count)
        return fail_usage(err, words[0], "a word too many");
    return SR_OK;
}

/* ---- what is told ---------------------------------------------------------------------------- */

static size_t count_versions(const consistency *seen)
{
    size_t versions = 0;
    for (size_t i = 0; i < seen->room_count; i++)
        versions += seen->rooms[i].version_count;
    return versions;
}

static void put_number(grid *shown, uint64_t number)
{
    SR_TEXT(digits);
    digits = sr_text_printf("%" PRIu64, number);
    grid_put(shown, sr_slice_text(digits), NAME_MOST);
}

static void put_room(grid *shown, const consistency_room *room)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < room->version_count; i++)
        rows += room->versions[i].rows;
    grid_put(shown, sr_slice_text(room->name), NAME_MOST);
    put_number(shown, room->version_count);
    put_number(shown, rows);
    grid_put(shown,
             sr_slice_text(!room->engine_fine ? "FAULTY"
                           : room->has_engine ? "fine"
                                              : "none yet"),
             NAME_MOST);
    grid_put(shown, sr_slice_text(room->key_fine ? "fine" : "FAULTY"), NAME_MOST);
}

static void print_rooms(const consistency *seen)
{
    static const char *const headers[] = {"collaboration", "versions", "rows", "engine file",
                                          "server key"};
    enum
    {
        COLUMNS = sizeof headers / sizeof headers[0],
    };
    GRID(shown, COLUMNS);
    if (seen->room_count == 0)
        return;
    for (size_t i = 0; i < COLUMNS; i++)
        grid_put(&shown, sr_slice_text(headers[i]), NAME_MOST);
    for (size_t i = 0; i < seen->room_count; i++)
        put_room(&shown, &seen->rooms[i]);
    (void)grid_print(&shown, stdout, WIDTH);
}

static void print_lines(const char *what, const consistency_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        (void)printf("%s: %s\n", what, lines->lines[i]);
}

static void print_catalog(const catalog_condition *found)
{
    if (found->version == 0)
        return; /* it cannot be read, which is a fault */
    (void)printf("catalog: form %" PRId64 "%s\n", found->version,
                 found->version == found->newest ? ""
                                                 : ": a start brings it to this program's form");
}

/* ---- the commands ---------------------------------------------------------------------------- */

static sr_result check(const backup_options *options, const server_config *config, sr_err *err)
{
    SR_FD(lock);
    CONSISTENCY(seen);
    (void)options;
    if (backup_lock(&lock, config, err) != SR_OK ||
        backup_look(&seen, config, config->data_folder, config->key_folder, true, err) != SR_OK)
        return SR_FAIL;
    print_catalog(&seen.catalog);
    print_rooms(&seen);
    print_lines("leftover", &seen.leftovers);
    print_lines("fault", &seen.faults);
    if (seen.faults.count > 1)
        return sr_fail(err, SR_E_CORRUPT, "%s: %zu faults", config->data_folder, seen.faults.count);
    if (consistency_judge(&seen, err) != SR_OK)
        return SR_FAIL;
    (void)printf("consistent: %zu collaboration%s, %zu version%s\n", seen.room_count,
                 seen.room_count == 1 ? "" : "s", count_versions(&seen),
                 count_versions(&seen) == 1 ? "" : "s");
    return SR_OK;
}

static uint64_t bytes_of(const inventory *about)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < about->file_count; i++)
        bytes += about->files[i].content.size;
    return bytes;
}

static sr_result backup(const backup_options *options, const server_config *config, sr_err *err)
{
    INVENTORY(about);
    backup_request request = {.config = config, .folder = options->to, .keys = options->keys};
    if (backup_make(&about, &request, err) != SR_OK)
        return SR_FAIL;
    (void)printf("%s: %zu files, %" PRIu64 " bytes, every row read again\n", options->to,
                 about.file_count + 1, bytes_of(&about));
    if (options->keys != NULL)
        (void)printf("%s: the server keys; keep them away from the data, and lose neither\n",
                     options->keys);
    else
        (void)puts("The server keys are in it: whoever has this backup and a member's secret can "
                   "test guesses of\nevery fingerprint. --keys FOLDER puts them elsewhere.");
    return SR_OK;
}

static sr_result restore(const backup_options *options, const server_config *config, sr_err *err)
{
    INVENTORY(about);
    backup_request request = {.config = config, .folder = options->from, .keys = options->keys};
    if (backup_restore(&about, &request, err) != SR_OK)
        return SR_FAIL;
    (void)printf("%s, %s: as they were at %s (sealroomd %s)\n", config->data_folder,
                 config->key_folder, about.time, about.program);
    (void)puts("What was uploaded or asked since then is not there; what was deleted since then is "
               "there again.");
    return SR_OK;
}

/* One row a command. */
static const struct
{
    const char *verb;
    bool takes_to;
    bool takes_from;
    sr_result (*run)(const backup_options *options, const server_config *config, sr_err *err);
} commands[] = {
    {"check", false, false, check},
    {"backup", true, false, backup},
    {"restore", false, true, restore},
};

enum
{
    COMMAND_COUNT = sizeof commands / sizeof commands[0],
};

bool backup_command_is(const char *verb)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].verb, verb) == 0)
            return true;
    return false;
}

static sr_result judge(const backup_options *options, size_t command, sr_err *err)
{
    const char *verb = commands[command].verb;
    if (options->config == NULL)
        return fail_usage(err, verb, "name the configuration: --config FILE");
    if (commands[command].takes_to != (options->to != NULL))
        return fail_usage(err, verb,
                          options->to == NULL ? "name the new folder: --to FOLDER"
                                              : "--to goes with backup only");
    if (commands[command].takes_from != (options->from != NULL))
        return fail_usage(err, verb,
                          options->from == NULL ? "name the backup: --from FOLDER"
                                                : "--from goes with restore only");
    if (options->keys != NULL && !commands[command].takes_to && !commands[command].takes_from)
        return fail_usage(err, verb, "--keys goes with backup and restore only");
    return SR_OK;
}

/* Unlike a server these may be ended at any moment: nothing half done counts. */
static void let_signals_end_it(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

sr_result backup_command_run(int count, char **words, sr_err *err)
{
    SERVER_CONFIG(config);
    backup_options options = {.config = NULL};
    size_t command = 0;
    while (command < COMMAND_COUNT - 1 && strcmp(commands[command].verb, words[0]) != 0)
        command++;
    if (read_options(&options, count, words, err) != SR_OK)
        return SR_FAIL;
    if (options.help != NULL)
        return fputs(help, stdout) < 0 ? SR_FAIL : SR_OK;
    if (judge(&options, command, err) != SR_OK || serve_prepare(err) != SR_OK)
        return SR_FAIL;
    let_signals_end_it();
    if (server_config_load_folders(&config, options.config, err) != SR_OK)
        return SR_FAIL;
    return commands[command].run(&options, &config, err);
}
