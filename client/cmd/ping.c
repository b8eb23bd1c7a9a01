#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "cmd.h"
#include "common.h"
#include "online.h"

static const option_row ping_options[] = {
    PROFILE_OPTIONS,
    OUTPUT_OPTION,
    COMMON_END,
};

static sr_result run_ping(const options *given, sr_err *err)
{
    ONLINE(here);
    output_form form;
    link_pong pong SR_CLEANUP(link_pong_clear) = {0};
    if (output_form_of(&form, given, err) != SR_OK ||
        online_open(&here, given, ROLE_ANALYST, err) != SR_OK ||
        link_ping(&pong, here.link, err) != SR_OK)
        return SR_FAIL;
    SR_TEXT(milliseconds);
    milliseconds = sr_text_printf("%.1f", (double)pong.round_trip_us / 1000.0);
    sr_time_text time = sr_time_print(pong.server_time_us);
    const char *const headers[] = {"server", "version", "server time", "milliseconds"};
    const char *const cells[] = {here.profile.server, pong.server_version, time.text, milliseconds};
    OUTPUT_TABLE_OF(table);
    table = output_table_new(headers, 4);
    output_table_add_texts(table, cells);
    return output_table_print(table, form, "rows", err);
}

const command_row command_ping = {
    .noun = "ping",
    .verb = "",
    .line = "ask the server whether it is there",
    .usage = "[--profile FILE]",
    .about =
        "Connects with the profile's certificate and says how long an answer takes. When this\n"
        "works, address, certificate authority and certificate are right.\n"
        "\n"
        "  sealroom ping --profile profile.json",
    .options = ping_options,
    .arguments = 0,
    .run = run_ping,
};
