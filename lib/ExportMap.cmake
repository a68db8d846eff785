# SPDX-License-Identifier: MIT
# What libvisa.so exports is what include/visa.h declares. visa_export_map(VARIABLE) reads the
# prototypes that stand outside blocks whose condition names NIVISA_*, writes the version script
# generated/visa.map and sets VARIABLE to its path. The header is a dependency of the configure step.
#
# The script has no version name: a named one leaves a mark in clients, which then complain against
# every other libvisa. Together with --no-undefined-version the link fails when a prototype has no
# body.

# Names of the functions `header` declares outside NIVISA_* blocks, into `variable`.
function(visa_read_exports header variable)
  file(READ ${header} text)
  string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" " " text "${text}")
  string(REGEX REPLACE "[][;]" " " text "${text}")
  string(REGEX REPLACE "\\\\\n" " " text "${text}")
  string(REPLACE "\n" ";" lines "${text}")
  set(depth 0)
  set(outside 0)
  set(declarations "")
  foreach(line IN LISTS lines)
    if(line MATCHES "^[ \t]*#[ \t]*if")
      math(EXPR depth "${depth} + 1")
      if(outside EQUAL 0 AND line MATCHES "NIVISA_")
        set(outside ${depth})
      endif()
    elseif(line MATCHES "^[ \t]*#[ \t]*endif")
      if(outside EQUAL depth)
        set(outside 0)
      endif()
      math(EXPR depth "${depth} - 1")
    elseif(outside EQUAL 0 AND NOT line MATCHES "^[ \t]*#")
      string(APPEND declarations " " "${line}")
    endif()
  endforeach()
  if(NOT depth EQUAL 0)
    message(FATAL_ERROR "${header}: #if and #endif do not match")
  endif()
  string(REGEX MATCHALL "(ViStatus|void)[ \t]+_VI_FUNCC?[ \t]+vi[A-Za-z0-9]+[ \t]*\\(" prototypes
         "${declarations}")
  set(names)
  foreach(prototype IN LISTS prototypes)
    string(REGEX REPLACE "^.*[ \t](vi[A-Za-z0-9]+)[ \t]*\\($" "\\1" name "${prototype}")
    list(APPEND names ${name})
  endforeach()
  if(NOT names)
    message(FATAL_ERROR "${header} declares no function")
  endif()
  set(${variable} ${names} PARENT_SCOPE)
endfunction()

function(visa_export_map variable)
  set(header ${PROJECT_SOURCE_DIR}/include/visa.h)
  set(map ${PROJECT_BINARY_DIR}/generated/visa.map)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
  visa_read_exports(${header} names)
  list(JOIN names ";\n    " entries)
  file(CONFIGURE OUTPUT ${map} CONTENT "{\n  global:\n    ${entries};\n  local:\n    *;\n};\n" @ONLY)
  set(${variable} ${map} PARENT_SCOPE)
endfunction()
