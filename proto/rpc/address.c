#include "address.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/file.h"

static bool parse_port(unsigned *out, const char *digits)
{
    size_t length = strlen(digits);
    if (length == 0 || length > 5 || strspn(digits, "0123456789") != length)
        return false;
    unsigned long port = strtoul(digits, NULL, 10);
    *out = (unsigned)port;
    return port <= 65535;
}

static bool host_is_plain(const char *host, bool v6)
{
    if (host[0] == '\0')
        return false;
    for (; *host != '\0'; host++)
    {
        bool allowed = isalnum((unsigned char)*host) || *host == '.' || *host == '-' ||
                       *host == '_' || (v6 && (*host == ':' || *host == '%'));
        if (!allowed)
            return false;
    }
    return true;
}

/* Splits at the last colon and takes the brackets off. */
static bool split(rpc_address *out, const char *text)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text)
        return false;
    size_t length = (size_t)(colon - text);
    out->v6 = text[0] == '[' && text[length - 1] == ']';
    const char *from = out->v6 ? text + 1 : text;
    size_t used = out->v6 ? length - 2 : length;
    if (used >= sizeof out->host)
        return false;
    sr_copy(out->host, from, used);
    out->host[used] = '\0';
    return host_is_plain(out->host, out->v6) && parse_port(&out->port, colon + 1);
}

sr_result rpc_address_parse(rpc_address *out, const char *text, const char *what, sr_err *err)
{
    *out = (rpc_address){.port = 0};
    if (text != NULL && split(out, text))
        return SR_OK;
    *out = (rpc_address){.port = 0};
    return sr_fail(err, SR_E_INVALID, "%s \"%s\" is not HOST:PORT (or [IPv6]:PORT)", what,
                   text == NULL ? "" : text);
}

static sr_result try_bind(const struct addrinfo *info, const char *name, sr_err *err)
{
    int on = 1;
    SR_FD(fd);
    fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return SR_OK; /* the machine lacks this family; the library skips it too */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, 1) == 0)
        return SR_OK;
    if (errno == EADDRINUSE)
        return sr_fail(err, SR_E_IO, "cannot listen on %s: the port is in use", name);
    return sr_fail_errno(err, errno, "cannot listen on %s", name);
}

static void clear_addresses(struct addrinfo **list)
{
    if (*list != NULL)
        freeaddrinfo(*list);
}

sr_result rpc_address_try_bind(const rpc_address *address, sr_err *err)
{
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *list SR_CLEANUP(clear_addresses) = NULL;
    SR_TEXT(name);
    name = rpc_address_print(address);
    snprintf(port, sizeof port, "%u", address->port);
    int status = getaddrinfo(address->host, port, &hints, &list);
    if (status != 0)
        return sr_fail(err, SR_E_IO, "cannot listen on %s: %s", name, gai_strerror(status));
    for (const struct addrinfo *info = list; info != NULL; info = info->ai_next)
        if (try_bind(info, name, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

char *rpc_address_print(const rpc_address *address)
{
    if (address->v6)
        return sr_text_printf("[%s]:%u", address->host, address->port);
    return sr_text_printf("%s:%u", address->host, address->port);
}

char *rpc_address_target(const rpc_address *address)
{
    if (address->v6)
        return sr_text_printf("dns:///%%5B%s%%5D:%u", address->host, address->port);
    return sr_text_printf("dns:///%s:%u", address->host, address->port);
}
