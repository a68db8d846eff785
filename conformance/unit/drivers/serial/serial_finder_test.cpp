// SPDX-License-Identifier: MIT
#include "drivers/serial/serial_finder.h"

#include <gtest/gtest.h>

#include <set>

#include "drivers/serial/port_list.h"

namespace visa::test {
namespace {

class Sink final : public spi::DescriptorSink {
 public:
  void found(spi::Descriptor descriptor) override {
    EXPECT_EQ(descriptor.name.kind, model::Kind::asrl_instr);
    EXPECT_EQ(descriptor.known.count(VI_ATTR_INTF_INST_NAME), 1u);
    names.insert(descriptor.name.canonical());
  }
  std::set<std::string> names;
};

std::set<std::string> found(const spi::Settings& settings, model::KindSet openable) {
  const auto expression = model::FindExpression::parse("?*");
  Sink sink;
  Call call(Deadline::after(std::chrono::seconds(20)));
  drivers::make_serial_finder()->find({*expression, openable, settings}, call, sink);
  return sink.names;
}

TEST(SerialFinder, FindsEveryPortOfThisComputerOnce) {
  const Call call(Deadline::after(std::chrono::seconds(20)));
  EXPECT_EQ(found({}, model::Kind::asrl_instr).size(), drivers::serial::list_ports(call).size());
}

TEST(SerialFinder, FindsNothingIfTheSettingSaysSoOrNothingCouldBeOpened) {
  EXPECT_TRUE(found({{"search", false}}, model::Kind::asrl_instr).empty());
  EXPECT_TRUE(found({}, model::Kind::tcpip_socket).empty());
}

}  // namespace
}  // namespace visa::test
