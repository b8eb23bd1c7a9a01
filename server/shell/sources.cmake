list(APPEND SERVER_SOURCES shell/config.c shell/identity.c shell/keys.c shell/lock.c shell/log.c
     shell/certs.c shell/dev.c shell/dev_files.c shell/dev_members.c shell/serve.c shell/grid.c
     shell/stored.c shell/revocation.c shell/cert_command.c shell/notify.c)
list(APPEND SERVER_DOORS Foreign::openssl) # certs.c
