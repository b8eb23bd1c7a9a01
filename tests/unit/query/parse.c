#include <stdlib.h>

#include "fixture.h"

#define SELECT_FROM "SELECT COUNT(*) FROM t WHERE "

static const ast_node *where_of(fixture_query *query, const char *condition)
{
    SR_TEXT(sql);
    sql = sr_text_printf(SELECT_FROM "%s", condition);
    check_ok(fixture_parse(query, sql), &query->err);
    check(query->parsed->where != NULL);
    return query->parsed->where;
}

static void a_query_becomes_our_own_tree(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    check_ok(fixture_parse(&query, "SELECT A.b AS \"L\", count(DISTINCT x) FROM t JOIN u AS a ON "
                                   "t.id = a.id GROUP BY 1 HAVING COUNT(*) > 2 ORDER BY 2 DESC "
                                   "NULLS LAST, 1;"),
             &query.err);
    const parsed_query *tree = query.parsed;
    check_int(tree->item_count, 2);
    check_text(tree->items[0].label, "L");
    check_text(tree->items[0].node->qualifier, "a");
    check_text(tree->items[0].node->name, "b");
    check(tree->items[1].label == NULL && tree->items[1].node->distinct);
    check_int(tree->table_count, 2);
    check_text(tree->tables[0].alias, "t");
    check_text(tree->tables[1].alias, "a");
    check_int(tree->join_count, 1);
    check_int(tree->joins[0].middle, 1);
    check_int(tree->joins[0].condition->kind, AST_COMPARE);
    check_int(tree->group_count, 1);
    check(tree->having != NULL && tree->where == NULL);
    check_int(tree->order_count, 2);
    check(tree->orders[0].descending && tree->orders[0].nulls == AST_NULLS_LAST);
    check(!tree->orders[1].descending && tree->orders[1].nulls == AST_NULLS_DEFAULT);
}

static void brackets_around_joins_keep_their_sides(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    check_ok(fixture_parse(&query, "SELECT 1 FROM a JOIN (b JOIN c ON b.x = c.x) ON a.x = b.x"),
             &query.err);
    const ast_join *inner = &query.parsed->joins[0];
    const ast_join *outer = &query.parsed->joins[1];
    check(inner->first == 1 && inner->middle == 2 && inner->end == 3);
    check(outer->first == 0 && outer->middle == 1 && outer->end == 3);
}

/* libpg_query's JSON leaves out whole numbers that are not above zero. */
static void numbers_keep_their_sign(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"0", "0"},
                                           {"00", "00"},
                                           {"-0", "0"},
                                           {"-1", "-1"},
                                           {"- 7", "-7"},
                                           {"-\n7", "-7"},
                                           {"- -7", "7"},
                                           {"12", "12"},
                                           {"-2.5", "-2.5"},
                                           {"2147483648", "2147483648"},
                                           {"-2147483647", "-2147483647"},
                                           {"1e3", "1e3"},
                                           {"-99999999999", "-99999999999"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        FIXTURE_QUERY(query);
        SR_TEXT(condition);
        condition = sr_text_printf("x = %s AND y IN (%s, 5)", cases[i][0], cases[i][0]);
        const ast_node *where = where_of(&query, condition);
        check_text(where->args[0]->args[1]->text, cases[i][1]);
        check_text(where->args[1]->args[1]->text, cases[i][1]);
    }
}

static void numbers_whose_sign_is_hidden_are_refused(void **state)
{
    (void)state;
    static const fixture_refusal cases[] = {
        {.sql = SELECT_FROM "x = -(1)", .reason = "LITERAL_NOT_ALLOWED", .position = "1:34"},
        {.sql = SELECT_FROM "x = -/* */1", .reason = "LITERAL_NOT_ALLOWED"},
        {.sql = SELECT_FROM "x = - - -1", .reason = "LITERAL_NOT_ALLOWED"},
        {.sql = SELECT_FROM "x = - -- \n 1", .reason = "LITERAL_NOT_ALLOWED"},
    };
    fixture_refuses(fixture_parse, cases, sizeof cases / sizeof cases[0]);
}

