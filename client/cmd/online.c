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

sr_result online_open(online *out, const options *given, unsigned roles, sr_err *err)
{
    principal_role role;
    const char *server = options_text(given, "server");
    *out = (online){.link = NULL};
    if (profile_load(&out->profile, options_text(given, "profile"), err) != SR_OK ||
        profile_pick(&role, &out->profile, roles, options_text(given, "role"), err) != SR_OK)
        return SR_FAIL;
    link_config config = {
        .server = server == NULL ? out->profile.server : server,
        .server_name = out->profile.server_name,
        .ca = out->profile.ca,
        .certificate = out->profile.identities[role].certificate,
        .key = out->profile.identities[role].key,
        .interrupt = signals_flag(),
    };
    signals_defer(true);
    return link_open(&out->link, &config, err);
}

sr_result online_form(output_form *out, const options *given, sr_err *err)
{
    return output_form_parse(out, options_text(given, "output"), err);
}

void online_choose(online *self, const options *given)
{
    self->collaboration = options_text(given, "collab");
    if (self->collaboration == NULL)
        self->collaboration = getenv("SEALROOM_COLLABORATION");
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
