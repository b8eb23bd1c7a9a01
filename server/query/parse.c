/*
 * parse.c: stage 1. Text → limits (prescan.h) → libpg_query in a child process (sql_child.c) → JSON → our
 * own tree (ast.h). Whatever the text makes the child do, crash, spin or eat memory, is a refusal.
 */
#include <string.h>

#include "ast.h"
#include "base/text.h"
#include "child.h"
#include "prescan.h"

enum
{
    TREE_MOST = 8 * 1024 * 1024, /* bytes of JSON */
};

static const char parser_name[] = "sealroom-sql";

static sr_result run_parser(sr_buf *out, const query_request *request, sr_err *err)
{
    SR_TEXT(beside);
    const char *program = request->parser.program;
    if (program == NULL)
        program = beside = child_beside(parser_name);
    if (program == NULL)
        return sr_fail(err, SR_E_IO, "the SQL parser cannot be found");
    unsigned limit_ms = request->parser.limit_ms;
    sr_slice text = sr_slice_text(request->sql);
    if (child_run(out, program, text, limit_ms == 0 ? QUERY_PARSE_MS : limit_ms, err) == SR_OK)
        return SR_OK;
    if (err->code != SR_E_LIMIT)
        return SR_FAIL;
    return query_refuse(err, (query_place){request->sql, -1},
                        (query_refusal){.reason = "QUERY_TOO_COMPLEX", .column = "text"},
                        "the query is too complex to parse");
}

/* Byte offset of the n-th character (from 1). */
static long offset_of(const char *sql, int64_t character)
{
    long at = 0;
    for (; sql[at] != '\0' && character > 1; character--)
        do
            at++;
        while (((unsigned char)sql[at] & 0xc0u) == 0x80u);
    return at;
}

/* "E" position "\n" message: the message speaks of the text alone. */
static sr_result refuse_syntax(const char *sql, sr_slice answer, sr_err *err)
{
    int64_t position = 0;
    size_t at = 1;
    for (; at < answer.len && answer.data[at] >= '0' && answer.data[at] <= '9'; at++)
        position = position > QUERY_TEXT_MOST ? position : position * 10 + (answer.data[at] - '0');
    SR_TEXT(message);
    if (at >= answer.len || answer.data[at] != '\n' ||
        sr_slice_to_text(&message, sr_slice_sub(answer, at + 1, answer.len - at - 1), err) != SR_OK)
        return sr_fail(err, SR_E_INTERNAL, "the SQL parser's answer is malformed");
    return query_refuse(err, (query_place){sql, position > 0 ? offset_of(sql, position) : -1},
                        (query_refusal){.reason = "SYNTAX_ERROR", .column = "text"}, "%s", message);
}

static sr_result parse_tree(sr_json **out, const char *sql, sr_slice answer, sr_err *err)
{
    if (answer.len > 0 && answer.data[0] == 'E')
        return refuse_syntax(sql, answer, err);
    if (answer.len == 0 || answer.data[0] != 'T')
        return sr_fail(err, SR_E_INTERNAL, "the SQL parser's answer is malformed");
    if (sr_json_parse_deep(out, sr_slice_sub(answer, 1, answer.len - 1), err) == SR_OK)
        return SR_OK;
    return query_refuse(err, (query_place){sql, -1},
                        (query_refusal){.reason = "QUERY_TOO_COMPLEX", .column = "text"},
                        "the query is too complex: nested too deeply");
}

sr_result query_parse(parsed_query **out, const query_request *request, sr_err *err)
{
    SR_BUF(answer, TREE_MOST);
    SR_JSON(document);
    PARSED_QUERY(tree);
    *out = NULL;
    if (query_prescan(request->sql, err) != SR_OK || run_parser(&answer, request, err) != SR_OK ||
        parse_tree(&document, request->sql, sr_buf_view(&answer), err) != SR_OK)
        return SR_FAIL;
    tree = sr_alloc(sizeof *tree);
    tree->sql = sr_text_copy(request->sql);
    if (ast_read(tree, document, err) != SR_OK)
        return SR_FAIL;
    *out = tree;
    tree = NULL;
    return SR_OK;
}
