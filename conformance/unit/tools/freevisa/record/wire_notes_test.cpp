// SPDX-License-Identifier: MIT
// What the lines of a trace with all bytes say of each resource.
#include "tools/freevisa/record/wire_notes.h"

#include <gmock/gmock.h>

namespace visa::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class WireNotesTest : public ::testing::Test {
 protected:
  void add(const std::string& text, const std::string& thread = "1/1") {
    notes.add("2026-11-30T21:05:28.123456Z " + thread + " " + text);
  }
  void open(const std::string& name, const std::string& resource, const std::string& mode = "0") {
    add("> viOpen(sesn=1, name=\"" + name + "\", mode=" + mode + ", timeout=0)");
    add(resource + "   open (0.000000 s)");
    add("< viOpen = VI_SUCCESS vi=2 [1.0 ms]");
  }
  sim::Recording recording(const std::string& resource) {
    sim::Recording result;
    std::vector<std::string> remarks;
    notes.resources().at(resource).recorder.finish(result, remarks);
    return result;
  }
  WireNotes notes{[](const std::string& resource) { return resource != "OTHER"; }};
};

TEST_F(WireNotesTest, DataOfEachThreadGoesToItsOwnOperation) {
  open("dmm", "R::INSTR #1");
  open("dmm2", "R::INSTR #2", "4");
  add("R::INSTR #1 + 413F", "1/1");
  add("R::INSTR #2 + 423F", "1/2");
  add("R::INSTR #2 > write 2 bytes END (0.0 s)", "1/2");
  add("R::INSTR #1 > write 2 bytes END (0.0 s)", "1/1");
  add("R::INSTR #1 + 61");
  add("R::INSTR #1 + 0A");
  add("R::INSTR #1 < read 2 bytes END (0.020000 s)");
  const auto& one = notes.resources().at("R::INSTR");
  EXPECT_THAT(one.opened_as, ElementsAre("dmm", "dmm2"));
  EXPECT_TRUE(one.loads_configuration);
  const auto result = recording("R::INSTR");
  ASSERT_EQ(result.exchanges.size(), 2u);
  EXPECT_EQ(result.exchanges[0].message, "B?");
  EXPECT_EQ(result.exchanges[1].message, "A?");
  ASSERT_EQ(result.exchanges[1].answers.size(), 1u);
  EXPECT_EQ(*result.exchanges[1].answers[0], "a\n");
  EXPECT_FALSE(notes.problem());
}

TEST_F(WireNotesTest, OnlyWhatIsWantedIsNoted) {
  open("x", "OTHER #1");
  add("OTHER #1 + 41");
  add("OTHER #1 > write 1 bytes END (0.0 s)");
  EXPECT_TRUE(notes.resources().empty());
}

TEST_F(WireNotesTest, HiddenBytesStayHidden) {
  open("x", "R::INSTR #1");
  add("R::INSTR #1 + 4C3A50534B20");
  add("R::INSTR #1 + ******");
  add("R::INSTR #1 > write 9 bytes END (0.0 s)");
  EXPECT_EQ(recording("R::INSTR").exchanges.at(0).secret, std::optional<std::size_t>(6));
}

TEST_F(WireNotesTest, StatusBytesTriggersAndRequestsAreNotedWhenTheySucceed) {
  open("x", "R::INSTR #1");
  add("R::INSTR #1 > trigger (0.0 s)");
  add("R::INSTR #1 > trigger VI_ERROR_TMO (0.0 s)");
  add("R::INSTR #1 < event 0x3FFF200B (0.0 s)", "1/7");
  add("R::INSTR #1 + 60");
  add("R::INSTR #1 < stb 1 bytes (0.0 s)");
  add("R::INSTR #1 < stb VI_ERROR_TMO (0.0 s)");
  const auto result = recording("R::INSTR");
  ASSERT_EQ(result.exchanges.size(), 1u);
  EXPECT_EQ(result.exchanges[0].service_requests.size(), 1u);
  EXPECT_EQ(result.exchanges[0].status, std::vector<std::uint8_t>{0x60});
}

TEST_F(WireNotesTest, GapInTheTraceIsAProblem) {
  open("x", "R::INSTR #1");
  add("R::INSTR #1 > write 2 bytes END (0.0 s)");
  ASSERT_TRUE(notes.problem());
  EXPECT_THAT(*notes.problem(), HasSubstr("missing"));
}

TEST_F(WireNotesTest, LostLinesAreAProblem) {
  add("3 lines of this trace are missing here: No space left on device");
  ASSERT_TRUE(notes.problem());
}

}  // namespace
}  // namespace visa::tool
