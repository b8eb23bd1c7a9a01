#include "server/shell/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "place.h"

#define REQUIRED                                                                                   \
    "\"listen\": \"127.0.0.1:7443\", \"ca\": \"tls/ca.pem\", \"certificate\": "                    \
    "\"tls/server.pem\", "                                                                         \
    "\"key\": \"tls/server.key\", \"dataFolder\": \"data\", \"keyFolder\": \"keys\""

/* The files that a configuration names, in room/. */
static void make_files(void)
{
    check_int(mkdir("room", 0700), 0);
    check_int(mkdir("room/tls", 0700), 0);
    check_int(mkdir("room/keys", 0700), 0);
    place_write("room/tls/ca.pem", "ca", 0644);
    place_write("room/tls/server.pem", "certificate", 0644);
    place_write("room/tls/server.key", "key", 0600);
}

static void write_config(const char *text)
{
    place_write("room/config.json", text, 0600);
}

static void a_short_configuration_has_defaults(void **state)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    sr_err err = SR_ERR_INIT;
    (void)state;
    make_files();
    write_config("{" REQUIRED "}");
    check_ok(server_config_load(&config, &report, "room/config.json", &err), &err);
    check_text(config.listen, "127.0.0.1:7443");
    check_text(config.key, "room/tls/server.key"); /* beside the file, not the current folder */
    check_text(config.data_folder, "room/data");
    check(!sr_file_exists("room/data"));
    check_int(config.memory_limit, UINT64_C(2) << 30);
    check_int(config.threads, 0);
    check_int(config.max_calls, 64);
    check_int(config.query_ms, 3600000);
    check_int(config.stop_grace_ms, 10000);
    check_int(config.log_level, LOG_INFO);
    check_int(report.fault_count + report.advice_count, 0);
    for (int id = 0; id < QUOTA_COUNT_; id++)
        check_int(config.quotas.limit[id], quota_default((quota_id)id));
}

static void every_quota_is_taken_by_its_name(void **state)
{
    (void)state;
    make_files();
    for (int id = 0; id < QUOTA_COUNT_; id++)
    {
        SERVER_CONFIG(config);
        CONFIG_REPORT(report);
        SR_TEXT(document);
        sr_err err = SR_ERR_INIT;
        document = sr_text_printf("{" REQUIRED ", \"maxCalls\": 12, \"%s\": %d}",
                                  quota_name((quota_id)id), 1000 + id);
        write_config(document);
        check_ok(server_config_load(&config, &report, "room/config.json", &err), &err);
        check_int(config.quotas.limit[id], 1000 + id);
        check_int(config.quotas.limit[QUOTA_CALLS_PER_MEMBER],
                  id == QUOTA_CALLS_PER_MEMBER ? 1000 + id : 3); /* a quarter of maxCalls */
    }
}

static void quotas_of_sizes_take_units_and_zero(void **state)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    sr_err err = SR_ERR_INIT;
    (void)state;
    make_files();
    write_config("{" REQUIRED ", \"maxCollaborationDisk\": \"512K\", \"minFreeDisk\": 0, "
                 "\"maxTables\": 0}");
    check_ok(server_config_load(&config, &report, "room/config.json", &err), &err);
    check_int(config.quotas.limit[QUOTA_COLLABORATION_DISK], 512 << 10);
    check_int(config.quotas.limit[QUOTA_FREE_DISK], 0);
    check_int(config.quotas.limit[QUOTA_TABLES], 0);
}

static void every_field_is_taken(void **state)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    sr_err err = SR_ERR_INIT;
    (void)state;
    make_files();
    write_config("{" REQUIRED ", \"memoryLimit\": \"512M\", \"threads\": 3, \"maxCalls\": 8, "
                 "\"queryTimeLimitSeconds\": 5, \"stopGraceSeconds\": 0, \"logLevel\": \"error\", "
                 "\"erasePatienceSeconds\": 7, \"logFormat\": \"json\"}");
    check_ok(server_config_load(&config, &report, "room/config.json", &err), &err);
    check_int(config.memory_limit, 512 << 20);
    check_int(config.threads, 3);
    check_int(config.max_calls, 8);
    check_int(config.query_ms, 5000);
    check_int(config.erase_patience_ms, 7000);
    check_int(config.stop_grace_ms, 0);
    check_int(config.log_level, LOG_ERROR);
    check_int(config.log_format, LOG_JSON);
}

