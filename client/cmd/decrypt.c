#include "../decrypt.h"

#include <inttypes.h>
#include <string.h>

#include "cmd.h"
#include "common.h"
#include "settings.h"

static const option_row decrypt_option_table[] = {
    COMMON_KEY_OPTIONS,
    SETTINGS_COLLAB_OPTION,
    ONLINE_OPTIONS,
    {"output", NULL, 'o', OPTION_TEXT, "FILE",
     "where to write; default: INPUT's name with .out before the extension"},
    {"overwrite", NULL, 'f', OPTION_FLAG, NULL, "replace an output that exists"},
    {"dryRun", NULL, 'n', OPTION_FLAG, NULL, "open every cell, write nothing"},
    {"keep-going", NULL, 0, OPTION_FLAG, NULL,
     "leave cells that do not open as they are, and count them"},
    {"failOnFingerprintColumns", "fof", 0, OPTION_FLAG, NULL, "fail when there is a fingerprint"},
    COMMON_CSV_OPTIONS,
    {"threads", NULL, 0, OPTION_TEXT, "N", "threads (default: one for each processor)"},
    {"quiet", NULL, 'q', OPTION_FLAG, NULL, "no progress line"},
    COMMON_C3R_OPTIONS,
    COMMON_END,
};

static sr_result make_options(decrypt_options *o, const options *given, sr_err *err)
{
    uint64_t threads = 0;
    if (common_input(given, &o->input, err) != SR_OK ||
        options_number(given, "threads", 0, 1, 64, &threads, err) != SR_OK)
        return SR_FAIL;
    o->threads = (size_t)threads;
    o->null_in = options_text(given, "csvInputNULLValue");
    o->null_out = options_text(given, "csvOutputNULLValue");
    o->c3r_compat = options_flag(given, "c3r-compat");
    o->fail_on_fingerprints = options_flag(given, "failOnFingerprintColumns");
    o->keep_going = options_flag(given, "keep-going");
    return common_format(given, o->input, err);
}

static void clear_text(char **text)
{
    sr_text_clear(text);
}

static void warn_of_cells(const decrypt_options *o, const decrypt_report *report)
{
    if (report->fingerprints > 0)
        command_warn("%s: %" PRIu64 " fingerprints cannot be decrypted and stay as they are",
                     o->input, report->fingerprints);
    if (report->bad > 0)
        command_warn("%s: %" PRIu64 " cells do not open with this secret and stay as they are",
                     o->input, report->bad);
    common_warn_of_rows(o->input, &report->input, o->c3r_compat);
}

static sr_result open_output(sr_out **out, const char *path, const options *given, sr_err *err)
{
    bool overwrite = options_flag(given, "overwrite");
    if (!options_flag(given, "dryRun"))
        return sr_out_open(out, path, overwrite, err);
    if (!overwrite && strcmp(path, "-") != 0 && sr_file_exists(path))
        return sr_fail(err, SR_E_EXISTS, "%s: exists already; --overwrite replaces it", path);
    return SR_OK;
}

static sr_result run_decrypt(const options *given, sr_err *err)
{
    decrypt_options o = {.input = NULL};
    decrypt_report report;
    sr_uuid id;
    KDF_SCHEDULE(keys);
    PROGRESS(line);
    SR_OUT(out);
    char *path SR_CLEANUP(clear_text) = NULL;
    if (make_options(&o, given, err) != SR_OK || settings_find_id(&id, given, err) != SR_OK ||
        online_keys(&keys, given, &id, err) != SR_OK)
        return SR_FAIL;
    path = options_text(given, "output") == NULL ? common_output_name(o.input)
                                                 : sr_text_copy(options_text(given, "output"));
    if (open_output(&out, path, given, err) != SR_OK)
        return SR_FAIL;
    line = progress_new(options_flag(given, "quiet"));
    o.keys = keys;
    o.progress = line;
    sr_result result = decrypt_table(&report, &o, out, err);
    progress_end(line);
    if (result != SR_OK || (out != NULL && sr_out_commit(out, err) != SR_OK))
        return SR_FAIL;
    warn_of_cells(&o, &report);
    common_say(out != NULL && strcmp(path, "-") == 0, "%s: %" PRIu64 " cells opened, %s %s",
               o.input, report.opened, out == NULL ? "nothing was written to" : "written to", path);
    return SR_OK;
}

const command_row command_decrypt = {
    .noun = "decrypt",
    .verb = "",
    .line = "decrypt the cells of a CSV file, such as a query's result",
    .usage = "INPUT (--collab NAME | --id UUID) [options]",
    .about = "Opens the sealed and deterministic cells of a CSV file with the collaboration's "
             "secret and\n"
             "leaves everything else as it is, fingerprints included: they cannot be opened by "
             "anybody.\n"
             "Reads files of AWS's c3r-cli too.\n"
             "\n"
             "  sealroom decrypt result.csv --collab spring --secret-file room.key\n"
             "  sealroom decrypt result.csv --id 12345678-1234-1234-1234-1234567890ab "
             "--secret-file room.key",
    .options = decrypt_option_table,
    .arguments = 1,
    .run = run_decrypt,
};
