/* The program `sealroomd`. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/shell/dev.h"
#include "server/shell/serve.h"
#include "server/shell/stored.h"
#include "server/shell/version.h"

static const char help[] =
    "sealroomd: the server of encrypted data clean rooms\n"
    "\n"
    "usage:\n"
    "  sealroomd --config FILE [--ready-file FILE]    serve\n"
    "  sealroomd --dev DIR [--members A,B,…] [--listen HOST:PORT] [--ready-file FILE]\n"
    "                                                 make a clean room to try out in DIR, and "
    "serve\n"
    "  sealroomd check-config --config FILE           judge a configuration and stop\n"
    "  sealroomd stored --config FILE [--rows N]      show what the disk holds (server stopped)\n"
    "  sealroomd --version | --help\n"
    "\n"
    "Try it out: a throw-away CA, certificates for two members, a configuration, and a running "
    "server:\n"
    "  sealroomd --dev ~/room --members retailer,brand\n"
    "\n"
    "  --members    names of the members that get certificates (default: publisher,advertiser)\n"
    "  --listen     default: as before, at first 127.0.0.1:7443; port 0 takes any free one\n"
    "  --ready-file gets HOST:PORT when the server serves; for scripts\n"
    "\n"
    "SIGTERM and SIGINT stop it in an orderly way; a second signal ends it at once.\n";

typedef struct
{
    const char *verb; /* "" : serve */
    const char *config;
    const char *ready_file;
    dev_options dev;
    unsigned rows;
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
    ROWS_DEFAULT = 3,
    ROWS_MOST = 1000,
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

static sr_result read_rows(unsigned *out, const char *text, sr_err *err)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value > ROWS_MOST)
        return sr_fail(err, SR_E_USAGE, "--rows: expected a whole number up to %d", ROWS_MOST);
    *out = (unsigned)value;
    return SR_OK;
}

static sr_result take_option(command_line *out, int option, char *const *words, sr_err *err)
{
    switch (option)
    {
    case OPTION_CONFIG:
        out->config = optarg;
        return SR_OK;
    case OPTION_DEV:
        out->dev.folder = optarg;
        return SR_OK;
    case OPTION_MEMBERS:
        out->dev.members = optarg;
        return SR_OK;
    case OPTION_LISTEN:
        out->dev.listen = optarg;
        return SR_OK;
    case OPTION_READY_FILE:
        out->ready_file = optarg;
        return SR_OK;
    case OPTION_ROWS:
        return read_rows(&out->rows, optarg, err);
    case OPTION_VERSION:
        out->verb = "version";
        return SR_OK;
    case OPTION_HELP:
        out->verb = "help";
        return SR_OK;
    default:
        return sr_fail(err, SR_E_USAGE, "%s: unknown, or its value is missing; see --help",
                       words[optind - 1]);
    }
}

static sr_result read_command_line(command_line *out, int count, char **words, sr_err *err)
{
    *out = (command_line){
        .verb = "",
        .dev = {.members = "publisher,advertiser"},
        .rows = ROWS_DEFAULT,
    };
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
        return sr_fail(err, SR_E_USAGE, "%s: unexpected; see --help", words[optind]);
    return SR_OK;
}

static sr_result serve(const command_line *given, sr_err *err)
{
    SR_TEXT(made);
    SERVER_CONFIG(config);
    dev_options dev = given->dev;
    bool is_dev = dev.folder != NULL;
    const char *path = given->config;
    if ((path == NULL) == !is_dev)
        return sr_fail(err, SR_E_USAGE, "give --config FILE or --dev DIR; see --help");
    if (is_dev && dev_make(&made, &dev, err) != SR_OK)
        return SR_FAIL;
    if (server_config_load(&config, is_dev ? made : path, err) != SR_OK)
        return SR_FAIL;
    if (is_dev && dev.listen != NULL)
    {
        sr_free(config.listen);
        config.listen = sr_text_copy(dev.listen);
    }
    serve_options options = {
        .ready_file = given->ready_file,
        .bound = is_dev ? dev_bound : NULL,
        .context = &dev,
    };
    return serve_run(&config, &options, err);
}

static sr_result with_config(const command_line *given, sr_err *err)
{
    SERVER_CONFIG(config);
    if (given->config == NULL)
        return sr_fail(err, SR_E_USAGE, "%s: give --config FILE", given->verb);
    if (server_config_load(&config, given->config, err) != SR_OK)
        return SR_FAIL;
    if (strcmp(given->verb, "stored") == 0)
        return stored_print(&config, given->rows, err);
    (void)printf("%s is fine\n", given->config);
    return SR_OK;
}

static sr_result run(const command_line *given, sr_err *err)
{
    if (strcmp(given->verb, "help") == 0)
        (void)fputs(help, stdout);
    else if (strcmp(given->verb, "version") == 0)
        (void)printf("sealroomd %s\n", SEALROOM_VERSION);
    else if (strcmp(given->verb, "stored") == 0 || strcmp(given->verb, "check-config") == 0)
        return with_config(given, err);
    else if (given->verb[0] == '\0')
        return serve(given, err);
    else
        return sr_fail(err, SR_E_USAGE, "unknown command %s; see --help", given->verb);
    return SR_OK;
}

int main(int count, char **words)
{
    sr_err err = SR_ERR_INIT;
    command_line given;
    if (serve_prepare(&err) == SR_OK && read_command_line(&given, count, words, &err) == SR_OK &&
        run(&given, &err) == SR_OK)
        return 0;
    (void)fprintf(stderr, "sealroomd: %s\n", err.text);
    return sr_code_exit_status(err.code);
}
