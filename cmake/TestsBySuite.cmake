# Run by ctest when it begins: makes each suite of the GoogleTest `program` a test "<name>.<suite>" with `properties` and
# `label`, or the label "slow" if it is among `slow`. A case among `slow`, as "<suite>.<case>", is a test of its own.

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

function(add_suite_test test label filter)
  add_test("${name}.${test}" "${program}" "--gtest_filter=${filter}")
  # Skipped cases end the output only where none failed. They are put in suites of their own, which are then skipped.
  set_tests_properties("${name}.${test}" PROPERTIES ${properties} LABELS ${label}
                       SKIP_REGULAR_EXPRESSION "listed below:\n(\\[  SKIPPED \\] [^\n(]*\n)+$")
endfunction()

string(REPLACE "\n" ";" lines "${listed}")
foreach(line IN LISTS lines)
  # Cases are indented; a suite may be followed by "# TypeParam = ...".
  if(line MATCHES "^([A-Za-z0-9_/]+)\\.( .*)?$")
    set(suite "${CMAKE_MATCH_1}")
    set(own_label ${label})
    set(left_out)
    foreach(entry IN LISTS slow)
      if(entry STREQUAL suite)
        set(own_label slow)
      elseif(entry MATCHES "^([^.]+)\\." AND CMAKE_MATCH_1 STREQUAL suite)
        add_suite_test("${entry}" slow "${entry}")
        string(APPEND left_out ":${entry}")
      endif()
    endforeach()
    string(REGEX REPLACE "^:" "-" left_out "${left_out}")
    add_suite_test("${suite}" ${own_label} "${suite}.*${left_out}")
  endif()
endforeach()
