# Every C file of examples/c and examples/pipeline is a program of its own, build/examples/NAME. A glob, and not a list, because an
# example is one file that somebody adds by copying another; CONFIGURE_DEPENDS makes the build look again each time.
#
# SPDX-License-Identifier: MIT
file(GLOB example_files CONFIGURE_DEPENDS examples/c/*.c examples/pipeline/*.c)
foreach(file IN LISTS example_files)
  cmake_path(GET file STEM name)
  add_executable(example_${name} ${file})
  memwell_compile(example_${name})
  set_target_properties(example_${name} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/examples)
  target_compile_definitions(example_${name} PRIVATE _GNU_SOURCE)
  target_link_libraries(example_${name} PRIVATE memwell_static Threads::Threads)
endforeach()
