#include "server/shell/dev.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "place.h"
#include "server/shell/dev_members.h"

/* Opens as a server would, tells it the address, and lets go of the folder again. */
static void run_once(const char *members, const char *listen, const char *address)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    SR_FD(lock);
    sr_err err = SR_ERR_INIT;
    dev_options options = {.folder = "room", .members = members, .listen = listen};
    check_ok(dev_open(&config, &report, &lock, &options, &err), &err);
    check(lock >= 0);
    check_int(report.fault_count + report.advice_count, 0);
    check_ok(dev_bound(&options, address, &err), &err);
}

static void check_member_text(const char *path, const char *key, const char *wanted)
{
    SR_JSON(document);
    sr_err err = SR_ERR_INIT;
    check_ok(sr_json_parse_file(&document, path, &err), &err);
    check_text(sr_json_text(sr_json_member(document, key)), wanted);
}

static void the_layout_is_the_promised_one(void **state)
{
    (void)state;
    run_once("retailer,brand", "127.0.0.1:0", "127.0.0.1:4711");
    check_int(
        place_run("test \"$(cd room && find . -type f | sort | tr '\\n' ' ')\" = '"
                  "./members/brand/admin.key ./members/brand/admin.pem ./members/brand/analyst.key "
                  "./members/brand/analyst.pem ./members/brand/ca.pem ./members/brand/owner.key "
                  "./members/brand/owner.pem ./members/brand/profile.json "
                  "./members/retailer/admin.key ./members/retailer/admin.pem "
                  "./members/retailer/analyst.key ./members/retailer/analyst.pem "
                  "./members/retailer/ca.pem ./members/retailer/owner.key "
                  "./members/retailer/owner.pem ./members/retailer/profile.json "
                  "./server/config.json ./server/data/lock ./server/tls/ca.key ./server/tls/ca.pem "
                  "./server/tls/revoked.txt ./server/tls/server.key ./server/tls/server.pem '"),
        0);
    check_int(place_run("test -z \"$(find room -type d ! -perm 700)\""), 0);
    check_int(place_run("test -z \"$(find room -name '*.key' ! -perm 600)\""), 0);
}

static void identities_are_certified_by_the_rooms_ca(void **state)
{
    (void)state;
    run_once("brand", "127.0.0.1:0", "127.0.0.1:4711");
    check_int(place_run("cd room/members/brand && for role in admin owner analyst; do "
                        "openssl verify -CAfile ca.pem -purpose sslclient $role.pem && "
                        "openssl x509 -noout -ext subjectAltName -in $role.pem | "
                        "grep -q \"URI:sealroom://brand/$role$\" || exit 1; done"),
              0);
    check_int(place_run("cmp room/server/tls/ca.pem room/members/brand/ca.pem"), 0);
}

static void the_profile_names_the_address_and_three_identities(void **state)
{
    SR_TEXT(text);
    (void)state;
    run_once("brand", "127.0.0.1:0", "127.0.0.1:4711");
    text = place_read("room/members/brand/profile.json");
    check_text(text, "{\n"
                     "  \"server\": \"127.0.0.1:4711\",\n"
                     "  \"ca\": \"ca.pem\",\n"
                     "  \"identities\": {\n"
                     "    \"admin\": {\n"
                     "      \"certificate\": \"admin.pem\",\n"
                     "      \"key\": \"admin.key\"\n"
                     "    },\n"
                     "    \"owner\": {\n"
                     "      \"certificate\": \"owner.pem\",\n"
                     "      \"key\": \"owner.key\"\n"
                     "    },\n"
                     "    \"analyst\": {\n"
                     "      \"certificate\": \"analyst.pem\",\n"
                     "      \"key\": \"analyst.key\"\n"
                     "    }\n"
                     "  }\n"
                     "}\n");
    check_int(place_mode("room/members/brand/profile.json"), 0600);
    check_member_text("room/server/config.json", "listen", "127.0.0.1:4711");
}

