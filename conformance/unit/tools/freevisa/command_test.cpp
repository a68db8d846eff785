// SPDX-License-Identifier: MIT
// The freevisa command as its users meet it: a process, its output, its exit code.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "conformance/unit/tools/freevisa/process.h"

namespace visa::tool {
namespace {

struct Outcome {
  int code = 0;
  std::string output;
};

Outcome run(std::vector<std::string> arguments, const std::string& configuration = "/dev/null") {
  arguments.insert(arguments.begin(), FREEVISA_COMMAND);
  Process process(arguments, {"FREEVISA_CONFIG=" + configuration,
                              std::string("XDG_CONFIG_HOME=") + FREEVISA_NO_LAN_HOME});
  Outcome outcome;
  outcome.output = process.output();
  outcome.code = process.wait();
  return outcome;
}

std::string content(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A bench on ports of the system's choosing, and the configuration it wrote.
class CommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = ::testing::TempDir();
    const std::string own = std::to_string(::getpid()) + "_" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name();
    configuration = folder + "/bench_" + own + ".toml";
    file = folder + "/answer_" + own;
    bench = std::make_unique<Process>(std::vector<std::string>{FREEVISA_COMMAND, "sim", "--port",
                                                               "0", "--config-out", configuration});
    announced = bench->output_until("\nready\n");
    ASSERT_NE(announced.find("\nready\n"), std::string::npos) << announced;
  }
  void TearDown() override {
    std::remove(configuration.c_str());
    std::remove(file.c_str());
  }

  std::unique_ptr<Process> bench;
  std::string configuration;
  std::string file;
  std::string announced;
};

TEST(Command, HelpAndVersion) {
  for (const char* const name : {"sim", "list", "query", "info"}) {
    const Outcome help = run({name, "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.output.find("freevisa " + std::string(name) + " - "), 0U) << help.output;
    EXPECT_NE(run({"--help"}).output.find("\n  " + std::string(name) + "  "), std::string::npos);
  }
  EXPECT_EQ(run({"--version"}).output.find("freevisa "), 0U);
}

TEST(Command, WrongUsageIsExitCodeTwo) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"dance"},
      {"list", "--lnog"},
      {"query", "dmm"},
      {"info", "a", "b"},
      {"sim", "now"},
      {"sim", "--port", "70000"},
      {"sim", "--port", "65534"},
      {"sim", "--instrument", "oven"},
      {"query", "--timeout", "soon", "dmm", "*IDN?"},
  };
  for (const auto& arguments : wrong) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 2) << outcome.output;
    EXPECT_EQ(outcome.output.find("freevisa: "), 0U);
    EXPECT_NE(outcome.output.find("freevisa --help"), std::string::npos);
  }
  EXPECT_EQ(run({"query", "--timeot", "5", "dmm", "*IDN?"}).output,
            "freevisa: unknown option --timeot; did you mean '--timeout'?\n"
            "Try 'freevisa query --help' or 'freevisa --help'.\n");
  EXPECT_EQ(run({"qeury", "dmm", "*IDN?"}).output,
            "freevisa: unknown command 'qeury'; did you mean 'query'?\n"
            "Try 'freevisa --help'.\n");
}

