#include "prescan.h"

#include <string.h>

#include "base/text.h"
#include "query.h"
#include "refuse.h"

/* Where we are: `at` moves over one token at a time. */
typedef struct
{
    const char *sql;
    size_t at;
    unsigned brackets;
    unsigned comments; /* deepest nesting seen */
} sql_scan;

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           ((unsigned char)c & 0x80u) != 0;
}

/* Behind the closing quote, or at the end. A doubled quote is two strings in a row: the same here. */
static void skip_quoted(sql_scan *scan, char quote, bool backslashes)
{
    const char *sql = scan->sql;
    for (scan->at++; sql[scan->at] != '\0'; scan->at++)
    {
        if (backslashes && sql[scan->at] == '\\' && sql[scan->at + 1] != '\0')
            scan->at++;
        else if (sql[scan->at] == quote)
        {
            scan->at++;
            return;
        }
    }
}

static void skip_line(sql_scan *scan)
{
    scan->at += strcspn(scan->sql + scan->at, "\n\r");
}

/* Nested block comments; leaves at once when they are too deep. */
static void skip_comment(sql_scan *scan)
{
    unsigned depth = 0;
    const char *sql = scan->sql;
    while (sql[scan->at] != '\0' && scan->comments <= PRESCAN_MOST_COMMENTS)
    {
        bool opens = sql[scan->at] == '/' && sql[scan->at + 1] == '*';
        bool closes = sql[scan->at] == '*' && sql[scan->at + 1] == '/';
        scan->at += opens || closes ? 2 : 1;
        depth = opens ? depth + 1 : depth;
        depth = closes ? depth - 1 : depth;
        scan->comments = depth > scan->comments ? depth : scan->comments;
        if (depth == 0)
            return;
    }
}

/* $tag$ … $tag$; a lone dollar sign ($1) is one character. */
static void skip_dollar(sql_scan *scan)
{
    const char *start = scan->sql + scan->at;
    size_t tag = 1;
    while (is_word(start[tag]))
        tag++;
    bool is_quote = start[tag] == '$' && !(start[1] >= '0' && start[1] <= '9');
    if (!is_quote)
    {
        scan->at++;
        return;
    }
    tag++;
    const char *end = start + tag;
    while (*end != '\0' && strncmp(end, start, tag) != 0)
        end++;
    scan->at += (size_t)(end - start) + (*end == '\0' ? 0 : tag);
}

/* A word; E'…' is the only one whose quotes know backslashes. */
static void skip_word(sql_scan *scan)
{
    size_t first = scan->at;
    const char *sql = scan->sql;
    while (is_word(sql[scan->at]) || sql[scan->at] == '$')
        scan->at++;
    bool is_e = scan->at - first == 1 && (sql[first] == 'e' || sql[first] == 'E');
    if (is_e && sql[scan->at] == '\'')
        skip_quoted(scan, '\'', true);
}

static void skip_token(sql_scan *scan)
{
    const char *at = scan->sql + scan->at;
    if (*at == '\'' || *at == '"')
        skip_quoted(scan, *at, false);
    else if (at[0] == '-' && at[1] == '-')
        skip_line(scan);
    else if (at[0] == '/' && at[1] == '*')
        skip_comment(scan);
    else if (*at == '$')
        skip_dollar(scan);
    else if (is_word(*at))
        skip_word(scan);
    else
    {
        if (*at == '(' || *at == '[')
            scan->brackets++;
        else if ((*at == ')' || *at == ']') && scan->brackets > 0)
            scan->brackets--;
        scan->at++;
    }
}

static sr_result refuse_text(const char *sql, long at, const char *reason, const char *words,
                             sr_err *err)
{
    return query_refuse(err, (query_place){sql, at},
                        (query_refusal){.reason = reason, .column = "text"}, "%s", words);
}

static sr_result check_characters(const char *sql, sr_err *err)
{
    sr_slice text = sr_slice_text(sql);
    if (text.len > QUERY_TEXT_MOST)
        return refuse_text(sql, -1, "QUERY_TOO_LARGE",
                           "the query is too large: at most 64 KiB of text", err);
    size_t valid = sr_utf8_valid_prefix(text);
    if (valid != text.len)
        return refuse_text(sql, (long)valid, "QUERY_NOT_TEXT", "the query is not valid UTF-8", err);
    for (size_t i = 0; i < text.len; i++)
        if ((text.data[i] < 0x20 && strchr("\t\n\r\f\v", text.data[i]) == NULL) ||
            text.data[i] == 0x7f)
            return refuse_text(sql, (long)i, "QUERY_NOT_TEXT",
                               "the query holds a control character", err);
    return SR_OK;
}

sr_result query_prescan(const char *sql, sr_err *err)
{
    if (check_characters(sql, err) != SR_OK)
        return SR_FAIL;
    sql_scan scan = {.sql = sql};
    while (sql[scan.at] != '\0')
    {
        long at = (long)scan.at;
        skip_token(&scan);
        if (scan.brackets > PRESCAN_MOST_BRACKETS)
            return refuse_text(sql, at, "QUERY_TOO_COMPLEX",
                               "the query is too complex: brackets nested too deeply", err);
        if (scan.comments > PRESCAN_MOST_COMMENTS)
            return refuse_text(sql, at, "QUERY_TOO_COMPLEX",
                               "the query is too complex: comments nested too deeply", err);
    }
    return SR_OK;
}
