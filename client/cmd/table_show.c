#include <string.h>

#include "../cards.h"
#include "../link/link.h"
#include "cmd.h"
#include "common.h"
#include "model/rule.h"
#include "online.h"
#include "table_print.h"

static const option_row table_show_options[] = {
    ONLINE_COLLAB_OPTION, ONLINE_SECRET_OPTIONS, ONLINE_OPTIONS, ONLINE_OUTPUT_OPTION, COMMON_END,
};

/* Another member's table with a rule, for the example. */
typedef struct
{
    char *name;
    char *key;
} partner;

static void partner_clear(partner *found)
{
    sr_text_clear(&found->name);
    sr_text_clear(&found->key);
}

static sr_result take_partner(partner *out, const room_table *table, sr_err *err)
{
    RULE(rule);
    if (table->rule_json == NULL)
        return SR_OK;
    if (rule_parse(&rule, sr_slice_text(table->rule_json), err) != SR_OK)
        return SR_FAIL;
    if (rule->join_columns.count == 0)
        return SR_OK;
    out->name = sr_text_copy(table->name);
    out->key = sr_text_copy(rule->join_columns.names[0]);
    return SR_OK;
}

static sr_result find_partner(partner *out, const online *here, const room_table *table,
                              sr_err *err)
{
    link_tables list SR_CLEANUP(link_tables_clear) = {NULL, 0};
    *out = (partner){NULL, NULL};
    if (link_table_list(&list, here->link, here->collaboration, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < list.count && out->name == NULL; i++)
        if (strcmp(list.items[i].owner, table->owner) != 0 &&
            take_partner(out, &list.items[i], err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

static bool has_encrypted(const room_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (column_type_of(table->columns[i].type)->is_encrypted)
            return true;
    return false;
}

/* Cards are verified when the secret is at hand; one that does not verify is an error, not a remark. */
static sr_result verify_cards(const char **words, const online *here, const room_table *table,
                              const options *given, sr_err *err)
{
    ROOM_COLLABORATION(room);
    KDF_SCHEDULE(keys);
    *words = NULL;
    if (!has_encrypted(table))
        return SR_OK;
    *words =
        "Column cards (what the owner's client vouched for with the secret) not verified: give "
        "--secret-file to check that the server shows the columns as their owner declared them.";
    if (!online_has_secret(given))
        return SR_OK;
    if (link_collaboration_get(&room, here->link, here->collaboration, err) != SR_OK ||
        online_keys(&keys, given, &room.id, err) != SR_OK)
        return SR_FAIL;
    cards_authority authority = {keys, &room.flags};
    if (cards_verify(&authority, table, err) != SR_OK)
        return sr_fail_in(err, "the server shows columns that their owner did not declare");
    *words = "Column cards verified: encrypted columns are as their owner declared them.";
    return SR_OK;
}

static sr_result run_table_show(const options *given, sr_err *err)
{
    ONLINE(here);
    ROOM_TABLE(table);
    output_form form;
    partner other SR_CLEANUP(partner_clear) = {NULL, NULL};
    table_context context = {NULL, NULL, NULL};
    const char *name = NULL;
    if (online_form(&form, given, err) != SR_OK ||
        online_argument(&name, given, 0, "table", err) != SR_OK ||
        online_open(&here, given, ROLE_ANY, err) != SR_OK)
        return SR_FAIL;
    online_choose(&here, given);
    if (link_table_get(&table, here.link, here.collaboration, name, err) != SR_OK ||
        find_partner(&other, &here, &table, err) != SR_OK ||
        verify_cards(&context.cards, &here, &table, given, err) != SR_OK)
        return SR_FAIL;
    context.partner = other.name;
    context.partner_key = other.key;
    return table_print(&table, &context, form, err);
}

const command_row command_table_show = {
    .noun = "table",
    .verb = "show",
    .line = "show a table: columns, rule in words, an example query",
    .usage = "TABLE [--collab NAME] [--secret-file FILE]",
    .about =
        "Shows what you need to ask about a table, yours or a partner's: its columns and their\n"
        "types, its rule in words, and one query that the rule allows. No rows, ever. With the\n"
        "secret it also verifies the column cards: what the owner's client vouched for (name and\n"
        "type of each encrypted column), so that the server cannot misrepresent one.\n"
        "\n"
        "  sealroom table show customers --secret-file secret.key",
    .options = table_show_options,
    .arguments = 1,
    .run = run_table_show,
};
