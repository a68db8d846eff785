// SPDX-License-Identifier: MIT
// Counts the system calls of a channel inside the process by wrapping them at link time (strace
// would hide the difference that counts). It defines the wrappers, so one source of a test program
// includes it; the program links with --wrap for each of them.
#pragma once

#include <poll.h>
#include <sys/socket.h>

namespace visa::test {

struct Calls {
  int receive = 0;
  int send = 0;
  int poll = 0;
};

/// Null while nobody counts.
inline thread_local Calls* counted = nullptr;

/// Counts what this thread does while it lives.
class Counting {
 public:
  explicit Counting(Calls& calls) { counted = &calls; }
  ~Counting() { counted = nullptr; }
};

}  // namespace visa::test

extern "C" {
ssize_t __real_recvmsg(int, msghdr*, int);
ssize_t __real_sendmsg(int, const msghdr*, int);
ssize_t __real_recv(int, void*, size_t, int);
ssize_t __real_send(int, const void*, size_t, int);
int __real_poll(pollfd*, nfds_t, int);

ssize_t __wrap_recvmsg(int fd, msghdr* message, int flags) {
  if (visa::test::counted != nullptr) ++visa::test::counted->receive;
  return __real_recvmsg(fd, message, flags);
}
ssize_t __wrap_sendmsg(int fd, const msghdr* message, int flags) {
  if (visa::test::counted != nullptr) ++visa::test::counted->send;
  return __real_sendmsg(fd, message, flags);
}
ssize_t __wrap_recv(int fd, void* into, size_t size, int flags) {
  if (visa::test::counted != nullptr) ++visa::test::counted->receive;
  return __real_recv(fd, into, size, flags);
}
ssize_t __wrap_send(int fd, const void* data, size_t size, int flags) {
  if (visa::test::counted != nullptr) ++visa::test::counted->send;
  return __real_send(fd, data, size, flags);
}
int __wrap_poll(pollfd* watched, nfds_t count, int timeout) {
  if (visa::test::counted != nullptr) ++visa::test::counted->poll;
  return __real_poll(watched, count, timeout);
}
}
