#include "profile.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"

void profile_clear(profile *self)
{
    sr_free(self->path);
    sr_free(self->server);
    sr_free(self->server_name);
    sr_free(self->ca);
    sr_free(self->collaboration);
    for (int role = 0; role < ROLE_COUNT_; role++)
    {
        sr_free(self->identities[role].certificate);
        sr_free(self->identities[role].key);
    }
    *self = (profile){.path = NULL};
}

/* ---- which file ------------------------------------------------------------------------------ */

static sr_result find_path(char **out, const options *given, sr_err *err)
{
    const char *chosen = options_text(given, "profile");
    const char *home = getenv("HOME");
    if (chosen == NULL)
        chosen = getenv("SEALROOM_PROFILE");
    if (chosen != NULL && chosen[0] != '\0')
    {
        *out = sr_text_copy(chosen);
        return SR_OK;
    }
    if (home == NULL)
        return sr_fail(err, SR_E_USAGE, "no profile: give --profile FILE or set SEALROOM_PROFILE");
    *out = sr_path_join(home, ".config/sealroom/profile.json");
    if (!sr_file_exists(*out))
        return sr_fail(err, SR_E_NOT_FOUND,
                       "no profile: give --profile FILE, set SEALROOM_PROFILE, or write %s", *out);
    return SR_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

static char *beside(const char *folder, const char *path)
{
    return sr_path_join(folder, path);
}

static sr_result read_identity(profile_identity *out, const sr_json *object, const char *folder,
                               sr_err *err)
{
    static const char *const allowed[] = {"certificate", "key", NULL};
    const char *certificate = NULL;
    const char *key = NULL;
    if (sr_json_only(object, allowed, err) != SR_OK ||
        sr_json_get_text(object, "certificate", true, &certificate, err) != SR_OK ||
        sr_json_get_text(object, "key", true, &key, err) != SR_OK)
        return SR_FAIL;
    out->certificate = beside(folder, certificate);
    out->key = beside(folder, key);
    return SR_OK;
}

static sr_result read_identities(profile *out, const sr_json *document, const char *folder,
                                 sr_err *err)
{
    const sr_json *identities = NULL;
    if (sr_json_get_object(document, "identities", true, &identities, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_size(identities) == 0)
        return sr_fail(err, SR_E_INVALID, "identities: at least one of admin, owner and analyst");
    for (size_t i = 0; i < sr_json_size(identities); i++)
    {
        const char *name = sr_json_key_at(identities, i);
        principal_role role;
        if (role_parse(&role, name, err) != SR_OK ||
            read_identity(&out->identities[role], sr_json_member_at(identities, i), folder, err) !=
                SR_OK)
            return sr_fail_in(err, "identities.%s", name);
    }
    return SR_OK;
}

static sr_result read_document(profile *out, const sr_json *document, sr_err *err)
{
    static const char *const allowed[] = {"server",        "serverName", "ca",
                                          "collaboration", "identities", NULL};
    const char *server = NULL;
    const char *server_name = NULL;
    const char *ca = NULL;
    const char *collaboration = NULL;
    SR_TEXT(folder);
    if (sr_json_only(document, allowed, err) != SR_OK ||
        sr_json_get_text(document, "server", true, &server, err) != SR_OK ||
        sr_json_get_text(document, "serverName", false, &server_name, err) != SR_OK ||
        sr_json_get_text(document, "ca", true, &ca, err) != SR_OK ||
        sr_json_get_text(document, "collaboration", false, &collaboration, err) != SR_OK)
        return SR_FAIL;
    folder = sr_path_folder(out->path);
    out->server = sr_text_copy(server);
    out->server_name = sr_text_copy(server_name);
    out->collaboration = sr_text_copy(collaboration);
    out->ca = beside(folder, ca);
    return read_identities(out, document, folder, err);
}

static void override_server(profile *out, const options *given)
{
    const char *server = options_text(given, "server");
    if (server == NULL)
        server = getenv("SEALROOM_SERVER");
    if (server == NULL || server[0] == '\0')
        return;
    sr_free(out->server);
    out->server = sr_text_copy(server);
}

sr_result profile_load(profile *out, const options *given, sr_err *err)
{
    PROFILE(made);
    SR_JSON(document);
    *out = (profile){.path = NULL};
    if (find_path(&made.path, given, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_parse_file(&document, made.path, err) != SR_OK)
        return SR_FAIL;
    if (read_document(&made, document, err) != SR_OK)
        return sr_fail_in(err, "%s", made.path);
    override_server(&made, given);
    *out = made;
    made = (profile){.path = NULL};
    return SR_OK;
}

/* ---- picking --------------------------------------------------------------------------------- */

static const profile_identity *only_one(const profile *self)
{
    const profile_identity *found = NULL;
    for (int role = 0; role < ROLE_COUNT_; role++)
    {
        if (self->identities[role].certificate == NULL)
            continue;
        if (found != NULL)
            return NULL;
        found = &self->identities[role];
    }
    return found;
}

sr_result profile_pick(const profile_identity **out, const profile *self, principal_role wanted,
                       const options *given, sr_err *err)
{
    const char *chosen = options_text(given, "role");
    *out = NULL;
    if (chosen != NULL && role_parse(&wanted, chosen, err) != SR_OK)
        return sr_fail_in(err, "--role");
    if (self->identities[wanted].certificate != NULL)
        *out = &self->identities[wanted];
    else if (chosen == NULL)
        *out = only_one(self);
    if (*out == NULL)
        return sr_fail(err, SR_E_ROLE, "%s: no identity of role %s, which this command needs",
                       self->path, role_name(wanted));
    return SR_OK;
}
