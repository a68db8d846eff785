// SPDX-License-Identifier: MIT
#include "drivers/usb/tmc_control.h"

#include <gtest/gtest.h>

#include <array>

namespace visa::test {
namespace {

using namespace drivers::usb;

TEST(TmcControl, RequestsNameInterfaceOrEndpoint) {
  const auto clear = interface_request(TmcRequest::initiate_clear, 3);
  EXPECT_EQ(clear.request_type, 0xA1);
  EXPECT_EQ(clear.request, 5);
  EXPECT_EQ(clear.value, 0);
  EXPECT_EQ(clear.index, 3);
  const auto abort = endpoint_request(TmcRequest::initiate_abort_bulk_in, 0x82, 17);
  EXPECT_EQ(abort.request_type, 0xA2);
  EXPECT_EQ(abort.request, 3);
  EXPECT_EQ(abort.value, 17);
  EXPECT_EQ(abort.index, 0x82);
}

TEST(TmcControl, CapabilitiesOfUsb488AreInByte14) {
  std::array<std::byte, kCapabilitiesSize> reply{};
  reply[4] = std::byte{0x07};  // listen-only and so on: no bits of USB488
  auto read = read_capabilities(reply, 1);
  EXPECT_FALSE(read.trigger || read.remote_local || read.compliant_4882 || read.termchar);
  reply[5] = std::byte{1};
  reply[14] = std::byte{7};
  read = read_capabilities(reply, 1);
  EXPECT_TRUE(read.trigger && read.remote_local && read.compliant_4882 && read.termchar);
  read = read_capabilities(reply, 0);  // plain USBTMC
  EXPECT_TRUE(read.termchar);
  EXPECT_FALSE(read.trigger || read.remote_local || read.compliant_4882);
}

TEST(TmcControl, ShortReplyHasNoCapabilities) {
  std::array<std::byte, kCapabilitiesSize> reply{};
  reply.fill(std::byte{0xFF});
  for (std::size_t size = 0; size < kCapabilitiesSize; ++size) {
    const auto read = read_capabilities(std::span(reply).first(size), 1);
    EXPECT_EQ(read.termchar, size > 5);
    EXPECT_EQ(read.trigger, size > 14);
  }
}

}  // namespace
}  // namespace visa::test
