#include "server/shell/log.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "place.h"

static char *value_of(const char *value)
{
    SR_BUF(line, 256);
    sr_err err = SR_ERR_INIT;
    char *text = NULL;
    check_ok(log_put_value(&line, value, &err), &err);
    check_ok(sr_buf_take_text(&text, &line, &err), &err);
    return text;
}

static void a_value_is_quoted_when_it_must_be(void **state)
{
    static const char *const pairs[][2] = {
        {"127.0.0.1:7443", "127.0.0.1:7443"},
        {"", "\"\""},
        {"two words", "\"two words\""},
        {"a=b", "\"a=b\""},
        {"say \"so\"", "\"say \\\"so\\\"\""},
        {"back\\slash", "\"back\\\\slash\""},
        {"one\nevent=forged", "\"one?event=forged\""},
        {"\033[31m", "\"?[31m\""},
        {"größer", "größer"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
    {
        SR_TEXT(made);
        made = value_of(pairs[i][0]);
        check_text(made, pairs[i][1]);
    }
}

/* Standard error goes to a file while `say` speaks; gives what was said. */
static char *said(void (*say)(void))
{
    SR_FD(file);
    SR_FD(saved);
    file = open("said", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    saved = dup(STDERR_FILENO);
    check(file >= 0 && saved >= 0 && dup2(file, STDERR_FILENO) >= 0);
    say();
    check(dup2(saved, STDERR_FILENO) >= 0);
    return place_read("said");
}

static void say_everything(void)
{
    log_event(LOG_INFO, "listening", "address", "127.0.0.1:1", "by", "two words", NULL);
    log_event(LOG_ERROR, "alone", NULL);
}

static void an_event_is_one_line_of_pairs(void **state)
{
    SR_TEXT(text);
    (void)state;
    text = said(say_everything);
    check(strncmp(text, "time=20", 7) == 0);
    check(strstr(text, "Z level=info event=listening address=127.0.0.1:1 by=\"two words\"\n") !=
          NULL);
    check(strstr(text, " level=error event=alone\n") != NULL);
}

static void lines_above_the_level_are_dropped(void **state)
{
    SR_TEXT(text);
    (void)state;
    log_set_level(LOG_WARNING);
    text = said(say_everything);
    log_set_level(LOG_INFO);
    check(strstr(text, "listening") == NULL);
    check(strstr(text, "alone") != NULL);
}

static void say_too_much(void)
{
    char value[LOG_LINE_SIZE + 1];
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    log_event(LOG_INFO, "long", "before", "kept", "value", value, NULL);
}

static void a_line_that_is_too_long_is_cut(void **state)
{
    SR_TEXT(text);
    (void)state;
    text = said(say_too_much);
    check(strstr(text, "event=long before=kept") != NULL);
    check(strlen(text) <= LOG_LINE_SIZE);
    check(text[strlen(text) - 1] == '\n');
}

static void say_fields(void)
{
    log_line line;
    log_line_begin(&line, LOG_INFO, "call");
    log_line_text(&line, "member", "acme \"and\" \\ sons\n");
    log_line_text(&line, "nothing", "");
    log_line_text(&line, "none", NULL);
    log_line_text(&line, "latin", "caf\xe9!");
    log_line_number(&line, "ms", 18446744073709551615u);
    log_line_end(&line);
}

static void fields_are_texts_and_numbers(void **state)
{
    SR_TEXT(text);
    (void)state;
    text = said(say_fields);
    check(strstr(text, " event=call member=\"acme \\\"and\\\" \\\\ sons?\" latin=caf?! "
                       "ms=18446744073709551615\n") != NULL);
}

static void in_json_each_event_is_an_object_a_line(void **state)
{
    SR_TEXT(text);
    (void)state;
    log_set_format(LOG_JSON);
    text = said(say_fields);
    log_set_format(LOG_LOGFMT);
    check(strncmp(text, "{\"time\":\"20", 11) == 0);
    check(strstr(text, "\"level\":\"info\",\"event\":\"call\",\"member\":\"acme \\\"and\\\" \\\\ "
                       "sons?\",\"latin\":\"caf?!\",\"ms\":18446744073709551615}\n") != NULL);
}

static void a_json_line_that_is_too_long_is_still_an_object(void **state)
{
    SR_TEXT(text);
    (void)state;
    log_set_format(LOG_JSON);
    text = said(say_too_much);
    log_set_format(LOG_LOGFMT);
    check(strstr(text, "\"event\":\"long\",\"before\":\"kept\"}\n") != NULL);
}

static void formats_have_names(void **state)
{
    log_format format = LOG_LOGFMT;
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(log_format_parse(&format, "json", &err), &err);
    check_int(format, LOG_JSON);
    check_ok(log_format_parse(&format, "text", &err), &err);
    check_int(format, LOG_LOGFMT);
    check_fails(log_format_parse(&format, "xml", &err), &err, SR_E_INVALID);
}

static void levels_have_names(void **state)
{
    log_level level = LOG_ERROR;
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_ok(log_level_parse(&level, "warning", &err), &err);
    check_int(level, LOG_WARNING);
    check_fails(log_level_parse(&level, "loud", &err), &err, SR_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_quoted_when_it_must_be),
        place_test(an_event_is_one_line_of_pairs),
        place_test(lines_above_the_level_are_dropped),
        place_test(a_line_that_is_too_long_is_cut),
        place_test(fields_are_texts_and_numbers),
        place_test(in_json_each_event_is_an_object_a_line),
        place_test(a_json_line_that_is_too_long_is_still_an_object),
        cmocka_unit_test(formats_have_names),
        cmocka_unit_test(levels_have_names),
    };
    check_main(tests);
}