static void check_empty(const server_config *config)
{
    static const server_config empty;
    check(memcmp(config, &empty, sizeof empty) == 0);
}

/* One fault, which is the error's text too. */
static void check_fault(const char *text, const char *words)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    sr_err err = SR_ERR_INIT;
    write_config(text);
    check_fails(server_config_load(&config, &report, "room/config.json", &err), &err, SR_E_INVALID);
    check_error_says(&err, "room/config.json: ");
    check_error_says(&err, words);
    check_int(report.fault_count, 1);
    check_empty(&config);
}

static void a_faulty_value_is_refused_by_its_field(void **state)
{
    (void)state;
    make_files();
    check_fault("{" REQUIRED ", \"memoryLimits\": \"2G\"}", "memoryLimits: there is no such field");
    check_fault("{" REQUIRED ", \"memoryLimit\": \"2 G\"}", "memoryLimit: expected bytes");
    check_fault("{" REQUIRED ", \"memoryLimit\": 1000}", "memoryLimit: expected bytes");
    check_fault("{" REQUIRED ", \"memoryLimit\": -1}", "memoryLimit: expected bytes");
    check_fault("{" REQUIRED ", \"memoryLimit\": true}", "memoryLimit: expected a text");
    check_fault("{" REQUIRED ", \"threads\": -1}", "threads: expected a whole number from 0");
    check_fault("{" REQUIRED ", \"threads\": \"all\"}", "threads: expected a number");
    check_fault("{" REQUIRED ", \"maxCalls\": 1}", "maxCalls: expected a whole number from 4");
    check_fault("{" REQUIRED ", \"queryTimeLimitSeconds\": 0}", "queryTimeLimitSeconds: expected");
    check_fault("{" REQUIRED ", \"erasePatienceSeconds\": 0}", "erasePatienceSeconds: expected");
    check_fault("{" REQUIRED ", \"stopGraceSeconds\": 1.5}", "stopGraceSeconds: expected");
    check_fault("{" REQUIRED ", \"maxTables\": -1}", "maxTables: expected a whole number from 0");
    check_fault("{" REQUIRED ", \"maxTables\": \"2G\"}", "maxTables: expected a number");
    check_fault("{" REQUIRED ", \"minFreeDisk\": \"2 G\"}", "minFreeDisk: expected bytes");
    check_fault("{" REQUIRED ", \"minFreeDisk\": -1}", "minFreeDisk: expected bytes");
    check_fault("{" REQUIRED ", \"logLevel\": \"debug\"}",
                "logLevel: expected error, warning or info");
    check_fault("{" REQUIRED ", \"logFormat\": \"xml\"}", "logFormat: expected text or json");
}

/* The required fields, one of them with another value. */
static void check_fault_in(const char *field, const char *value, const char *words)
{
    static const char *const required[][2] = {
        {"listen", "127.0.0.1:7443"}, {"ca", "tls/ca.pem"},   {"certificate", "tls/server.pem"},
        {"key", "tls/server.key"},    {"dataFolder", "data"}, {"keyFolder", "keys"},
    };
    SR_BUF(text, 4096);
    SR_TEXT(document);
    sr_err err = SR_ERR_INIT;
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
    {
        const char *used = strcmp(required[i][0], field) == 0 ? value : required[i][1];
        check_ok(sr_buf_printf(&text, &err, "%c\"%s\": \"%s\"", i == 0 ? '{' : ',', required[i][0],
                               used),
                 &err);
    }
    check_ok(sr_buf_append_text(&text, "}", &err), &err);
    check_ok(sr_buf_take_text(&document, &text, &err), &err);
    check_fault(document, words);
}

static void a_faulty_address_is_refused(void **state)
{
    (void)state;
    make_files();
    check_fault_in("listen", "7443", "HOST:PORT");
    check_fault_in("listen", "localhost:70000", "HOST:PORT");
    check_fault_in("listen", "", "listen: empty");
}

