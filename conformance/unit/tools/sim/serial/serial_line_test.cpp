// SPDX-License-Identifier: MIT
// The serial wire of the bench, driven by a bare client that opens the node as any program does.
#include "tools/sim/serial/serial_line.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <string>

#include "conformance/unit/support/temp_folder.h"
#include "tools/sim/bench/bench_server.h"
#include "tools/sim/control/control_commands.h"

namespace visa::sim {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr int kPatience = 20000;  // ms

/// A program with the port open, raw.
class Program {
 public:
  explicit Program(const std::string& path, unsigned baud = 9600)
      : fd_(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
    termios2 state{};
    ::ioctl(fd_.get(), TCGETS2, &state);
    state.c_iflag = state.c_oflag = state.c_lflag = 0;
    state.c_cflag = CS8 | CREAD | CLOCAL | BOTHER;
    state.c_ispeed = state.c_ospeed = baud;
    ::ioctl(fd_.get(), TCSETS2, &state);
  }
  bool send(std::string_view text) const {
    return ::write(fd_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  /// Waits for room.
  bool send_all(std::string_view text) const {
    while (!text.empty()) {
      pollfd ready{fd_.get(), POLLOUT, 0};
      if (::poll(&ready, 1, kPatience) <= 0) return false;
      const ssize_t sent = ::write(fd_.get(), text.data(), text.size());
      if (sent < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// A line; what came if the port is lost or nothing comes for `patience`.
  std::string line(int patience = kPatience) const {
    std::string text;
    while (!text.ends_with('\n')) {
      pollfd ready{fd_.get(), POLLIN, 0};
      char byte = 0;
      if (::poll(&ready, 1, patience) <= 0 || ::read(fd_.get(), &byte, 1) != 1) break;
      text += byte;
    }
    return text;
  }
  bool lost() const {
    pollfd gone{fd_.get(), 0, 0};
    return ::poll(&gone, 1, kPatience) > 0 && (gone.revents & POLLHUP) != 0;
  }

 private:
  FileDescriptor fd_;
};

class SerialLineTest : public ::testing::Test {
 protected:
  explicit SerialLineTest(bool paced = false)
      : bench({.instruments = {"dmm", "pyvisa"},
               .settings = {.options = options(folder, paced)},
               .wires = {"serial"}}) {}

  static std::map<std::string, std::string, std::less<>> options(const test::TempFolder& folder,
                                                                 bool paced) {
    std::map<std::string, std::string, std::less<>> all{{"--serial-dir", folder.path()}};
    if (paced) all.emplace("--serial-pace", "");
    return all;
  }
  std::string control(const std::string& request) {
    std::string answer;
    bench.on_bench_thread([&](Bench& one) { answer = execute_control(one, request); });
    return answer;
  }
  void fault(const std::string& keys) {
    EXPECT_THAT(control("{\"op\":\"fault_on\",\"instrument\":\"dmm-serial\"," + keys + "}"),
                HasSubstr("\"ok\":true"));
  }
  bool wait_for_clients(std::size_t count) {
    const auto end = steady_clock::now() + std::chrono::milliseconds(kPatience);
    while (bench.clients() != count) {
      if (steady_clock::now() > end) return false;
    }
    return true;
  }
  std::string port(const char* name = "dmm") const { return folder.file(name); }

  test::TempFolder folder;
  BenchServer bench;
};

class PacedSerialLineTest : public SerialLineTest {
 protected:
  PacedSerialLineTest() : SerialLineTest(true) {}
};

TEST_F(SerialLineTest, ServesEveryInstrumentUnderItsName) {
  EXPECT_EQ(bench.resource("dmm-serial"), "ASRL" + port() + "::INSTR");
  const Program dmm(port());
  const Program other(port("pyvisa"));
  EXPECT_TRUE(dmm.send("*IDN?\n"));
  EXPECT_THAT(dmm.line(), HasSubstr("Virtual Multimeter"));
  EXPECT_TRUE(other.send("*IDN?\n"));
  EXPECT_THAT(other.line(), HasSubstr("Keysight"));
  EXPECT_EQ(bench.clients(), 2U);
}

TEST_F(SerialLineTest, MessageMayComeInPieces) {
  const Program dmm(port());
  for (const char c : std::string_view("*ESE 5;*ESE?\n")) EXPECT_TRUE(dmm.send({&c, 1}));
  EXPECT_EQ(dmm.line(), "5\n");
}

TEST_F(SerialLineTest, PortMayBeOpenedAgainAndAgain) {
  for (int i = 0; i < 20; ++i) {
    const Program dmm(port());
    EXPECT_TRUE(dmm.send("*OPC?\n"));
    EXPECT_EQ(dmm.line(), "1\n") << i;
  }
}

// As on a wire: what comes while no program listens is lost.
TEST_F(SerialLineTest, AnswerThatNobodyReadsIsNotLeftForTheNext) {
  {
    const Program dmm(port());
    EXPECT_TRUE(dmm.send("*IDN?\n"));
    EXPECT_TRUE(wait_for_clients(1));
  }
  EXPECT_TRUE(wait_for_clients(0));
  const Program next(port());
  EXPECT_TRUE(next.send("*ESE 9;*ESE?\n"));
  EXPECT_EQ(next.line(), "9\n");
}

TEST_F(SerialLineTest, DroppedConnectionIsAHangUpAndTheNameLeadsToANewPort) {
  const std::string before = std::filesystem::read_symlink(port());
  const Program dmm(port());
  fault("\"kind\":\"drop\",\"count\":1");
  EXPECT_TRUE(dmm.send("*IDN?\n"));
  EXPECT_TRUE(dmm.lost());
  bench.on_bench_thread([](Bench&) {});
  EXPECT_NE(std::filesystem::read_symlink(port()), before);
  const Program again(port());
  EXPECT_TRUE(again.send("*OPC?\n"));
  EXPECT_EQ(again.line(), "1\n");
}

TEST_F(SerialLineTest, BytesAreLostChangedOrAddedByFaults) {
  const Program dmm(port());
  fault("\"kind\":\"serial-lost\",\"bytes\":2,\"count\":1");
  EXPECT_TRUE(dmm.send("*ESE 255;*ESE?\n"));
  EXPECT_EQ(dmm.line(), "2\n");
  fault("\"kind\":\"serial-noise\",\"count\":1");
  EXPECT_TRUE(dmm.send("*ESE?\n"));
  EXPECT_EQ(dmm.line(),
            "\xB2"
            "55\n");
  fault("\"kind\":\"serial-extra\",\"bytes\":3,\"count\":1");
  EXPECT_TRUE(dmm.send("*ESE?\n"));
  EXPECT_EQ(dmm.line(), "###255\n");
  EXPECT_TRUE(dmm.send("*ESE?\n"));
  EXPECT_EQ(dmm.line(), "255\n");
}

TEST_F(SerialLineTest, FaultsOfAnswersWorkAsOnEveryWire) {
  const Program dmm(port());
  fault("\"kind\":\"late\",\"ms\":80,\"count\":1");
  const auto begin = steady_clock::now();
  EXPECT_TRUE(dmm.send("*OPC?\n"));
  EXPECT_EQ(dmm.line(), "1\n");
  EXPECT_GE(steady_clock::now() - begin, 80ms);
}

TEST_F(SerialLineTest, LongAnswerWaitsForItsReader) {
  const Program stored(port("pyvisa"));
  const std::string data(100000, 'x');
  EXPECT_TRUE(stored.send("RECEIVE\n"));
  for (std::size_t sent = 0; sent < data.size(); sent += 1000) {
    EXPECT_TRUE(stored.send_all(std::string_view(data).substr(sent, 1000)));
  }
  EXPECT_TRUE(stored.send_all("\nSEND\n"));
  EXPECT_EQ(stored.line(), data + "\n");
}

TEST_F(PacedSerialLineTest, AnswerTakesAsLongAsTheBaudRateSays) {
  const Program dmm(port(), 2400);
  const auto begin = steady_clock::now();
  EXPECT_TRUE(dmm.send("*IDN?\n"));
  const std::string answer = dmm.line();
  const auto byte = std::chrono::nanoseconds(10'000'000'000 / 2400);
  EXPECT_GE(steady_clock::now() - begin, byte * (static_cast<int>(answer.size()) - 2));
  EXPECT_THAT(answer, HasSubstr("Virtual Multimeter"));
}

TEST(SerialWire, OwnFolderGoesWithTheBench) {
  std::string folder;
  {
    const BenchServer bench({.instruments = {"dmm"}, .wires = {"serial"}});
    const std::string name = bench.resource("dmm-serial");
    const std::string path = name.substr(4, name.size() - 11);
    folder = path.substr(0, path.rfind('/'));
    EXPECT_TRUE(std::filesystem::exists(path));
    EXPECT_EQ(std::filesystem::status(folder).permissions() & std::filesystem::perms::others_all,
              std::filesystem::perms::none);
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(SerialWire, IsLeftOutIfTheUserSaysSo) {
  Bench bench;
  bench.open("serial", {.options = {{"--no-serial", ""}}});
  EXPECT_EQ(bench.server("serial"), nullptr);
}

TEST(SerialWire, FileMayAskForThePaceOfTheLine) {
  const auto description = read_description(
      "[instrument]\nname = \"a\"\nidentity = \"A,B,1,1\"\n[serial]\npaced = true\n", "a.toml");
  EXPECT_NE(description, nullptr);
  EXPECT_THROW(read_description("[instrument]\nname = \"a\"\nidentity = \"A,B,1,1\"\n"
                                "[serial]\nbaud = 5\n",
                                "a.toml"),
               DescriptionError);
}

}  // namespace
}  // namespace visa::sim
