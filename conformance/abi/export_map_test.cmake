# SPDX-License-Identifier: MIT
# cmake -DSOURCE_DIR=... -P export_map_test.cmake: the reader of the export list takes every prototype
# outside NIVISA_* blocks and nothing from comments, macros, typedefs or such blocks.
include(${SOURCE_DIR}/lib/ExportMap.cmake)

function(expect text)
  set(file ${CMAKE_CURRENT_BINARY_DIR}/export_map_test_${CMAKE_CURRENT_LIST_LINE}.h)
  file(WRITE ${file} "${text}")
  visa_read_exports(${file} names)
  file(REMOVE ${file})
  if(NOT "${names}" STREQUAL "${ARGN}")
    message(FATAL_ERROR "read '${names}', wanted '${ARGN}' from:\n${text}")
  endif()
endfunction()

expect("ViStatus _VI_FUNC viA(int x);\nvoid _VI_FUNC viB8(ViChar desc[]);\nViStatus _VI_FUNCC viC(...);\n"
       viA viB8 viC)
expect("ViStatus _VI_FUNC viLong(ViSession vi,\n        ViUInt16 mode);\n#if X\nViStatus _VI_FUNC viIn64(void);\n#endif\n"
       viLong viIn64)
expect("/* ViStatus _VI_FUNC viComment(void); * ** */\n#define viM ViStatus _VI_FUNC viMacro(\nViStatus _VI_FUNC viA(void);\n"
       viA)
expect("typedef ViStatus (_VI_FUNCH _VI_PTR ViHndlr)(int);\nViStatus _VI_FUNC viA(void);\n" viA)
expect("#if defined(NIVISA_X)\n#if Y\nViStatus _VI_FUNC viIn(void);\n#endif\nViStatus _VI_FUNC viStill(void);\n#else\nViStatus _VI_FUNC viElse(void);\n#endif\nViStatus _VI_FUNC viA(void);\n"
       viA)
expect("#if Y\n#ifdef NIVISA_X\nViStatus _VI_FUNC viIn(void);\n#endif\nViStatus _VI_FUNC viA(void);\n#endif\n"
       viA)

visa_read_exports(${SOURCE_DIR}/include/visa.h names)
list(LENGTH names count)
list(REMOVE_DUPLICATES names)
list(LENGTH names distinct)
if(NOT count EQUAL 107 OR NOT distinct EQUAL 107)
  message(FATAL_ERROR "visa.h declares ${count} functions to export (${distinct} distinct), not 107")
endif()
