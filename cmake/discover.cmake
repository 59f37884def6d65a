# Write the CTest entries of one test program: run after each build of it, with the program's own list of its tests.
#
#   cmake -D program=… -D prefix=… -D properties=… -D output=… -P discover.cmake
#
# SPDX-License-Identifier: MIT
execute_process(COMMAND ${program} --list OUTPUT_VARIABLE names RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${program} --list failed: ${result}")
endif()
string(REGEX MATCHALL "[^\n]+" names "${names}")
set(text "")
foreach(name IN LISTS names)
  string(APPEND text "add_test([=[${prefix}.${name}]=] [=[${program}]=] ${name})\n"
         "set_tests_properties([=[${prefix}.${name}]=] PROPERTIES ${properties})\n")
endforeach()
file(WRITE ${output} "${text}")
