// SPDX-License-Identifier: MIT
// What a channel says of itself, and what the system says of its socket.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "lib/spi/channel.h"

namespace visa::test {

inline model::AttributeValue value_of(spi::Channel& channel, ViAttr id) {
  Call call(Deadline::immediate());
  auto value = channel.get_attribute(id, call);
  EXPECT_EQ(value.status(), Status::success) << call.detail;
  return value ? *std::move(value) : model::AttributeValue();
}

inline std::string text_of(spi::Channel& channel, ViAttr id) {
  const auto value = value_of(channel, id);
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "not a string" : *text;
}

inline std::uint64_t number_of(spi::Channel& channel, ViAttr id) {
  return model::number(value_of(channel, id));
}

/// An option of the only connected socket of this process that goes to `port`.
inline int option_of(std::uint16_t port, int level, int name) {
  for (int fd = 3; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (ntohs(peer.sin_port) != port) continue;
    int value = -1;
    socklen_t length = sizeof value;
    ::getsockopt(fd, level, name, &value, &length);
    return value;
  }
  return -1;
}

}  // namespace visa::test
