// SPDX-License-Identifier: MIT
// Bytes that came while a call or its reply is under way stand in held_, and no others are read.
#include "tools/sim/rpc/rpc_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "tools/sim/net/socket_output.h"

namespace visa::sim {

RpcConnection::RpcConnection(TcpServer& server, FileDescriptor socket, std::size_t longest,
                             InputBudget& budget)
    : server_(server), socket_(std::move(socket)), records_(longest, budget), watched_(EPOLLIN) {
  server_.loop().add(socket_.get(), watched_, *this);
}

RpcConnection::~RpcConnection() {
  server_.loop().remove(socket_.get());
}

void RpcConnection::on_events(std::uint32_t events) {
  server_.serve(*this, [&] { return serve(events); });
}

void RpcConnection::on_due(Clock::time_point now) {
  server_.serve(*this, [&] {
    if (ended_) return false;
    output_.release(now);
    on_time(now);
    return !ended_ && resume();
  });
}

bool RpcConnection::serve(std::uint32_t events) {
  if ((events & EPOLLERR) != 0) return false;
  if ((watched_ & EPOLLIN) != 0) return (events & (EPOLLIN | EPOLLHUP)) == 0 || receive();
  if ((watched_ & EPOLLOUT) != 0) return (events & (EPOLLOUT | EPOLLHUP)) == 0 || resume();
  // A client that has closed, or will send nothing more, does not wait for its call's end.
  return (events & (EPOLLHUP | EPOLLRDHUP)) == 0;
}

bool RpcConnection::receive() {
  const std::span<char> room = records_.room();
  char* const buffer = room.empty() ? server_.receive_buffer() : room.data();
  const std::size_t size = room.empty() ? TcpServer::kReceiveBytes : room.size();
  const ssize_t count = ::recv(socket_.get(), buffer, size, MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  if (count == 0) return false;
  if (!room.empty()) {
    records_.received(static_cast<std::size_t>(count));
    return execute({});
  }
  return execute({buffer, static_cast<std::size_t>(count)});
}

bool RpcConnection::execute(std::string_view input) {
  while (true) {
    const RpcRecordReader::Step step = records_.next(input);
    if (step.kind == RpcRecordReader::Kind::refused) return false;
    if (step.kind == RpcRecordReader::Kind::need_more) {
      return (watched_ == EPOLLIN && !next_due()) || settle();
    }
    if (const auto call = parse_call(step.record)) {  // what is no call is passed over
      on_call(*call, step.record);
    }
    if (!send_queue(socket_.get(), output_.ready())) return false;
    if (blocked()) {
      held_.assign(input);
      return !ended_ && settle();
    }
  }
}

bool RpcConnection::resume() {
  if (!send_queue(socket_.get(), output_.ready())) return false;
  if (blocked()) return settle();
  const std::string input = std::exchange(held_, {});
  return input.empty() ? settle() : execute(input);
}

// Watches for what has to come next; false when nothing has.
bool RpcConnection::settle() {
  std::uint32_t wanted = EPOLLIN;
  if (!output_.ready().empty()) {
    wanted = EPOLLOUT;
  } else if (output_.ending() != PacedOutput::Ending::none) {
    if (output_.ending() == PacedOutput::Ending::reset) end_by_reset(socket_.get());
    return false;
  } else if (busy() || output_.holding()) {
    wanted = EPOLLRDHUP;
  }
  auto due = output_.due();
  if (const auto other = next_due(); other && (!due || *other < *due)) due = other;
  if (due) server_.wake_at(*this, *due);
  if (wanted != watched_) {
    watched_ = wanted;
    server_.loop().modify(socket_.get(), wanted, *this);
  }
  return true;
}

void RpcConnection::wake() {
  server_.wake_at(*this, Clock::now());
}

void RpcConnection::end(bool reset) {
  if (reset) end_by_reset(socket_.get());
  ended_ = true;
  wake();
}

}  // namespace visa::sim
