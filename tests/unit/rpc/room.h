/*
 * room.h: a running test server with its certificates, and channels to it.
 *
 * The certificates are made once per test program, by the openssl command line, in a folder that the
 * program removes at its end. Names: make_certificates.sh.
 */
#ifndef SEALROOM_TESTS_RPC_ROOM_H
#define SEALROOM_TESTS_RPC_ROOM_H

#include <stdatomic.h>

#include "check.h"

#include "rpc/client.h"
#include "rpc/server.h"

/* Paths of the test methods. */
#define ECHO "/test.v1.Echo/Unary"      /* unary: the request comes back */
#define COLLECT "/test.v1.Echo/Collect" /* client stream: "N bytes" after a message "commit" */
#define REPEAT "/test.v1.Echo/Repeat"   /* server stream: "COUNT SIZE" gives so many messages */
#define CHAT "/test.v1.Echo/Chat"    /* bidirectional: every message comes back; "refuse" ends it */
#define FAILING "/test.v1.Echo/Fail" /* unary: fails with room.failure */
#define LONG "/test.v1.Echo/Long"    /* unary: works until cancelled, at most "MS" */
#define WHO "/test.v1.Echo/Who"      /* unary: what the server knows of the caller */
#define SILENT "/test.v1.Echo/Silent"       /* unary whose handler forgets to answer */
#define FORBIDDEN "/test.v1.Echo/Forbidden" /* refused by the authorize hook */

typedef struct
{
    rpc_server *server;
    char address[64];
    sr_err failure;
    atomic_int entered;     /* handlers of LONG that began */
    atomic_int saw_cancel;  /* … and saw their cancellation */
    atomic_int finished;    /* … or came to their end */
    atomic_int collected;   /* uploads that were committed */
    atomic_int uncommitted; /* streams that ended without */
    atomic_int users_freed;
} test_room;

/* Group setup and teardown: the certificates. */
int certificates_setup(void **state);
int certificates_teardown(void **state);
const char *certificate_folder(void);
/* Contents of NAME in that folder; borrowed until the program ends. */
const char *certificate_text(const char *name);

/* Test setup and teardown: a serving room in *state. */
int room_setup(void **state);
int room_teardown(void **state);
/* A configuration with the good certificates, listening on a free port of loopback. */
rpc_server_config room_server_config(test_room *room);
sr_result room_serve(test_room *room, const rpc_server_config *config, sr_err *err) SR_MUST_USE;

rpc_channel_config room_channel_config(const test_room *room);
rpc_channel *room_channel(const test_room *room);

/* Unary call with ten seconds. */
sr_result room_ask(rpc_channel *channel, sr_buf *answer, const char *path, const char *request,
                   sr_err *err) SR_MUST_USE;

/* Waits up to ten seconds until the counter has this value. */
bool room_wait_for(atomic_int *counter, int value);
void room_sleep_ms(unsigned ms);

#endif
