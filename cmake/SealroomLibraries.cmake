# Foreign libraries, one imported target each. All come from Debian 12 except DuckDB, whose prebuilt
# library and C header come from npm by pinned hash (scripts/setup puts them in third_party/duckdb).

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(sealroom_pkg name module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
  add_library(Foreign::${name} ALIAS PkgConfig::${name})
endfunction()

# sealroom_foreign(NAME HEADER LIBRARY…): a library without a useful .pc file.
function(sealroom_foreign name header)
  add_library(foreign_${name} INTERFACE)
  add_library(Foreign::${name} ALIAS foreign_${name})
  find_path(${name}_INCLUDE "${header}" REQUIRED)
  target_include_directories(foreign_${name} SYSTEM INTERFACE "${${name}_INCLUDE}")
  foreach(library IN LISTS ARGN)
    find_library(${name}_${library} "${library}" REQUIRED)
    target_link_libraries(foreign_${name} INTERFACE "${${name}_${library}}")
  endforeach()
endfunction()

sealroom_pkg(jansson jansson)
sealroom_pkg(openssl libcrypto)
sealroom_pkg(sqlite3 sqlite3)
sealroom_pkg(protobuf_c libprotobuf-c)
sealroom_pkg(cmocka cmocka)
sealroom_foreign(gcrypt gcrypt.h gcrypt)
sealroom_foreign(grpc grpc/grpc.h grpc gpr) # the .pc file drags in dozens
sealroom_foreign(pg_query pg_query.h pg_query)

find_program(PROTOC_C protoc-c REQUIRED)

set(DUCKDB_ROOT "${CMAKE_SOURCE_DIR}/third_party/duckdb" CACHE PATH
    "Where DuckDB's include/duckdb.h and lib/libduckdb.so are")
find_path(DUCKDB_INCLUDE duckdb.h HINTS "${DUCKDB_ROOT}/include")
find_library(DUCKDB_LIBRARY duckdb HINTS "${DUCKDB_ROOT}/lib")
if(NOT DUCKDB_INCLUDE OR NOT DUCKDB_LIBRARY)
  message(FATAL_ERROR "DuckDB not found: run scripts/setup, or set DUCKDB_ROOT")
endif()
add_library(foreign_duckdb SHARED IMPORTED)
set_target_properties(foreign_duckdb PROPERTIES IMPORTED_LOCATION "${DUCKDB_LIBRARY}"
                      IMPORTED_NO_SONAME FALSE)
target_include_directories(foreign_duckdb SYSTEM INTERFACE "${DUCKDB_INCLUDE}")
add_library(Foreign::duckdb ALIAS foreign_duckdb)
