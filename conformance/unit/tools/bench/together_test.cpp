// SPDX-License-Identifier: MIT
// PyVISA, a C program and `freevisa query` on the same described instrument at once, and what they
// did in the bench's log.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "conformance/unit/tools/freevisa/process.h"

namespace visa::tool {
namespace {

constexpr char kInstrument[] = R"(
[instrument]
name = "lathe"
identity = "Nobody,Lathe,1,2.0"
[[property]]
name = "speed"
header = "SPEEd"
type = "number"
unit = "HZ"
min = 0
max = 50
default = 12.5
format = "f1"
[[dialogue]]
query = "LOAD?"
answer = "{speed * 2|d}"
)";

constexpr char kPython[] = R"(
import sys
try:
    import pyvisa
except ImportError:
    sys.exit(77)
rm = pyvisa.ResourceManager(sys.argv[1])
lathe = rm.open_resource("lathe", read_termination="\n", write_termination="\n")
right = sum(lathe.query("LOAD?") == "25" for _ in range(int(sys.argv[2])))
print("python", right)
)";

class Together : public ::testing::Test {
 protected:
  Together() {
    write(".toml", kInstrument);
    write(".py", kPython);
  }
  ~Together() override {
    for (const char* const end : {".toml", ".py", ".conf", ".log"}) {
      std::remove((base + end).c_str());
    }
  }
  void write(const std::string& end, const std::string& text) const {
    std::ofstream(base + end) << text;
  }
  const std::string base = ::testing::TempDir() + "/together" + std::to_string(::getpid());
};

TEST_F(Together, ThreeKindsOfProgramsShareTheInstrument) {
  constexpr int kCount = 200;
  Process bench({FREEVISA_COMMAND, "sim", "--port", "0", "--config-out", base + ".conf", "--log",
                 base + ".log", base + ".toml"});
  const std::string announced = bench.output_until("\nready\n");
  ASSERT_NE(announced.find("alias = \"lathe\""), std::string::npos) << announced;
  const std::vector<std::string> environment = {"FREEVISA_CONFIG=" + base + ".conf",
                                                "XDG_CONFIG_HOME=/nonexistent"};
  const std::string count = std::to_string(kCount);
  Process c({DESCRIBED_CLIENT, "lathe", count}, environment);
  Process python({"/usr/bin/python3", base + ".py", FREEVISA_LIBRARY, count}, environment);
  std::vector<std::string> query = {FREEVISA_COMMAND, "query", "lathe"};
  query.insert(query.end(), kCount, "*IDN?");
  Process command(query, environment);

  std::string identities;
  for (int i = 0; i < kCount; ++i) {
    identities += "Nobody,Lathe,1,2.0\n";
  }
  EXPECT_EQ(c.output(), "c " + count + "\n");
  EXPECT_EQ(c.wait(), 0);
  EXPECT_EQ(command.output(), identities);
  EXPECT_EQ(command.wait(), 0);
  const std::string from_python = python.output();
  const int code = python.wait();
  bench.signal(SIGTERM);
  EXPECT_EQ(bench.wait(), 0);

  std::ifstream stream(base + ".log");
  const std::string log((std::istreambuf_iterator<char>(stream)), {});
  for (const char* const client : {"\"client\":1,", "\"client\":2,"}) {
    EXPECT_NE(log.find(client), std::string::npos);
  }
  const auto times = [&log](const std::string& text) {
    int found = 0;
    for (std::size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) {
      ++found;
    }
    return found;
  };
  EXPECT_EQ(times("\"event\":\"in\",\"bytes\":7,\"data\":\"SPEEd?\\n\""), kCount);
  EXPECT_EQ(times("\"event\":\"out\",\"bytes\":6,\"data\":\"+12.5\\n\""), kCount);
  EXPECT_EQ(times("\"data\":\"*IDN?\\n\""), kCount);
  if (FREEVISA_SANITIZED) {
    GTEST_SKIP() << "Python has no sanitizer's runtime; the C program and the command were right";
  }
  if (code == 77) {
    GTEST_SKIP() << "/usr/bin/python3 has no PyVISA; the C program and the command were right";
  }
  EXPECT_EQ(from_python, "python " + count + "\n");
  EXPECT_EQ(code, 0);
  EXPECT_EQ(times("\"data\":\"LOAD?\\n\""), kCount);
}

}  // namespace
}  // namespace visa::tool
