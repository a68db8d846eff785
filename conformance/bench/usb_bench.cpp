// SPDX-License-Identifier: MIT
// Measures this libvisa.so over USB against a loop of bare libusb, both on the device of the
// virtual bench under umockdev: `usb_bench LIBVISA [--quick] [--check]`. Exit codes as README.md
// describes; 77: umockdev is missing.
//
// A program is under umockdev from its start, so this one starts the bench, which starts it again.
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "conformance/bench/child.h"
#include "conformance/bench/floor_data.h"
#include "conformance/bench/usb_floor.h"
#include "conformance/bench/wire_bench.h"

namespace visa::bench {
namespace {

namespace fs = std::filesystem;
using Floor =
    FloorLink<usb_floor, usb_floor_open, usb_floor_write, usb_floor_read, usb_floor_close>;

constexpr char kControl[] = "FREEVISA_USB_BENCH_CONTROL";
constexpr char kPreload[] = "libumockdev-preload.so.0";
constexpr char kResource[] = "USB0::0x1209::0x0001::BENCH0001::INSTR";
constexpr int kMissing = 77;
constexpr double kGoal = 1.10;

constexpr std::size_t kSmall = 64 * kKilo;
constexpr std::size_t kBulk = 64 * kKilo * kKilo;
constexpr std::size_t kRoom = 4 * kKilo;  // more than a packet, which the floor needs

/// The records are made once and kept, so asking for them again costs nothing but the wire.
constexpr char kInstrument[] = R"(identity = "FreeVISA,Reference server,0,1"

[[record]]
query = "SMALl?"
points = 65536
start = 0
interval = 1
[[record.signal]]
shape = "ramp"
amplitude = 1
frequency = 0.001
[[record.encoding]]
type = "int8"
step = 0.01

[[record]]
query = "LARGe?"
points = 67108864
start = 0
interval = 1
[[record.signal]]
shape = "ramp"
amplitude = 1
frequency = 0.001
[[record.encoding]]
type = "int8"
step = 0.01
)";

/// The size of the answer: a block ("#", digits, length) and a line feed.
std::size_t answer_size(std::size_t points) {
  return 2 + std::to_string(points).size() + points + 1;
}

std::vector<char>& buffer() {
  static auto* const memory = new std::vector<char>(kBulk + 2 * kRoom);
  return *memory;
}

void ask(Client& client, std::string_view question, std::size_t points) {
  const std::size_t size = answer_size(points);
  client.write(question);
  client.read_line(std::span(buffer()).first(size + kRoom), size);
}

/// One answer of the bench's control socket.
std::string state() {
  const int line = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, std::getenv(kControl), sizeof address.sun_path - 1);
  std::string text;
  const std::string_view request = "{\"op\":\"state\",\"instrument\":\"usbbench\"}\n";
  if (::connect(line, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::write(line, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
    char part[1024];
    ssize_t got = 0;
    while (text.find('\n') == std::string::npos && (got = ::read(line, part, sizeof part)) > 0) {
      text.append(part, static_cast<std::size_t>(got));
    }
  }
  ::close(line);
  return text;
}

double counted(const std::string& text, const std::string& name) {
  const auto at = text.find("\"" + name + "\":");
  if (at == std::string::npos) throw Failure("the bench does not count " + name);
  return std::strtod(text.c_str() + at + name.size() + 3, nullptr);
}

/// What the device counted for each of `count` operations.
void transfers(const std::string& row, int count, Report& report,
               const std::function<void()>& operation) {
  const std::string before = state();
  for (int i = 0; i < count; ++i) operation();
  const std::string after = state();
  const auto add = [&](const char* what, const std::string& name, double limit) {
    const double each = (counted(after, name) - counted(before, name)) / count;
    report.add({row, what, "", each, {}, {}, limit, {}, {}});
  };
  add("transfers out", "bulk_out_transfers", 2);
  add("transfers in", "bulk_in_transfers", 1);
  add("violations", "violations", 0);
}

void check_content(Client& floor, Client& ours) {
  for (const auto& [question, points] :
       {std::pair{"SMALl?\n", kSmall}, std::pair{"LARGe?\n", kBulk}}) {
    floor.open(0);
    ask(floor, question, points);
    floor.close();
    const std::vector<char> wanted(buffer().begin(),
                                   buffer().begin() + static_cast<long>(answer_size(points)));
    std::fill(buffer().begin(), buffer().end(), '\0');
    ours.open(0);
    ask(ours, question, points);
    ours.close();
    if (!std::equal(wanted.begin(), wanted.end(), buffer().begin())) {
      throw Failure(ours.name() + ": a byte of an answer is wrong");
    }
  }
}

/// USB devices are listed within 20 ms, without being opened.
void find_row(const VisaLibrary& library, const std::string& path, Report& report) {
  constexpr double kMostMicroseconds = 20'000;
  void* const loaded = ::dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  const auto find = reinterpret_cast<decltype(&::viFindRsrc)>(::dlsym(loaded, "viFindRsrc"));
  if (find == nullptr) throw Failure(library.name() + " has no viFindRsrc");
  ViSession manager = VI_NULL;
  library.check(library.open_default_rm(&manager), "viOpenDefaultRM");
  const Block block = measure_block(
      [&] {
        ViFindList list = VI_NULL;
        ViUInt32 count = 0;
        char name[VI_FIND_BUFLEN] = "";
        library.check(find(manager, "USB?*INSTR", &list, &count, name), "viFindRsrc");
        if (std::string(name) != kResource) throw Failure("another device was found");
        library.close(list);
      },
      5, 50);
  library.close(manager);
  report.title("find", "viFindRsrc of USB resources");
  report.add({"find", "p50", "us", block.p50 / 1e3, {}, {}, kMostMicroseconds, {}, {}});
}

int run(const std::string& path, bool quick, bool check) {
  const VisaLibrary library(path);
  Floor floor;
  Floor twin;
  VisaLink ours(library, kResource);
  check_content(floor, ours);
  Report noise;
  Rows(floor, twin, 0, quick, noise)
      .measure("noise", "how quiet the machine is: the floor against itself", {11, 50, 500}, {},
               ask_identity);
  Report report;
  Rows rows(floor, ours, 0, quick, report);
  rows.measure("idn", "*IDN? query, finite timeout", {11, 50, 1000}, {kGoal, {}}, ask_identity);
  rows.measure("read_64k", "read 64 KB", {11, 10, 200}, {},
               [](Client& client) { ask(client, "SMALl?\n", kSmall); });
  rows.measure("read_64m", "read 64 MB in one call", {11, 1, 4}, {kGoal, {}},
               [](Client& client) { ask(client, "LARGe?\n", kBulk); });
  ours.open(0);
  ask_identity(ours);  // no session knows the tag of the one before, which the device notes
  report.title("counts", "what the device counts for a query and for 64 MB");
  transfers("counts", 100, report, [&] { ask_identity(ours); });
  transfers("counts", 1, report, [&] { ask(ours, "LARGe?\n", kBulk); });
  ours.close();
  find_row(library, path, report);
  noise.print(std::cout, "floor again", "", false);
  report.print(std::cout, library.name(), "", true);
  return check && !report.all_met() ? 1 : 0;
}

/// Starts the bench with this program in it, on one processor with it. Returns the exit code.
int run_under_bench(int argc, char** argv) {
  if (::dlopen(kPreload, RTLD_LAZY) == nullptr) {
    std::cout << "skipped: " << kPreload << " is missing (Debian, Ubuntu: umockdev)\n";
    return kMissing;
  }
  char folder[] = "/tmp/usb_bench_XXXXXX";
  if (::mkdtemp(folder) == nullptr) throw Failure("no temporary folder");
  const std::string file = std::string(folder) + "/usbbench.toml";
  const std::string control = std::string(folder) + "/control";
  std::ofstream(file) << "[instrument]\nname = \"usbbench\"\n" << kInstrument;
  pin_to_one_processor();
  const pid_t bench = ::fork();
  if (bench == 0) {
    ::setenv(kControl, control.c_str(), 1);
    std::vector<std::string> command{FREEVISA_COMMAND,
                                     "sim",
                                     "--usb",
                                     "--no-vxi11",
                                     "--no-hislip",
                                     "--control",
                                     "unix:" + control,
                                     file,
                                     "--",
                                     own_folder() + "usb_bench"};
    command.insert(command.end(), argv + 1, argv + argc);
    std::vector<char*> arguments;
    for (std::string& one : command) arguments.push_back(one.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(2);
  }
  int status = 0;
  while (bench > 0 && ::waitpid(bench, &status, 0) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return bench > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

}  // namespace
}  // namespace visa::bench

int main(int argc, char** argv) {
  const std::vector<std::string> options(argv + 1, argv + argc);
  const auto given = [&](const char* option) {
    return std::find(options.begin(), options.end(), option) != options.end();
  };
  if (options.empty() || options.front().starts_with("-")) {
    std::cerr << "usage: " << argv[0] << " LIBVISA [--quick] [--check]\n";
    return 2;
  }
  try {
    if (std::getenv(visa::bench::kControl) == nullptr) {
      return visa::bench::run_under_bench(argc, argv);
    }
    alarm(600);  // the bench ends with this program
    const std::string& path = options.front();
    return visa::bench::run(path.find('/') == std::string::npos ? "./" + path : path,
                            given("--quick"), given("--check"));
  } catch (const std::exception& e) {
    std::cerr << argv[0] << ": " << e.what() << '\n';
    return 2;
  }
}
