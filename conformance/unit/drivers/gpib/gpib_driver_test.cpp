// SPDX-License-Identifier: MIT
// Opening boards and devices, over an adapter at a TCP port.
#include "drivers/gpib/gpib_driver.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conformance/unit/drivers/support/adapter_server.h"
#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/open_gpib.h"

namespace visa::drivers::gpib {
namespace {

using Initial = std::vector<std::pair<ViAttr, model::AttributeValue>>;
using ChannelPointer = std::unique_ptr<spi::Channel>;

class GpibDriverTest : public testing::Test {
 protected:
  GpibDriverTest() { use("prologix://" + adapter_.target()); }
  void use(const std::string& adapter) {
    settings_["adapter"] = adapter;
    settings_["adapter"].origin = "file:1";
  }
  Result<ChannelPointer> open(const std::string& name, const Initial& initial = {}) {
    const auto parsed = *model::parse_resource_name(name);
    Call call(Deadline::after(std::chrono::seconds(5)));
    auto channel = driver_->open({parsed, settings_, initial}, call);
    detail_ = call.detail;
    return channel;
  }
  Result<spi::Identity> identify(const std::string& name) {
    const auto parsed = *model::parse_resource_name(name);
    Call call(Deadline::after(std::chrono::seconds(5)));
    return driver_->identify({parsed, settings_, {}}, call);
  }
  static void close(Result<ChannelPointer>& channel) {
    Call call(Deadline::after(std::chrono::seconds(5)));
    (*channel)->close(call);
  }
  static std::string ask(spi::Channel& channel, std::string_view text) {
    Call call(Deadline::after(std::chrono::seconds(5)));
    EXPECT_EQ(channel.write(bytes(text), spi::WriteEnd::end, call).status, Status::success);
    std::string data(100, '?');
    const auto result = channel.read(std::as_writable_bytes(std::span(data)), {}, call);
    EXPECT_EQ(result.status, Status::success) << call.detail;
    data.resize(result.count);
    return data;
  }

  AdapterServer adapter_;
  std::unique_ptr<spi::Driver> driver_ = make_gpib_driver();
  spi::Settings settings_;
  std::string detail_;
};

TEST_F(GpibDriverTest, OpensDevicesThatShareTheAdapter) {
  auto dmm = open("GPIB0::5::INSTR");
  ASSERT_TRUE(dmm.has_value()) << detail_;
  auto scope = open("GPIB0::9::2::INSTR");
  ASSERT_TRUE(scope.has_value()) << detail_;
  auto board = open("GPIB0::INTFC");
  ASSERT_TRUE(board.has_value()) << detail_;
  EXPECT_EQ(adapter_.connections(), 1U);
  adapter_.with_model([](AdapterModel& model) {
    model.answers["5"] = "dmm";
    model.answers["9 98"] = "scope";
  });
  EXPECT_EQ(ask(**dmm, "*IDN?"), "dmm");
  EXPECT_EQ(ask(**scope, "*IDN?"), "scope");
  EXPECT_EQ(test::number_of(**scope, VI_ATTR_GPIB_SECONDARY_ADDR), 2U);
  EXPECT_EQ(test::number_of(**board, VI_ATTR_GPIB_CIC_STATE), 1U);
  close(dmm);
  close(scope);
  close(board);
}

TEST_F(GpibDriverTest, TwoNamesOfOneDeviceHaveOneIdentity) {
  const auto one = identify("GPIB0::5::INSTR");
  const auto two = identify("GPIB3::5::INSTR");
  const auto other = identify("GPIB0::5::0::INSTR");
  const auto board = identify("GPIB0::INTFC");
  ASSERT_TRUE(one && two && other && board);
  EXPECT_EQ(one->key, two->key);
  EXPECT_EQ((std::set<std::string>{one->key, other->key, board->key}.size()), 3U);
}

TEST_F(GpibDriverTest, AppliesInitialAttributes) {
  auto dmm = open("GPIB0::5::INSTR", {{VI_ATTR_GPIB_UNADDR_EN, model::AttributeValue(1U)}});
  ASSERT_TRUE(dmm.has_value());
  EXPECT_EQ(test::number_of(**dmm, VI_ATTR_GPIB_UNADDR_EN), 1U);
  close(dmm);
  EXPECT_EQ(open("GPIB0::5::INSTR", {{VI_ATTR_ASRL_BAUD, model::AttributeValue(1U)}}).status(),
            Status::error_nsup_attr);
}

// The sessions of a lost adapter stay lost; a new one opens it again.
TEST_F(GpibDriverTest, OpensAnewAfterTheConnectionWasLost) {
  auto first = open("GPIB0::5::INSTR");
  ASSERT_TRUE(first.has_value());
  adapter_.drop();
  Call call(Deadline::after(std::chrono::seconds(5)));
  std::string data(10, '?');
  const auto lost = (*first)->read(std::as_writable_bytes(std::span(data)), {}, call);
  EXPECT_EQ(lost.status, Status::error_conn_lost);
  auto second = open("GPIB0::5::INSTR");
  ASSERT_TRUE(second.has_value()) << detail_;
  adapter_.with_model([](AdapterModel& model) { model.answers["5"] = "again"; });
  EXPECT_EQ(ask(**second, "*IDN?"), "again");
  close(first);
  close(second);
}

TEST_F(GpibDriverTest, ExplainsWhatItCannotOpen) {
  use("prologix://");
  EXPECT_EQ(open("GPIB0::5::INSTR").status(), Status::error_inv_setup);
  EXPECT_NE(detail_.find("file:1"), std::string::npos);
  use("prologix-serial://ttyUSB0");
  EXPECT_EQ(open("GPIB0::5::INSTR").status(), Status::error_inv_setup);
  use("prologix-serial:///no/such/port");
  EXPECT_EQ(open("GPIB0::5::INSTR").status(), Status::error_rsrc_nfound);
  settings_["baud"] = std::string("fast");
  EXPECT_EQ(open("GPIB0::5::INSTR").status(), Status::error_inv_setup);
  const test::RefusedPort refused;
  use("prologix://127.0.0.1:" + std::to_string(refused.port()));
  EXPECT_EQ(open("GPIB0::5::INSTR").status(), Status::error_rsrc_nfound);
  EXPECT_NE(detail_, "");
  settings_.clear();
  EXPECT_EQ(open("GPIB15::5::INSTR").status(), Status::error_intf_num_nconfig);
  EXPECT_EQ(identify("GPIB15::5::INSTR").status(), Status::error_intf_num_nconfig);
}

TEST_F(GpibDriverTest, NamesItsSettings) {
  const auto keys = driver_->setting_keys();
  const std::set<std::string_view> once(keys.begin(), keys.end());
  EXPECT_EQ(once.size(), keys.size());
  EXPECT_TRUE(once.contains("adapter"));
  EXPECT_TRUE(once.contains("baud"));
}

}  // namespace
}  // namespace visa::drivers::gpib
