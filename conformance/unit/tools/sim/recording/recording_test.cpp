// SPDX-License-Identifier: MIT
// What is written is read again as it was, by way of both files; and what is wrong with a file is
// told with its place.
#include "tools/sim/recording/recording.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tools/sim/description/description.h"

namespace visa::sim {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

SharedBytes bytes(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

class RecordingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = ::testing::TempDir() + "recording_" + std::to_string(::getpid());
    std::filesystem::create_directory(folder);
    file = folder + "/bench.toml";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  /// Written and read.
  Recording again(const Recording& recording) {
    std::string data;
    const std::string text = recording_text({recording}, data);
    std::ofstream(data_file_of(file), std::ios::binary) << data;
    data_size = data.size();
    return *read_descriptions(text, file).front()->recording;
  }
  std::string mistakes(const std::string& text) {
    try {
      read_descriptions(text, file);
    } catch (const DescriptionError& error) {
      return error.what();
    }
    return "";
  }
  std::string folder;
  std::string file;
  std::size_t data_size = 0;
};

TEST_F(RecordingTest, EveryPartSurvives) {
  std::string every;
  for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
  Recording recording;
  recording.name = "dmm";
  recording.resource = "USB0::0x1209::0x0001::A\"B::INSTR";
  recording.opened_as = {"meter", "GPIB0::2::INSTR"};
  recording.wire = "serial";
  recording.terminator = '\r';
  recording.loads_configuration = true;
  RecordedExchange query;
  query.message = "SYST:PASS \"a\\b\"\tx";
  query.secret = 9;
  query.answers = {bytes("1,\"No \\ error\"\r\n"), bytes("2\n")};
  query.delay = 17ms;
  query.status = {0, 16, 255};
  query.service_requests = {300ms, 301ms};
  RecordedExchange binary;
  binary.message = every + "x";
  binary.answers = {bytes(every)};
  RecordedExchange large;
  large.kind = RecordedExchange::Kind::trigger;
  large.answers = {bytes(std::string(100000, 'w')), bytes(every), bytes(std::string(100000, 'w'))};
  recording.exchanges = {query, binary, large};

  const Recording read = again(recording);
  EXPECT_EQ(read.name, recording.name);
  EXPECT_EQ(read.resource, recording.resource);
  EXPECT_EQ(read.opened_as, recording.opened_as);
  EXPECT_EQ(read.wire, recording.wire);
  EXPECT_EQ(read.terminator, recording.terminator);
  EXPECT_TRUE(read.loads_configuration);
  ASSERT_EQ(read.exchanges.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const RecordedExchange& was = recording.exchanges[i];
    const RecordedExchange& is = read.exchanges[i];
    EXPECT_EQ(is.kind, was.kind);
    EXPECT_EQ(is.message, was.message);
    EXPECT_EQ(is.secret, was.secret);
    EXPECT_EQ(is.delay, was.delay);
    EXPECT_EQ(is.status, was.status);
    EXPECT_EQ(is.service_requests, was.service_requests);
    ASSERT_EQ(is.answers.size(), was.answers.size());
    for (std::size_t a = 0; a < is.answers.size(); ++a) EXPECT_EQ(*is.answers[a], *was.answers[a]);
  }
  EXPECT_EQ(data_size, 100256u) << "equal answers are kept once";
}

TEST_F(RecordingTest, DeviceIsKeptWhereItIsTheOnlyOne) {
  const auto text_of = [](const std::vector<std::string>& resources) {
    std::vector<Recording> recordings(resources.size());
    for (std::size_t i = 0; i < resources.size(); ++i) {
      recordings[i].name = "n" + std::to_string(i);
      recordings[i].resource = resources[i];
      recordings[i].wire = "vxi11";
    }
    std::string data;
    return recording_text(recordings, data);
  };
  const std::string text = text_of({"GPIB0::2::INSTR", "TCPIP0::a::inst3::INSTR"});
  EXPECT_THAT(text, HasSubstr("[recorded.vxi11]\ndevice = \"inst3\""));
  EXPECT_LT(text.find("n1"), text.find("n0")) << "before one that could take it";
  for (const char* const other : {"TCPIP0::b::inst3::INSTR", "TCPIP0::b::instx::INSTR"}) {
    const std::string both = text_of({other, "TCPIP0::a::inst3::INSTR"});
    EXPECT_EQ(both.find("recorded.vxi11") == std::string::npos,
              std::string_view(other).find("inst3") != std::string_view::npos);
  }
}

TEST_F(RecordingTest, AnAddressOnTheBusIsKept) {
  const auto text_of = [](const std::string& resource, const std::string& wire) {
    std::vector<Recording> one(1);
    one[0].name = "n";
    one[0].resource = resource;
    one[0].wire = wire;
    std::string data;
    return recording_text(one, data);
  };
  EXPECT_THAT(text_of("GPIB0::2::INSTR", "gpib"), HasSubstr("[recorded.gpib]\naddress = \"2\"\n"));
  EXPECT_THAT(text_of("GPIB3::9::0::INSTR", "gpib"), HasSubstr("address = \"9,0\"\n"));
  EXPECT_EQ(text_of("GPIB0::2::INSTR", "vxi11").find("address"), std::string::npos);
  EXPECT_EQ(text_of("GPIB0::INTFC", "gpib").find("address"), std::string::npos);
  const auto read = read_descriptions(text_of("GPIB0::9::0::INSTR", "gpib"), file);
  EXPECT_EQ(read.front()->recording->wire, "gpib");
}

TEST_F(RecordingTest, DelaysAreDroppedWhereTheyAreNotWanted) {
  const auto read = read_descriptions(
      "[[recorded]]\nname = \"a\"\nresource = \"r\"\n[[recorded.exchange]]\nsend = \"A?\"\n"
      "answer = \"1\"\ndelay_ms = 20\nservice_request_ms = [5]\n",
      file, false);
  EXPECT_EQ(read.front()->recording->exchanges[0].delay, 0ms);
  EXPECT_EQ(read.front()->recording->exchanges[0].service_requests[0], 0ms);
}

TEST_F(RecordingTest, FileMayHaveSeveralInstruments) {
  const auto read = read_descriptions(
      "[[recorded]]\nname = \"a\"\nresource = \"r\"\n[[recorded.exchange]]\nsend = \"*IDN?\"\n"
      "answer = \"Maker,Model,1,2\\n\"\n[[recorded]]\nname = \"b\"\nresource = \"s\"\n",
      file);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0]->identity, "Maker,Model,1,2");
  EXPECT_EQ(read[1]->name, "b");
}

