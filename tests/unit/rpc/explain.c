/* explain.h: the library's long texts become one short line; nothing of a peer gets through unclean. */
#include "check.h"

#include "rpc/explain.h"

static const rpc_circumstances there = {
    .server = "host:7443", .path = "/s/m", .deadline_ms = 1500, .max_message = 1000};

static sr_err explained(int status, const char *text)
{
    sr_err err = SR_ERR_INIT;
    check_int(rpc_explain(&err, &there, status, sr_slice_text(text), sr_slice_of(NULL, 0)),
              SR_FAIL);
    return err;
}

static void a_known_reason_is_put_in_our_words(void **state)
{
    (void)state;
    sr_err err =
        explained(14, "failed to connect to all addresses; last error: UNKNOWN: "
                      "ipv4:10.0.0.1:1: Failed to connect to remote host: Connection refused");
    check_int(err.code, SR_E_UNAVAILABLE);
    check_text(err.text,
               "cannot reach host:7443: connection refused; is the server running there?");
}

static void an_unknown_reason_is_kept_short_and_clean(void **state)
{
    char text[2000];
    (void)state;
    memset(text, 'z', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    text[3] = '\n';
    text[4] = '\x1b';
    sr_err err = explained(14, text);
    check(strncmp(err.text, "cannot reach host:7443: zzz??zzz", 32) == 0);
    check(strlen(err.text) < 250);
    err = explained(2, text);
    check_int(err.code, SR_E_INTERNAL);
    check(strncmp(err.text, "host:7443: zzz??zzz", 19) == 0);
    check(strlen(err.text) < 250);
}

static void other_statuses_have_their_own_words(void **state)
{
    (void)state;
    check_text(explained(4, "Deadline Exceeded").text, "no answer from host:7443 within 1500 ms");
    check_int(explained(4, "").code, SR_E_TIMEOUT);
    check_int(explained(8, "Received message larger than max (5 vs. 4)").code, SR_E_LIMIT);
    check_int(explained(12, "").code, SR_E_INVALID);
    check_int(explained(1, "").code, SR_E_CANCELLED);
}

static void what_we_cancelled_is_cancelled_whatever_the_status(void **state)
{
    sr_err err = SR_ERR_INIT;
    rpc_circumstances where = there;
    (void)state;
    where.cancelled = true;
    check_fails(rpc_explain(&err, &where, 14, sr_slice_text("x"), sr_slice_of(NULL, 0)), &err,
                SR_E_CANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_reason_is_put_in_our_words),
        cmocka_unit_test(an_unknown_reason_is_kept_short_and_clean),
        cmocka_unit_test(other_statuses_have_their_own_words),
        cmocka_unit_test(what_we_cancelled_is_cancelled_whatever_the_status),
    };
    check_main(tests);
}
