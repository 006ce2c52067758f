# SPDX-License-Identifier: GPL-3.0-or-later
# halfopen_embed(TARGET FILE SYMBOL): FILE's text as `const char SYMBOL[]`, so that the binary needs no data file.
function(halfopen_embed target file symbol)
  set(path "${PROJECT_SOURCE_DIR}/${file}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
  file(READ "${path}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  set(out "${CMAKE_CURRENT_BINARY_DIR}/embedded/${symbol}.c")
  file(CONFIGURE OUTPUT "${out}" CONTENT "extern const char ${symbol}[];\nconst char ${symbol}[] = {${bytes}0};\n" @ONLY)
  target_sources(${target} PRIVATE "${out}")
endfunction()
