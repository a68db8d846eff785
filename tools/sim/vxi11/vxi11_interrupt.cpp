// SPDX-License-Identifier: MIT
// VXI-11 B.4.5 and B.6.16: device_intr_srq is a one-way call.
#include "tools/sim/vxi11/vxi11_interrupt.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "tools/sim/net/socket_output.h"
#include "tools/sim/rpc/rpc_message.h"
#include "tools/sim/vxi11/vxi11_faults.h"

namespace visa::sim {
namespace {

constexpr std::uint32_t kDeviceIntrSrq = 30;
constexpr std::uint32_t kFirstXid = 0x53525100;  // "SRQ"

}  // namespace

InterruptChannel::InterruptChannel(EventLoop& loop, std::uint32_t host, std::uint16_t port,
                                   std::uint32_t program, std::uint32_t version,
                                   std::function<void()> changed)
    : loop_(loop),
      socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      program_(program),
      version_(version),
      changed_(std::move(changed)),
      xid_(kFirstXid) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(host);
  name.sin_port = htons(port);
  const int yes = 1;
  if (!socket_ ||
      (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 &&
       errno != EINPROGRESS)) {
    state_ = State::broken;
    return;
  }
  static_cast<void>(::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
  static_cast<void>(::setsockopt(socket_.get(), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes));
  watched_ = EPOLLOUT;
  loop_.add(socket_.get(), watched_, *this);
}

InterruptChannel::~InterruptChannel() {
  close(false);
}

void InterruptChannel::close(bool tell) {
  if (socket_) {
    loop_.remove(socket_.get());
    socket_ = FileDescriptor();
  }
  output_.clear();
  if (state_ != State::broken) {
    state_ = State::broken;
    if (tell) changed_();
  }
}

void InterruptChannel::bury(EventLoop& loop, std::unique_ptr<InterruptChannel> channel) {
  if (channel != nullptr) {
    channel->close(false);
    loop.post([dead = std::shared_ptr<InterruptChannel>(std::move(channel))] {});
  }
}

void InterruptChannel::on_events(std::uint32_t events) {
  if (!socket_) {
    return;  // buried in this round
  }
  if (state_ == State::connecting) {
    finish_connecting();
    return;
  }
  if ((events & EPOLLERR) != 0 || ((events & (EPOLLIN | EPOLLHUP)) != 0 && !discard())) {
    close(true);
    return;
  }
  flush();
}

void InterruptChannel::finish_connecting() {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0) {
    close(true);
    return;
  }
  state_ = State::open;
  changed_();
  flush();
}

// Replies, wanted by some and not sent by most.
bool InterruptChannel::discard() {
  std::array<char, 4096> bytes;
  const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

void InterruptChannel::request_service(std::string_view handle, const Fault* fault) {
  if (state_ != State::open || (fault != nullptr && fault->kind == &kSrqLostFault)) return;
  const int times = fault != nullptr && fault->kind == &kSrqTwiceFault ? 2 : 1;
  for (int i = 0; i < times && output_.cost() < kMostWaiting; ++i) {
    std::string record(4, '\0');
    put_call(record, ++xid_, program_, version_, kDeviceIntrSrq);
    put_opaque(record, handle);
    if (fault != nullptr && fault->kind == &kSrqShortFault) record.resize(record.size() - 4);
    set_number(record.data(), static_cast<std::uint32_t>(record.size() - 4) | 0x80000000U);
    output_.append(record);
  }
  flush();
}

// Called while an instrument is at work: a broken connection is noticed by the loop.
void InterruptChannel::flush() {
  if (!send_queue(socket_.get(), output_)) output_.clear();
  const std::uint32_t wanted = output_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT;
  if (wanted != watched_) {
    watched_ = wanted;
    loop_.modify(socket_.get(), wanted, *this);
  }
}

}  // namespace visa::sim
