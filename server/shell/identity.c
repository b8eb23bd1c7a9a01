#include "identity.h"

#include <strings.h>

static const char scheme[] = "sealroom://";

enum
{
    URIS_MOST = 16, /* more on one certificate is nobody's honest certificate */
};

/* In any case: RFC 3986 takes schemes so, and a URI that others might read as ours must not stand beside
 * one that we read. The parser then insists on lower case. */
static bool is_ours(const char *uri)
{
    return strncasecmp(uri, scheme, sizeof scheme - 1) == 0;
}

sr_result identity_of_uris(principal *out, const char *const *uris, size_t count, sr_err *err)
{
    const char *found = NULL;
    *out = (principal){.member = ""};
    for (size_t i = 0; i < count; i++)
    {
        if (!is_ours(uris[i]))
            continue;
        if (found != NULL)
            return sr_fail(err, SR_E_UNKNOWN_PEER, "the certificate names more than one principal");
        found = uris[i];
    }
    if (found == NULL)
        return sr_fail(err, SR_E_UNKNOWN_PEER,
                       "the certificate names no principal: it needs a URI sealroom://MEMBER/ROLE");
    return principal_parse_uri(out, found, err);
}

sr_result identity_of_call(principal *out, const rpc_call *call, sr_err *err)
{
    const char *uris[URIS_MOST];
    size_t count = rpc_call_peer_uri_count(call);
    *out = (principal){.member = ""};
    if (count > URIS_MOST)
        return sr_fail(err, SR_E_UNKNOWN_PEER, "the certificate has too many names");
    for (size_t i = 0; i < count; i++)
        uris[i] = rpc_call_peer_uri(call, i);
    return identity_of_uris(out, uris, count, err);
}
