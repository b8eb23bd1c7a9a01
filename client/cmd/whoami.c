#include "cmd.h"
#include "common.h"
#include "online.h"

static const option_row whoami_options[] = {
    PROFILE_OPTIONS,
    OUTPUT_OPTION,
    COMMON_END,
};

static sr_result run_whoami(const options *given, sr_err *err)
{
    ONLINE(here);
    output_form form;
    link_identity identity;
    if (output_form_of(&form, given, err) != SR_OK ||
        online_open(&here, given, ROLE_ANALYST, err) != SR_OK ||
        link_whoami(&identity, here.link, err) != SR_OK)
        return SR_FAIL;
    const char *const headers[] = {"member", "role", "certificate (SHA-256)"};
    const char *const cells[] = {identity.who.member, role_name(identity.who.role),
                                 identity.certificate};
    OUTPUT_TABLE_OF(table);
    table = output_table_new(headers, 3);
    output_table_add_texts(table, cells);
    return output_table_print(table, form, "rows", err);
}

const command_row command_whoami = {
    .noun = "whoami",
    .verb = "",
    .line = "say whom the server takes you for",
    .usage = "[--role admin|owner|analyst]",
    .about =
        "Shows member, role and certificate fingerprint as the server reads them from your\n"
        "certificate. Compare fingerprints with partners by telephone, not through the server.\n"
        "\n"
        "  sealroom whoami --role owner",
    .options = whoami_options,
    .arguments = 0,
    .run = run_whoami,
};
