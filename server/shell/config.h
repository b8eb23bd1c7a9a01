/*
 * config.h: the server's configuration: one JSON file, judged whole before anything starts.
 *
 *     { "listen": "127.0.0.1:7443",         HOST:PORT or [IPv6]:PORT; port 0: any free one
 *       "ca": "tls/ca.pem",                 verifies members' certificates
 *       "certificate": "tls/server.pem",
 *       "key": "tls/server.key",            for its owner alone (mode 0600)
 *       "dataFolder": "data",               made when it is not there
 *       "keyFolder": "keys",                mode 0700; best on another device than the data (keys.h)
 *
 *       "revocationList": "tls/revoked.txt",  revoked certificates (revocation.h); without it: none
 *       "memoryLimit": "2G",                of each collaboration's engine: bytes, or a text with K, M, G
 *       "threads": 0,                       of each engine; 0: all cores
 *       "maxCalls": 64,                     handled at once
 *       "maxTables": 200, …                 quotas, by their names (server/quota/quota.h); 0: no limit
 *       "overlapLeastMinimum": 10,          an overlap session's minimum is this at least
 *       "queryTimeLimitSeconds": 3600,
 *       "erasePatienceSeconds": 3600,       how long uploads and queries may keep deleted rows from being erased
 *       "stopGraceSeconds": 10,             for running calls, when the server is told to stop
 *       "logLevel": "info",                 error, warning, info
 *       "logFormat": "text" }               text (logfmt) or json (an object a line)
 *
 * The first six are required; the values shown of the others are what they are by default. Paths are
 * relative to the file's folder. A field of another name is refused by its name.
 *
 * Every fault is found in one go, not only the first: a `config_report` lists them, one line each, and
 * advice beside them: what works but should not stay so. Neither quotes a key or anything of the files
 * that the configuration names.
 */
#ifndef SEALROOM_SERVER_SHELL_CONFIG_H
#define SEALROOM_SERVER_SHELL_CONFIG_H

#include <stdint.h>

#include "base/bytes.h"
#include "log.h"
#include "server/quota/quota.h"

typedef struct
{
    char *listen;
    char *ca; /* paths, usable from the current folder */
    char *certificate;
    char *key;
    char *data_folder;
    char *key_folder;
    char *revocation_list; /* or NULL */
    uint64_t memory_limit; /* bytes */
    uint64_t threads;
    uint64_t max_calls;
    quotas quotas;
    uint64_t overlap_least_minimum;
    uint64_t query_ms;
    uint64_t erase_patience_ms;
    uint64_t stop_grace_ms;
    log_level log_level;
    log_format log_format;
} server_config;

void server_config_clear(server_config *config);
#define SERVER_CONFIG(name) server_config name SR_CLEANUP(server_config_clear) = {.listen = NULL}

enum
{
    CONFIG_LINES_MOST = 40, /* of each kind; the rest is not told */
};

/* What was found, in the order of the fields above. Each line is owned by the report. */
typedef struct
{
    char *faults[CONFIG_LINES_MOST];
    size_t fault_count;
    char *advice[CONFIG_LINES_MOST];
    size_t advice_count;
} config_report;

void config_report_clear(config_report *report);
#define CONFIG_REPORT(name) config_report name SR_CLEANUP(config_report_clear) = {.fault_count = 0}

/* Reads and judges the file. SR_E_INVALID: there are faults; the report has them all, and `err` the only
 * one or how many there are. A file that is not there or no JSON object fails with an empty report. */
sr_result server_config_load(server_config *out, config_report *report, const char *path,
                             sr_err *err) SR_MUST_USE;

/* Only what the tools for stored data need: dataFolder, keyFolder, memoryLimit and threads. The other fields
 * are not looked at, and neither folder has to be there yet. One fault at a time. */
sr_result server_config_load_folders(server_config *out, const char *path, sr_err *err) SR_MUST_USE;

/* "2G", "512M", "65536K" or a plain number of bytes: a whole number and a binary unit. SR_E_INVALID. */
sr_result config_parse_size(uint64_t *out, const char *text, sr_err *err) SR_MUST_USE;

#endif
