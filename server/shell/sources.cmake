list(APPEND SERVER_SOURCES shell/config.c shell/identity.c shell/keys.c shell/log.c shell/certs.c
     shell/dev.c shell/serve.c shell/stored.c)
list(APPEND SERVER_DOORS Foreign::openssl) # certs.c
