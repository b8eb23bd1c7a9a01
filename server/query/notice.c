/* notice.c: the thresholds in force, in words that depend on the rules alone: the same for an answer with
 * rows, for one without, and for one that was suppressed. */
#include <inttypes.h>

#include "checked.h"

static char *add(char *words, char *more)
{
    char *joined = sr_text_printf("%s%s", words, more);
    sr_free(words);
    sr_free(more);
    return joined;
}

char *query_notice(const checked_query *checked)
{
    char *words = sr_text_copy("Only groups that reach every minimum are shown:");
    for (size_t i = 0; i < checked->table_count; i++)
    {
        const checked_table *table = &checked->tables[i];
        for (size_t j = 0; j < table->rule->constraint_count; j++)
            words =
                add(words, sr_text_printf("%s %s %" PRId64 " distinct %s", i + j == 0 ? "" : ";",
                                          table->room->name, table->rule->constraints[j].minimum,
                                          table->rule->constraints[j].column));
    }
    return add(words, sr_text_copy(". Fewer, or none at all, look the same."));
}
