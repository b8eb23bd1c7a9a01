#include "client/overlap/rows.h"

#include "overlap_place.h"

static void rows_come_normalised_with_their_labels(void **state)
{
    (void)state;
    PLACE(at);
    ROWS(self);
    sr_err err = SR_ERR_INIT;
    rows_config config = rows_of(&at, true);
    const char *const ids[] = {"ann@x.org", "bob", "ann@x.org"};
    const size_t labels[] = {0, 1, 0};
    sr_slice id;
    size_t label = 9;
    bool end = false;
    write_text(at.input, "id,segment\n Ann@X.org,gold\n\" \",gold\nbob,silver\ncarl,\n,gold\n"
                         "ANN@x.org,gold\n");
    check_ok(rows_open(&self, &config, &err), &err);
    for (size_t i = 0; i < 3; i++)
    {
        check_ok(rows_next(self, &id, &label, &end, &err), &err);
        check(!end);
        check_slice(id, ids[i]);
        check_int(label, labels[i]);
    }
    check_ok(rows_next(self, &id, &label, &end, &err), &err);
    check(end && id.len == 0);
    const rows_found *found = rows_have(self);
    check_int(found->rows, 6);
    check_int(found->left_out, 3);
    check_int(found->label_count, 2);
    check_text(found->labels[1], "silver");
}

static digest_value digest_of_file(const place *at, const char *text)
{
    sr_err err = SR_ERR_INIT;
    digest_value out;
    rows_config config = rows_of(at, true);
    write_text(at->input, text);
    check_ok(rows_digest_file(&out, &config, &err), &err);
    return out;
}

static void the_digest_tells_whether_a_file_is_the_same(void **state)
{
    (void)state;
    PLACE(at);
    digest_value first = digest_of_file(&at, "id,segment\nann,x\nbob,y\n");
    const char *const others[] = {
        "id,segment\nann,x\nbob,x\n",
        "id,segment\nbob,y\nann,x\n",
        "id,segment\nann,x\n",
        "id,segment\nannx,b\nob,y\n",
    };
    digest_value again = digest_of_file(&at, "id,segment\nANN,x\n,x\nbob,y\n");
    assert_memory_equal(first.bytes, again.bytes, DIGEST_SIZE);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    {
        digest_value other = digest_of_file(&at, others[i]);
        assert_memory_not_equal(first.bytes, other.bytes, DIGEST_SIZE);
    }
}

static void what_no_session_takes_is_refused(void **state)
{
    (void)state;
    PLACE(at);
    sr_err err = SR_ERR_INIT;
    digest_value sum;
    rows_config config = rows_of(&at, true);
    write_text(at.input, "id,segment\na,1\nb,2\nc,3\nd,4\n");
    check_fails(rows_digest_file(&sum, &config, &err), &err, SR_E_LIMIT);
    check_error_says(&err, "ids.csv: row 4: more than 3 segments");
    sr_err_reset(&err);
    config.id_column = "nosuch";
    check_fails(rows_digest_file(&sum, &config, &err), &err, SR_E_NOT_FOUND);
    sr_err_reset(&err);
    config.id_column = NULL;
    check_fails(rows_digest_file(&sum, &config, &err), &err, SR_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_normalised_with_their_labels),
        cmocka_unit_test(the_digest_tells_whether_a_file_is_the_same),
        cmocka_unit_test(what_no_session_takes_is_refused),
    };
    check_main(tests);
}
