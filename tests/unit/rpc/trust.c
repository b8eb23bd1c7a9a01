/* Who may connect, what the server knows of a caller, and what cannot be started: server.h, client.h. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "room.h"

#include "base/file.h"

/* ---- certificates ---------------------------------------------------------------------------- */

/* The call fails at once, in one line that starts the same way. */
static void check_no_way_in(rpc_channel_config *config, const char *says)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 1024);
    SR_TEXT(start);
    RPC_CHANNEL(channel);
    start = sr_text_printf("cannot reach %s: ", config->server);
    check_ok(rpc_channel_new(&channel, config, &err), &err);
    check_fails(room_ask(channel, &answer, ECHO, "let me in", &err), &err, SR_E_UNAVAILABLE);
    check_error_says(&err, start);
    check_error_says(&err, says);
    check(strlen(err.text) < 250);
    check_int(answer.len, 0);
}

static void a_client_of_a_foreign_ca_is_refused(void **state)
{
    rpc_channel_config config = room_channel_config(*state);
    config.certificate_pem = certificate_text("foreign.pem");
    config.key_pem = certificate_text("foreign.key");
    check_no_way_in(&config, "does not accept our certificate");
}

static void an_expired_client_certificate_is_refused(void **state)
{
    rpc_channel_config config = room_channel_config(*state);
    config.certificate_pem = certificate_text("expired.pem");
    config.key_pem = certificate_text("expired.key");
    check_no_way_in(&config, "does not accept our certificate");
}

/* What the server says first on a connection made by the openssl command line, in bytes. */
static size_t heard_by_openssl(const test_room *room, const char *options)
{
    char byte[256];
    size_t heard = 0;
    size_t got = 0;
    SR_TEXT(command);
    command =
        sr_text_printf("cd %s && sleep 1 | openssl s_client -quiet -connect %s -CAfile ca.pem "
                       "-no_ign_eof -alpn h2 %s 2>/dev/null",
                       certificate_folder(), room->address, options);
    FILE *output = popen(command, "r"); /* NOLINT(cert-env33-c): a fixed command */
    check(output != NULL);
    while ((got = fread(byte, 1, sizeof byte, output)) > 0)
        heard += got;
    pclose(output);
    return heard;
}

static void a_client_without_certificate_is_refused(void **state)
{
    check(heard_by_openssl(*state, "-cert analyst.pem -key analyst.key") > 0);
    check_int(heard_by_openssl(*state, ""), 0);
}

static void a_channel_without_certificate_is_not_even_made(void **state)
{
    sr_err err = SR_ERR_INIT;
    RPC_CHANNEL(channel);
    rpc_channel_config config = room_channel_config(*state);
    config.certificate_pem = NULL;
    check_fails(rpc_channel_new(&channel, &config, &err), &err, SR_E_INVALID);
    check_text(err.text, "client certificate: missing");
    check(channel == NULL);
}

static void a_server_of_a_foreign_ca_is_refused(void **state)
{
    rpc_channel_config config = room_channel_config(*state);
    config.ca_pem = certificate_text("foreign-ca.pem");
    check_no_way_in(&config, "the server's certificate is expired, or not from the CA in use");
}

static void check_server_refused(void **state, const char *pem, const char *key, const char *says)
{
    test_room other = {.server = NULL};
    sr_err err = SR_ERR_INIT;
    rpc_server_config server = room_server_config(&other);
    (void)state;
    server.certificate_pem = certificate_text(pem);
    server.key_pem = certificate_text(key);
    check_ok(room_serve(&other, &server, &err), &err);
    rpc_channel_config config = room_channel_config(&other);
    check_no_way_in(&config, says);
    rpc_server_clear(&other.server);
}

static void an_expired_server_certificate_is_refused(void **state)
{
    check_server_refused(state, "server-expired.pem", "server-expired.key",
                         "the server's certificate is expired, or not from the CA in use");
}

