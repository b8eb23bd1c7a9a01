#include "fixture.h"

#include "base/file.h"

static sr_json *suite = NULL;
static test_room *room = NULL;

int fixture_open(const char *file, const char *setup)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(path);
    path = sr_path_join(SEALROOM_SOURCE_DIR "/tests/redteam", file);
    if (sr_json_parse_file(&suite, path, &err) == SR_OK &&
        test_room_new(&room, sr_json_member(sr_json_member(suite, "setups"), setup),
                      SEALROOM_SOURCE_DIR "/tests/redteam", &err) == SR_OK)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return 1;
}

int fixture_close(void **state)
{
    (void)state;
    test_room_free(room);
    sr_json_clear(&suite);
    room = NULL;
    return 0;
}

test_room *fixture_room(void)
{
    return room;
}

void fixture_query_clear(fixture_query *query)
{
    query_checked_clear(&query->checked);
    query_resolved_clear(&query->resolved);
    query_parsed_clear(&query->parsed);
    sr_free(query->touched);
    query->touched = NULL;
}

sr_result fixture_parse(fixture_query *out, const char *sql)
{
    fixture_query_clear(out);
    sr_err_reset(&out->err);
    out->request = test_room_request(room, "advertiser", ABILITY_ALL, sql);
    return query_parse(&out->parsed, &out->request, &out->err);
}

sr_result fixture_resolve(fixture_query *out, const char *sql)
{
    if (fixture_parse(out, sql) != SR_OK)
        return SR_FAIL;
    return query_resolve(&out->resolved, &out->touched, &out->touched_count, out->parsed,
                         &out->request, &out->err);
}

sr_result fixture_check(fixture_query *out, const char *sql)
{
    if (fixture_resolve(out, sql) != SR_OK)
        return SR_FAIL;
    return query_check(&out->checked, out->resolved, &out->request, &out->err);
}

static void check_part(const char *sql, const char *what, const char *actual, const char *expected)
{
    if (expected != NULL && strcmp(actual, expected) != 0)
        fail_msg("%s: %s is \"%s\", not \"%s\"", sql, what, actual, expected);
}

void fixture_refuses(sr_result (*stage)(fixture_query *out, const char *sql),
                     const fixture_refusal *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        FIXTURE_QUERY(query);
        const fixture_refusal *wanted = &expected[i];
        if (stage(&query, wanted->sql) == SR_OK)
            fail_msg("%s: passed, and should not have", wanted->sql);
        if (query.err.code != SR_E_REFUSED)
            fail_msg("%s: failed with %s", wanted->sql, query.err.text);
        check_part(wanted->sql, "reason", query.err.detail.reason, wanted->reason);
        check_part(wanted->sql, "field", query.err.detail.field, wanted->field);
        check_part(wanted->sql, "table", query.err.detail.table, wanted->table);
        check_part(wanted->sql, "column", query.err.detail.column, wanted->column);
        check_part(wanted->sql, "position", query.err.detail.position, wanted->position);
        if (wanted->words != NULL && strstr(query.err.text, wanted->words) == NULL)
            fail_msg("%s: \"%s\" does not say \"%s\"", wanted->sql, query.err.text, wanted->words);
    }
}