static void conditions_keep_their_parts(void **state)
{
    (void)state;
    FIXTURE_QUERY(query);
    const ast_node *where = where_of(&query, "a NOT IN (1, 2) AND b NOT LIKE 'x!%' ESCAPE '!' "
                                             "AND c NOT BETWEEN 1 AND 2 AND d IS NOT NULL AND NOT "
                                             "e <> 'it''s' AND f = DATE '2026-01-01'");
    check_int(where->arg_count, 6);
    check(where->args[0]->kind == AST_IN && where->args[0]->negated);
    check_int(where->args[0]->arg_count, 3);
    check(where->args[1]->kind == AST_LIKE && where->args[1]->negated);
    check_text(where->args[1]->args[2]->text, "!");
    check(where->args[2]->kind == AST_BETWEEN && where->args[2]->negated);
    check(where->args[3]->kind == AST_IS_NULL && where->args[3]->negated);
    check_int(where->args[4]->kind, AST_NOT);
    check_text(where->args[4]->args[0]->args[1]->text, "it's");
    check_text(where->args[5]->args[1]->text, "date");
}

static void strings_of_every_spelling_are_values(void **state)
{
    (void)state;
    static const char *const spellings[] = {"'a\"\\;'", "E'a\"\\\\;'", "$$a\"\\;$$",
                                            "U&'\\0061\"\\\\;'"};
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
    {
        FIXTURE_QUERY(query);
        SR_TEXT(condition);
        condition = sr_text_printf("x = %s", spellings[i]);
        check_text(where_of(&query, condition)->args[1]->text, "a\"\\;");
    }
}

static void what_is_not_one_select_is_refused(void **state)
{
    (void)state;
    static const fixture_refusal cases[] = {
        {.sql = "", .reason = "QUERY_EMPTY"},
        {.sql = " -- only\n", .reason = "QUERY_EMPTY"},
        {.sql = "SELECT 1 FROM t; SELECT 2 FROM t", .reason = "NOT_ONE_SELECT"},
        {.sql = "DELETE FROM t", .reason = "NOT_ONE_SELECT", .words = "only SELECT"},
        {.sql = "SELECT 1", .reason = "NO_TABLE"},
    };
    fixture_refuses(fixture_parse, cases, sizeof cases / sizeof cases[0]);
}

static void syntax_errors_are_refused_at_their_place(void **state)
{
    (void)state;
    static const fixture_refusal cases[] = {
        {.sql = "SELEC 1", .reason = "SYNTAX_ERROR", .position = "1:1", .words = "SELEC"},
        {.sql = "SELECT 'ö',\n'ü' FROM FROM t", .reason = "SYNTAX_ERROR", .position = "2:10"},
        {.sql = "SELECT 'open", .reason = "SYNTAX_ERROR", .position = "1:8"},
    };
    fixture_refuses(fixture_parse, cases, sizeof cases / sizeof cases[0]);
}

