/*
 * dev_members.h: the members' folders of a room to try out (dev.h).
 *
 *     DIR/members/<name>/ca.pem                          the CA, to recognise the server by
 *     DIR/members/<name>/{admin,owner,analyst}.{pem,key} one identity a role
 *     DIR/members/<name>/profile.json                    for the client, once the server's address is known:
 *         {"server": "127.0.0.1:7443", "ca": "ca.pem",
 *          "identities": {"admin": {"certificate": "admin.pem", "key": "admin.key"}, …}}
 *
 * Whatever is there already stays as it is, but for the profile's `server`. What a crash interrupted is
 * completed by the next run. A member's folder is all that the member needs, and holds nothing of others, so
 * that it can be carried to another machine as it is.
 */
#ifndef SEALROOM_SERVER_SHELL_DEV_MEMBERS_H
#define SEALROOM_SERVER_SHELL_DEV_MEMBERS_H

#include "certs.h"

enum
{
    DEV_MEMBERS_MOST = 256,
};

typedef struct
{
    char names[DEV_MEMBERS_MOST][MODEL_NAME_SIZE];
    size_t count;
} dev_member_list;

/* "retailer,brand". SR_E_USAGE: a malformed name, the same name twice, or too many. */
sr_result dev_members_parse(dev_member_list *out, const char *text, sr_err *err) SR_MUST_USE;
/* The folders in DIR/members whose names are members' names, by name; none is fine. */
sr_result dev_members_there(dev_member_list *out, const char *dir, sr_err *err) SR_MUST_USE;

/* Makes what is missing of a member's folder, but for the profile. */
sr_result dev_member_make(const char *dir, const char *member, const certs_paths *ca,
                          sr_err *err) SR_MUST_USE;
/* Makes the profile, or notes the address in the one that is there. */
sr_result dev_member_write_profile(const char *dir, const char *member, const char *address,
                                   sr_err *err) SR_MUST_USE;

#endif
