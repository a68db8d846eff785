// SPDX-License-Identifier: MIT
// The log: what crossed the wire, bounded whatever becomes of the file.
#include "tools/sim/engine/wire_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "conformance/unit/tools/sim/socket/client.h"
#include "tools/sim/bench/bench_server.h"
#include "tools/sim/control/json.h"

namespace visa::sim {
namespace {

class WireLogTest : public ::testing::Test {
 protected:
  WireLogTest() { remove_all(); }
  ~WireLogTest() override { remove_all(); }
  void remove_all() {
    std::remove(file.c_str());
    std::remove((file + ".1").c_str());
  }
  // The records, each of which must be JSON.
  static std::vector<Json> records(const std::string& name) {
    std::ifstream stream(name);
    std::vector<Json> result;
    for (std::string line; std::getline(stream, line);) {
      JsonReading reading = parse_json(line);
      EXPECT_EQ(reading.fault, "") << line.substr(0, 200);
      result.push_back(std::move(reading.value));
    }
    return result;
  }
  static std::string text(const Json& record, std::string_view key) {
    return record.value(std::string(key), "");
  }
  const std::string file = ::testing::TempDir() + "/log" + std::to_string(::getpid());
};

TEST_F(WireLogTest, HasWhatTheClientSentAndReceived) {
  {
    WireLog log(file, 0);
    BenchServer bench({.instruments = {"dmm"}, .log = &log});
    Client client(bench.port("dmm"));
    EXPECT_EQ(client.query("*OPC?"), "1\n");
    bench.on_bench_thread([](Bench& one) {
      one.find("dmm")->instrument->faults().add({.kind = &kTruncateFault, .bytes = 3, .count = 1});
    });
    ASSERT_TRUE(client.send("*IDN?\n"));
    EXPECT_EQ(client.receive(3), "Fre");
  }
  std::string seen;
  for (const Json& record : records(file)) {
    EXPECT_EQ(text(record, "instrument"), "dmm");
    const std::string event = text(record, "event");
    seen += event + ":" + (event == "open" ? "" : text(record, "data")) + "|";
  }
  EXPECT_EQ(seen, "open:|in:*OPC?\n|out:1\n|in:*IDN?\n|fault:truncate|out:Fre|close:|");
}

TEST_F(WireLogTest, BytesAreCharactersAndLongDataIsCut) {
  {
    WireLog log(file, 0);
    log.record("x", 3, "in", std::string("\x00\x80\xFF\"\\\n\x7F", 7));
    log.record("x", 3, "out", std::string(WireLog::kMostData + 1, 'y'));
  }
  const auto list = records(file);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(text(list[0], "data"), std::string("\0\xC2\x80\xC3\xBF\"\\\n\x7F", 9));
  EXPECT_EQ(list[0].at("client"), 3);
  EXPECT_EQ(list[1].at("bytes"), WireLog::kMostData + 1);
  EXPECT_EQ(text(list[1], "data").size(), WireLog::kMostData);
  EXPECT_TRUE(list[1].at("cut").get<bool>());
}

TEST_F(WireLogTest, LargeFileBeginsAnewAndKeepsThePreviousOne) {
  const auto content = [](const std::string& name) {
    std::ifstream stream(name);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  WireLog log(file, 20000);
  for (int i = 0; i < 50; ++i) {
    const std::string mark = "number " + std::to_string(i) + " ";
    log.record("x", 1, "in", mark + std::string(1000, 'z'));
    // One at a time, since what waits is written in one piece.
    const auto deadline = Clock::now() + std::chrono::seconds(10);
    while (content(file).find(mark) == std::string::npos) {
      ASSERT_LT(Clock::now(), deadline) << i;
    }
  }
  EXPECT_LE(content(file).size(), 20000U);
  EXPECT_LE(content(file + ".1").size(), 20000U);
  EXPECT_GT(content(file + ".1").size(), 15000U);
  EXPECT_FALSE(records(file + ".1").empty());
  EXPECT_EQ(text(records(file).back(), "data").substr(0, 9), "number 49");
}

TEST_F(WireLogTest, ReaderThatDoesNotReadLosesRecordsAndStopsNobody) {
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  const FileDescriptor reader(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::string end;  // of what came
  {
    WireLog log(file, 0);
    const auto start = Clock::now();
    for (int i = 0; i < 400; ++i) {  // 26 MB for a buffer of 8
      log.record("x", 1, "out", std::string(WireLog::kMostData, 'q'));
    }
    EXPECT_LT(Clock::now() - start, std::chrono::seconds(60));  // a sanitizer takes its time
    // Now it reads; what comes next says how many were lost.
    std::string bytes(1 << 20, '\0');
    const auto deadline = Clock::now() + std::chrono::seconds(20);
    while (end.find("\"dropped\"") == std::string::npos) {
      ASSERT_LT(Clock::now(), deadline);
      pollfd readable{reader.get(), POLLIN, 0};
      if (::poll(&readable, 1, 5) != 1) {
        log.record("x", 1, "in", "more");
        continue;
      }
      const ssize_t count = ::read(reader.get(), bytes.data(), bytes.size());
      ASSERT_GT(count, 0);
      end.append(bytes.data(), static_cast<std::size_t>(count));
      end.erase(0, end.size() - std::min<std::size_t>(end.size(), 200000));
    }
  }
  EXPECT_THAT(end, testing::HasSubstr("\"event\":\"dropped\",\"records\":"));
}

TEST_F(WireLogTest, ReaderThatGoesAwayStopsNobody) {
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  FileDescriptor reader(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  WireLog log(file, 0);
  reader = FileDescriptor();
  for (int i = 0; i < 100; ++i) {
    log.record("x", 1, "in", "text");
  }
}

TEST(WireLogFile, FileThatCannotBeWrittenIsNamed) {
  try {
    const WireLog log("/nonexistent/log", 0);
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("cannot write the log /nonexistent/log"));
  }
}

}  // namespace
}  // namespace visa::sim