static void unknown_constructs_are_refused_by_name(void **state)
{
    (void)state;
    static const fixture_refusal cases[] = {
        {.sql = "SELECT * FROM t", .reason = "CONSTRUCT_NOT_ALLOWED", .column = "*"},
        {.sql = "SELECT x FROM t LIMIT 1", .column = "LIMIT"},
        {.sql = "SELECT DISTINCT x FROM t", .column = "SELECT DISTINCT"},
        {.sql = "SELECT x FROM t UNION SELECT y FROM u", .words = "UNION"},
        {.sql = "WITH c AS (SELECT 1) SELECT x FROM c", .words = "WITH (it may be supported"},
        {.sql = "SELECT x FROM t JOIN u USING (x)", .words = "write JOIN … ON"},
        {.sql = "SELECT x FROM s.t", .column = "a name with a schema", .position = "1:15"},
        {.sql = "SELECT x FROM t a(b)", .column = "a list of column aliases"},
        {.sql = "SELECT (SELECT 1) FROM t", .column = "a subquery", .position = "1:8"},
        {.sql = "SELECT CASE WHEN x = 1 THEN 1 END FROM t", .column = "CASE"},
        {.sql = "SELECT sum(x) FILTER (WHERE true) FROM t", .column = "FILTER"},
        {.sql = "SELECT sum(x) OVER () FROM t", .column = "a window (OVER)"},
        {.sql = "SELECT x + 1 FROM t", .reason = "OPERATOR_NOT_ALLOWED", .column = "+"},
        {.sql = "SELECT x FROM t, u", .reason = "JOIN_NOT_ALLOWED"},
        {.sql = "SELECT x FROM t LEFT JOIN u ON t.a = u.a", .reason = "JOIN_NOT_ALLOWED"},
        {.sql = "SELECT x FROM (SELECT 1) s", .column = "a subquery in FROM"},
        {.sql = "SELECT x FROM t GROUP BY CUBE (x)", .words = "ROLLUP, CUBE"},
    };
    fixture_refuses(fixture_parse, cases, sizeof cases / sizeof cases[0]);
}

static char *chain(const char *first, const char *link, size_t count)
{
    SR_BUF(text, 1 << 20);
    sr_err err = SR_ERR_INIT;
    char *out = NULL;
    check_ok(sr_buf_append_text(&text, first, &err), &err);
    for (size_t i = 0; i < count; i++)
        check_ok(sr_buf_append_text(&text, link, &err), &err);
    check_ok(sr_buf_take_text(&out, &text, &err), &err);
    return out;
}

static void texts_that_hurt_the_parser_are_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {{"SELECT 1 FROM t WHERE 1", "+1"},
                                         {"SELECT 1 FROM t WHERE ", "NOT "},
                                         {"SELECT 1 FROM t WHERE x = 1 ", "AND x = 1 "},
                                         {"SELECT 1", "::int"},
                                         {"SELECT 1 FROM t WHERE x = ", "- "}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    {
        SR_TEXT(sql);
        sql = chain(bad[i][0], bad[i][1], 6000);
        const fixture_refusal expected = {.sql = sql};
        fixture_refuses(fixture_parse, &expected, 1);
    }
}

static void a_parser_that_is_not_there_is_a_fault_of_ours(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    PARSED_QUERY(parsed);
    query_request request =
        test_room_request(fixture_room(), "advertiser", ABILITY_ALL, "SELECT 1");
    request.parser.program = "/no/such/sealroom-sql";
    check_fails(query_parse(&parsed, &request, &err), &err, SR_E_IO);
    check(parsed == NULL);
}

static void a_parser_that_lies_is_not_believed(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    PARSED_QUERY(parsed);
    query_request request =
        test_room_request(fixture_room(), "advertiser", ABILITY_ALL, "SELECT 1");
    request.parser.program = "/bin/cat";
    check_fails(query_parse(&parsed, &request, &err), &err, SR_E_INTERNAL);
    check(parsed == NULL);
}

static int open_room(void **state)
{
    (void)state;
    return fixture_open("suite.json", "AGG_BASE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_becomes_our_own_tree),
        cmocka_unit_test(brackets_around_joins_keep_their_sides),
        cmocka_unit_test(numbers_keep_their_sign),
        cmocka_unit_test(numbers_whose_sign_is_hidden_are_refused),
        cmocka_unit_test(conditions_keep_their_parts),
        cmocka_unit_test(strings_of_every_spelling_are_values),
        cmocka_unit_test(what_is_not_one_select_is_refused),
        cmocka_unit_test(syntax_errors_are_refused_at_their_place),
        cmocka_unit_test(unknown_constructs_are_refused_by_name),
        cmocka_unit_test(texts_that_hurt_the_parser_are_refused),
        cmocka_unit_test(a_parser_that_is_not_there_is_a_fault_of_ours),
        cmocka_unit_test(a_parser_that_lies_is_not_believed),
    };
    return cmocka_run_group_tests(tests, open_room, fixture_close);
}
