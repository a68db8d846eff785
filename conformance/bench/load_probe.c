/* SPDX-License-Identifier: MIT
 * A fresh process that loads a libvisa and opens the resource manager, with only libc loaded
 * before: a C++ program would have loaded libstdc++ already and so hide that cost. Prints
 * microseconds: `load` (dlopen + viOpenDefaultRM) and, with an EXPRESSION, `find` (viFindRsrc, with
 * any result). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <time.h>
#include <visa.h>

typedef ViStatus (*open_manager_function)(ViPSession);
typedef ViStatus (*find_function)(ViSession, ViConstString, ViPFindList, ViPUInt32, ViChar*);
typedef ViStatus (*close_function)(ViObject);

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ISO C has no cast from an object pointer to a function pointer. */
static int function(void* library, const char* name, void* pointer_to_function) {
  *(void**)pointer_to_function = dlsym(library, name);
  if (*(void**)pointer_to_function != NULL) return 1;
  fprintf(stderr, "load_probe: no %s\n", name);
  return 0;
}

int main(int argc, char** argv) {
  open_manager_function open_manager;
  find_function find;
  close_function close_object;
  ViSession manager = VI_NULL;
  ViFindList list = VI_NULL;
  ViUInt32 count = 0;
  ViChar name[VI_FIND_BUFLEN];
  ViStatus status;
  double start;
  double loaded;
  double before_find;
  double found;
  void* library;
  if (argc != 2 && argc != 3) {
    fprintf(stderr, "usage: load_probe LIBVISA [EXPRESSION]\n");
    return 2;
  }
  start = now_us();
  library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    fprintf(stderr, "load_probe: %s\n", dlerror());
    return 2;
  }
  if (!function(library, "viOpenDefaultRM", &open_manager)) return 2;
  status = open_manager(&manager);
  loaded = now_us();
  if (status < VI_SUCCESS) {
    fprintf(stderr, "load_probe: viOpenDefaultRM: 0x%08X\n", (unsigned)status);
    return 2;
  }
  printf("load %.3f\n", loaded - start);
  if (!function(library, "viFindRsrc", &find) || !function(library, "viClose", &close_object)) {
    return 2;
  }
  if (argc == 2) {
    close_object(manager);
    return 0;
  }
  before_find = now_us();
  status = find(manager, argv[2], &list, &count, name);
  found = now_us();
  if (status < VI_SUCCESS && status != VI_ERROR_RSRC_NFOUND) {
    fprintf(stderr, "load_probe: viFindRsrc: 0x%08X\n", (unsigned)status);
    return 2;
  }
  close_object(manager);
  printf("find %.3f\nfound %u\n", found - before_find, status < VI_SUCCESS ? 0u : (unsigned)count);
  return 0;
}
