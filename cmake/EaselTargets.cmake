# Targets of this project: one static library a folder of src/, one test program a folder of tests/.

# The sanitizers, for all that is built here. Neither these flags nor easel_options reach the programs that link easel::easel.
add_library(easel_sanitizers INTERFACE)
if(EASEL_SANITIZE)
  target_compile_options(easel_sanitizers INTERFACE -fsanitize=${EASEL_SANITIZE} -fno-sanitize-recover=all
                                                    -fno-omit-frame-pointer -g)
  target_link_options(easel_sanitizers INTERFACE -fsanitize=${EASEL_SANITIZE})
endif()
if(EASEL_FUZZ)
  # Coverage for all code; only the fuzz programs themselves link libFuzzer's main.
  target_compile_options(easel_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(easel_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()

add_library(easel_options INTERFACE)
target_include_directories(easel_options INTERFACE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include"
                                                   "${PROJECT_SOURCE_DIR}/src")
target_compile_options(easel_options INTERFACE -Wall -Wextra -Wpedantic -Wno-missing-field-initializers)
if(NOT EASEL_UNITY)
  # In groups a parameter may have the name of something in another file.
  target_compile_options(easel_options INTERFACE -Wshadow)
endif()
if(EASEL_WERROR AND PROJECT_IS_TOP_LEVEL)
  target_compile_options(easel_options INTERFACE -Werror $<$<CXX_COMPILER_ID:GNU>:-Wno-error=maybe-uninitialized>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC decides these after inlining, and takes strings of its own library for mistakes (its bug 105651 and others).
    target_compile_options(easel_options INTERFACE -Wno-error=array-bounds -Wno-error=maybe-uninitialized
                                                   -Wno-error=restrict -Wno-error=stringop-overflow)
  else()
    # Clang blames std::stable_sort for using what its own library deprecates.
    target_compile_options(easel_options INTERFACE -Wno-error=deprecated-declarations)
  endif()
endif()
target_link_libraries(easel_options INTERFACE easel_sanitizers)

# Most of a build is reading headers of libraries, so those that many files include are precompiled for each target that
# has files enough to win by it. Files include what they use all the same: the builds with clang do without
# (CMAKE_DISABLE_PRECOMPILE_HEADERS).
set(EASEL_PRECOMPILED <algorithm> <cstdint> <filesystem> <functional> <map> <memory> <optional> <regex> <span> <stop_token>
                      <string> <string_view> <vector> <fmt/format.h> <fmt/ranges.h> <nlohmann/json.hpp>)

# Precompiling takes a compiler some 11 s, and saves 1 to 3 s of each file.
function(easel_precompile target)
  get_target_property(sources ${target} SOURCES)
  list(LENGTH sources count)
  if(count GREATER_EQUAL 6)
    target_precompile_headers(${target} PRIVATE ${EASEL_PRECOMPILED} ${ARGN})
  endif()
endfunction()

# Appends to `sources` a file for each header of this folder that has no source file of its name, which would include it
# first: every header is compiled by itself somewhere.
function(easel_headers_alone sources)
  file(GLOB headers CONFIGURE_DEPENDS "*.h")
  foreach(header IN LISTS headers)
    cmake_path(GET header STEM name)
    if(NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp")
      set(alone "${CMAKE_CURRENT_BINARY_DIR}/headers/${name}.cpp")
      file(CONFIGURE OUTPUT "${alone}" CONTENT "#include \"${header}\"\n")
      list(APPEND ${sources} "${alone}")
    endif()
  endforeach()
  set(${sources} ${${sources}} PARENT_SCOPE)
endfunction()

# easel_library(NAME SOURCES a.cpp ... [LIBS ...] [PRECOMPILED <header> ...] [APART]): the library easel_NAME made of src/NAME/.
# With EASEL_UNITY ten of its files are compiled as one, unless they are to stay APART: then no two of them may have the
# same name for different things, not even as overloads.
function(easel_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "APART" "" "SOURCES;LIBS;PRECOMPILED")
  if(NOT EASEL_UNITY)
    easel_headers_alone(arg_SOURCES)
  endif()
  add_library(easel_${name} STATIC ${arg_SOURCES})
  target_link_libraries(easel_${name} PUBLIC easel_options ${arg_LIBS})
  # The public headers mark what libeasel.so shows.
  set_target_properties(easel_${name} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(EASEL_UNITY AND NOT arg_APART)
    set_target_properties(easel_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
  else()
    easel_precompile(easel_${name} ${arg_PRECOMPILED})
  endif()
endfunction()

# Sets `out` to those of easel's own static libraries that a library is made of.
function(easel_libraries_of library out)
  set(found ${library})
  get_target_property(linked ${library} LINK_LIBRARIES)
  foreach(below IN LISTS linked)
    if(below MATCHES "^easel_" AND NOT below STREQUAL "easel_options")
      easel_libraries_of(${below} deeper)
      list(APPEND found ${deeper})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES found)
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# What ./test --deep builds with sanitizers and runs, under the ctest label "deep": with EASEL_FUZZ the tests of the folders
# that read bytes from outside, and the fuzz programs; with the thread sanitizer the tests of the folders that start
# threads and draw nothing (of which the test preset takes the suites that do): OpenVINO's own threads are not instrumented.
add_custom_target(sanitized)
if(EASEL_FUZZ)
  set(EASEL_DEEP_TESTS base text diffusion pictures weights hub)
elseif(EASEL_SANITIZE STREQUAL "thread")
  set(EASEL_DEEP_TESTS base pictures hub)
else()
  set(EASEL_DEEP_TESTS)
endif()

# easel_test(NAME SOURCES a_test.cpp ... [LIBS ...] [BY_CASE] [SLOW suite|suite.case ...]): the program test_NAME, each of
# its suites a ctest of its own: starting a program takes longer than most cases. With BY_CASE each case is, so that long
# ones run side by side, and the cases after SLOW may have wildcards as in --gtest_filter. The suites and cases after SLOW
# have the label "slow", the others "fast".
# Tests run in the source folder's tests/, so that golden/ is a relative path. Their own sources are optimized little: that
# takes a third less time to compile. Not at all would take no less, and their copies of templates, such as those that read
# JSON, are what the linker takes for the library too. With EASEL_UNITY a program's sources are compiled as one, under the
# same condition as those of a library.
function(easel_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "BY_CASE" "" "SOURCES;LIBS;SLOW")
  add_executable(test_${name} ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE easel_options ${arg_LIBS} GTest::gtest_main)
  target_include_directories(test_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_options(test_${name} PRIVATE $<$<CONFIG:Release>:-Og>)
  if(EASEL_UNITY)
    set_target_properties(test_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  else()
    easel_precompile(test_${name} <gtest/gtest.h>)
  endif()
  set(label fast)
  if(name IN_LIST EASEL_DEEP_TESTS)
    set(label deep)
    add_dependencies(sanitized test_${name})
  endif()
  if(arg_BY_CASE)
    set(discovery WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}/tests" TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST
                  PROPERTIES TIMEOUT 300 LABELS)
    list(TRANSFORM arg_SLOW APPEND ".*" REGEX "^[^.]+$")
    list(JOIN arg_SLOW ":" slow)
    gtest_discover_tests(test_${name} TEST_FILTER "-${slow}" ${discovery} ${label})
    if(slow)
      gtest_discover_tests(test_${name} TEST_FILTER "${slow}" TEST_LIST slow_tests ${discovery} slow)
    endif()
    return()
  endif()
  set(suites "${CMAKE_CURRENT_BINARY_DIR}/test_${name}_suites.cmake")
  file(GENERATE OUTPUT "${suites}" CONTENT "
set(name [==[${name}]==])
set(program [==[$<TARGET_FILE:test_${name}>]==])
set(properties WORKING_DIRECTORY [==[${PROJECT_SOURCE_DIR}/tests]==] TIMEOUT 300)
set(label ${label})
set(slow ${arg_SLOW})
include([==[${PROJECT_SOURCE_DIR}/cmake/TestsBySuite.cmake]==])
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${suites}")
endfunction()

# easel_deep_program(FOLDER.TEST SOURCES a_test.cpp ... [LIBS ...] [SERIAL]): the program FOLDER_TEST and the ctest FOLDER.TEST
# that runs it, for minutes: only `ctest -C Deep` does, after the target deep_tests has built it, as ./test --deep does.
add_custom_target(deep_tests)
function(easel_deep_program test)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "" "SOURCES;LIBS")
  string(REPLACE "." "_" program "${test}")
  add_executable(${program} EXCLUDE_FROM_ALL ${arg_SOURCES})
  target_link_libraries(${program} PRIVATE easel_options ${arg_LIBS} GTest::gtest_main)
  target_include_directories(${program} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_options(${program} PRIVATE $<$<CONFIG:Release>:-Og>)
  add_dependencies(deep_tests ${program})
  add_test(NAME ${test} COMMAND ${program} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}/tests" CONFIGURATIONS Deep)
  set_tests_properties(${test} PROPERTIES TIMEOUT 900 LABELS deep)
  if(arg_SERIAL)
    set_tests_properties(${test} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()

# easel_fuzz(NAME SOURCES ... [LIBS ...] [FLAGS ...]): the libFuzzer program fuzz_NAME, and the ctest fuzz.NAME that runs it for a
# minute. It starts from the files in tests/fuzz/NAME/; what it finds on the way is kept in the build folder. The random
# seed is fixed, so that a change is judged by what it did and not by luck; run the program itself for longer searches.
function(easel_fuzz name)
  if(NOT EASEL_FUZZ)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS;FLAGS")
  add_executable(fuzz_${name} ${arg_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE easel_options ${arg_LIBS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(sanitized fuzz_${name})
  set(corpus "${PROJECT_BINARY_DIR}/corpus/${name}")
  set(seeds "${PROJECT_SOURCE_DIR}/tests/fuzz/${name}")
  file(MAKE_DIRECTORY "${corpus}")
  add_test(NAME fuzz.${name}
           COMMAND fuzz_${name} -seed=1 -max_total_time=60 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 ${arg_FLAGS}
                   "-artifact_prefix=${PROJECT_BINARY_DIR}/${name}-" "${corpus}" "${seeds}")
  # COST: long tests begin first, so that none runs alone at the end.
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 180 COST 60 LABELS deep)
endfunction()
