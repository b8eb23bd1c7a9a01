#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

void profile_clear(profile *self)
{
    sr_free(self->path);
    sr_free(self->server);
    sr_free(self->server_name);
    sr_free(self->ca);
    for (size_t i = 0; i < ROLE_COUNT_; i++)
    {
        sr_free(self->identities[i].certificate);
        sr_free(self->identities[i].key);
    }
    *self = (profile){.path = NULL};
}

/* ---- reading --------------------------------------------------------------------------------- */

static char *beside(const profile *self, const char *name)
{
    SR_TEXT(folder);
    folder = sr_path_folder(self->path);
    return sr_path_join(folder, name);
}

static sr_result read_path(const profile *self, char **out, const sr_json *object, const char *key,
                           sr_err *err)
{
    const char *name = NULL;
    if (sr_json_get_text(object, key, true, &name, err) != SR_OK)
        return SR_FAIL;
    *out = beside(self, name);
    return SR_OK;
}

static sr_result read_identity(profile *self, const sr_json *identities, principal_role role,
                               sr_err *err)
{
    static const char *const known[] = {"certificate", "key", NULL};
    const sr_json *node = NULL;
    profile_identity *identity = &self->identities[role];
    if (sr_json_get_object(identities, role_name(role), false, &node, err) != SR_OK)
        return SR_FAIL;
    if (node == NULL)
        return SR_OK;
    if (sr_json_only(node, known, err) != SR_OK ||
        read_path(self, &identity->certificate, node, "certificate", err) != SR_OK ||
        read_path(self, &identity->key, node, "key", err) != SR_OK)
        return sr_fail_in(err, "%s", role_name(role));
    identity->present = true;
    return SR_OK;
}

static sr_result read_identities(profile *self, const sr_json *root, sr_err *err)
{
    const sr_json *identities = NULL;
    const char *known[ROLE_COUNT_ + 1] = {NULL};
    if (sr_json_get_object(root, "identities", true, &identities, err) != SR_OK)
        return SR_FAIL;
    for (unsigned role = 0; role < ROLE_COUNT_; role++)
        known[role] = role_name((principal_role)role);
    if (sr_json_only(identities, known, err) != SR_OK)
        return sr_fail_in(err, "identities");
    for (unsigned role = 0; role < ROLE_COUNT_; role++)
    {
        if (read_identity(self, identities, (principal_role)role, err) != SR_OK)
            return sr_fail_in(err, "identities");
    }
    if (sr_json_size(identities) == 0)
        return sr_fail(err, SR_E_INVALID, "identities: at least one is needed");
    return SR_OK;
}

static sr_result read_root(profile *self, const sr_json *root, sr_err *err)
{
    static const char *const known[] = {"server", "serverName", "ca", "identities", NULL};
    const char *server = NULL;
    const char *server_name = NULL;
    if (sr_json_only(root, known, err) != SR_OK ||
        sr_json_get_text(root, "server", true, &server, err) != SR_OK ||
        sr_json_get_text(root, "serverName", false, &server_name, err) != SR_OK ||
        read_path(self, &self->ca, root, "ca", err) != SR_OK)
        return SR_FAIL;
    self->server = sr_text_copy(server);
    self->server_name = sr_text_copy(server_name);
    return read_identities(self, root, err);
}

static char *default_path(void)
{
    const char *set = getenv("SEALROOM_PROFILE");
    const char *home = getenv("HOME");
    if (set != NULL && set[0] != '\0')
        return sr_text_copy(set);
    return sr_path_join(home == NULL ? "." : home, ".config/sealroom/profile.json");
}

sr_result profile_load(profile *out, const char *path, sr_err *err)
{
    SR_JSON(root);
    *out = (profile){.path = path == NULL ? default_path() : sr_text_copy(path)};
    if (sr_json_parse_file(&root, out->path, err) != SR_OK)
    {
        profile_clear(out);
        return err->code == SR_E_NOT_FOUND && path == NULL
                   ? sr_fail_in(err, "no profile (name one with --profile or SEALROOM_PROFILE; "
                                     "README, \"Certificates\", shows one)")
                   : SR_FAIL;
    }
    if (read_root(out, root, err) != SR_OK)
    {
        sr_fail_in(err, "%s", out->path);
        profile_clear(out);
        return SR_FAIL;
    }
    return SR_OK;
}

/* ---- choosing -------------------------------------------------------------------------------- */

static sr_result pick_named(principal_role *out, const profile *self, const char *wanted,
                            sr_err *err)
{
    sr_err why = SR_ERR_INIT;
    if (role_parse(out, wanted, &why) != SR_OK)
        return sr_fail(err, SR_E_USAGE, "--role: expected admin, owner or analyst");
    if (!self->identities[*out].present)
        return sr_fail(err, SR_E_ROLE, "%s: no identity for the role %s", self->path, wanted);
    return SR_OK;
}

sr_result profile_pick(principal_role *out, const profile *self, unsigned roles, const char *wanted,
                       sr_err *err)
{
    unsigned present = 0;
    *out = ROLE_ADMIN;
    if (wanted != NULL)
        return pick_named(out, self, wanted, err);
    for (unsigned role = ROLE_COUNT_; role-- > 0;)
    {
        if (!self->identities[role].present)
            continue;
        present++;
        *out = (principal_role)role;
    }
    for (unsigned role = 0; role < ROLE_COUNT_ && present > 1; role++)
    {
        if (!self->identities[role].present || (roles & ROLE_BIT(role)) == 0)
            continue;
        *out = (principal_role)role;
        return SR_OK;
    }
    if (present == 1)
        return SR_OK; /* the only one there is: the server says whether it may */
    return sr_fail(err, SR_E_ROLE, "%s: no identity of a role that may do this", self->path);
}
