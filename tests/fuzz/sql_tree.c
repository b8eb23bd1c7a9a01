/* A query's text, a NUL, and any JSON as the parser's answer: it becomes a whole tree or is refused. */
#include "base/json.h"
#include "fuzz.h"
#include "server/query/ast.h"

static void check_node(const ast_node *node, unsigned depth)
{
    if (node == NULL)
        return;
    fuzz_check(depth <= AST_MOST_DEPTH);
    fuzz_check(node->kind != AST_COLUMN || node->name != NULL);
    fuzz_check(node->kind != AST_LITERAL || node->literal == AST_NULL || node->text != NULL);
    fuzz_check((node->kind != AST_CALL && node->kind != AST_CAST && node->kind != AST_COMPARE) ||
               node->text != NULL);
    fuzz_check(node->kind != AST_COMPARE || node->arg_count == 2);
    fuzz_check(node->kind != AST_BETWEEN || node->arg_count == 3);
    fuzz_check((node->kind != AST_IN && node->kind != AST_LIKE) || node->arg_count >= 2);
    fuzz_check((node->kind != AST_NOT && node->kind != AST_IS_NULL) || node->arg_count == 1);
    fuzz_check(node->kind != AST_CAST || node->arg_count >= 1);
    for (size_t i = 0; i < node->arg_count; i++)
        check_node(node->args[i], depth + 1);
}

static void check_tree(const parsed_query *tree)
{
    fuzz_check(tree->item_count > 0 && tree->table_count > 0);
    fuzz_check(tree->join_count + 1 == tree->table_count);
    fuzz_check(tree->node_count <= AST_MOST_NODES);
    for (size_t i = 0; i < tree->item_count; i++)
        check_node(tree->items[i].node, 0);
    for (size_t i = 0; i < tree->join_count; i++)
        check_node(tree->joins[i].condition, 0);
    for (size_t i = 0; i < tree->group_count; i++)
        check_node(tree->groups[i], 0);
    for (size_t i = 0; i < tree->order_count; i++)
        check_node(tree->orders[i].node, 0);
    check_node(tree->where, 0);
    check_node(tree->having, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    PARSED_QUERY(tree);
    size_t text = 0;
    while (text < size && data[text] != '\0')
        text++;
    size_t skip = text < size ? text + 1 : text;
    if (sr_json_parse_deep(&document, sr_slice_of(data + skip, size - skip), &err) != SR_OK)
        return 0;
    tree = sr_alloc(sizeof *tree);
    tree->sql = sr_array(text + 1, 1);
    sr_copy(tree->sql, data, text);
    if (ast_read(tree, document, &err) == SR_OK)
        check_tree(tree);
    else
        fuzz_check(err.code == SR_E_REFUSED && err.detail.reason[0] != '\0');
    return 0;
}
