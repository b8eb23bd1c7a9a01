/*
 * upload_steps: an upload that says where it is, so that a test can kill the server at a chosen moment.
 *
 *     upload_steps SERVER FOLDER COLLABORATION TABLE ROWS MARK [append]
 *
 * FOLDER holds ca.pem, owner.pem and owner.key. The table is all cleartext: id (BIGINT, 0 … ROWS-1) and part
 * (STRING, "MARK0" … "MARK4"). Lines on standard output, each written at once:
 *
 *     accepted VERSION      the server has allotted a version
 *     sent                  every row is with the server; the commit follows
 *     committed VERSION     the server has answered the commit
 *
 * Exit status 0 only after the last one; otherwise one line on standard error.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/link/upload.h"

enum
{
    PARTS = 5,
    COLUMNS = 2,
};

static void say(const char *word, uint32_t version)
{
    (void)printf("%s %" PRIu32 "\n", word, version);
    (void)fflush(stdout);
}

static sr_result send_rows(link_upload *upload, uint64_t rows, const char *mark, sr_err *err)
{
    static const bool nulls[COLUMNS] = {false, false};
    for (uint64_t row = 0; row < rows; row++)
    {
        char id[24];
        char part[64];
        (void)snprintf(id, sizeof id, "%" PRIu64, row);
        (void)snprintf(part, sizeof part, "%s%d", mark, (int)(row % PARTS));
        sr_slice cells[COLUMNS] = {sr_slice_text(id), sr_slice_text(part)};
        if (link_upload_row(upload, cells, nulls, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_result run(link_session *link, const link_upload_plan *plan, uint64_t rows,
                     const char *mark, sr_err *err)
{
    link_upload *upload SR_CLEANUP(link_upload_clear) = NULL;
    link_committed committed SR_CLEANUP(link_committed_clear) = {0};
    if (link_upload_new(&upload, link, plan, err) != SR_OK)
        return SR_FAIL;
    say("accepted", 0);
    if (send_rows(upload, rows, mark, err) != SR_OK)
        return SR_FAIL;
    say("sent", 0);
    if (link_upload_commit(&committed, upload, err) != SR_OK)
        return SR_FAIL;
    say("committed", committed.version);
    return SR_OK;
}

static sr_result connect_and_run(char **words, bool append, sr_err *err)
{
    LINK(link);
    room_column columns[COLUMNS] = {
        {.name = "id",
         .type = COLUMN_CLEARTEXT,
         .data = {.kind = DATA_BIGINT},
         .normaliser = "exact",
         .allowed = true},
        {.name = "part",
         .type = COLUMN_CLEARTEXT,
         .data = {.kind = DATA_STRING},
         .normaliser = "exact",
         .allowed = true},
    };
    SR_TEXT(ca);
    SR_TEXT(certificate);
    SR_TEXT(key);
    ca = sr_text_printf("%s/ca.pem", words[2]);
    certificate = sr_text_printf("%s/owner.pem", words[2]);
    key = sr_text_printf("%s/owner.key", words[2]);
    link_config config = {.server = words[1], .ca = ca, .certificate = certificate, .key = key};
    link_upload_plan plan = {
        .collaboration = words[3],
        .table = words[4],
        .columns = columns,
        .column_count = COLUMNS,
        .append = append,
        .flags = 0x0b, /* allowCleartext, allowDuplicates, preserveNulls */
    };
    if (link_open(&link, &config, err) != SR_OK)
        return SR_FAIL;
    return run(link, &plan, strtoull(words[5], NULL, 10), words[6], err);
}

int main(int count, char **words)
{
    sr_err err = SR_ERR_INIT;
    if (count != 7 && !(count == 8 && strcmp(words[7], "append") == 0))
        return 2;
    if (connect_and_run(words, count == 8, &err) == SR_OK)
        return 0;
    (void)fprintf(stderr, "%s\n", err.text);
    return 1;
}
