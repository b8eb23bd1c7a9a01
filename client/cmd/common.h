/*
 * common.h: what several commands do alike: where the secret comes from, which settings hold, what an
 * output is called by default.
 *
 * The collaboration secret comes from `--secret-file`, `--secret-fd`, or the environment
 * (SEALROOM_SHARED_SECRET, else C3R_SHARED_SECRET, which is wiped after reading), never from an
 * argument. The four settings come from `--flags FILE`, a JSON object with C3R's names, or from the
 * schema's "flags"; when both are there they must agree.
 */
#ifndef SEALROOM_CLIENT_CMD_COMMON_H
#define SEALROOM_CLIENT_CMD_COMMON_H

#include "../csv_read.h"
#include "../options.h"
#include "../schema.h"
#include "base/uuid.h"
#include "crypto/kdf.h"
#include "crypto/secret.h"
#include "model/flags.h"

/* Rows for the tables of commands that need them. */
#define COMMON_KEY_OPTIONS                                                                         \
    {"id", "collaboration", 0, OPTION_TEXT, "UUID", "the collaboration's id"},                     \
        {"secret-file", NULL,   0,                                                                 \
         OPTION_TEXT,   "FILE", "the secret, in a file that only you may read"},                   \
    {                                                                                              \
        "secret-fd", NULL, 0, OPTION_TEXT, "N", "the secret, from an open descriptor"              \
    }
#define COMMON_CSV_OPTIONS                                                                         \
    {"fileFormat", NULL,  'e',                                                                     \
     OPTION_TEXT,  "csv", "format of the input, when its name does not end in .csv"},              \
        {"csvInputNULLValue", NULL,   'r',                                                         \
         OPTION_TEXT,         "TEXT", "text that stands for NULL in the input"},                   \
        {"csvOutputNULLValue", NULL, 'w', OPTION_TEXT, "TEXT", "text to write for NULL"},          \
    {                                                                                              \
        "c3r-compat", NULL, 0, OPTION_FLAG, NULL, "read exactly as the Java client c3r-cli does"   \
    }
/* Of c3r-cli; accepted, so that its scripts run. */
#define COMMON_C3R_OPTIONS                                                                         \
    {"enableStackTraces", NULL, 'v', OPTION_IGNORED_FLAG, NULL, NULL},                             \
    {                                                                                              \
        "region", NULL, 'g', OPTION_IGNORED, "NAME", NULL                                          \
    }
#define COMMON_END                                                                                 \
    {                                                                                              \
        NULL, NULL, 0, OPTION_FLAG, NULL, NULL                                                     \
    }

/* The one argument INPUT; SR_E_USAGE when it is missing. */
sr_result common_input(const options *given, const char **out, sr_err *err) SR_MUST_USE;
/* `--id`, as C3R takes it (base/uuid.h). */
sr_result common_id(const options *given, sr_uuid *out, sr_err *err) SR_MUST_USE;
/* The secret, from where the options or the environment say. */
sr_result common_secret(const options *given, collaboration_secret **out, sr_err *err) SR_MUST_USE;
/* Secret and id to keys. The secret itself is wiped again before it returns. SR_E_USAGE for a missing or
 * malformed id, SR_E_SECRET for a missing or unusable secret. */
sr_result common_keys(const options *given, kdf_schedule **out, sr_err *err) SR_MUST_USE;
/* `schema` may be NULL. SR_E_USAGE when nobody says which settings hold, SR_E_INVALID when file and schema
 * contradict each other. */
sr_result common_flags(const options *given, const table_schema *schema, collaboration_flags *out,
                       sr_err *err) SR_MUST_USE;
/* Refuses what is not CSV, by `--fileFormat` or the input's name. */
sr_result common_format(const options *given, const char *input, sr_err *err) SR_MUST_USE;
/* As c3r-cli: the input's base name in the current folder with ".out" before the extension; "-" for
 * standard input. Owned. */
char *common_output_name(const char *input) SR_MUST_USE;
/* The input's base name with another extension. Owned. */
char *common_name_with(const char *input, const char *extension) SR_MUST_USE;
/* Warns of rows that c3r-cli would have read otherwise. */
void common_warn_of_rows(const char *input, const csv_counts *counts, bool c3r_compat);
/* A run's result on standard output, or on standard error when data goes to standard output. */
void common_say(bool data_on_stdout, const char *format, ...) SR_PRINTF(2, 3);

#endif