static void a_second_run_keeps_everything(void **state)
{
    (void)state;
    run_once("retailer,brand", "127.0.0.1:0", "127.0.0.1:4711");
    check_int(place_run("cp -a room before"), 0);
    run_once(NULL, NULL, "127.0.0.1:4711");
    check_int(place_run("rm before/server/data/lock room/server/data/lock; diff -r before room"),
              0);
}

static void a_second_run_adds_members_and_notes_the_port_for_all(void **state)
{
    (void)state;
    run_once("retailer,brand", "127.0.0.1:0", "127.0.0.1:4711");
    check_int(place_run("cp -a room before"), 0);
    run_once("agency", "127.0.0.1:0", "127.0.0.1:4712");
    check_member_text("room/members/agency/profile.json", "server", "127.0.0.1:4712");
    check_member_text("room/members/retailer/profile.json", "server", "127.0.0.1:4712");
    check_member_text("room/members/brand/profile.json", "server", "127.0.0.1:4712");
    check_member_text("room/server/config.json", "listen", "127.0.0.1:4712");
    check_int(place_run("diff -r before/server/tls room/server/tls"), 0);
    check_int(place_run("cmp before/members/brand/owner.pem room/members/brand/owner.pem"), 0);
}

static void what_somebody_changed_stays(void **state)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    SR_FD(lock);
    sr_err err = SR_ERR_INIT;
    dev_options options = {.folder = "room"};
    (void)state;
    run_once("brand", "127.0.0.1:0", "127.0.0.1:4711");
    check_int(
        place_run("sed -i 's/\"ca\"/\"memoryLimit\": \"256M\", \"ca\"/' room/server/config.json"),
        0);
    check_int(place_run("sed -i 's/\"ca\"/\"serverName\": \"localhost\", \"ca\"/' "
                        "room/members/brand/profile.json"),
              0);
    run_once(NULL, "127.0.0.1:0", "127.0.0.1:4712");
    check_member_text("room/members/brand/profile.json", "serverName", "localhost");
    check_ok(dev_open(&config, &report, &lock, &options, &err), &err);
    check_int(config.memory_limit, 256 << 20);
    check_text(config.listen, "127.0.0.1:4712");
}

static void without_members_named_the_two_of_the_lab_are_made_once(void **state)
{
    (void)state;
    run_once(NULL, "127.0.0.1:0", "127.0.0.1:4711");
    check_int(place_run("test \"$(ls room/members | tr '\\n' ' ')\" = 'advertiser publisher '"), 0);
    check_int(place_run("rm -r room"), 0);
    run_once("solo", "127.0.0.1:0", "127.0.0.1:4711");
    run_once(NULL, NULL, "127.0.0.1:4711");
    check_int(place_run("test \"$(ls room/members)\" = solo"), 0);
}

static void what_a_crash_left_is_completed(void **state)
{
    (void)state;
    run_once("brand", "127.0.0.1:0", "127.0.0.1:4711");
    check_int(unlink("room/members/brand/owner.pem"), 0); /* its key was written, it was not */
    check_int(unlink("room/members/brand/profile.json"), 0);
    check_int(unlink("room/server/config.json"), 0);
    run_once("brand", "127.0.0.1:0", "127.0.0.1:4711");
    check_int(
        place_run("openssl verify -CAfile room/server/tls/ca.pem room/members/brand/owner.pem"), 0);
    check(sr_file_exists("room/members/brand/profile.json"));
}

static void check_refused(const dev_options *options, sr_code code, const char *words)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    SR_FD(lock);
    sr_err err = SR_ERR_INIT;
    check_fails(dev_open(&config, &report, &lock, options, &err), &err, code);
    check_error_says(&err, words);
    check_int(lock, -1);
    check(config.listen == NULL);
}

