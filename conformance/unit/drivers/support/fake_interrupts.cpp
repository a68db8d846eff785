// SPDX-License-Identifier: MIT
// The interrupt channel of the scripted instrument.
#include "conformance/unit/drivers/support/fake_instrument.h"

namespace visa::test {

std::string FakeInstrument::handle() const {
  const std::lock_guard lock(mutex_);
  return handle_;
}

void FakeInstrument::request_service() {
  const std::string held = handle();
  std::string body = wire_words({4711, 0, 2, 0x0607B1, 1, 30, 0, 0, 0, 0});
  body += wire_word(static_cast<std::uint32_t>(held.size())) + held;
  send_interrupt(wire_word(0x80000000 | static_cast<std::uint32_t>(body.size())) + body);
}

void FakeInstrument::send_interrupt(std::string bytes) {
  const std::lock_guard lock(mutex_);
  interrupts_.send(bytes);
}

std::string FakeInstrument::interrupt_reply(std::size_t size, std::chrono::milliseconds patience) {
  const std::lock_guard lock(mutex_);
  pollfd waiting{interrupts_.fd(), POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return {};
  return interrupts_.receive(size);
}

/// Connects back before it answers.
Answer FakeInstrument::create_channel(const RpcSeen& call) {
  sockaddr_in client{};
  client.sin_family = AF_INET;
  client.sin_addr.s_addr = htonl(call.word(0));
  client.sin_port = htons(static_cast<std::uint16_t>(call.word(1)));
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const bool reached =
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&client), sizeof client) == 0;
  interrupts_ = PeerEnd(std::move(fd));
  return {.words = {reached ? 0u : 6u}};
}

}  // namespace visa::test
