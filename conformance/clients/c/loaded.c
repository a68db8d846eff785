/* SPDX-License-Identifier: MIT */
/* The job by a program that loads the library by name at run time: loaded LIBRARY. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "job.h"

static void* library;

/* dlsym hands out an object pointer; POSIX says it holds a function's address. */
static int look_up(const char* name, void* slot) {
  void* found = dlsym(library, name);
  if (found == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 0;
  }
  memcpy(slot, &found, sizeof found);
  return 1;
}

int main(int argc, char** argv) {
  struct visa_calls visa;
  int result;
  if (argc != 2 || (library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL)) == NULL) {
    fprintf(stderr, "%s\n", argc != 2 ? "usage: loaded LIBRARY" : dlerror());
    return 2;
  }
  if (!look_up("viOpenDefaultRM", &visa.open_default_rm) ||
      !look_up("viFindRsrc", &visa.find_rsrc) || !look_up("viFindNext", &visa.find_next) ||
      !look_up("viParseRsrc", &visa.parse_rsrc) || !look_up("viParseRsrcEx", &visa.parse_rsrc_ex) ||
      !look_up("viOpen", &visa.open) || !look_up("viClose", &visa.close) ||
      !look_up("viWrite", &visa.write) || !look_up("viRead", &visa.read) ||
      !look_up("viGetAttribute", &visa.get_attribute) ||
      !look_up("viSetAttribute", &visa.set_attribute) || !look_up("viLock", &visa.lock) ||
      !look_up("viUnlock", &visa.unlock) || !look_up("viStatusDesc", &visa.status_desc)) {
    return 2;
  }
  result = do_the_job(&visa);
  return dlclose(library) == 0 ? result : 2;
}
