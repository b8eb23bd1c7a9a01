#include "online.h"

#include <stdlib.h>

#include "../signals.h"
#include "common.h"

void online_clear(online *self)
{
    link_free(self->link);
    profile_clear(&self->profile);
    *self = (online){.link = NULL};
}

sr_result online_open(online *out, const options *given, principal_role role, sr_err *err)
{
    const profile_identity *identity = NULL;
    *out = (online){.link = NULL};
    if (profile_load(&out->profile, given, err) != SR_OK ||
        profile_pick(&identity, &out->profile, role, given, err) != SR_OK)
        return SR_FAIL;
    link_config config = {
        .server = out->profile.server,
        .server_name = out->profile.server_name,
        .ca = out->profile.ca,
        .certificate = identity->certificate,
        .key = identity->key,
        .interrupt = signals_flag(),
    };
    signals_defer(true);
    return link_open(&out->link, &config, err);
}

void online_choose(online *self, const options *given)
{
    self->collaboration = options_text(given, "collab");
    if (self->collaboration == NULL)
        self->collaboration = getenv("SEALROOM_COLLABORATION");
    if (self->collaboration == NULL || self->collaboration[0] == '\0')
        self->collaboration = self->profile.collaboration;
}

bool online_has_secret(const options *given)
{
    return options_text(given, "secret-file") != NULL || options_text(given, "secret-fd") != NULL ||
           getenv("SEALROOM_SHARED_SECRET") != NULL || getenv("C3R_SHARED_SECRET") != NULL;
}

sr_result online_keys(kdf_schedule **out, const options *given, const sr_uuid *collaboration,
                      sr_err *err)
{
    SECRET(secret);
    *out = NULL;
    if (common_secret(given, &secret, err) != SR_OK)
        return SR_FAIL;
    return kdf_schedule_new(out, secret, collaboration, err);
}

sr_result online_argument(const char **out, const options *given, size_t index, const char *what,
                          sr_err *err)
{
    *out = options_argument(given, index);
    if (*out != NULL)
        return SR_OK;
    return sr_fail(err, SR_E_USAGE, "which %s?", what);
}
