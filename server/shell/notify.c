#include "notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/file.h"
#include "log.h"

/* False for what is no address of a socket. An abstract name begins with NUL, written "@". */
static bool read_address(struct sockaddr_un *out, socklen_t *size, const char *name)
{
    size_t len = strlen(name);
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (len < 2 || len >= sizeof out->sun_path || (name[0] != '/' && name[0] != '@'))
        return false;
    sr_copy(out->sun_path, name, len);
    if (name[0] == '@')
        out->sun_path[0] = '\0';
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return true;
}

static bool send_state(const char *name, const char *state)
{
    SR_FD(fd);
    struct sockaddr_un address;
    socklen_t size = 0;
    size_t len = strlen(state);
    if (!read_address(&address, &size, name))
        return false;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && sendto(fd, state, len, MSG_NOSIGNAL, (const struct sockaddr *)&address,
                             size) == (ssize_t)len;
}

void notify_manager(const char *state)
{
    const char *name = getenv("NOTIFY_SOCKET");
    if (name != NULL && !send_state(name, state))
        log_event(LOG_WARNING, "service_manager_not_told", "state", state, NULL);
}
