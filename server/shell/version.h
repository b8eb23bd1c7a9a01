/*
 * version.h: the server's version, from the build (CMakeLists.txt, project VERSION).
 */
#ifndef SEALROOM_SERVER_SHELL_VERSION_H
#define SEALROOM_SERVER_SHELL_VERSION_H

#ifndef SEALROOM_VERSION
#define SEALROOM_VERSION "0.1.0"
#endif

#endif
