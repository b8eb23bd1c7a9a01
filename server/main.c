/* The program `sealroomd`: what it was asked to do, and one line if that failed. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "server/backup/backup_command.h"
#include "server/shell/cert_command.h"
#include "server/shell/dev.h"
#include "server/shell/lock.h"
#include "server/shell/serve.h"
#include "server/shell/stored.h"
#include "server/shell/version.h"

static const char help[] =
    "sealroomd: the server of encrypted data clean rooms. It joins and counts ciphertext under "
    "every\n"
    "owner's rules, and holds no key that opens a value.\n"
    "\n"
    "Usage:\n"
    "  sealroomd --dev DIR [--members A,B,...]       make a room to try out in DIR, and serve it\n"
    "  sealroomd --config FILE                       serve\n"
    "  sealroomd check-config FILE                   judge a configuration: every fault, one a "
    "line\n"
    "  sealroomd stored --config FILE [--rows N]     what the disk holds (the server must be "
    "stopped)\n"
    "  sealroomd cert ca|issue|renew|revoke ...      certificates; `sealroomd cert --help`\n"
    "  sealroomd check|backup|restore --config FILE ...\n"
    "                                                copies of all of it; `sealroomd backup "
    "--help`\n"
    "  sealroomd --version | --help\n"
    "\n"
    "Try it out (certificates for two members, a configuration, and a running server):\n"
    "  sealroomd --dev ~/room --members retailer,brand\n"
    "and in a second terminal, as one of the members:\n"
    "  cd ~/room/members/retailer && export SEALROOM_PROFILE=$PWD/profile.json\n"
    "  sealroom ping\n"
    "Run it again to serve the same room: what is there stays, members that are new are added.\n"
    "\n"
    "In earnest: write a configuration, judge it, serve it.\n"
    "  { \"listen\": \"0.0.0.0:7443\", \"ca\": \"tls/ca.pem\",\n"
    "    \"certificate\": \"tls/server.pem\", \"key\": \"tls/server.key\",\n"
    "    \"dataFolder\": \"/var/lib/sealroom\", \"keyFolder\": \"/mnt/keys/sealroom\" }\n"
    "  also: revocationList (a file, read again when it changes),\n"
    "  memoryLimit (\"2G\"), threads, maxCalls, queryTimeLimitSeconds, stopGraceSeconds,\n"
    "  erasePatienceSeconds (how long a deletion's erasing waits for others),\n"
    "  quotas: maxTables, maxUploadRows, minFreeDisk ... (server/shell/README.md has them all),\n"
    "  logLevel (error, warning, info), logFormat (text, json). Paths are relative to the file.\n"
    "  Members show certificates of that CA, each with one URI sealroom://MEMBER/ROLE (roles:\n"
    "  admin, owner, analyst).\n"
    "  sealroomd check-config /etc/sealroom/config.json\n"
    "  sealroomd --config /etc/sealroom/config.json\n"
    "\n"
    "Options:\n"
    "  --members A,B,...   members to make certificates for (default: those there; at first\n"
    "                      publisher,advertiser)\n"
    "  --listen HOST:PORT  with --dev (default: as before; at first 127.0.0.1:7443); port 0 takes "
    "any\n"
    "                      free one\n"
    "  --ready-file FILE   gets HOST:PORT when the server serves, for scripts; removed when it "
    "stops\n"
    "  --rows N            rows of each table that `stored` shows (default 3, at most 1000)\n"
    "\n"
    "SIGTERM or SIGINT: no new calls, running ones may finish; a second signal ends it at once.\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage.\n";

/* ---- the command line ------------------------------------------------------------------------ */

enum
{
    ROWS_DEFAULT = 3,
};

typedef struct
{
    const char *verb;    /* NULL: serve */
    const char *operand; /* after the verb, or NULL */
    const char *config;
    const char *ready_file;
    const char *rows;
    dev_options dev;
    bool wants_help;
    bool wants_version;
} command_line;