static void a_server_certificate_for_another_host_is_refused(void **state)
{
    check_server_refused(state, "server-elsewhere.pem", "server-elsewhere.key",
                         "the server's certificate is for another host name");
}

static void the_name_in_the_servers_certificate_can_be_given(void **state)
{
    test_room other = {.server = NULL};
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 1024);
    rpc_server_config server = room_server_config(&other);
    (void)state;
    server.certificate_pem = certificate_text("server-elsewhere.pem");
    server.key_pem = certificate_text("server-elsewhere.key");
    check_ok(room_serve(&other, &server, &err), &err);
    {
        RPC_CHANNEL(channel);
        rpc_channel_config config = room_channel_config(&other);
        config.server_name = "elsewhere.example";
        check_ok(rpc_channel_new(&channel, &config, &err), &err);
        check_ok(room_ask(channel, &answer, ECHO, "found", &err), &err);
    }
    rpc_server_clear(&other.server);
}

/* ---- the caller ------------------------------------------------------------------------------ */

static void check_answer_has(const sr_buf *answer, const char *line)
{
    SR_TEXT(text);
    text = sr_text_printf("%.*s", (int)answer->len, (const char *)answer->data);
    if (strstr(text, line) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", text, line);
}

static void the_server_knows_who_calls(void **state)
{
    test_room *room = *state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 8192);
    SR_TEXT(fingerprint);
    {
        RPC_CHANNEL(channel);
        channel = room_channel(room);
        check_ok(room_ask(channel, &answer, WHO, "", &err), &err);
    }
    check_answer_has(&answer, "uri sealroom://retailer/analyst\nuri urn:second\nbeyond nothing\n");
    fingerprint = sr_text_printf("fingerprint %s\n", certificate_text("analyst.fingerprint"));
    check_answer_has(&answer, fingerprint);
    check_answer_has(&answer, "pem 1\n");
    check_answer_has(&answer, "address ipv4:127.0.0.1:");
    check_answer_has(&answer, "user somebody\n");
    check_answer_has(&answer, "path /test.v1.Echo/Who\n");
    check_answer_has(&answer, "left 1\n");
    check(room_wait_for(&room->users_freed, 2));
}

static void the_authorize_hook_refuses_before_the_handler(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    channel = room_channel(*state);
    check_fails(room_ask(channel, &answer, FORBIDDEN, "x", &err), &err, SR_E_ROLE);
    check_text(err.text, "an analyst may not do that");
}

/* ---- what cannot be started or reached ------------------------------------------------------- */

static void check_no_server(const rpc_server_config *config, sr_code code, const char *says)
{
    sr_err err = SR_ERR_INIT;
    RPC_SERVER(server);
    check_fails(rpc_server_new(&server, config, NULL, 0, &err), &err, code);
    check_error_says(&err, says);
    check(server == NULL);
}

static void a_port_in_use_is_said_in_one_line(void **state)
{
    test_room *room = *state;
    rpc_server_config config = room_server_config(room);
    config.listen = room->address;
    check_no_server(&config, SR_E_IO, "the port is in use");
}

static void a_bad_listen_address_is_refused(void **state)
{
    static const char *const bad[] = {
        "",      "7443",      ":7443",       "host:", "host:70000", "host:7x", "unix:/tmp/x",
        "a b:1", "[::1:7443", "http://h:80", "h:-1",  "host:999999"};
    rpc_server_config config = room_server_config(*state);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    {
        config.listen = bad[i];
        check_no_server(&config, SR_E_INVALID, "is not HOST:PORT");
    }
    config.listen = "192.0.2.1:0"; /* TEST-NET: an address of no machine */
    check_no_server(&config, SR_E_IO, "cannot listen on 192.0.2.1:0");
    config.listen = "no-such-host.invalid:0";
    check_no_server(&config, SR_E_IO, "cannot listen on no-such-host.invalid:0");
}

