// SPDX-License-Identifier: MIT
// A bus carries one operation at a time; the box lets the others wait for it.
#include "tools/sim/gpib/enet_box.h"

#include <algorithm>

namespace visa::sim {
namespace {

constexpr std::uint16_t kNoFailure = 0xFFFF;

void append(std::string& text, std::uint32_t value, unsigned bytes) {
  for (unsigned shift = 8 * bytes; shift > 0; shift -= 8) {
    text += static_cast<char>(value >> (shift - 8) & 0xFFU);
  }
}

std::string status(std::uint32_t state, std::uint32_t failure, std::uint32_t count) {
  std::string text;
  append(text, state, 2);
  append(text, failure, 2);
  append(text, 0, 4);
  append(text, count, 4);
  return text;
}

}  // namespace

std::uint32_t enet_number(std::string_view frame, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (const char one : frame.substr(at, size)) {
    value = value << 8U | static_cast<std::uint8_t>(one);
  }
  return value;
}

std::string enet_status(std::uint16_t state, std::uint32_t count) {
  return status(std::uint32_t{state} | kEnetComplete, kNoFailure, count);
}

std::string enet_failure(EnetFailure failure, std::uint16_t state, std::uint32_t count) {
  return status(std::uint32_t{state} | kEnetError | kEnetComplete,
                static_cast<std::uint16_t>(failure), count);
}

std::string enet_chunk(std::string_view payload, std::uint16_t flags) {
  std::string text;
  append(text, flags, 2);
  append(text, static_cast<std::uint32_t>(payload.size()), 2);
  return text.append(payload);
}

EnetBox::EnetBox(GpibBus& bus) : bus_(bus) {
  bus_.set_watcher(this);
}

EnetBox::~EnetBox() {
  bus_.set_watcher(nullptr);
}

void EnetBox::join(EnetClient& client) {
  clients_.push_back(&client);
}

void EnetBox::leave(EnetClient& client) noexcept {
  std::erase(clients_, &client);
  give_bus(client);
}

EnetClient* EnetBox::of_port(std::uint16_t port) const noexcept {
  const auto at = std::find_if(clients_.begin(), clients_.end(),
                               [port](const auto* one) { return one->port() == port; });
  return at == clients_.end() ? nullptr : *at;
}

bool EnetBox::take_bus(EnetClient& client) noexcept {
  if (holder_ == nullptr) holder_ = &client;
  return holder_ == &client;
}

void EnetBox::give_bus(EnetClient& client) noexcept {
  if (holder_ != &client) return;
  holder_ = nullptr;
  on_bus_changed();
}

void EnetBox::on_bus_changed() {
  for (EnetClient* const one : clients_) one->wake();
}

}  // namespace visa::sim
