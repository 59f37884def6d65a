# Processes that are killed at every state of a well. Linked so that no call goes through the dynamic linker, whose instructions
# would be stepped too.
#
# SPDX-License-Identifier: MIT
set(sources death/death.c death/scenarios.c death/stage.c death/survivor.c death/bytes.c)
memwell_tests(death LABEL death LIBRARY memwell_static PATIENCE 10 SOURCES ${sources})
target_link_options(test_death PRIVATE LINKER:-z,now)
memwell_tests(meetings LABEL death LIBRARY memwell_static PATIENCE 10 SOURCES death/meetings.c death/stage.c)
target_link_options(test_meetings PRIVATE LINKER:-z,now)
memwell_tests(fences LABEL death LIBRARY memwell_static PATIENCE 10 SOURCES death/fences.c)
memwell_tests(quiet LABEL death LIBRARY memwell_static PATIENCE 10 SOURCES death/quiet.c death/stage.c)
target_link_options(test_quiet PRIVATE LINKER:-z,now)
set(sources death/create.c death/stage.c death/survivor.c death/bytes.c)
memwell_tests(create LABEL death LIBRARY memwell_static PATIENCE 10 SOURCES ${sources})
memwell_tests(create_no_tmpfile LABEL death LIBRARY memwell_static LOCK drafts PATIENCE 10 SOURCES ${sources} harness/no_tmpfile.c)
target_link_options(test_create PRIVATE LINKER:-z,now)
target_link_options(test_create_no_tmpfile PRIVATE LINKER:-z,now)
