/*
 * dev_files.h: what the makers of a room to try out share (dev.h). Internal to dev and dev_members.
 *
 *     documents   configuration and profiles: written once, and then only corrected, so that what somebody
 *                 changed in them by hand stays
 *     pairs       certificate and key: made once; a second run finds the certificate and leaves both alone
 *
 * Errors name the file.
 */
#ifndef SEALROOM_SERVER_SHELL_DEV_FILES_H
#define SEALROOM_SERVER_SHELL_DEV_FILES_H

#include "base/json.h"
#include "certs.h"

/* Writes a document, mode 0600, replacing what is there in one step. */
sr_result dev_write_document(const char *path, const sr_json *document, sr_err *err) SR_MUST_USE;
/* Sets one text member of the document in a file, leaving the others; no write if it says so already. */
sr_result dev_correct_document(const char *path, const char *key, const char *value,
                               sr_err *err) SR_MUST_USE;

/* Where a pair lies; the paths are owned. */
typedef struct
{
    char *certificate;
    char *key;
} dev_pair;

/* "<folder>/<name>.pem" and "<folder>/<name>.key". */
dev_pair dev_pair_in(const char *folder, const char *name);
certs_paths dev_pair_view(const dev_pair *pair); /* borrowed from the pair */
void dev_pair_clear(dev_pair *pair);
#define DEV_PAIR(name, folder, file)                                                               \
    dev_pair name SR_CLEANUP(dev_pair_clear) = dev_pair_in((folder), (file))
/* True when the certificate is there (then its key is too, see certs.h); a key alone, which a crash left, is
 * removed. */
bool dev_pair_is_made(const dev_pair *pair);

#endif