enum
{
    OPTION_CONFIG = 1,
    OPTION_DEV,
    OPTION_MEMBERS,
    OPTION_LISTEN,
    OPTION_READY_FILE,
    OPTION_ROWS,
    OPTION_VERSION,
    OPTION_HELP,
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"dev", required_argument, NULL, OPTION_DEV},
    {"members", required_argument, NULL, OPTION_MEMBERS},
    {"listen", required_argument, NULL, OPTION_LISTEN},
    {"ready-file", required_argument, NULL, OPTION_READY_FILE},
    {"rows", required_argument, NULL, OPTION_ROWS},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* Where an option's value goes; NULL for those without one, and for what is no option. */
static const char **place_of(command_line *line, int option)
{
    switch (option)
    {
    case OPTION_CONFIG:
        return &line->config;
    case OPTION_DEV:
        return &line->dev.folder;
    case OPTION_MEMBERS:
        return &line->dev.members;
    case OPTION_LISTEN:
        return &line->dev.listen;
    case OPTION_READY_FILE:
        return &line->ready_file;
    case OPTION_ROWS:
        return &line->rows;
    default:
        return NULL;
    }
}

static sr_result take_option(command_line *line, int option, char *const *words, sr_err *err)
{
    const char **place = place_of(line, option);
    if (place != NULL && *place != NULL)
        return sr_fail(err, SR_E_USAGE, "an option is given twice; see sealroomd --help");
    if (place != NULL)
        *place = optarg;
    else if (option == OPTION_VERSION)
        line->wants_version = true;
    else if (option == OPTION_HELP)
        line->wants_help = true;
    else
        return sr_fail(err, SR_E_USAGE,
                       "%s: no such option, or its value is missing; see sealroomd --help",
                       words[optind - 1]);
    return SR_OK;
}

static sr_result read_command_line(command_line *out, int count, char **words, sr_err *err)
{
    *out = (command_line){.verb = NULL};
    opterr = 0;
    for (;;)
    {
        int option = getopt_long(count, words, "", long_options, NULL);
        if (option == -1)
            break;
        if (take_option(out, option, words, err) != SR_OK)
            return SR_FAIL;
    }
    if (optind < count)
        out->verb = words[optind++];
    if (optind < count)
        out->operand = words[optind++];
    if (optind < count)
        return sr_fail(err, SR_E_USAGE, "%s: unexpected; see sealroomd --help", words[optind]);
    return SR_OK;
}

/* ---- serving --------------------------------------------------------------------------------- */

static sr_result serve_dev(command_line *line, config_report *report, sr_err *err)
{
    SERVER_CONFIG(config);
    SR_FD(lock);
    serve_options options = {
        .ready_file = line->ready_file,
        .bound = dev_bound,
        .context = &line->dev,
        .report = report,
    };
    if (dev_open(&config, report, &lock, &line->dev, err) != SR_OK)
        return SR_FAIL;
    return serve_run(&config, &options, err);
}

static sr_result serve_configured(command_line *line, config_report *report, sr_err *err)
{
    SERVER_CONFIG(config);
    SR_FD(lock);
    serve_options options = {.ready_file = line->ready_file, .report = report};
    if (server_config_load(&config, report, line->config, err) != SR_OK ||
        serve_claim(&lock, config.data_folder, config.listen, err) != SR_OK)
        return SR_FAIL;
    return serve_run(&config, &options, err);
}

static sr_result serve(command_line *line, config_report *report, sr_err *err)
{
    bool is_dev = line->dev.folder != NULL;
    if (is_dev == (line->config != NULL))
        return sr_fail(err, SR_E_USAGE, "give --dev DIR or --config FILE; see sealroomd --help");
    if (!is_dev && (line->dev.members != NULL || line->dev.listen != NULL))
        return sr_fail(err, SR_E_USAGE, "--members and --listen go with --dev DIR only");
    return is_dev ? serve_dev(line, report, err) : serve_configured(line, report, err);
}

/* ---- the other commands ---------------------------------------------------------------------- */