TEST(Command, VisaErrorSaysWhatAndWhyAndIsExitCodeOne) {
  const Outcome refused = run({"query", "TCPIP::127.0.0.1::1::SOCKET", "*IDN?"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.output.find("TCPIP::127.0.0.1::1::SOCKET"), std::string::npos);
  EXPECT_NE(refused.output.find("VI_ERROR_RSRC_NFOUND (0xBFFF0011)"), std::string::npos);
  const Outcome unknown = run({"info", "oven"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_NE(unknown.output.find("VI_ERROR_INV_RSRC_NAME (0xBFFF0012)"), std::string::npos);
  const Outcome nothing = run({"list", "VXI?*"});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_NE(nothing.output.find("nothing found for 'VXI?*'"), std::string::npos);
}

TEST_F(CommandTest, SimPrintsNamesAndTheConfigurationItWrites) {
  std::istringstream lines(announced);
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    names.push_back(line);
  }
  ASSERT_EQ(names.size(), 20U) << "a socket, a VXI-11, a HiSLIP and a serial resource each";
  const std::string written = content(configuration);
  EXPECT_NE(announced.find("\n\n" + written + "\n# portmapper 127.0.0.1 port "), std::string::npos);
  for (const std::string& name : names) {
    EXPECT_TRUE(name.starts_with("TCPIP0::127.0.0.1::") || name.starts_with("ASRL/"));
    EXPECT_NE(written.find("name = \"" + name + "\""), std::string::npos);
  }
}

TEST_F(CommandTest, SimServesVxi11OnThePortsOfItsConfiguration) {
  EXPECT_EQ(run({"query", "dmm-vxi11", "*IDN?"}, configuration).output,
            "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n");
  const std::string written = content(configuration);
  const std::size_t at = written.find("core_port = ");
  ASSERT_NE(at, std::string::npos);
  const std::string port = written.substr(at + 12, written.find(',', at) - at - 12);
  const Outcome taken = run({"sim", "--port", "0", "--vxi11-port", port});
  EXPECT_EQ(taken.code, 1);
  EXPECT_NE(taken.output.find("port " + port), std::string::npos) << taken.output;
}

TEST_F(CommandTest, SimServesHislipOnAPortThatItsNamesContain) {
  const std::string written = content(configuration);
  const std::size_t at = written.find("hislip0,");
  ASSERT_NE(at, std::string::npos) << "--port 0 means no usual port";
  const std::string port = written.substr(at + 8, written.find(':', at) - at - 8);
  const Outcome taken = run({"sim", "--port", "0", "--hislip-port", port});
  EXPECT_EQ(taken.code, 1);
  EXPECT_NE(taken.output.find("port " + port), std::string::npos) << taken.output;
  EXPECT_EQ(run({"sim", "--hislip-port", "70000"}).code, 2);
}

TEST(Command, SimServesNoMoreThanItIsAskedFor) {
  Process sockets(
      {FREEVISA_COMMAND, "sim", "--port", "0", "--no-vxi11", "--no-hislip", "--no-serial", "dmm"});
  EXPECT_EQ(sockets.output_until("\nready\n").find("INSTR"), std::string::npos);
  Process unmapped({FREEVISA_COMMAND, "sim", "--port", "0", "--portmapper", "off", "dmm"});
  const std::string text = unmapped.output_until("\nready\n");
  EXPECT_EQ(text.find("# portmapper"), std::string::npos);
  EXPECT_NE(text.find("core_port"), std::string::npos);
  for (Process* const process : {&sockets, &unmapped}) {
    process->signal(SIGTERM);
    EXPECT_EQ(process->wait(), 0);
  }
  EXPECT_EQ(run({"sim", "--portmapper", "here"}).code, 2);
  EXPECT_EQ(run({"sim", "--port", "0", "--bind", "::1", "--announce"}).code, 1);
}

TEST_F(CommandTest, SimEndsCleanlyOnSigtermAndSigint) {
  bench->signal(SIGTERM);
  EXPECT_EQ(bench->wait(), 0);
  Process other({FREEVISA_COMMAND, "sim", "--port", "0", "--instrument", "dmm"});
  EXPECT_NE(other.output_until("\nready\n").find("alias = \"dmm\""), std::string::npos);
  other.signal(SIGINT);
  EXPECT_EQ(other.wait(), 0);
}

TEST_F(CommandTest, SimOnAPortInUseNamesItAndTheWayOut) {
  const std::size_t begin = announced.find("127.0.0.1::") + 11;
  const std::string port = announced.substr(begin, announced.find("::SOCKET") - begin);
  const Outcome outcome = run({"sim", "--instrument", "dmm", "--port", port});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.output.find("port " + port), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("--port 0"), std::string::npos);
  EXPECT_EQ(run({"sim", "--bind", "localhost", "--port", "0"}).code, 1);
  EXPECT_EQ(run({"sim", "--port", "0", "--config-out", "/nonexistent/x"}).code, 1);
}

TEST_F(CommandTest, SimServesFilesBesideBundledInstruments) {
  const std::string mine = file + ".toml";
  std::ofstream(mine) << "[instrument]\nname = \"mine\"\nidentity = \"Me,Mine,1,1\"\n";
  Process own({FREEVISA_COMMAND, "sim", "--port", "0", "--config-out", configuration, "--control",
               "0", "--log", file, mine, "dmm", "dmm"});
  const std::string text = own.output_until("\nready\n");
  for (const char* const part :
       {"alias = \"mine\"", "alias = \"dmm\"", "alias = \"dmm2\"", "\n# control 127.0.0.1:"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
  EXPECT_EQ(run({"query", "mine", "*IDN?"}, configuration).output, "Me,Mine,1,1\n");
  own.signal(SIGTERM);
  EXPECT_EQ(own.wait(), 0);
  EXPECT_NE(content(file).find("\"event\":\"out\",\"bytes\":12,\"data\":\"Me,Mine,1,1\\n\""),
            std::string::npos);
  EXPECT_EQ(run({"sim", "--check", mine, "scope"}).code, 0);
  std::ofstream(mine) << "[instrument]\nname = \"mine\"\nport = \"x\"\n";
  for (const char* const option : {"--check", "--no-vxi11"}) {
    const Outcome broken = run({"sim", option, mine});
    EXPECT_EQ(broken.code, 1);
    EXPECT_NE(broken.output.find(mine + ":3:1: [instrument]: port: expected a whole number"),
              std::string::npos)
        << broken.output;
  }
  std::remove(mine.c_str());
}

TEST(Command, SimListsWhatIsBundled) {
  const Outcome list = run({"sim", "--list"});
  EXPECT_EQ(list.code, 0);
  for (const char* const name : {"pyvisa\t5025", "psu\t5028", "fgen\t5029", "keysight_34461a\t"}) {
    EXPECT_NE(list.output.find(name), std::string::npos) << name;
  }
}

TEST(Command, SimNamesWhatCannotBeHad) {
  EXPECT_EQ(run({"sim", "--port", "0", "--control", "nowhere"}).code, 2);
  EXPECT_EQ(run({"sim", "--port", "0", "--control", "unix:/nonexistent/x"}).code, 1);
  EXPECT_EQ(run({"sim", "--port", "0", "--log", "/nonexistent/x"}).code, 1);
  const Outcome folder = run({"sim", "--port", "0", "/tmp"});
  EXPECT_EQ(folder.code, 1);
  EXPECT_NE(folder.output.find("cannot read /tmp"), std::string::npos) << folder.output;
}

TEST_F(CommandTest, ListShowsWhatIsConfigured) {
  const Outcome plain = run({"list"}, configuration);
  EXPECT_EQ(plain.code, 0);
  EXPECT_EQ(announced.find(plain.output), 0U) << plain.output;
  const Outcome detailed = run({"list", "--long", "TCPIP?*"}, configuration);
  EXPECT_NE(detailed.output.find("\tTCPIP0\tSOCKET\tscope\n"), std::string::npos)
      << detailed.output;
}

TEST_F(CommandTest, QueryPrintsAnswersOfTheCommandsThatAsk) {
  const Outcome outcome = run({"query", "dmm", "*IDN?", "CONF:RES 1e3", "CONF?"}, configuration);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(
      outcome.output,
      "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n\"RES +1.00000000E+03,+3.00000000E-04\"\n");
  const Outcome silent = run({"query", "--timeout", "50", "dmm", "FOO?"}, configuration);
  EXPECT_EQ(silent.code, 1);
  EXPECT_NE(silent.output.find("'FOO?' from dmm (0 bytes came): VI_ERROR_TMO"), std::string::npos)
      << silent.output;
}

TEST_F(CommandTest, AnInstrumentThatNeverStopsCostsNoMoreThanItsOwnLine) {
  const std::string endless = file + ".toml";
  std::ofstream(endless) << "[instrument]\nname = \"flood\"\nidentity = \"x\"\n"
                            "[[fault]]\nkind = \"endless\"\n";
  Process own({FREEVISA_COMMAND, "sim", "--port", "0", "--no-serial", "--config-out", configuration,
               endless, "dmm"});
  own.output_until("\nready\n");
  const Outcome list = run({"list", "--identify", "--timeout", "1000"}, configuration);
  EXPECT_EQ(list.code, 0) << list.output;
  EXPECT_NE(list.output.find("FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0"), std::string::npos)
      << list.output;
  std::remove(endless.c_str());
}

TEST_F(CommandTest, QueryWritesTheDataOfABlockWithItsLineFeeds) {
  EXPECT_EQ(
      run({"query", "--output", file, "scope", "WAV:POIN 300000;FORM WORD", "CURV?"}, configuration)
          .code,
      0);
  const std::string data = content(file);
  EXPECT_EQ(data.size(), 600000U);
  EXPECT_NE(data.find('\n'), std::string::npos);
  EXPECT_EQ(run({"query", "--raw", "--output", file, "scope", "CURV?"}, configuration).code, 0);
  EXPECT_EQ(content(file), "#6600000" + data + "\n");
  EXPECT_EQ(run({"query", "--output", file, "scope", "HCOP:SDUM:DATA?"}, configuration).code, 0);
  EXPECT_EQ(content(file).substr(0, 8), "\x89PNG\r\n\x1A\n");
}

TEST_F(CommandTest, OutputStaysAsItWasUnlessAllAnswersCame) {
  const std::vector<std::string> silent = {"query", "--timeout", "50",    "--output",
                                           file,    "dmm",       "*IDN?", "FOO?"};
  EXPECT_EQ(run(silent, configuration).code, 1);
  EXPECT_FALSE(std::filesystem::exists(file)) << "and none is made";
  std::ofstream(file) << "what was measured yesterday";
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  EXPECT_EQ(run(silent, configuration).code, 1);
  EXPECT_EQ(run({"query", "--output", file, "nobody", "*IDN?"}, configuration).code, 1);
  EXPECT_EQ(run({"query", "--output", file, "dmm", "*CLS"}, configuration).code, 0);
  EXPECT_EQ(content(file), "what was measured yesterday");
  EXPECT_EQ(run({"query", "--output", file, "dmm", "*IDN?"}, configuration).code, 0);
  EXPECT_EQ(content(file), "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n");
  EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0640));
}

TEST_F(CommandTest, OutputReplacesWhatALinkLeadsTo) {
  const std::string link = file + "_link";
  std::ofstream(file) << "old";
  std::filesystem::create_symlink(file, link);
  EXPECT_EQ(run({"query", "--output", link, "dmm", "*IDN?"}, configuration).code, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(content(file), "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n");
  std::filesystem::remove(link);
}

TEST_F(CommandTest, OutputMayBeNoFile) {
  EXPECT_EQ(run({"query", "--output", "-", "dmm", "*OPC?"}, configuration).output, "1\n");
  EXPECT_EQ(run({"query", "--output", "/dev/stdout", "dmm", "*OPC?"}, configuration).output, "1\n");
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  const int reader = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  EXPECT_EQ(run({"query", "--output", file, "dmm", "*OPC?"}, configuration).code, 0);
  char text[8] = {};
  EXPECT_EQ(::read(reader, text, sizeof text), 2);
  EXPECT_STREQ(text, "1\n");
  ::close(reader);
  EXPECT_TRUE(std::filesystem::is_fifo(file));
}

TEST_F(CommandTest, OutputThatCannotBeWrittenIsAnError) {
  EXPECT_EQ(run({"query", "--output", "/tmp", "dmm", "*IDN?"}, configuration).code, 1);
  EXPECT_EQ(run({"query", "--output", "/nonexistent/x", "dmm", "*IDN?"}, configuration).code, 1);
  const Outcome full = run({"query", "--output", "/dev/full", "dmm", "*IDN?"}, configuration);
  EXPECT_EQ(full.code, 1);
  EXPECT_NE(full.output.find("cannot write /dev/full"), std::string::npos);
}

TEST_F(CommandTest, AMistakeInTheConfigurationIsToldWithItsLineAndTheRestCounts) {
  std::ofstream(configuration, std::ios::app) << "[[resource]]\nname = 'TCPIP::::'\n";
  const Outcome info = run({"info"}, configuration);
  EXPECT_EQ(info.code, 0);
  EXPECT_NE(info.output.find("resources known                  20\n"), std::string::npos);
  const std::size_t row = info.output.find("\nconfiguration  ");
  ASSERT_NE(row, std::string::npos) << info.output;
  EXPECT_NE(info.output.find("is no resource name", row), std::string::npos) << info.output;
  EXPECT_EQ(run({"query", "dmm", "*IDN?"}, configuration).code, 0);
}

TEST_F(CommandTest, AFixedNameIsListedWithWhereItLeadsAndReachesIt) {
  std::string text = content(configuration);
  const std::string alias = "alias = \"dmm\"\n";
  const std::size_t at = text.find(alias);
  ASSERT_NE(at, std::string::npos) << text;
  text.insert(at, "instead_of = \"GPIB0::2::INSTR\"\n");
  std::ofstream(configuration) << text;
  EXPECT_EQ(run({"list", "--long", "GPIB?*INSTR"}, configuration).output,
            "GPIB0::2::INSTR\tGPIB0\tINSTR\tdmm\n");
  EXPECT_EQ(run({"query", "gpib::2", "*IDN?"}, configuration).output,
            "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n");
  text.erase(text.find(alias), alias.size());
  std::ofstream(configuration) << text;
  const Outcome list = run({"list", "--long", "GPIB?*INSTR"}, configuration);
  EXPECT_EQ(list.output.find("GPIB0::2::INSTR\tGPIB0\tINSTR\tTCPIP0::127.0.0.1::"), 0U)
      << list.output;
}

TEST_F(CommandTest, InfoShowsLibraryAndResource) {
  const Outcome library = run({"info"}, configuration);
  EXPECT_EQ(library.code, 0);
  EXPECT_NE(library.output.find("libvisa.so"), std::string::npos);
  EXPECT_NE(library.output.find("resources known                  20\n"), std::string::npos);
  EXPECT_NE(library.output.find("configuration                    no problem\n"),
            std::string::npos);
  // What the text for VI_ERROR_LIBRARY_NFOUND promises. The other commands here open both kinds.
  const std::size_t drivers = library.output.find("\ndrivers ");
  ASSERT_NE(drivers, std::string::npos) << library.output;
  const std::string row =
      library.output.substr(drivers + 1, library.output.find('\n', drivers + 1) - drivers);
  EXPECT_NE(row.find(" socket"), std::string::npos) << row;
  EXPECT_NE(row.find(" vxi11"), std::string::npos) << row;
  EXPECT_NE(library.output.find("locks                            meet in /"), std::string::npos)
      << library.output;
  const Outcome resource = run({"info", "scope"}, configuration);
  EXPECT_EQ(resource.code, 0);
  EXPECT_NE(resource.output.find("VI_ATTR_TERMCHAR_EN        true\n"), std::string::npos)
      << "the configured value is loaded";
  const Outcome parsed = run({"info", "--no-open", "tcpip::192.0.2.1::inst0"}, configuration);
  EXPECT_EQ(parsed.code, 0);
  EXPECT_NE(parsed.output.find("TCPIP0::192.0.2.1::inst0::INSTR"), std::string::npos);
}

}  // namespace
}  // namespace visa::tool
