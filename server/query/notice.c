/* notice.c: the thresholds in force, in words that depend on the rules alone: the same for an answer with
 * rows, for one without, and for one that was suppressed. */
#include <inttypes.h>

#include "checked.h"
#include "words.h"

char *query_notice(const checked_query *checked)
{
    char *words = NULL;
    words_add(&words, "Only groups that reach every minimum are shown:");
    for (size_t i = 0; i < checked->table_count; i++)
    {
        const checked_table *table = &checked->tables[i];
        for (size_t j = 0; j < table->rule->constraint_count; j++)
            words_add(&words, "%s %s %" PRId64 " distinct %s", i + j == 0 ? "" : ";",
                      table->room->name, table->rule->constraints[j].minimum,
                      table->rule->constraints[j].column);
    }
    words_add(&words, ". Fewer, or none at all, look the same.");
    return words;
}