static void a_room_in_use_is_not_touched(void **state)
{
    SERVER_CONFIG(config);
    CONFIG_REPORT(report);
    SR_FD(lock);
    sr_err err = SR_ERR_INIT;
    dev_options first = {.folder = "room", .members = "brand", .listen = "127.0.0.1:0"};
    dev_options second = {.folder = "room", .members = "agency", .listen = "127.0.0.1:0"};
    (void)state;
    check_ok(dev_open(&config, &report, &lock, &first, &err), &err);
    check_int(place_run("cp -a room before"), 0);
    check_refused(&second, SR_E_STATE, "another sealroomd");
    check_int(place_run("diff -r before room"), 0);
}

static void nothing_is_made_for_a_malformed_option(void **state)
{
    dev_options options = {.folder = "room", .members = "Brand", .listen = "127.0.0.1:0"};
    (void)state;
    check_refused(&options, SR_E_USAGE, "--members: member name \"Brand\"");
    options.members = "brand,";
    check_refused(&options, SR_E_USAGE, "--members: member name: missing");
    options.members = "../../tmp";
    check_refused(&options, SR_E_USAGE, "--members");
    options.members = "brand,agency,brand";
    check_refused(&options, SR_E_USAGE, "\"brand\" is named twice");
    options.members = "brand";
    options.listen = "localhost";
    check_refused(&options, SR_E_INVALID, "HOST:PORT");
    options.listen = "\xff\xfe:1";
    check_refused(&options, SR_E_INVALID, "HOST:PORT");
    check(!sr_file_exists("room"));
}

static void nothing_is_made_for_a_port_that_is_not_to_be_had(void **state)
{
    dev_options options = {.folder = "room", .members = "brand", .listen = "198.51.100.1:1"};
    (void)state;
    check_refused(&options, SR_E_IO, "198.51.100.1:1");
    check(!sr_file_exists("room"));
}

static void a_broken_configuration_is_refused_by_name(void **state)
{
    dev_options options = {.folder = "room"};
    (void)state;
    run_once("brand", "127.0.0.1:0", "127.0.0.1:4711");
    place_write("room/server/config.json", "{\"listen\": ", 0600);
    check_refused(&options, SR_E_INVALID, "room/server/config.json");
    place_write("room/server/config.json", "{\"listen\": 7443}", 0600);
    check_refused(&options, SR_E_INVALID, "room/server/config.json: listen");
    place_write("room/server/config.json", "{\"listen\": \"127.0.0.1:0\"}", 0600);
    check_refused(&options, SR_E_INVALID, "faults");
}

static void what_is_no_member_is_left_alone(void **state)
{
    dev_member_list there;
    sr_err err = SR_ERR_INIT;
    (void)state;
    run_once("brand", "127.0.0.1:0", "127.0.0.1:4711");
    check_int(mkdir("room/members/.git", 0700), 0);
    check_int(mkdir("room/members/Notes", 0700), 0);
    place_write("room/members/readme", "", 0600);
    check_ok(dev_members_there(&there, "room", &err), &err);
    check_int(there.count, 1);
    check_text(there.names[0], "brand");
    run_once(NULL, NULL, "127.0.0.1:4712");
    check_int(place_run("test -z \"$(find room/members/Notes room/members/.git -type f)\""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        place_test(the_layout_is_the_promised_one),
        place_test(identities_are_certified_by_the_rooms_ca),
        place_test(the_profile_names_the_address_and_three_identities),
        place_test(a_second_run_keeps_everything),
        place_test(a_second_run_adds_members_and_notes_the_port_for_all),
        place_test(what_somebody_changed_stays),
        place_test(without_members_named_the_two_of_the_lab_are_made_once),
        place_test(what_a_crash_left_is_completed),
        place_test(a_room_in_use_is_not_touched),
        place_test(nothing_is_made_for_a_malformed_option),
        place_test(nothing_is_made_for_a_port_that_is_not_to_be_had),
        place_test(a_broken_configuration_is_refused_by_name),
        place_test(what_is_no_member_is_left_alone),
    };
    check_main(tests);
}
