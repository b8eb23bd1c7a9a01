/*
 * scan.h: one walk over a message's bytes before protobuf-c may see them (see wire.h for what is
 * refused and why). Allocates nothing; recursion ends at WIRE_DEPTH_MAX. Internal to wire/.
 */
#ifndef SEALROOM_WIRE_SCAN_H
#define SEALROOM_WIRE_SCAN_H

#include "base/bytes.h"
#include "base/err.h"

/* SR_E_INVALID, with the path of the field ("rows.cells: …"), when the bytes break a rule of wire.h
 * for the message type that `descriptor` (a ProtobufCMessageDescriptor) defines. */
sr_result wire_scan(const void *descriptor, sr_slice bytes, sr_err *err) SR_MUST_USE;

#endif
