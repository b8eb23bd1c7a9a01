/*
 * certificate.h: what can be known of our own certificate without asking anybody: is it valid now, was
 * it issued by the profile's CA, does the key fit? TLS would refuse it too, but with a message that names
 * none of the three. The door to OpenSSL of this folder.
 */
#ifndef SEALROOM_CLIENT_LINK_CERTIFICATE_H
#define SEALROOM_CLIENT_LINK_CERTIFICATE_H

#include "base/bytes.h"

/* PEM texts; `name` is the certificate's path, for the message. SR_E_UNKNOWN_PEER when it cannot serve. */
sr_result certificate_check(sr_slice ca_pem, sr_slice certificate_pem, sr_slice key_pem,
                            const char *name, sr_err *err) SR_MUST_USE;

/* A certificate that the server says is another member's: issued by the profile's CA, valid now, and naming this
 * member in any role. SR_E_UNKNOWN_PEER. */
sr_result certificate_check_member(sr_slice ca_pem, sr_slice certificate_pem, const char *member,
                                   sr_err *err) SR_MUST_USE;

#endif
