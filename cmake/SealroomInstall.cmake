# cmake --install: the programs, DuckDB beside them, the systemd unit and the licence. Under /usr/local:
#
#   bin/sealroom, bin/sealroomd, bin/sealroom-sql    the last is found beside sealroomd
#   lib/sealroom/libduckdb.so                        nobody else's DuckDB is replaced
#   lib/systemd/system/sealroomd.service             with this prefix's paths
#   share/doc/sealroom/                              licence, README, how to deploy
#
# The other libraries are Debian's, found where they always are.
include(GNUInstallDirs)

install(TARGETS sealroom sealroomd sealroom-sql RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(FILES "${DUCKDB_LIBRARY}" DESTINATION lib/sealroom)
set_target_properties(sealroom sealroomd PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/sealroom")

# When it is installed, because `cmake --install --prefix` may name another prefix than was configured.
install(CODE "set(unit_from \"${CMAKE_SOURCE_DIR}/deploy/sealroomd.service\")
set(unit_made \"${CMAKE_BINARY_DIR}/sealroomd.service\")")
install(CODE [[
  file(READ "${unit_from}" unit)
  string(REPLACE "/usr/local/" "${CMAKE_INSTALL_PREFIX}/" unit "${unit}")
  file(WRITE "${unit_made}" "${unit}")
  file(INSTALL "${unit_made}" DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")
]])
install(FILES LICENSE README.md CHANGELOG.md DESTINATION share/doc/sealroom)
install(FILES deploy/README.md DESTINATION share/doc/sealroom/deploy)
# `sealroomd --help` names this one, README.md shows the pictures.
install(FILES server/shell/README.md DESTINATION share/doc/sealroom/server/shell)
install(FILES docs/data-flow.svg DESTINATION share/doc/sealroom/docs)
install(FILES tests/vectors/overlap/report.svg DESTINATION share/doc/sealroom/tests/vectors/overlap)
