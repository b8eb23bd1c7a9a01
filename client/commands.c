#include "commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "output.h"

/* In the order of the list that help shows. */
static const command_row *const command_table[] = {
    &command_keys_new,        &command_keys_check,     &command_schema,
    &command_encrypt,         &command_decrypt,        &command_ping,
    &command_whoami,          &command_collab_create,  &command_collab_invite,
    &command_collab_accept,   &command_collab_show,    &command_collab_list,
    &command_table_upload,    &command_table_rule,     &command_table_show,
    &command_table_list,      &command_table_versions, &command_table_delete,
    &command_query_run,       &command_overlap_count,  &command_overlap_open,
    &command_overlap_confirm, &command_overlap_join,   &command_overlap_status,
    &command_overlap_release, &command_overlap_list,   &command_overlap_cancel,
    &command_audit_list,      &command_version,        &command_help,
};

enum
{
    COMMAND_COUNT = sizeof command_table / sizeof command_table[0],
    HELP_COLUMN = 36,
    WARNING_MOST = 4096,
};

void command_warn(const char *format, ...)
{
    char line[WARNING_MOST];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    (void)fputs("sealroom: warning: ", stderr);
    output_safe_text(sr_slice_text(line), stderr); /* some are a server's words */
    (void)fputc('\n', stderr);
}

/* ---- finding --------------------------------------------------------------------------------- */

static const command_row *first_of(const char *noun)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
    {
        if (strcmp(command_table[i]->noun, noun) == 0)
            return command_table[i];
    }
    return NULL;
}

/* A noun that is no command by itself. */
static bool has_verbs(const char *noun)
{
    const command_row *first = first_of(noun);
    return first != NULL && first->verb[0] != '\0';
}

static const command_row *find(const char *noun, const char *verb)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
    {
        const command_row *row = command_table[i];
        bool alone = row->verb[0] == '\0';
        if (strcmp(row->noun, noun) == 0 && (alone || strcmp(row->verb, verb) == 0))
            return row;
    }
    return NULL;
}

static sr_result fail_unknown_noun(const char *noun, sr_err *err)
{
    const char *near = NULL;
    size_t distance = 3;
    for (size_t i = 0; i < COMMAND_COUNT; i++)
    {
        size_t here = options_distance(noun, command_table[i]->noun);
        if (here < distance)
        {
            distance = here;
            near = command_table[i]->noun;
        }
    }
    if (near == NULL)
        return sr_fail(err, SR_E_USAGE, "unknown command %s; `sealroom help` lists them", noun);
    return sr_fail(err, SR_E_USAGE, "unknown command %s; did you mean %s?", noun, near);
}

static sr_result fail_verb(const char *noun, const char *verb, sr_err *err)
{
    SR_BUF(verbs, 1024);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
    {
        const command_row *row = command_table[i];
        if (strcmp(row->noun, noun) == 0 &&
            sr_buf_printf(&verbs, err, "%s%s", verbs.len > 0 ? ", " : "", row->verb) != SR_OK)
            return SR_FAIL;
    }
    if (verb[0] == '\0')
        return sr_fail(err, SR_E_USAGE, "%s: which? %.*s", noun, (int)verbs.len,
                       (const char *)verbs.data);
    return sr_fail(err, SR_E_USAGE, "%s: unknown word %s; expected %.*s", noun, verb,
                   (int)verbs.len, (const char *)verbs.data);
}

static sr_result find_or_fail(const command_row **out, const char *noun, const char *verb,
                              sr_err *err)
{
    *out = find(noun, verb);
    if (*out != NULL)
        return SR_OK;
    return first_of(noun) != NULL ? fail_verb(noun, verb, err) : fail_unknown_noun(noun, err);
}

/* ---- help ------------------------------------------------------------------------------------ */

static void print_padded(const char *text, size_t width)
{
    size_t used = sr_utf8_width(sr_slice_text(text));
    (void)fputs(text, stdout);
    for (; used < width; used++)
        (void)fputc(' ', stdout);
}

static void list_row(const command_row *row)
{
    char words[64];
    (void)snprintf(words, sizeof words, "  %s %s", row->noun, row->verb);
    print_padded(words, 24);
    (void)puts(row->line);
}

void commands_list(void)
{
    (void)puts("sealroom: encrypted data clean rooms\n\nusage: sealroom COMMAND [options]\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        list_row(command_table[i]);
    (void)puts("\n`sealroom COMMAND --help` explains one command, with an example.");
}

static void list_verbs(const char *noun)
{
    (void)printf("usage: sealroom %s COMMAND [options]\n\n", noun);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(command_table[i]->noun, noun) == 0)
            list_row(command_table[i]);
    (void)printf("\n`sealroom %s COMMAND --help` explains one command, with an example.\n", noun);
}

static void print_option(const option_row *row)
{
    char words[96];
    char letter[8] = "    "; /* so that long names stand below each other */
    if (row->help == NULL)
        return;
    if (row->letter != 0)
        (void)snprintf(letter, sizeof letter, "-%c, ", row->letter);
    (void)snprintf(words, sizeof words, "  %s--%s%s%s", letter, row->name,
                   row->value == NULL ? "" : " ", row->value == NULL ? "" : row->value);
    print_padded(words, HELP_COLUMN);
    (void)printf("%s%s\n", sr_utf8_width(sr_slice_text(words)) >= HELP_COLUMN ? "  " : "",
                 row->help);
}

static void explain(const command_row *row)
{
    (void)printf("usage: sealroom %s%s%s %s\n\n%s\n\noptions:\n", row->noun,
                 row->verb[0] == '\0' ? "" : " ", row->verb, row->usage, row->about);
    for (const option_row *option = row->options; option->name != NULL; option++)
        print_option(option);
    (void)puts("  -h, --help                        show this");
}

sr_result commands_explain(const char *noun, const char *verb, sr_err *err)
{
    const command_row *row = NULL;
    if (verb[0] == '\0' && has_verbs(noun))
    {
        list_verbs(noun);
        return SR_OK;
    }
    if (find_or_fail(&row, noun, verb, err) != SR_OK)
        return SR_FAIL;
    explain(row);
    return SR_OK;
}

/* ---- running --------------------------------------------------------------------------------- */

static bool asks_for_help(int count, char *const *words)
{
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++)
    {
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    }
    return false;
}

static sr_result run(const command_row *row, int count, char *const *words, sr_err *err)
{
    OPTIONS(given);
    if (asks_for_help(count, words))
    {
        explain(row);
        return SR_OK;
    }
    if (options_parse(&given, row->options, row->arguments, count, words, err) != SR_OK)
        return sr_fail_in(err, "%s%s%s", row->noun, row->verb[0] == '\0' ? "" : " ", row->verb);
    return row->run(given, err);
}

sr_result commands_run(int count, char *const *words, sr_err *err)
{
    const command_row *row = NULL;
    if (count == 0)
    {
        commands_list();
        return sr_fail(err, SR_E_USAGE, "which command?");
    }
    if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0)
    {
        commands_list();
        return SR_OK;
    }
    const char *noun = words[0];
    if (strcmp(noun, "--version") == 0 || strcmp(noun, "-V") == 0)
        noun = "version";
    const char *verb = count > 1 && words[1][0] != '-' ? words[1] : "";
    if (verb[0] == '\0' && has_verbs(noun) && asks_for_help(count - 1, words + 1))
        return commands_explain(noun, verb, err);
    if (find_or_fail(&row, noun, verb, err) != SR_OK)
        return SR_FAIL;
    int used = row->verb[0] == '\0' ? 1 : 2;
    return run(row, count - used, words + used, err);
}
