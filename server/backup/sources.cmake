list(APPEND SERVER_SOURCES backup/files.c backup/consistency.c backup/inventory.c backup/backup.c
     backup/restore.c backup/backup_command.c)