TEST_F(RecordingTest, MistakesAreToldWithTheirPlace) {
  const std::string begin = "[[recorded]]\nname = \"a\"\nresource = \"r\"\n[[recorded.exchange]]\n";
  EXPECT_THAT(mistakes(begin + "answer = \"1\"\n"),
              HasSubstr("expected one of send, send_hex and does"));
  EXPECT_THAT(mistakes(begin + "send_hex = \"4\"\n"), HasSubstr("two figures"));
  EXPECT_THAT(mistakes(begin + "send = \"A\"\nanswer_hex = \"4G\"\n"), HasSubstr("bench.toml:6:"));
  EXPECT_THAT(mistakes(begin + "send = \"A\"\nanswer_data = [0]\n"), HasSubstr("pairs"));
  EXPECT_THAT(mistakes(begin + "send = \"A\"\nanswer_data = [0, 10]\n"), HasSubstr("bench.data"));
  EXPECT_THAT(mistakes(begin + "send = \"A\"\nanswer_data = [-1, 1e300]\n"), HasSubstr("pairs"));
  EXPECT_THAT(mistakes(begin + "send = \"A\"\nstatus = [256]\n"), HasSubstr("0 to 255"));
  EXPECT_THAT(mistakes(begin + "send = \"A\"\nsurprise = 1\n"), HasSubstr("surprise"));
  EXPECT_THAT(mistakes("[[recorded]]\nname = \"a b\"\nresource = \"r\"\n"), HasSubstr("letters"));
}

TEST_F(RecordingTest, DataFileStandsBesideTheFile) {
  EXPECT_EQ(data_file_of("bench.toml"), "bench.data");
  EXPECT_EQ(data_file_of("/a.b/bench"), "/a.b/bench.data");
  EXPECT_EQ(data_file_of("/a.b/.bench"), "/a.b/.bench.data");
}

}  // namespace
}  // namespace visa::sim
