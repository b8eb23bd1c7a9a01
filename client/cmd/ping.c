#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "cmd.h"
#include "common.h"
#include "online.h"

static const option_row ping_options[] = {
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result run_ping(const options *given, sr_err *err)
{
    ONLINE(here);
    output_form form;
    link_pong pong SR_CLEANUP(link_pong_clear) = {0};
    if (online_form(&form, given, err) != SR_OK ||
        online_open(&here, given, ROLE_ANY, err) != SR_OK ||
        link_ping(&pong, here.link, err) != SR_OK)
        return SR_FAIL;
    SR_TEXT(milliseconds);
    milliseconds = sr_text_printf("%.1f", (double)pong.round_trip_us / 1000.0);
    sr_time_text time = sr_time_print(pong.server_time_us);
    static const output_column headers[] = {{"server", OUTPUT_TEXT},
                                            {"version", OUTPUT_TEXT},
                                            {"server time", OUTPUT_TEXT},
                                            {"milliseconds", OUTPUT_NUMBER}};
    const char *const cells[] = {here.profile.server, pong.server_version, time.text, milliseconds};
    OUTPUT(table);
    table = output_new(form, headers, 4);
    if (output_texts(table, cells, err) != SR_OK)
        return SR_FAIL;
    return output_finish(table, stdout, err);
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
