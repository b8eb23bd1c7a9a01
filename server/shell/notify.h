/*
 * notify.h: tells the service manager what the server is at: sd_notify(3)'s protocol, without its library.
 *
 *     NOTIFY_SOCKET=/run/systemd/notify   (or @name: an abstract socket)
 *     one datagram a state:  READY=1\nSTATUS=listening on 127.0.0.1:7443      STOPPING=1
 *
 * With `Type=notify` systemd counts the service as started when READY=1 arrives, which is when members are
 * served: whatever waits for the service waits for that. Without NOTIFY_SOCKET nothing happens. A message
 * that cannot be sent is a warning in the log: the manager then gives up on the service by itself.
 */
#ifndef SEALROOM_SERVER_SHELL_NOTIFY_H
#define SEALROOM_SERVER_SHELL_NOTIFY_H

/* Assignments, one a line, without a newline at the end. */
void notify_manager(const char *state);

#endif
