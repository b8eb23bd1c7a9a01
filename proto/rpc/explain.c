#include "explain.h"

#include <string.h>

#include "details.h"

enum
{
    REASON_MAX = 160,
    STATUS_CANCELLED = 1,
    STATUS_DEADLINE = 4,
    STATUS_EXHAUSTED = 8,
    STATUS_UNIMPLEMENTED = 12,
    STATUS_UNAVAILABLE = 14,
};

#define CLOSED                                                                                     \
    "the server closed the connection: it does not accept our certificate (expired, or not from "  \
    "its CA?), or is stopping"

/* Why a server cannot be reached: a part of the library's text, and our words. The first row that
 * fits counts, so the more special come first. */
static const struct
{
    const char *part;
    const char *words;
} reasons[] = {
    {"certificate verify failed", "the server's certificate is expired, or not from the CA in use"},
    {"Peer name", "the server's certificate is for another host name"},
    {"wrong version number", "what listens there does not speak TLS"},
    {"empty address list", "the CA, our certificate or its key is unusable (does the key belong to "
                           "the certificate?)"},
    {"Ssl handshake failed", "the TLS handshake failed"},
    {"Connection refused", "connection refused; is the server running there?"},
    {"DNS resolution failed", "the host name is not known"},
    {"No route to host", "no route to the host"},
    {"Network is unreachable", "the network is unreachable"},
    {"FD Shutdown", "no answer"},
    {"Connection timed out", "no answer"},
    {"connect() timed out", "no answer"},
    /* A server that refuses a certificate closes without a word (TLS 1.3: after our handshake). */
    {"Socket closed", CLOSED},
    {"Connection reset", CLOSED},
    {"Broken pipe", CLOSED},
    {"GOAWAY", "the server is stopping"},
};

static sr_result unreachable(sr_err *err, const rpc_circumstances *where, const char *text)
{
    char reason[REASON_MAX];
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strstr(text, reasons[i].part) != NULL)
            return sr_fail(err, SR_E_UNAVAILABLE, "cannot reach %s: %s", where->server,
                           reasons[i].words);
    rpc_text_clean(reason, sizeof reason, sr_slice_text(text));
    return sr_fail(err, SR_E_UNAVAILABLE, "cannot reach %s: %s", where->server, reason);
}

/* The library, on either side, refuses a message by its length alone. */
static sr_result exhausted(sr_err *err, const rpc_circumstances *where, const char *text)
{
    if (strstr(text, "larger than max") != NULL)
        return sr_fail(err, SR_E_LIMIT,
                       "a message is larger than the limit maxMessageBytes (%zu here)",
                       where->max_message);
    return sr_fail(err, SR_E_LIMIT, "%s refused: too much at once", where->server);
}

/* Text of a status without details of ours; `err` holds the cleaned text already. */
static sr_result explain_foreign(sr_err *err, const rpc_circumstances *where, int status)
{
    char text[SR_ERR_TEXT_SIZE];
    sr_copy(text, err->text, sizeof text);
    switch (status)
    {
    case STATUS_CANCELLED:
        return sr_fail(err, SR_E_CANCELLED,
                       "%s ended the call: it is stopping, or the connection "
                       "broke",
                       where->server);
    case STATUS_DEADLINE:
        return sr_fail(err, SR_E_TIMEOUT, "no answer from %s within %u ms", where->server,
                       where->deadline_ms);
    case STATUS_EXHAUSTED:
        return exhausted(err, where, text);
    case STATUS_UNIMPLEMENTED:
        return sr_fail(err, SR_E_INVALID, "%s does not know the method %s; is its version older?",
                       where->server, where->path);
    case STATUS_UNAVAILABLE:
        return unreachable(err, where, text);
    default:
        text[REASON_MAX] = '\0';
        return sr_fail(err, err->code, "%s: %s", where->server, text);
    }
}

sr_result rpc_explain(sr_err *err, const rpc_circumstances *where, int status, sr_slice message,
                      sr_slice details)
{
    if (where->cancelled)
        return sr_fail(err, SR_E_CANCELLED, "cancelled");
    if (rpc_details_unpack(err, status, message, details))
        return SR_FAIL;
    return explain_foreign(err, where, status);
}