static void unusable_certificates_of_a_server_are_named(void **state)
{
    const rpc_server_config good = room_server_config(*state);
    rpc_server_config config = good;
    config.ca_pem = "nothing";
    check_no_server(&config, SR_E_INVALID, "CA certificate: holds no certificate");
    config = good;
    config.certificate_pem = certificate_text("server.key");
    check_no_server(&config, SR_E_INVALID, "server certificate: holds no certificate");
    config = good;
    config.key_pem = NULL;
    check_no_server(&config, SR_E_INVALID, "server key: missing");
    config.key_pem = certificate_text("encrypted.key");
    check_no_server(&config, SR_E_INVALID, "server key: is encrypted");
    config.key_pem = certificate_text("analyst.key");
    check_no_server(&config, SR_E_INVALID, "does the key belong to the certificate?");
}

static void a_key_of_another_certificate_is_said_by_the_client(void **state)
{
    rpc_channel_config config = room_channel_config(*state);
    config.key_pem = certificate_text("server.key");
    check_no_way_in(&config, "unusable (does the key belong to the certificate?)");
}

static void nobody_listening_is_said_in_one_line(void **state)
{
    rpc_channel_config config = room_channel_config(*state);
    config.server = "127.0.0.1:1";
    check_no_way_in(&config, "connection refused");
    config.server = "no-such-host.invalid:7443";
    check_no_way_in(&config, "the host name is not known");
}

static void a_listener_without_tls_is_said_in_one_line(void **state)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof where;
    char address[32];
    SR_FD(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    check_int(bind(fd, (struct sockaddr *)&where, sizeof where), 0);
    check_int(listen(fd, 1), 0);
    check_int(getsockname(fd, (struct sockaddr *)&where, &length), 0);
    snprintf(address, sizeof address, "127.0.0.1:%u", ntohs(where.sin_port));
    pid_t child = fork();
    if (child == 0)
    {
        int peer = accept(fd, NULL, NULL);
        _exit(write(peer, "220 mail.example ESMTP\r\n", 24) == 24 ? (int)sleep(1) : 1);
    }
    rpc_channel_config config = room_channel_config(*state);
    config.server = address;
    check_no_way_in(&config, "does not speak TLS");
}

static void ipv6_and_names_work_as_addresses(void **state)
{
    test_room other = {.server = NULL};
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 1024);
    rpc_server_config server = room_server_config(&other);
    (void)state;
    server.listen = "localhost:0";
    check_ok(room_serve(&other, &server, &err), &err);
    snprintf(other.address, sizeof other.address, "localhost:%u", rpc_server_port(other.server));
    {
        RPC_CHANNEL(channel);
        channel = room_channel(&other);
        check_ok(room_ask(channel, &answer, ECHO, "by name", &err), &err);
    }
    rpc_server_clear(&other.server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, room_setup, room_teardown)
        IN_ROOM(a_client_of_a_foreign_ca_is_refused),
        IN_ROOM(an_expired_client_certificate_is_refused),
        IN_ROOM(a_client_without_certificate_is_refused),
        IN_ROOM(a_channel_without_certificate_is_not_even_made),
        IN_ROOM(a_server_of_a_foreign_ca_is_refused),
        IN_ROOM(an_expired_server_certificate_is_refused),
        IN_ROOM(a_server_certificate_for_another_host_is_refused),
        IN_ROOM(the_name_in_the_servers_certificate_can_be_given),
        IN_ROOM(the_server_knows_who_calls),
        IN_ROOM(the_authorize_hook_refuses_before_the_handler),
        IN_ROOM(a_port_in_use_is_said_in_one_line),
        IN_ROOM(a_bad_listen_address_is_refused),
        IN_ROOM(unusable_certificates_of_a_server_are_named),
        IN_ROOM(a_key_of_another_certificate_is_said_by_the_client),
        IN_ROOM(nobody_listening_is_said_in_one_line),
        IN_ROOM(a_listener_without_tls_is_said_in_one_line),
        IN_ROOM(ipv6_and_names_work_as_addresses),
    };
    return cmocka_run_group_tests(tests, certificates_setup, certificates_teardown);
}
