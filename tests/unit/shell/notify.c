#include "server/shell/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "place.h"

/* A service manager that listens; `name` as in NOTIFY_SOCKET. */
static int listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    check(fd >= 0 && sr_text_put(address.sun_path, sizeof address.sun_path, name));
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    check_int(bind(fd, (const struct sockaddr *)&address, size), 0);
    check_int(setenv("NOTIFY_SOCKET", name, 1), 0);
    return fd;
}

static void check_heard(int fd, const char *expected)
{
    char heard[256] = "";
    ssize_t got = recv(fd, heard, sizeof heard - 1, MSG_DONTWAIT);
    check_int(got, (ssize_t)strlen(expected));
    check_text(heard, expected);
}

static void a_manager_is_told_through_a_socket_in_a_folder(void **state)
{
    SR_FD(manager);
    SR_TEXT(here);
    SR_TEXT(name);
    (void)state;
    here = getcwd(NULL, 0);
    name = sr_path_join(here, "notify");
    manager = listen_at(name);
    notify_manager("READY=1\nSTATUS=listening");
    check_heard(manager, "READY=1\nSTATUS=listening");
    notify_manager("STOPPING=1");
    check_heard(manager, "STOPPING=1");
}

static void a_manager_is_told_through_an_abstract_socket(void **state)
{
    SR_FD(manager);
    SR_TEXT(name);
    (void)state;
    name = sr_text_printf("@sealroom-test-%ld", (long)getpid());
    manager = listen_at(name);
    notify_manager("READY=1");
    check_heard(manager, "READY=1");
}

static void without_a_manager_nothing_happens(void **state)
{
    (void)state;
    check_int(unsetenv("NOTIFY_SOCKET"), 0);
    notify_manager("READY=1");
}

/* Each is a warning in the log, and no more. */
static void a_socket_that_is_none_does_no_harm(void **state)
{
    static const char *const names[] = {"", "/", "@", "relative", "/not/there"};
    SR_TEXT(long_name);
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
        check_int(setenv("NOTIFY_SOCKET", names[i], 1), 0);
        notify_manager("READY=1");
    }
    long_name = sr_text_printf("/%0200d", 1);
    check_int(setenv("NOTIFY_SOCKET", long_name, 1), 0);
    notify_manager("READY=1");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        place_test(a_manager_is_told_through_a_socket_in_a_folder),
        place_test(a_manager_is_told_through_an_abstract_socket),
        place_test(without_a_manager_nothing_happens),
        place_test(a_socket_that_is_none_does_no_harm),
    };
    check_main(tests);
}
