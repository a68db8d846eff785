/* SPDX-License-Identifier: MIT
 * Preloaded before umockdev: realpath() of a device node that is a pseudo-terminal in truth.
 *
 * umockdev takes its folder from the begin of what realpath() found, also where that lies
 * elsewhere: its serial ports are links to pseudo-terminals, so /dev/pts/3 is shorter than the
 * folder's name and memmove() gets a length below zero (0.17.16 and 0.19.7). Here such a path ends
 * at the node, as on a computer where the node is no link. Libraries that were built with
 * _FORTIFY_SOURCE call it by another name (libserialport of Debian 13). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kMostLinks = 8 };

/* Takes the folder of umockdev from the begin of a link's target. */
static const char* seen_inside(const char* target) {
  const char* const folder = getenv("UMOCKDEV_DIR");
  const size_t length = folder == NULL ? 0 : strlen(folder);
  return length > 0 && strncmp(target, folder, length) == 0 ? target + length : target;
}

/* Puts the path that the link `node` has as its target into `node`. */
static int follow(char* node, const char* target) {
  char next[2 * PATH_MAX];
  target = seen_inside(target);
  if (target[0] == '/') {
    snprintf(next, sizeof next, "%s", target);
  } else {
    *strrchr(node, '/') = '\0';
    while (strncmp(target, "../", 3) == 0 && strrchr(node, '/') != NULL) {
      *strrchr(node, '/') = '\0';
      target += 3;
    }
    snprintf(next, sizeof next, "%s/%s", node, target);
  }
  if (strlen(next) >= PATH_MAX) return 0;
  memcpy(node, next, strlen(next) + 1);
  return 1;
}

/* Whether `path` leads to a node that is a link to a pseudo-terminal; `node` is its path then. */
static int leads_to_terminal(const char* path, char* node) {
  char target[PATH_MAX];
  if (path == NULL || strncmp(path, "/dev/", 5) != 0 || strlen(path) >= PATH_MAX) return 0;
  memcpy(node, path, strlen(path) + 1);
  for (int i = 0; i < kMostLinks; ++i) {
    const ssize_t length = readlink(node, target, sizeof target - 1);
    if (length <= 0) return 0;
    target[length] = '\0';
    if (strncmp(target, "/dev/pts/", 9) == 0) return 1;
    if (!follow(node, target)) return 0;
  }
  return 0;
}

/* The node of a pseudo-terminal, in `resolved` where that is given; NULL for every other path. */
static char* node_of(const char* path, char* resolved) {
  char node[PATH_MAX];
  const int before = errno;
  const int found = leads_to_terminal(path, node);
  errno = before;
  if (!found) return NULL;
  return resolved == NULL ? strdup(node) : strcpy(resolved, node);
}

char* realpath(const char* path, char* resolved) {
  char* const node = node_of(path, resolved);
  if (node != NULL) return node;
  char* (*next)(const char*, char*) = NULL;
  *(void**)&next = dlsym(RTLD_NEXT, "realpath");
  return next(path, resolved);
}

char* __realpath_chk(const char* path, char* resolved, size_t size);
char* __realpath_chk(const char* path, char* resolved, size_t size) {
  char* const node = node_of(path, resolved);
  if (node != NULL) return node;
  char* (*next)(const char*, char*, size_t) = NULL;
  *(void**)&next = dlsym(RTLD_NEXT, "__realpath_chk");
  return next(path, resolved, size);
}
