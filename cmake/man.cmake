# SPDX-License-Identifier: GPL-3.0-or-later
# docs/man/NAME.SECTION.scd becomes build/PRESET/man/NAME.SECTION, where scdoc is installed.
find_program(SCDOC scdoc)
if(SCDOC)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/man/*.scd")
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/man")
  set(pages)
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WLE)
    set(page "${CMAKE_BINARY_DIR}/man/${name}")
    add_custom_command(OUTPUT "${page}" DEPENDS "${source}" VERBATIM
                       COMMAND sh -c "\"$0\" <\"$1\" >\"$2\"" "${SCDOC}" "${source}" "${page}")
    list(APPEND pages "${page}")
  endforeach()
  add_custom_target(man ALL DEPENDS ${pages})
  install(FILES ${pages} DESTINATION share/man/man1)
endif()