static sr_result check_config(command_line *line, config_report *report, sr_err *err)
{
    SERVER_CONFIG(config);
    const char *path = line->operand != NULL ? line->operand : line->config;
    if (path == NULL)
        return sr_fail(err, SR_E_USAGE, "name the file: sealroomd check-config FILE");
    if (server_config_load(&config, report, path, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < report->advice_count; i++)
        (void)printf("%s: advice: %s\n", path, report->advice[i]);
    (void)printf("%s: fine\n", path);
    return SR_OK;
}

static sr_result read_rows(unsigned *out, const char *text, sr_err *err)
{
    char *end = NULL;
    *out = ROWS_DEFAULT;
    if (text == NULL)
        return SR_OK;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value > STORED_ROWS_MOST)
        return sr_fail(err, SR_E_USAGE, "--rows: expected a whole number up to %d",
                       STORED_ROWS_MOST);
    *out = (unsigned)value;
    return SR_OK;
}

static sr_result show_stored(command_line *line, config_report *report, sr_err *err)
{
    SERVER_CONFIG(config);
    unsigned rows = 0;
    if (line->config == NULL)
        return sr_fail(err, SR_E_USAGE, "name the configuration: sealroomd stored --config FILE");
    if (read_rows(&rows, line->rows, err) != SR_OK ||
        server_config_load(&config, report, line->config, err) != SR_OK)
        return SR_FAIL;
    return stored_print(&config, rows, err);
}

static sr_result show_help(command_line *line, config_report *report, sr_err *err)
{
    (void)line;
    (void)report;
    (void)err;
    (void)fputs(help, stdout);
    return SR_OK;
}

/* One row a command. */
static const struct
{
    const char *verb;
    bool has_operand;
    sr_result (*run)(command_line *line, config_report *report, sr_err *err);
} commands[] = {
    {"check-config", true, check_config},
    {"stored", false, show_stored},
    {"help", true, show_help},
};

static sr_result run(command_line *line, config_report *report, sr_err *err)
{
    if (line->wants_help)
        return show_help(line, report, err);
    if (line->wants_version)
        return printf("sealroomd %s\n", SEALROOM_VERSION) > 0 ? SR_OK : SR_FAIL;
    if (line->verb == NULL)
        return serve(line, report, err);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
    {
        if (strcmp(commands[i].verb, line->verb) != 0)
            continue;
        if (line->operand != NULL && !commands[i].has_operand)
            return sr_fail(err, SR_E_USAGE, "%s: unexpected; see sealroomd --help", line->operand);
        return commands[i].run(line, report, err);
    }
    return sr_fail(err, SR_E_USAGE, "%s: no such command; see sealroomd --help", line->verb);
}

/* One line; of a faulty configuration one line a fault. */
static int say_why(const command_line *line, const config_report *report, const sr_err *err)
{
    const char *path = line->operand != NULL ? line->operand : line->config;
    if (report->fault_count < 2)
        (void)fprintf(stderr, "sealroomd: %s\n", err->text);
    for (size_t i = 0; report->fault_count > 1 && i < report->fault_count; i++)
        (void)fprintf(stderr, "sealroomd: %s: %s\n", path == NULL ? "configuration" : path,
                      report->faults[i]);
    return sr_code_exit_status(err->code);
}

int main(int count, char **words)
{
    sr_err err = SR_ERR_INIT;
    command_line line = {.verb = NULL};
    CONFIG_REPORT(report);
    if (count > 1 && strcmp(words[1], "cert") == 0)
        return cert_command_run(count - 1, words + 1, &err) == SR_OK
                   ? 0
                   : say_why(&line, &report, &err);
    if (count > 1 && backup_command_is(words[1]))
        return backup_command_run(count - 1, words + 1, &err) == SR_OK
                   ? 0
                   : say_why(&line, &report, &err);
    if (serve_prepare(&err) == SR_OK && read_command_line(&line, count, words, &err) == SR_OK &&
        run(&line, &report, &err) == SR_OK)
        return 0;
    return say_why(&line, &report, &err);
}
