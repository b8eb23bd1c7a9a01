#include "cmd.h"
#include "common.h"
#include "online.h"

static const option_row whoami_options[] = {
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static sr_result run_whoami(const options *given, sr_err *err)
{
    ONLINE(here);
    output_form form;
    link_identity identity;
    if (online_form(&form, given, err) != SR_OK ||
        online_open(&here, given, ROLE_ANY, err) != SR_OK ||
        link_whoami(&identity, here.link, err) != SR_OK)
        return SR_FAIL;
    static const output_column headers[] = {
        {"member", OUTPUT_TEXT}, {"role", OUTPUT_TEXT}, {"certificate (SHA-256)", OUTPUT_TEXT}};
    const char *const cells[] = {identity.who.member, role_name(identity.who.role),
                                 identity.certificate};
    OUTPUT(table);
    table = output_new(form, headers, 3);
    if (output_texts(table, cells, err) != SR_OK)
        return SR_FAIL;
    return output_finish(table, stdout, err);
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
