#include "dev.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "dev_files.h"
#include "dev_members.h"
#include "revocation.h"
#include "serve.h"

#define DEFAULT_LISTEN "127.0.0.1:7443"
#define DEFAULT_MEMBERS "publisher,advertiser"

/* ---- where everything is --------------------------------------------------------------------- */

typedef struct
{
    char *server; /* folders */
    char *tls;
    char *config; /* file */
} places;

static void places_clear(places *self)
{
    sr_text_clear(&self->server);
    sr_text_clear(&self->tls);
    sr_text_clear(&self->config);
}

static places places_in(const char *dir)
{
    return (places){
        .server = sr_path_join(dir, "server"),
        .tls = sr_text_printf("%s/server/tls", dir),
        .config = sr_text_printf("%s/server/config.json", dir),
    };
}

/* Data folder and address, as the configuration says if there is one: looked at before anything is made or
 * judged. */
static sr_result find_claim(char **data_folder, char **listen, const places *at, sr_err *err)
{
    SR_JSON(document);
    const char *data = "data";
    const char *address = DEFAULT_LISTEN;
    bool is_there = sr_file_exists(at->config);
    if (is_there && sr_json_parse_file(&document, at->config, err) != SR_OK)
        return SR_FAIL;
    if (is_there && (sr_json_get_text(document, "dataFolder", false, &data, err) != SR_OK ||
                     sr_json_get_text(document, "listen", false, &address, err) != SR_OK))
        return sr_fail_in(err, "%s", at->config);
    *data_folder = sr_path_join(at->server, data);
    *listen = sr_text_copy(address);
    return SR_OK;
}

/* ---- making ---------------------------------------------------------------------------------- */

static sr_result make_folders(const places *at, sr_err *err)
{
    static const char *const under[] = {"tls", "keys", "data"};
    for (size_t i = 0; i < sizeof under / sizeof under[0]; i++)
    {
        SR_TEXT(path);
        path = sr_path_join(at->server, under[i]);
        if (sr_folder_make(path, 0700, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_result make_server_pairs(const places *at, const certs_paths *ca_paths, sr_err *err)
{
    DEV_PAIR(ca, at->tls, "ca");
    DEV_PAIR(server, at->tls, "server");
    certs_paths server_paths = dev_pair_view(&server);
    if (!dev_pair_is_made(&ca) && certs_make_ca(ca_paths, err) != SR_OK)
        return SR_FAIL;
    if (dev_pair_is_made(&server))
        return SR_OK;
    return certs_make_server(&server_paths, ca_paths, err);
}

static sr_result make_config(const places *at, const char *listen, sr_err *err)
{
    SR_JSON(document);
    SR_TEXT(revocations);
    if (sr_file_exists(at->config))
        return SR_OK;
    revocations = sr_path_join(at->tls, "revoked.txt");
    if (!sr_file_exists(revocations) && revocation_list_make(revocations, err) != SR_OK)
        return SR_FAIL;
    document = sr_json_object_new();
    sr_json_set_text(document, "listen", listen);
    sr_json_set_text(document, "ca", "tls/ca.pem");
    sr_json_set_text(document, "certificate", "tls/server.pem");
    sr_json_set_text(document, "key", "tls/server.key");
    sr_json_set_text(document, "revocationList", "tls/revoked.txt");
    sr_json_set_text(document, "dataFolder", "data");
    sr_json_set_text(document, "keyFolder", "keys");
    sr_json_set_int(document, "overlapLeastMinimum", 0); /* for trying out on small files */
    return dev_write_document(at->config, document, err);
}

static sr_result make_all(const char *dir, const places *at, const dev_member_list *members,
                          const char *listen, sr_err *err)
{
    DEV_PAIR(ca, at->tls, "ca");
    certs_paths ca_paths = dev_pair_view(&ca);
    if (make_folders(at, err) != SR_OK || make_server_pairs(at, &ca_paths, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < members->count; i++)
        if (dev_member_make(dir, members->names[i], &ca_paths, err) != SR_OK)
            return SR_FAIL;
    return make_config(at, listen, err);
}

static sr_result choose_members(dev_member_list *out, const dev_options *options, sr_err *err)
{
    if (options->members != NULL)
        return dev_members_parse(out, options->members, err);
    if (dev_members_there(out, options->folder, err) != SR_OK || out->count > 0)
        return out->count > 0 ? SR_OK : SR_FAIL;
    return dev_members_parse(out, DEFAULT_MEMBERS, err);
}

sr_result dev_open(server_config *out, config_report *report, int *lock, const dev_options *options,
                   sr_err *err)
{
    dev_member_list members;
    SR_TEXT(data);
    SR_TEXT(listen);
    SR_FD(claim);
    places at SR_CLEANUP(places_clear) = places_in(options->folder);
    *out = (server_config){.listen = NULL};
    *report = (config_report){.fault_count = 0};
    *lock = -1;
    if (choose_members(&members, options, err) != SR_OK ||
        find_claim(&data, &listen, &at, err) != SR_OK)
        return SR_FAIL;
    const char *address = options->listen == NULL ? listen : options->listen;
    if (serve_claim(&claim, data, address, err) != SR_OK ||
        make_all(options->folder, &at, &members, address, err) != SR_OK ||
        server_config_load(out, report, at.config, err) != SR_OK)
        return SR_FAIL;
    sr_free(out->listen);
    out->listen = sr_text_copy(address);
    *lock = claim;
    claim = -1;
    return SR_OK;
}

/* ---- when the port is known ------------------------------------------------------------------ */

static void print_next_steps(const char *dir, const dev_member_list *members)
{
    char real[PATH_MAX];
    const char *shown = realpath(dir, real) == NULL ? dir : real;
    (void)printf("A throw-away room: one hand holds all its keys. Each member works in its own "
                 "folder:\n");
    for (size_t i = 0; i < members->count; i++)
        (void)printf("  cd '%s/members/%s' && export SEALROOM_PROFILE=$PWD/profile.json\n", shown,
                     members->names[i]);
    (void)printf(
        "Begin with `sealroom ping`. The first member makes the secret (`sealroom keys new "
        "secret.key`) and\nthe others copy it. README.md goes on from here; `sealroom help` "
        "lists the commands. Ctrl-C stops the server.\n");
}

sr_result dev_bound(void *context, const char *address, sr_err *err)
{
    const dev_options *options = context;
    dev_member_list members;
    places at SR_CLEANUP(places_clear) = places_in(options->folder);
    if (dev_correct_document(at.config, "listen", address, err) != SR_OK ||
        dev_members_there(&members, options->folder, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < members.count; i++)
        if (dev_member_write_profile(options->folder, members.names[i], address, err) != SR_OK)
            return SR_FAIL;
    print_next_steps(options->folder, &members);
    return SR_OK;
}
