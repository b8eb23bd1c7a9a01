/* The program as its user meets it: exit status, lines, files. */
#include "place.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

#define SEALROOMD SEALROOM_BINARY_DIR "/bin/sealroomd"

enum
{
    WAIT_STEPS = 600, /* of a tenth of a second */
    STEP_US = 100000,
};

/* Standard output goes to the file "out", standard error to "err"; gives the exit status. */
static int run(const char *arguments)
{
    SR_TEXT(command);
    command = sr_text_printf("%s %s >out 2>err", SEALROOMD, arguments);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static size_t count_lines(const char *path)
{
    SR_TEXT(text);
    size_t lines = 0;
    text = place_read(path);
    for (const char *at = text; *at != '\0'; at++)
        lines += *at == '\n';
    return lines;
}

static bool file_says(const char *path, const char *words)
{
    SR_TEXT(text);
    text = place_read(path);
    return strstr(text, words) != NULL;
}

static void check_refused(const char *arguments, int status, const char *words)
{
    check_int(run(arguments), status);
    check_int(count_lines("out"), 0);
    check_int(count_lines("err"), 1);
    check(file_says("err", "sealroomd: "));
    check(file_says("err", words));
}

static void wrong_usage_is_one_line_and_status_2(void **state)
{
    (void)state;
    check_refused("", 2, "--dev DIR or --config FILE");
    check_refused("--config a --dev b", 2, "--dev DIR or --config FILE");
    check_refused("--config a --config b", 2, "twice");
    check_refused("--config a --listen 127.0.0.1:1", 2, "--dev");
    check_refused("--colour red", 2, "--colour");
    check_refused("--config", 2, "--config");
    check_refused("polish", 2, "polish");
    check_refused("stored", 2, "--config FILE");
    check_refused("stored --config a --rows many", 2, "--rows");
    check_refused("stored --config a --rows 1001", 2, "--rows");
    check_refused("stored now --config a", 2, "now");
    check_refused("check-config", 2, "check-config FILE");
    check_refused("check-config a b", 2, "b: unexpected");
    check_refused("backup", 2, "--config FILE");
    check_refused("backup --config a", 2, "--to FOLDER");
    check_refused("backup --config a --to b --from c", 2, "--from");
    check_refused("backup --config a --to b more", 2, "a word too many");
    check_refused("restore --config a", 2, "--from FOLDER");
    check_refused("restore --config a --from b --to c", 2, "--to");
    check_refused("check --config a --keys b", 2, "--keys");
    check_refused("check --config a --config b", 2, "twice");
    check_refused("check --colour red", 2, "no such option");
    check_refused("--dev room --members A", 2, "--members");
    check(!sr_file_exists("room"));
}

static void failures_are_one_line_and_status_1(void **state)
{
    (void)state;
    check_refused("--config none.json", 1, "none.json");
    check_refused("check-config none.json", 1, "none.json");
    check_refused("stored --config none.json", 1, "none.json");
    check_refused("check --config none.json", 1, "none.json");
    place_write("new.json", "{\"dataFolder\": \"new\", \"keyFolder\": \"keys\"}", 0600);
    check_refused("check --config new.json", 1, "nothing is stored yet");
    check_refused("backup --config new.json --to b", 1, "nothing is stored yet");
    check_refused("restore --config new.json --from b", 1, "no finished backup");
    check(!sr_file_exists("new") && !sr_file_exists("b"));
    check_refused("--dev room --listen 198.51.100.1:1", 1, "198.51.100.1:1");
    check(!sr_file_exists("room"));
}

static void help_and_version_are_answers(void **state)
{
    (void)state;
    check_int(run("--help"), 0);
    check(file_says("out", "sealroomd --dev ~/room --members retailer,brand"));
    check(file_says("out", "check-config"));
    check_int(place_run("awk 'length($0) > 100 { exit 1 }' out"), 0);
    check_int(run("stored --help"), 0);
    check_int(run("restore --help"), 0);
    check(file_says("out", "sealroomd backup --config FILE --to FOLDER"));
    check_int(place_run("awk 'length($0) > 100 { exit 1 }' out"), 0);
    check_int(run("--version"), 0);
    check(file_says("out", "sealroomd "));
}

static void every_fault_of_a_configuration_is_a_line(void **state)
{
    (void)state;
    place_write("faulty.json", "{\"listen\": 1, \"colour\": \"red\"}", 0600);
    check_int(run("check-config faulty.json"), 1);
    check_int(count_lines("err"), 7);
    check(file_says("err", "sealroomd: faulty.json: colour: there is no such field\n"));
    check_int(run("--config faulty.json"), 1);
    check_int(count_lines("err"), 7);
}

/* ---- serving ----------------------------------------------------------------------------------- */

static pid_t start(void)
{
    pid_t child = fork();
    check(child >= 0);
    if (child > 0)
        return child;
    if (freopen("served.out", "w", stdout) != NULL && freopen("served.err", "w", stderr) != NULL)
        (void)execl(SEALROOMD, SEALROOMD, "--dev", "room", "--members", "brand", "--listen",
                    "127.0.0.1:0", "--ready-file", "ready", (char *)NULL);
    _exit(127);
}

static void wait_for_file(const char *path, pid_t child)
{
    for (int step = 0; step < WAIT_STEPS && !sr_file_exists(path); step++)
    {
        check_int(waitpid(child, NULL, WNOHANG), 0);
        (void)usleep(STEP_US);
    }
    check(sr_file_exists(path));
}

static int stop(pid_t child, int with)
{
    int status = 0;
    check_int(kill(child, with), 0);
    check_int(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_server_says_when_it_serves_and_stops_when_told(void **state)
{
    SR_TEXT(address);
    SR_TEXT(line);
    static const int signals[] = {SIGTERM, SIGINT};
    (void)state;
    for (size_t i = 0; i < 2; i++)
    {
        pid_t child = start();
        wait_for_file("ready", child);
        sr_text_clear(&address);
        sr_text_clear(&line);
        address = place_read("ready");
        check(strncmp(address, "127.0.0.1:", 10) == 0 && address[strlen(address) - 1] == '\n');
        check(strcmp(address, "127.0.0.1:0\n") != 0);
        line = sr_text_printf("listening on %s", address);
        check_int(stop(child, signals[i]), 0);
        check(!sr_file_exists("ready"));
        check(file_says("served.out", line));
        check(file_says("served.err", "event=stopped"));
        check_int(place_run("grep -vq '^time=[^ ]* level=info event=' served.err"), 1);
    }
}

static void a_second_server_and_the_tools_are_refused_while_it_runs(void **state)
{
    (void)state;
    pid_t child = start();
    wait_for_file("ready", child);
    check_refused("--dev room --members agency --listen 127.0.0.1:0", 1, "another sealroomd");
    check_refused("--config room/server/config.json", 1, "another sealroomd");
    check_refused("stored --config room/server/config.json", 1, "another sealroomd");
    check_refused("--dev other --listen $(cat ready)", 1, "the port is in use");
    check(!sr_file_exists("other") && !sr_file_exists("room/members/agency"));
    check_int(stop(child, SIGTERM), 0);
    check_int(run("stored --config room/server/config.json"), 0);
    check(file_says("out", "no table is stored yet"));
}

static void a_key_of_another_certificate_leaves_no_catalog(void **state)
{
    (void)state;
    pid_t child = start();
    wait_for_file("ready", child);
    check_int(stop(child, SIGTERM), 0);
    check_int(
        place_run("cp room/server/tls/ca.key room/server/tls/server.key && rm -r room/server/data"),
        0);
    check_refused("--config room/server/config.json", 1, "does the key belong to the certificate?");
    check(!sr_file_exists("room/server/data/catalog.sqlite"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        place_test(wrong_usage_is_one_line_and_status_2),
        place_test(failures_are_one_line_and_status_1),
        place_test(help_and_version_are_answers),
        place_test(every_fault_of_a_configuration_is_a_line),
        place_test(a_server_says_when_it_serves_and_stops_when_told),
        place_test(a_second_server_and_the_tools_are_refused_while_it_runs),
        place_test(a_key_of_another_certificate_leaves_no_catalog),
    };
    check_main(tests);
}
