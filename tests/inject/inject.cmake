# The tests in which each call of the system's fails in turn: the linker leads them through the wrappers of system.c.
#
# SPDX-License-Identifier: MIT
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS inject/system.h)
file(READ inject/system.h table)
string(REGEX MATCHALL "\n  X\\([a-z0-9_]+" wrapped "${table}")
list(TRANSFORM wrapped REPLACE "\n  X\\(" "")
list(APPEND wrapped fcntl shmctl semctl syscall free) # which have several rows, or none
list(TRANSFORM wrapped PREPEND LINKER:--wrap=)
set(sources inject/sweep.c inject/system.c inject/answers.c inject/making.c inject/pages.c inject/semaphores.c
    inject/wells.c inject/locks.c)

# A publishing that fails goes on with a draft.
memwell_tests(inject LABEL inject LIBRARY memwell_static LOCK drafts SOURCES ${sources})
target_link_options(test_inject PRIVATE ${wrapped})
if(NOT MEMWELL_SANITIZE) # which makes ten thousand processes slow
  memwell_tests(inject_no_tmpfile LABEL inject LIBRARY memwell_static LOCK drafts SOURCES ${sources} harness/no_tmpfile.c)
  target_link_options(test_inject_no_tmpfile PRIVATE ${wrapped})
endif()
