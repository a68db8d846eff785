// SPDX-License-Identifier: MIT
// Every reply is checked for its size, so that a client that reads too little cannot look fast.
#include "conformance/bench/client.h"

#include <cerrno>
#include <cstring>

#include "conformance/bench/floor_client.h"

namespace visa::bench {
namespace {

constexpr unsigned kTimeoutMs = 5000;

void require(ssize_t result, const char* call) {
  if (result < 0) {
    throw Failure(std::string("floor: ") + call + ": " + std::strerror(static_cast<int>(-result)));
  }
}

[[noreturn]] void wrong_size(const std::string& name, std::size_t got, std::size_t expected) {
  throw Failure(name + ": read " + std::to_string(got) + " bytes instead of " +
                std::to_string(expected));
}

}  // namespace

FloorClient::~FloorClient() {
  close();
}

void FloorClient::open(unsigned port) {
  fd_ = floor_open("127.0.0.1", port, kTimeoutMs);
  require(fd_, "connect");
}

void FloorClient::close() {
  if (fd_ >= 0) floor_close(fd_);
  fd_ = -1;
}

void FloorClient::write(std::span<const char> message) {
  require(floor_send(fd_, message.data(), message.size()), "send");
}

void FloorClient::read_line(std::span<char> buffer, std::size_t size) {
  const ssize_t got = floor_receive(fd_, buffer.data(), buffer.size());
  require(got, "receive");
  if (static_cast<std::size_t>(got) != size) {
    wrong_size(name_, static_cast<std::size_t>(got), size);
  }
}

void VisaClient::write(std::span<const char> message) {
  ViUInt32 count = 0;
  const auto* data = reinterpret_cast<ViConstBuf>(message.data());
  const auto size = static_cast<ViUInt32>(message.size());
  library_.check(library_.vi_write(session_, data, size, &count), "viWrite");
  if (count != size) throw Failure(name() + ": viWrite wrote less and answered success");
}

void VisaClient::read_line(std::span<char> buffer, std::size_t size) {
  ViUInt32 count = 0;
  auto* data = reinterpret_cast<ViPBuf>(buffer.data());
  const ViStatus status =
      library_.vi_read(session_, data, static_cast<ViUInt32>(buffer.size()), &count);
  library_.check(status, "viRead");
  if (count != size) wrong_size(name(), count, size);
  if (status != VI_SUCCESS_TERM_CHAR) {
    throw Failure(name() + ": a line ended without VI_SUCCESS_TERM_CHAR");
  }
}

}  // namespace visa::bench
