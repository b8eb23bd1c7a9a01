#include "dev_members.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "dev_files.h"

enum
{
    PEM_MOST = 64 * 1024,
};

/* ---- lists ----------------------------------------------------------------------------------- */

static bool is_listed(const dev_member_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->names[i], name) == 0)
            return true;
    return false;
}

static sr_result add(dev_member_list *out, const char *name, sr_err *err)
{
    if (model_name_check("member", name, err) != SR_OK)
        return SR_FAIL;
    if (is_listed(out, name))
        return sr_fail(err, SR_E_INVALID, "\"%s\" is named twice", name);
    if (out->count == DEV_MEMBERS_MOST)
        return sr_fail(err, SR_E_INVALID, "more than %d members", DEV_MEMBERS_MOST);
    if (!sr_text_put(out->names[out->count], MODEL_NAME_SIZE, name))
        return sr_fail(err, SR_E_INVALID, "a name is too long");
    out->count++;
    return SR_OK;
}

sr_result dev_members_parse(dev_member_list *out, const char *text, sr_err *err)
{
    out->count = 0;
    for (const char *at = text;; at++)
    {
        SR_TEXT(name);
        size_t len = strcspn(at, ",");
        name = sr_text_printf("%.*s", (int)len, at);
        if (add(out, name, err) != SR_OK)
        {
            out->count = 0;
            err->code = SR_E_USAGE;
            return sr_fail_in(err, "--members");
        }
        at += len;
        if (*at == '\0')
            return SR_OK;
    }
}

static void close_folder(DIR **folder)
{
    if (*folder != NULL)
        (void)closedir(*folder);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

sr_result dev_members_there(dev_member_list *out, const char *dir, sr_err *err)
{
    SR_TEXT(path);
    out->count = 0;
    path = sr_path_join(dir, "members");
    DIR *folder SR_CLEANUP(close_folder) = opendir(path);
    if (folder == NULL)
        return errno == ENOENT ? SR_OK : sr_fail_errno(err, errno, "%s", path);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
    {
        sr_err other = SR_ERR_INIT;
        bool may_be_folder = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
        if (may_be_folder && add(out, entry->d_name, &other) != SR_OK)
            sr_err_reset(&other); /* somebody else's: "." and whatever is no member's name */
    }
    qsort(out->names, out->count, sizeof out->names[0], compare_names);
    return SR_OK;
}

/* ---- one member ------------------------------------------------------------------------------ */

static char *folder_of(const char *dir, const char *member)
{
    return sr_text_printf("%s/members/%s", dir, member);
}

static sr_result copy_ca(const char *folder, const certs_paths *ca, sr_err *err)
{
    SR_BUF(bytes, PEM_MOST);
    SR_TEXT(to);
    to = sr_path_join(folder, "ca.pem");
    if (sr_file_exists(to))
        return SR_OK;
    if (sr_file_read(&bytes, ca->certificate, err) != SR_OK)
        return SR_FAIL;
    return sr_file_write(to, sr_buf_view(&bytes), 0644, false, err);
}

static sr_result make_identity(const char *folder, const char *member, principal_role role,
                               const certs_paths *ca, sr_err *err)
{
    principal who = {.role = role};
    DEV_PAIR(pair, folder, role_name(role));
    if (dev_pair_is_made(&pair))
        return SR_OK;
    certs_paths paths = dev_pair_view(&pair);
    if (!sr_text_put(who.member, sizeof who.member, member))
        return sr_fail(err, SR_E_USAGE, "the name is too long");
    return certs_make_member(&paths, ca, &who, err);
}

sr_result dev_member_make(const char *dir, const char *member, const certs_paths *ca, sr_err *err)
{
    SR_TEXT(folder);
    folder = folder_of(dir, member);
    if (sr_folder_make(folder, 0700, err) != SR_OK || copy_ca(folder, ca, err) != SR_OK)
        return SR_FAIL;
    for (int role = 0; role < ROLE_COUNT_; role++)
        if (make_identity(folder, member, (principal_role)role, ca, err) != SR_OK)
            return sr_fail_in(err, "member \"%s\"", member);
    return SR_OK;
}

static void set_identity(sr_json *identities, const char *role)
{
    SR_TEXT(certificate);
    SR_TEXT(key);
    sr_json *identity = sr_json_object_new();
    certificate = sr_text_printf("%s.pem", role);
    key = sr_text_printf("%s.key", role);
    sr_json_set_text(identity, "certificate", certificate);
    sr_json_set_text(identity, "key", key);
    sr_json_set_take(identities, role, identity);
}

sr_result dev_member_write_profile(const char *dir, const char *member, const char *address,
                                   sr_err *err)
{
    SR_JSON(document);
    SR_TEXT(folder);
    SR_TEXT(path);
    folder = folder_of(dir, member);
    path = sr_path_join(folder, "profile.json");
    if (sr_file_exists(path))
        return dev_correct_document(path, "server", address, err);
    document = sr_json_object_new();
    sr_json *identities = sr_json_object_new();
    for (int role = 0; role < ROLE_COUNT_; role++)
        set_identity(identities, role_name((principal_role)role));
    sr_json_set_text(document, "server", address);
    sr_json_set_text(document, "ca", "ca.pem");
    sr_json_set_take(document, "identities", identities);
    return dev_write_document(path, document, err);
}
