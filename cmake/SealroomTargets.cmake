# Compiler settings and the two ways to make a target.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON) # gnu17
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

option(SEALROOM_WERROR "Warnings are errors" ON)
set(SEALROOM_SANITIZE "" CACHE STRING "Sanitizers for all code, e.g. address,undefined")
option(SEALROOM_FUZZ "Build the fuzz targets with libFuzzer (clang)" OFF)

set(SEALROOM_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
    -Wmissing-prototypes -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wnull-dereference
    -Wimplicit-fallthrough)
if(SEALROOM_WERROR)
  list(APPEND SEALROOM_WARNINGS -Werror)
endif()

# Assertions guard invariants in what users run too.
foreach(type RELEASE RELWITHDEBINFO MINSIZEREL)
  string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${type} "${CMAKE_C_FLAGS_${type}}")
endforeach()

# A hundred test programs: linking them takes as long as compiling. What users run is linked by the usual linker.
if(NOT CMAKE_BUILD_TYPE MATCHES "Rel")
  find_program(SEALROOM_GOLD ld.gold)
  if(SEALROOM_GOLD)
    add_link_options(-fuse-ld=gold)
  endif()
endif()

# How what users run is hardened.
set(SEALROOM_HARDENED -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fcf-protection)

set(SEALROOM_COMPILE -D_GNU_SOURCE -fno-strict-overflow)
set(SEALROOM_LINK "")
if(SEALROOM_SANITIZE)
  list(APPEND SEALROOM_COMPILE -fsanitize=${SEALROOM_SANITIZE} -fno-omit-frame-pointer
       -fno-sanitize-recover=all)
  list(APPEND SEALROOM_LINK -fsanitize=${SEALROOM_SANITIZE})
elseif(CMAKE_BUILD_TYPE MATCHES "Rel")
  list(APPEND SEALROOM_COMPILE ${SEALROOM_HARDENED})
  list(APPEND SEALROOM_LINK -Wl,-z,relro,-z,now -Wl,-z,noexecstack)
endif()

if(SEALROOM_FUZZ) # the libraries report to libFuzzer which branches an input took
  list(APPEND SEALROOM_COMPILE -fsanitize=fuzzer-no-link)
  list(APPEND SEALROOM_LINK -fsanitize=fuzzer-no-link)
endif()

# sealroom_target_settings(TARGET): warnings, hardening and sanitizers for one of our targets.
function(sealroom_target_settings target)
  target_compile_options(${target} PRIVATE ${SEALROOM_WARNINGS} ${SEALROOM_COMPILE})
  target_link_options(${target} PRIVATE ${SEALROOM_LINK})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

# sealroom_library(NAME SOURCES … LINKS … [DOORS …])
#
# A static library from the current folder whose headers others include as "NAME/header.h". Only the
# targets in LINKS (and theirs) are on its include path, so a breach of the dependency rule does not
# compile. DOORS are foreign libraries: private, because their types never show in our headers.
function(sealroom_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;DOORS" ${ARGN})
  set(view "${CMAKE_BINARY_DIR}/include/${name}")
  file(MAKE_DIRECTORY "${view}")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${view}/${name}" SYMBOLIC)
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC "${view}")
  target_link_libraries(${name} PUBLIC ${arg_LINKS} PRIVATE ${arg_DOORS})
  sealroom_target_settings(${name})
endfunction()

# sealroom_program(NAME SOURCES … LINKS … [DOORS …]): an executable in build/…/bin.
function(sealroom_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;DOORS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} ${arg_DOORS})
  target_link_options(${name} PRIVATE -pie)
  sealroom_target_settings(${name})
endfunction()

# sealroom_test(NAME SOURCES … LINKS … [DOORS …]): a cmocka program registered with ctest as NAME.
# Tests find data through SEALROOM_SOURCE_DIR and programs through SEALROOM_BINARY_DIR.
function(sealroom_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;DOORS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE ${arg_LINKS} ${arg_DOORS} Foreign::cmocka)
  target_compile_definitions(${name} PRIVATE
      SEALROOM_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
      SEALROOM_BINARY_DIR="${CMAKE_BINARY_DIR}")
  sealroom_target_settings(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 ENVIRONMENT
      "TSAN_OPTIONS=ignore_noninstrumented_modules=1 suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
endfunction()

# sealroom_fuzz(NAME LINKS … [SOURCES …] [DOORS …]): a target of tests/fuzz, from NAME.c there.
#
# Always: the program replay_NAME and the test fuzz_NAME, which runs it over tests/fuzz/corpus/NAME and
# over systematic mutations of it. With SEALROOM_FUZZ (clang): the libFuzzer program fuzz_NAME as well.
function(sealroom_fuzz name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;DOORS" ${ARGN})
  foreach(link IN LISTS arg_LINKS)
    if(NOT TARGET ${link})
      message(WARNING "fuzz target ${name} left out: there is no target ${link}")
      return()
    endif()
  endforeach()
  set(programs replay_${name})
  add_executable(replay_${name} ${name}.c replay.c ${arg_SOURCES})
  if(SEALROOM_FUZZ)
    list(APPEND programs fuzz_${name})
    add_executable(fuzz_${name} ${name}.c ${arg_SOURCES})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endif()
  foreach(program IN LISTS programs)
    target_link_libraries(${program} PRIVATE ${arg_LINKS} ${arg_DOORS})
    sealroom_target_settings(${program})
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  endforeach()
  add_test(NAME fuzz_${name}
           COMMAND replay_${name} "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}")
  set_tests_properties(fuzz_${name} PROPERTIES TIMEOUT 120)
endfunction()