static void a_file_must_be_there_and_be_one(void **state)
{
    (void)state;
    make_files();
    check_fault_in("ca", "tls/none.pem", "ca: room/tls/none.pem: No such file");
    check_fault_in("certificate", "tls", "certificate: room/tls: not a file");
    check_fault_in("keyFolder", "none", "keyFolder: room/none: No such file");
    check_fault_in("keyFolder", "tls/ca.pem", "keyFolder: room/tls/ca.pem: not a folder");
    check_fault_in("dataFolder", "tls/ca.pem", "dataFolder: room/tls/ca.pem: not a folder");
    check_fault_in("dataFolder", "", "dataFolder: empty");
}

static void what_others_may_open_is_refused(void **state)
{
    (void)state;
    make_files();
    check_int(chmod("room/tls/server.key", 0640), 0);
    check_fault("{" REQUIRED "}", "key: room/tls/server.key: others may open it");
    check_int(chmod("room/tls/server.key", 0600), 0);
    check_int(chmod("room/keys", 0711), 0);
    check_fault("{" REQUIRED "}", "keyFolder: room/keys: others may open it");
    check_int(chmod("room/keys", 0700), 0);
    check_int(mkdir("room/data", 0700), 0);
    check_int(chmod("room/data", 0755), 0);
    check_fault("{" REQUIRED "}", "dataFolder: room/data: others may open it");
}

static void all_faults_are_told_at_once_in_their_order(void **state)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    sr_err err = SR_ERR_INIT;
    (void)state;
    make_files();
    write_config(
        "{\"listen\": \"nowhere\", \"certificate\": 1, \"key\": \"tls/server.key\", "
        "\"dataFolder\": \"data\", \"keyFolder\": \"none\", \"maxCalls\": 0, \"colour\": \"red\", "
        "\"two\\nlines\": 1}");
    check_fails(server_config_load(&config, &report, "room/config.json", &err), &err, SR_E_INVALID);
    check_error_says(&err, "room/config.json: 7 faults");
    check_int(report.fault_count, 7);
    check(strstr(report.faults[0], "listen") == report.faults[0]);
    check_text(report.faults[1], "ca: missing; expected a text");
    check(strstr(report.faults[2], "certificate: expected a text") != NULL);
    check(strstr(report.faults[3], "keyFolder: ") == report.faults[3]);
    check(strstr(report.faults[4], "maxCalls: ") == report.faults[4]);
    check_text(report.faults[5], "colour: there is no such field");
    check(strchr(report.faults[6], '\n') == NULL);
    check_empty(&config);
}

static void more_faults_than_are_told_do_no_harm(void **state)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    SR_BUF(text, 1 << 16);
    SR_TEXT(document);
    sr_err err = SR_ERR_INIT;
    (void)state;
    make_files();
    check_ok(sr_buf_append_text(&text, "{" REQUIRED, &err), &err);
    for (int i = 0; i < 3 * CONFIG_LINES_MOST; i++)
        check_ok(sr_buf_printf(&text, &err, ", \"field%d\": 1", i), &err);
    check_ok(sr_buf_append_text(&text, "}", &err), &err);
    check_ok(sr_buf_take_text(&document, &text, &err), &err);
    write_config(document);
    check_fails(server_config_load(&config, &report, "room/config.json", &err), &err, SR_E_INVALID);
    check_int(report.fault_count, CONFIG_LINES_MOST);
}

static void a_file_that_is_no_configuration_is_refused(void **state)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_fails(server_config_load(&config, &report, "none.json", &err), &err, SR_E_NOT_FOUND);
    check_error_says(&err, "none.json");
    place_write("broken.json", "{\"listen\": ", 0600);
    check_fails(server_config_load(&config, &report, "broken.json", &err), &err, SR_E_INVALID);
    place_write("list.json", "[]", 0600);
    check_fails(server_config_load(&config, &report, "list.json", &err), &err, SR_E_INVALID);
    check_error_says(&err, "expected an object");
    check_empty(&config);
}

