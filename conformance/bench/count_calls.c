/* SPDX-License-Identifier: MIT
 * libcount_calls.so: preloaded, it counts inside the process those calls of libc that become system
 * calls on a socket's path (strace would change what it measures). `count_calls_of(i, &name)`
 * returns the number of calls of the i-th function, or -1 past the last. Counts are relaxed
 * atomics. */
#define _GNU_SOURCE
#include "conformance/bench/count_calls.h"

#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* glibc declares socket addresses as transparent unions, which ISO C does not have. */
#pragma GCC diagnostic ignored "-Wpedantic"

/* CALLS(X): X(result, name, parameters, arguments) */
#define CALLS(X)                                                                               \
  X(ssize_t, send, (int a, const void* b, size_t c, int d), (a, b, c, d))                      \
  X(ssize_t, recv, (int a, void* b, size_t c, int d), (a, b, c, d))                            \
  X(ssize_t, sendto,                                                                           \
    (int a, const void* b, size_t c, int d, const struct sockaddr* e, socklen_t f),            \
    (a, b, c, d, e, f))                                                                        \
  X(ssize_t, recvfrom, (int a, void* b, size_t c, int d, struct sockaddr* e, socklen_t* f),    \
    (a, b, c, d, e, f))                                                                        \
  X(ssize_t, sendmsg, (int a, const struct msghdr* b, int c), (a, b, c))                       \
  X(ssize_t, recvmsg, (int a, struct msghdr* b, int c), (a, b, c))                             \
  X(ssize_t, read, (int a, void* b, size_t c), (a, b, c))                                      \
  X(ssize_t, write, (int a, const void* b, size_t c), (a, b, c))                               \
  X(ssize_t, readv, (int a, const struct iovec* b, int c), (a, b, c))                          \
  X(ssize_t, writev, (int a, const struct iovec* b, int c), (a, b, c))                         \
  X(int, poll, (struct pollfd * a, nfds_t b, int c), (a, b, c))                                \
  X(int, ppoll, (struct pollfd * a, nfds_t b, const struct timespec* c, const sigset_t* d),    \
    (a, b, c, d))                                                                              \
  X(int, select, (int a, fd_set* b, fd_set* c, fd_set* d, struct timeval* e), (a, b, c, d, e)) \
  X(int, pselect,                                                                              \
    (int a, fd_set* b, fd_set* c, fd_set* d, const struct timespec* e, const sigset_t* f),     \
    (a, b, c, d, e, f))                                                                        \
  X(int, epoll_wait, (int a, struct epoll_event* b, int c, int d), (a, b, c, d))               \
  X(int, epoll_pwait, (int a, struct epoll_event* b, int c, int d, const sigset_t* e),         \
    (a, b, c, d, e))                                                                           \
  X(int, setsockopt, (int a, int b, int c, const void* d, socklen_t e), (a, b, c, d, e))       \
  X(int, getsockopt, (int a, int b, int c, void* d, socklen_t* e), (a, b, c, d, e))            \
  X(int, pthread_sigmask, (int a, const sigset_t* b, sigset_t* c), (a, b, c))                  \
  X(int, sigprocmask, (int a, const sigset_t* b, sigset_t* c), (a, b, c))                      \
  X(ssize_t, __recv_chk, (int a, void* b, size_t c, size_t d, int e), (a, b, c, d, e))         \
  X(ssize_t, __recvfrom_chk,                                                                   \
    (int a, void* b, size_t c, size_t d, int e, struct sockaddr* f, socklen_t* g),             \
    (a, b, c, d, e, f, g))                                                                     \
  X(ssize_t, __read_chk, (int a, void* b, size_t c, size_t d), (a, b, c, d))                   \
  X(int, __poll_chk, (struct pollfd * a, nfds_t b, int c, size_t d), (a, b, c, d))             \
  X(int, __ppoll_chk,                                                                          \
    (struct pollfd * a, nfds_t b, const struct timespec* c, const sigset_t* d, size_t e),      \
    (a, b, c, d, e))

#define COUNTER(result, name, parameters, arguments) static atomic_long count_##name;
CALLS(COUNTER)

static void* next(const char* name, _Atomic(void*)* cache) {
  void* function = atomic_load(cache);
  if (function == NULL) {
    function = dlsym(RTLD_NEXT, name);
    atomic_store(cache, function);
  }
  return function;
}

#define INTERPOSE(result, name, parameters, arguments)                 \
  result name parameters;                                              \
  result name parameters {                                             \
    static _Atomic(void*) cache;                                       \
    result(*real) parameters;                                          \
    *(void**)&real = next(#name, &cache);                              \
    atomic_fetch_add_explicit(&count_##name, 1, memory_order_relaxed); \
    return real arguments;                                             \
  }
CALLS(INTERPOSE)

static atomic_long count_syscall;

long syscall(long number, ...) {
  static _Atomic(void*) cache;
  long (*real)(long, ...);
  long a[6];
  int i;
  va_list arguments;
  *(void**)&real = next("syscall", &cache);
  va_start(arguments, number);
  for (i = 0; i < 6; ++i) a[i] = va_arg(arguments, long);
  va_end(arguments);
  atomic_fetch_add_explicit(&count_syscall, 1, memory_order_relaxed);
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#define ROW(result, name, parameters, arguments) {#name, &count_##name},
static struct {
  const char* name;
  atomic_long* count;
} const rows[] = {CALLS(ROW){"syscall", &count_syscall}};

long count_calls_of(unsigned index, const char** name) {
  if (index >= sizeof rows / sizeof rows[0]) return -1;
  *name = rows[index].name;
  return atomic_load_explicit(rows[index].count, memory_order_relaxed);
}
