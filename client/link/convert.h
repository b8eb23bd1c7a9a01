/*
 * convert.h: messages of the server as structs of model/room.h. Everything that arrives is checked
 * again here: a name, type or size that this client does not understand is an error, never a guess.
 * Messages are `const void *` because generated types stay in .c files.
 */
#ifndef SEALROOM_CLIENT_LINK_CONVERT_H
#define SEALROOM_CLIENT_LINK_CONVERT_H

#include "model/room.h"

/* sealroom.v1.Collaboration */
sr_result convert_collaboration(room_collaboration *out, const void *message,
                                sr_err *err) SR_MUST_USE;
/* sealroom.v1.Table */
sr_result convert_table(room_table *out, const void *message, sr_err *err) SR_MUST_USE;
/* sealroom.v1.AuditRecord */
sr_result convert_audit_record(room_audit_record *out, const void *message,
                               sr_err *err) SR_MUST_USE;
/* sealroom.v1.TableVersion */
sr_result convert_table_version(room_table_version *out, const void *message,
                                sr_err *err) SR_MUST_USE;
/* A text of the peer into a fixed array; too long is SR_E_INVALID naming `what`. */
sr_result convert_text(char *out, size_t size, const char *text, const char *what,
                       sr_err *err) SR_MUST_USE;

#endif
