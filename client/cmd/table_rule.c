#include "../link/link.h"
#include "base/file.h"
#include "cmd.h"
#include "common.h"
#include "model/rule.h"
#include "online.h"
#include "table_print.h"

enum
{
    RULE_FILE_MOST = 512 * 1024,
};

static const option_row table_rule_options[] = {
    ONLINE_COLLAB_OPTION,
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

/* Faults of the document are found here, so that they carry the file's name. */
static sr_result read_rule(char **out, const char *path, sr_err *err)
{
    SR_BUF(text, RULE_FILE_MOST);
    RULE(rule);
    if (sr_file_read(&text, path, err) != SR_OK)
        return SR_FAIL;
    if (rule_parse(&rule, sr_buf_view(&text), err) != SR_OK ||
        sr_buf_take_text(out, &text, err) != SR_OK)
        return sr_fail_in(err, "%s", path);
    return SR_OK;
}

static sr_result run_table_rule(const options *given, sr_err *err)
{
    ONLINE(here);
    ROOM_TABLE(table);
    SR_TEXT(rule);
    output_form form;
    const char *name = NULL;
    const char *path = NULL;
    if (online_form(&form, given, err) != SR_OK ||
        online_argument(&name, given, 0, "table", err) != SR_OK ||
        online_argument(&path, given, 1, "rule file", err) != SR_OK ||
        read_rule(&rule, path, err) != SR_OK ||
        online_open(&here, given, ROLE_BIT(ROLE_OWNER), err) != SR_OK)
        return SR_FAIL;
    online_choose(&here, given);
    if (link_table_rule(&table, here.link, here.collaboration, name, rule, err) != SR_OK)
        return SR_FAIL;
    return table_print(&table, NULL, form, err);
}

const command_row command_table_rule = {
    .noun = "table",
    .verb = "rule",
    .line = "set a table's analysis rule",
    .usage = "TABLE RULE.json [--collab NAME]",
    .about =
        "Sets what may be asked of your table, in the JSON of AWS Clean Rooms (AGGREGATION). It "
        "is\n"
        "in force at once. Every field is enforced; one that this version does not enforce is\n"
        "refused, never ignored.\n"
        "\n"
        "  { \"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": { \"v1\": { "
        "\"aggregation\": {\n"
        "      \"joinColumns\": [\"email\"], \"dimensionColumns\": [\"segment\"],\n"
        "      \"scalarFunctions\": [], \"allowedJoinOperators\": [],\n"
        "      \"aggregateColumns\": [ {\"columnNames\": [\"email\"], \"function\": "
        "\"COUNT_DISTINCT\"} ],\n"
        "      \"outputConstraints\": [ {\"columnName\": \"email\", \"minimum\": 100,\n"
        "                               \"type\": \"COUNT_DISTINCT\"} ] }}}}\n"
        "\n"
        "  sealroom table rule customers customers.rule.json",
    .options = table_rule_options,
    .arguments = 2,
    .run = run_table_rule,
};
