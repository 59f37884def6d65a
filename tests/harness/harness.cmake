# The harness is tested on tests that are bad on purpose: each must fail, and say why.
#
# SPDX-License-Identifier: MIT
add_executable(bad_tests harness/bad_tests.c)
memwell_compile(bad_tests)
target_link_libraries(bad_tests PRIVATE harness memwell)

function(harness_notices test reason)
  add_test(NAME harness.notices_${test}
           COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/harness/must_fail.sh "${reason}" ${launcher} $<TARGET_FILE:bad_tests> ${test})
  set_tests_properties(harness.notices_${test} PROPERTIES LABELS harness TIMEOUT ${time_out})
endfunction()
harness_notices(failed_assertion "failed_assertion")
harness_notices(failed_assertion_in_child "is_the_child_right")
harness_notices(wrong_status "wanted MW_EEXIST, got")
harness_notices(crash "Segmentation fault")
harness_notices(sudden_exit "was ended by signal 6")
harness_notices(hang "did not end within")
harness_notices(leaked_descriptor "leaked descriptor")
harness_notices(leaked_mapping "leaked mapping")
harness_notices(leaked_region "leaked mapping /dev/shm/")
harness_notices(leaked_name "left the name /dev/shm/mw-test-")
harness_notices(leaked_semaphore_name "left the name /dev/shm/sem.mw-test-")
harness_notices(leaked_segment "left System V key 0x6d")
harness_notices(leaked_private_segment "left System V key 0x0")
harness_notices(leaked_set "left System V key 0x6d")
harness_notices(leaked_process "child process(es) behind")
harness_notices(unknown_test "has no test")

# And what the tools notice comes out as a failure too.
if(MEMWELL_VALGRIND)
  harness_notices(use_after_free "Invalid read")
  harness_notices(use_after_free_in_child "Invalid read")
  harness_notices(leaked_memory "definitely lost")
elseif(MEMWELL_SANITIZE MATCHES address)
  harness_notices(use_after_free "heap-use-after-free")
  harness_notices(use_after_free_in_child "heap-use-after-free")
  harness_notices(leaked_memory "LeakSanitizer")
endif()
