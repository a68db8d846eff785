// SPDX-License-Identifier: MIT
#include "tools/sim/scpi/loopback_instrument.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/tools/sim/description/asking.h"

namespace visa::sim {
namespace {

TEST(LoopbackInstrument, SendsEveryByteBackOnceEndHasCome) {
  LoopbackInstrument instrument;
  Asking ask{instrument, Exchange::strict};
  std::string all = "#3999";  // what would begin a block
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  ask.send(all.substr(0, 100));
  EXPECT_EQ(ask.link().serial_poll(), 0);
  EXPECT_EQ(ask.answer(), "");
  ask.send(all.substr(100), true);
  EXPECT_EQ(ask.link().serial_poll(), 0x10);
  const auto part = ask.link().read(1000);
  EXPECT_EQ(part.bytes, all);
  EXPECT_TRUE(part.end);
}

}  // namespace
}  // namespace visa::sim
