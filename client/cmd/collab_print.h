/*
 * collab_print.h: one collaboration, for people and as JSON; every `collab` command ends with it.
 */
#ifndef SEALROOM_CLIENT_CMD_COLLAB_PRINT_H
#define SEALROOM_CLIENT_CMD_COLLAB_PRINT_H

#include "../output.h"
#include "model/room.h"

sr_json *collab_to_json(const room_collaboration *room) SR_MUST_USE;
/* Id, settings and members. As CSV: the members alone. */
sr_result collab_print(const room_collaboration *room, output_form form, sr_err *err) SR_MUST_USE;

#endif
