// SPDX-License-Identifier: MIT
#include "lib/core/driver_wires.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace visa::core {
namespace {

/// Notes what it was asked to open, and fails.
class NotingDriver final : public spi::Driver {
 public:
  NotingDriver(model::KindSet kinds, std::vector<std::string>& notes)
      : kinds_(kinds), notes_(notes) {}
  std::string_view name() const noexcept override { return "noting"; }
  model::KindSet kinds() const noexcept override { return kinds_; }
  Result<std::unique_ptr<spi::Channel>> open(const spi::OpenRequest& request, Call&) override {
    notes_.push_back(request.name.canonical());
    EXPECT_EQ(request.settings.count("core_port"), 1u);
    EXPECT_TRUE(request.initial_attributes.empty());
    EXPECT_EQ(request.credential, nullptr);
    EXPECT_EQ(request.wires, nullptr) << "no wire over a wire over a wire";
    EXPECT_TRUE(request.openable.contains(model::Kind::gpib_instr));
    return Status::error_rsrc_busy;
  }

 private:
  const model::KindSet kinds_;
  std::vector<std::string>& notes_;
};

class DriverWiresTest : public testing::Test {
 protected:
  DriverWiresTest() {
    drivers.push_back(std::make_unique<NotingDriver>(model::Kind::gpib_instr, board));
    drivers.push_back(std::make_unique<NotingDriver>(model::Kind::tcpip_vxi11, lan));
  }
  Status open(const char* text) {
    return wires.open(*model::parse_resource_name(text), {{"core_port", spi::Setting(1024)}}, call)
        .status();
  }
  std::vector<std::string> board;
  std::vector<std::string> lan;
  std::vector<std::unique_ptr<spi::Driver>> drivers;
  DriverWires wires{drivers};
  Call call{Deadline::infinite()};
};

TEST_F(DriverWiresTest, TheDriverOfTheNameOpensIt) {
  EXPECT_EQ(open("TCPIP::10.0.0.1::gpib0,5::INSTR"), Status::error_rsrc_busy);
  EXPECT_EQ(lan, std::vector<std::string>{"TCPIP0::10.0.0.1::gpib0,5::INSTR"});
  EXPECT_TRUE(board.empty());
}

TEST_F(DriverWiresTest, AWireThatThisBuildLacksIsNamed) {
  EXPECT_EQ(open("USB::1::2::3::INSTR"), Status::error_library_nfound);
  EXPECT_NE(call.detail.find("without a driver"), std::string::npos) << call.detail;
}

}  // namespace
}  // namespace visa::core
