/*
 * config.h: the server's configuration: one JSON file, judged whole before anything starts.
 *
 *     { "listen": "127.0.0.1:7443",
 *       "ca": "tls/ca.pem", "certificate": "tls/server.pem", "key": "tls/server.key",
 *       "dataFolder": "data",
 *       "keyFolder": "keys",                best on another device than the data (keys.h)
 *       "memoryLimitMegabytes": 2048,       of each collaboration's engine
 *       "threads": 0,                       of each engine; 0: all cores
 *       "maxCalls": 64,                     handled at once
 *       "queryTimeLimitSeconds": 3600,
 *       "stopGraceSeconds": 10,
 *       "logLevel": "info" }                error, warning, info
 *
 * The first six are required. Paths are relative to the file's folder. A field of another name is refused.
 * Every fault is told at once, separated by "; ".
 */
#ifndef SEALROOM_SERVER_SHELL_CONFIG_H
#define SEALROOM_SERVER_SHELL_CONFIG_H

#include <stdint.h>

#include "base/bytes.h"
#include "log.h"

typedef struct
{
    char *listen;
    char *ca; /* paths, usable from the current folder */
    char *certificate;
    char *key;
    char *data_folder;
    char *key_folder;
    uint64_t memory_limit; /* bytes */
    unsigned threads;
    unsigned max_calls;
    unsigned query_ms;
    unsigned stop_grace_ms;
    log_level log_level;
} server_config;

void server_config_clear(server_config *config);
#define SERVER_CONFIG(name) server_config name SR_CLEANUP(server_config_clear) = {.listen = NULL}

/* SR_E_INVALID with every fault; the path is the subject. */
sr_result server_config_load(server_config *out, const char *path, sr_err *err) SR_MUST_USE;

#endif
