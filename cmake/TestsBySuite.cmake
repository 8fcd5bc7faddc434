# Run by ctest when it begins: makes each suite of the GoogleTest `program` a test "<name>.<suite>" with `properties` and
# `label`, or the label "slow" if it is among `slow`.

if(NOT EXISTS "${program}")
  add_test("${name}_was_not_built" "${program}")
  set_tests_properties("${name}_was_not_built" PROPERTIES ${properties})
  return()
endif()
execute_process(COMMAND "${program}" --gtest_list_tests OUTPUT_VARIABLE listed RESULT_VARIABLE failed)
if(NOT failed EQUAL 0)
  add_test("${name}_cannot_list_its_tests" "${program}" --gtest_list_tests)
  set_tests_properties("${name}_cannot_list_its_tests" PROPERTIES ${properties})
  return()
endif()

string(REPLACE "\n" ";" lines "${listed}")
foreach(line IN LISTS lines)
  # Cases are indented; a suite may be followed by "# TypeParam = ...".
  if(line MATCHES "^([A-Za-z0-9_/]+)\\.( .*)?$")
    add_test("${name}.${CMAKE_MATCH_1}" "${program}" "--gtest_filter=${CMAKE_MATCH_1}.*")
    # Skipped cases end the output only where none failed. They are put in suites of their own, which are then skipped.
    set(own_label ${label})
    list(FIND slow "${CMAKE_MATCH_1}" place) # ctest sets no policy for IN_LIST
    if(place GREATER -1)
      set(own_label slow)
    endif()
    set_tests_properties("${name}.${CMAKE_MATCH_1}" PROPERTIES ${properties} LABELS ${own_label}
                         SKIP_REGULAR_EXPRESSION "listed below:\n(\\[  SKIPPED \\] [^\n(]*\n)+$")
  endif()
endforeach()
