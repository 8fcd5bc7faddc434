# Targets of this project: one static library a folder of src/, one test program a folder of tests/.

add_library(easel_options INTERFACE)
target_include_directories(easel_options INTERFACE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
target_compile_options(easel_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers)
if(EASEL_SANITIZE)
  target_compile_options(easel_options INTERFACE -fsanitize=${EASEL_SANITIZE} -fno-sanitize-recover=all
                                                 -fno-omit-frame-pointer -g)
  target_link_options(easel_options INTERFACE -fsanitize=${EASEL_SANITIZE})
endif()
if(EASEL_FUZZ)
  # Coverage for all code; only the fuzz programs themselves link libFuzzer's main.
  target_compile_options(easel_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(easel_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# easel_library(NAME SOURCES a.cpp ... [LIBS ...]): the library easel_NAME made of src/NAME/.
function(easel_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS")
  add_library(easel_${name} STATIC ${arg_SOURCES})
  target_link_libraries(easel_${name} PUBLIC easel_options ${arg_LIBS})
endfunction()

# easel_test(NAME SOURCES a_test.cpp ... [LIBS ...]): the program test_NAME, each of its cases a ctest of its own.
# Tests run in the source folder's tests/, so that golden/ is a relative path.
function(easel_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS")
  add_executable(test_${name} ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE easel_options ${arg_LIBS} GTest::gtest_main)
  target_include_directories(test_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  gtest_discover_tests(test_${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}/tests" TEST_PREFIX "${name}."
                       DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
endfunction()

# easel_fuzz(NAME SOURCES ... [LIBS ...]): the libFuzzer program fuzz_NAME; its corpus is tests/fuzz/NAME/.
function(easel_fuzz name)
  if(NOT EASEL_FUZZ)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS")
  add_executable(fuzz_${name} ${arg_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE easel_options ${arg_LIBS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
