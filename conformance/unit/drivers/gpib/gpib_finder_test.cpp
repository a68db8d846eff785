// SPDX-License-Identifier: MIT
// What viFindRsrc gets of GPIB, and that no instrument is written to.
#include "drivers/gpib/gpib_finder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

#include "conformance/unit/drivers/support/adapter_server.h"

namespace visa::drivers::gpib {
namespace {

using Names = std::set<std::string>;

class Sink final : public spi::DescriptorSink {
 public:
  void found(spi::Descriptor descriptor) override { names.insert(descriptor.name.canonical()); }
  Names names;
};

class GpibFinderTest : public testing::Test {
 protected:
  GpibFinderTest() { configure(2, "prologix://" + adapter_.target()); }
  void configure(std::uint16_t number, const std::string& adapter) {
    boards_[number]["adapter"] = adapter;
  }
  Names find(const std::string& pattern, const spi::Settings& settings = {},
             model::KindSet openable = model::Kind::gpib_instr | model::Kind::gpib_intfc) {
    const auto expression = model::FindExpression::parse(pattern);
    Sink sink;
    Call call(Deadline::after(std::chrono::seconds(10)));
    make_gpib_finder()->find({*expression, openable, settings, &boards_}, call, sink);
    detail_ = call.detail;
    return sink.names;
  }

  AdapterServer adapter_;
  spi::BoardSettings boards_;
  std::string detail_;
};

TEST_F(GpibFinderTest, FindsWhatAnswersAPollAndWritesToNothing) {
  adapter_.with_model([](AdapterModel& model) { model.polls = {{"5", 0}, {"9", 16}}; });
  EXPECT_EQ(find("?*"), (Names{"GPIB2::INTFC", "GPIB2::5::INSTR", "GPIB2::9::INSTR"}));
  EXPECT_EQ(find("GPIB?*INSTR"), (Names{"GPIB2::INTFC", "GPIB2::5::INSTR", "GPIB2::9::INSTR"}));
  adapter_.with_model([](AdapterModel& model) { EXPECT_TRUE(model.messages.empty()); });
}

// A poll would end the request.
TEST_F(GpibFinderTest, DoesNotTakeARequestAway) {
  adapter_.with_model([](AdapterModel& model) {
    model.polls = {{"5", 0x40}};
    model.srq = true;
  });
  EXPECT_EQ(find("?*"), Names{"GPIB2::INTFC"});
  EXPECT_NE(detail_.find("requests service"), std::string::npos);
  adapter_.with_model([](AdapterModel& model) { EXPECT_EQ(model.polls["5"], 0x40); });
}

TEST_F(GpibFinderTest, AsksOnlyWhereAnAnswerCouldMatter) {
  adapter_.with_model([](AdapterModel& model) { model.polls = {{"5", 0}}; });
  EXPECT_EQ(find("GPIB?*INTFC"), Names{"GPIB2::INTFC"});
  adapter_.with_model([](AdapterModel& model) {
    for (const auto& line : model.lines) EXPECT_FALSE(line.starts_with("++spoll")) << line;
  });
  const unsigned before = adapter_.connections();
  EXPECT_EQ(find("GPIB3?*"), Names{});
  EXPECT_EQ(find("?*", {{"search", false}}), Names{});
  EXPECT_EQ(adapter_.connections(), before);
}

TEST_F(GpibFinderTest, AsksAnAr488ByItsOwnSearch) {
  adapter_.with_model([](AdapterModel& model) {
    model.version = "AR488 GPIB controller, ver. 0.53\r\n";
    model.listeners = "5,12\r\n";
  });
  EXPECT_EQ(find("?*"), (Names{"GPIB2::INTFC", "GPIB2::5::INSTR", "GPIB2::12::INSTR"}));
}

TEST_F(GpibFinderTest, TellsOfABoardThatItCannotOpenAndGoesOn) {
  const test::RefusedPort refused;
  configure(0, "prologix://127.0.0.1:" + std::to_string(refused.port()));
  configure(1, "nonsense");
  EXPECT_EQ(find("?*"), Names{"GPIB2::INTFC"});
  EXPECT_NE(detail_.find("GPIB0: "), std::string::npos);
  EXPECT_NE(detail_.find("GPIB1: "), std::string::npos);
}

}  // namespace
}  // namespace visa::drivers::gpib
