/*
 * Erasing. DuckDB's DROP TABLE frees blocks and leaves the bytes in them, so the tables that stay are copied
 * to a new file, which then takes the old one's place and name.
 */
#include <errno.h>
#include <unistd.h>

#include "base/file.h"

#include "door.h"

static sr_result copy_tables(const engine_config *from, const engine_config *to,
                             const engine_table *keep, size_t count, sr_err *err)
{
    engine *source SR_CLEANUP(engine_clear) = NULL;
    engine *target SR_CLEANUP(engine_clear) = NULL;
    if (engine_open(&source, from, err) != SR_OK || engine_open(&target, to, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < count; i++)
        if (door_copy_table(source, target, keep[i], err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

/* A log beside a closed file would mean that closing did not write everything into it. */
static sr_result check_no_log(const char *file, sr_err *err)
{
    SR_TEXT(log);
    log = sr_text_printf("%s.wal", file);
    if (access(log, F_OK) != 0 && errno == ENOENT)
        return SR_OK;
    return sr_fail(err, SR_E_IO, "%s: could not be closed completely", file);
}

static sr_result take_place(const char *file, const char *made, sr_err *err)
{
    if (check_no_log(file, err) != SR_OK || check_no_log(made, err) != SR_OK ||
        sr_path_sync(made, err) != SR_OK)
        return SR_FAIL;
    return sr_file_move(made, file, err);
}

static void remove_leftovers(const char *made)
{
    SR_TEXT(log);
    log = sr_text_printf("%s.wal", made);
    (void)unlink(made);
    (void)unlink(log);
}

sr_result engine_rewrite(const engine_config *config, const engine_table *keep, size_t count,
                         sr_err *err)
{
    SR_TEXT(made);
    SR_TEXT(temp);
    sr_err ignored = SR_ERR_INIT;
    made = sr_text_printf("%s.new", config->file);
    temp = sr_text_printf("%s.new", config->temp_folder);
    engine_config to = *config;
    to.file = made;
    to.temp_folder = temp;
    remove_leftovers(made);
    sr_result result = copy_tables(config, &to, keep, count, err);
    if (result == SR_OK)
        result = take_place(config->file, made, err);
    if (result != SR_OK)
        remove_leftovers(made);
    if (sr_folder_remove(temp, &ignored) != SR_OK)
        sr_err_reset(&ignored);
    return result == SR_OK ? SR_OK : sr_fail_in(err, "erasing deleted versions");
}