static void keys_inside_the_data_are_advised_against(void **state)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    sr_err err = SR_ERR_INIT;
    (void)state;
    make_files();
    check_int(mkdir("room/data", 0700), 0);
    check_int(rename("room/keys", "room/data/keys"), 0);
    check_int(symlink("data/keys", "room/keys"), 0); /* a link does not hide where they are */
    write_config("{" REQUIRED "}");
    check_ok(server_config_load(&config, &report, "room/config.json", &err), &err);
    check_int(report.advice_count, 1);
    check(strstr(report.advice[0], "keyFolder lies inside dataFolder") != NULL);
}

static void folders_of_like_names_are_not_inside(void **state)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    sr_err err = SR_ERR_INIT;
    (void)state;
    make_files();
    check_int(mkdir("room/data", 0700), 0);
    check_int(mkdir("room/data-keys", 0700), 0);
    check_int(rmdir("room/keys"), 0);
    check_int(symlink("data-keys", "room/keys"), 0);
    write_config("{" REQUIRED "}");
    check_ok(server_config_load(&config, &report, "room/config.json", &err), &err);
    check_int(report.advice_count, 0);
}

static void sizes_have_binary_units(void **state)
{
    static const struct
    {
        const char *text;
        uint64_t bytes; /* 0: refused */
    } cases[] = {
        {"67108864", UINT64_C(64) << 20},
        {"65536K", UINT64_C(64) << 20},
        {"64M", UINT64_C(64) << 20},
        {"2G", UINT64_C(2) << 30},
        {"16384G", UINT64_C(16) << 40},
        {"16385G", 0},
        {"67108863", 0},
        {"63M", 0},
        {"0", 0},
        {"", 0},
        {"G", 0},
        {"-2G", 0},
        {"+2G", 0},
        {" 2G", 0},
        {"2G ", 0},
        {"2g", 0},
        {"2GB", 0},
        {"2.5G", 0},
        {"0x40000000", 0},
        {"18446744073709551616", 0},
        {"18014398509481985K", 0},
        {"99999999999999999999G", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        uint64_t bytes = 1;
        sr_err err = SR_ERR_INIT;
        sr_result got = config_parse_size(&bytes, cases[i].text, &err);
        check_int(got, cases[i].bytes == 0 ? SR_FAIL : SR_OK);
        check_int(bytes, cases[i].bytes);
    }
}

static void the_tools_need_folders_alone(void **state)
{
    SERVER_CONFIG(config);
    SERVER_CONFIG(faulty);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_int(mkdir("room", 0700), 0); /* and nothing in it */
    write_config("{" REQUIRED ", \"threads\": 3}");
    check_ok(server_config_load_folders(&config, "room/config.json", &err), &err);
    check_text(config.data_folder, "room/data");
    check_text(config.key_folder, "room/keys");
    check_int(config.threads, 3);
    check_int(config.memory_limit, UINT64_C(2) << 30);
    write_config("{\"dataFolder\": \"data\"}");
    check_fails(server_config_load_folders(&faulty, "room/config.json", &err), &err, SR_E_INVALID);
    check_error_says(&err, "room/config.json: keyFolder");
    check_empty(&faulty);
    sr_err_reset(&err);
    check_int(mkdir("room/data", 0755), 0);
    check_int(chmod("room/data", 0755), 0);
    write_config("{" REQUIRED "}");
    check_fails(server_config_load_folders(&faulty, "room/config.json", &err), &err, SR_E_SECRET);
    check_empty(&faulty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        place_test(a_short_configuration_has_defaults),
        place_test(every_field_is_taken),
        place_test(every_quota_is_taken_by_its_name),
        place_test(quotas_of_sizes_take_units_and_zero),
        place_test(a_faulty_value_is_refused_by_its_field),
        place_test(a_faulty_address_is_refused),
        place_test(a_file_must_be_there_and_be_one),
        place_test(what_others_may_open_is_refused),
        place_test(all_faults_are_told_at_once_in_their_order),
        place_test(more_faults_than_are_told_do_no_harm),
        place_test(a_file_that_is_no_configuration_is_refused),
        place_test(keys_inside_the_data_are_advised_against),
        place_test(folders_of_like_names_are_not_inside),
        cmocka_unit_test(sizes_have_binary_units),
        place_test(the_tools_need_folders_alone),
    };
    check_main(tests);
}
