#include "dev.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "certs.h"
#include "model/principal.h"

enum
{
    DOCUMENT_MOST = 64 * 1024,
    PEM_MOST = 64 * 1024,
    MEMBERS_MOST = 64,
};

#define DEFAULT_LISTEN "127.0.0.1:7443"

/* ---- names ----------------------------------------------------------------------------------- */

typedef struct
{
    char names[MEMBERS_MOST][MODEL_NAME_SIZE];
    size_t count;
} member_list;

static sr_result add_member(member_list *out, const char *name, size_t len, sr_err *err)
{
    SR_TEXT(text);
    text = sr_text_printf("%.*s", (int)len, name);
    if (model_name_check("member", text, err) != SR_OK)
        return SR_FAIL;
    if (out->count == MEMBERS_MOST)
        return sr_fail(err, SR_E_USAGE, "--members: at most %d", MEMBERS_MOST);
    if (!sr_text_put(out->names[out->count], MODEL_NAME_SIZE, text))
        return sr_fail(err, SR_E_USAGE, "--members: a name is too long");
    out->count++;
    return SR_OK;
}

static sr_result read_members(member_list *out, const char *text, sr_err *err)
{
    out->count = 0;
    for (const char *at = text;; at++)
    {
        size_t len = strcspn(at, ",");
        if (add_member(out, at, len, err) != SR_OK)
            return sr_fail_in(err, "--members");
        at += len;
        if (*at == '\0')
            return SR_OK;
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

static char *path_in(const char *folder, const char *a, const char *b)
{
    return sr_text_printf("%s/%s/%s", folder, a, b);
}

static sr_result write_document(const char *path, const sr_json *document, sr_err *err)
{
    SR_BUF(text, DOCUMENT_MOST);
    if (sr_json_write(document, true, &text, err) != SR_OK)
        return SR_FAIL;
    return sr_file_write(path, sr_buf_view(&text), 0600, true, err);
}

static sr_result make_folders(const char *folder, sr_err *err)
{
    static const char *const under[] = {"tls", "keys", "data"};
    for (size_t i = 0; i < sizeof under / sizeof under[0]; i++)
    {
        SR_TEXT(path);
        path = path_in(folder, "server", under[i]);
        if (sr_folder_make(path, 0700, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* ---- certificates ---------------------------------------------------------------------------- */

typedef struct
{
    char *certificate;
    char *key;
} owned_paths;

static void owned_paths_clear(owned_paths *paths)
{
    sr_text_clear(&paths->certificate);
    sr_text_clear(&paths->key);
}

static void set_paths(owned_paths *out, const char *folder, const char *name)
{
    out->certificate = sr_text_printf("%s/%s.pem", folder, name);
    out->key = sr_text_printf("%s/%s.key", folder, name);
}

static certs_paths view_of(const owned_paths *paths)
{
    return (certs_paths){paths->certificate, paths->key};
}

static sr_result make_ca_and_server(const char *tls, sr_err *err)
{
    owned_paths ca SR_CLEANUP(owned_paths_clear) = {NULL, NULL};
    owned_paths server SR_CLEANUP(owned_paths_clear) = {NULL, NULL};
    set_paths(&ca, tls, "ca");
    set_paths(&server, tls, "server");
    certs_paths ca_view = view_of(&ca);
    certs_paths server_view = view_of(&server);
    if (!sr_file_exists(ca.certificate) && certs_make_ca(&ca_view, err) != SR_OK)
        return SR_FAIL;
    if (sr_file_exists(server.certificate))
        return SR_OK;
    return certs_make_server(&server_view, &ca_view, err);
}

static sr_result copy_ca(const char *member_folder, const char *tls, sr_err *err)
{
    SR_BUF(bytes, PEM_MOST);
    SR_TEXT(from);
    SR_TEXT(to);
    from = sr_path_join(tls, "ca.pem");
    to = sr_path_join(member_folder, "ca.pem");
    if (sr_file_read(&bytes, from, err) != SR_OK)
        return SR_FAIL;
    return sr_file_write(to, sr_buf_view(&bytes), 0644, true, err);
}

static sr_result make_identity(const char *member_folder, const certs_paths *ca, const char *member,
                               principal_role role, sr_err *err)
{
    owned_paths own SR_CLEANUP(owned_paths_clear) = {NULL, NULL};
    principal who = {.role = role};
    set_paths(&own, member_folder, role_name(role));
    certs_paths view = view_of(&own);
    if (sr_file_exists(own.certificate))
        return SR_OK;
    if (!sr_text_put(who.member, sizeof who.member, member))
        return sr_fail(err, SR_E_USAGE, "a member's name is too long");
    return certs_make_member(&view, ca, &who, err);
}

static sr_result make_member(const char *folder, const char *tls, const char *member, sr_err *err)
{
    SR_TEXT(member_folder);
    owned_paths ca SR_CLEANUP(owned_paths_clear) = {NULL, NULL};
    member_folder = path_in(folder, "members", member);
    set_paths(&ca, tls, "ca");
    certs_paths ca_view = view_of(&ca);
    if (sr_folder_make(member_folder, 0700, err) != SR_OK ||
        copy_ca(member_folder, tls, err) != SR_OK)
        return SR_FAIL;
    for (int role = 0; role < ROLE_COUNT_; role++)
        if (make_identity(member_folder, &ca_view, member, (principal_role)role, err) != SR_OK)
            return sr_fail_in(err, "member \"%s\"", member);
    return SR_OK;
}

/* ---- configuration and profiles -------------------------------------------------------------- */

static sr_result write_config(const char *path, const char *listen, sr_err *err)
{
    SR_JSON(document);
    document = sr_json_object_new();
    sr_json_set_text(document, "listen", listen);
    sr_json_set_text(document, "ca", "tls/ca.pem");
    sr_json_set_text(document, "certificate", "tls/server.pem");
    sr_json_set_text(document, "key", "tls/server.key");
    sr_json_set_text(document, "dataFolder", "data");
    sr_json_set_text(document, "keyFolder", "keys");
    return write_document(path, document, err);
}

static sr_result write_profile(const char *folder, const char *member, const char *address,
                               sr_err *err)
{
    SR_JSON(document);
    SR_TEXT(path);
    SR_TEXT(member_folder);
    document = sr_json_object_new();
    sr_json *identities = sr_json_object_new();
    for (int role = 0; role < ROLE_COUNT_; role++)
    {
        SR_TEXT(certificate);
        SR_TEXT(key);
        const char *name = role_name((principal_role)role);
        certificate = sr_text_printf("%s.pem", name);
        key = sr_text_printf("%s.key", name);
        sr_json *identity = sr_json_object_new();
        sr_json_set_text(identity, "certificate", certificate);
        sr_json_set_text(identity, "key", key);
        sr_json_set_take(identities, name, identity);
    }
    sr_json_set_text(document, "server", address);
    sr_json_set_text(document, "ca", "ca.pem");
    sr_json_set_take(document, "identities", identities);
    member_folder = path_in(folder, "members", member);
    path = sr_path_join(member_folder, "profile.json");
    return write_document(path, document, err);
}

sr_result dev_make(char **config_path, const dev_options *options, sr_err *err)
{
    member_list members;
    SR_TEXT(tls);
    SR_TEXT(path);
    *config_path = NULL;
    tls = path_in(options->folder, "server", "tls");
    path = path_in(options->folder, "server", "config.json");
    if (read_members(&members, options->members, err) != SR_OK ||
        make_folders(options->folder, err) != SR_OK || make_ca_and_server(tls, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < members.count; i++)
        if (make_member(options->folder, tls, members.names[i], err) != SR_OK)
            return SR_FAIL;
    /* An existing one stays: a server that runs may be using it. */
    if (!sr_file_exists(path) &&
        write_config(path, options->listen == NULL ? DEFAULT_LISTEN : options->listen, err) !=
            SR_OK)
        return SR_FAIL;
    *config_path = path;
    path = NULL;
    return SR_OK;
}

static void print_next_steps(const dev_options *options, const member_list *members)
{
    (void)printf(
        "A clean room to try out, with throw-away certificates (one hand holds all keys).\n"
        "Each member works in its own folder:\n");
    for (size_t i = 0; i < members->count; i++)
        (void)printf("  cd %s/members/%s && export SEALROOM_PROFILE=$PWD/profile.json\n",
                     options->folder, members->names[i]);
    (void)printf("and begins with: sealroom ping; sealroom keys new secret.key; sealroom help\n");
}

sr_result dev_bound(void *context, const char *address, sr_err *err)
{
    const dev_options *options = context;
    member_list members;
    SR_TEXT(path);
    path = path_in(options->folder, "server", "config.json");
    if (read_members(&members, options->members, err) != SR_OK ||
        write_config(path, address, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < members.count; i++)
        if (write_profile(options->folder, members.names[i], address, err) != SR_OK)
            return SR_FAIL;
    print_next_steps(options, &members);
    return SR_OK;
}
