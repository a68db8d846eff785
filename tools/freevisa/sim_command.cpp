// SPDX-License-Identifier: MIT
// freevisa sim: the bench as a process. Standard output: one resource name a line, an empty line,
// the configuration, and "ready" when every port is open; a test or script reads up to that line.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/started_program.h"
#include "tools/sim/bench/bench.h"
#include "tools/sim/control/control_server.h"
#include "tools/sim/description/bundled.h"
#include "tools/sim/discovery/mdns_responder.h"

namespace visa::tool {

namespace {

// Those of the wires stand after the first.
constexpr Option kOptions[] = {
    {.name = "--port",
     .value = "N",
     .help = "first port; the instruments take N, N+1, ... 0: ports the system chooses. Without it "
             "each has its usual port, or one the system chooses.",
     .number = Number{0, 65535, 0}},
    {.name = "--announce",
     .help = "answer programs that look for instruments by multicast DNS (_vxi-11._tcp, "
             "_hislip._tcp, _lxi._tcp, _scpi-raw._tcp), on the network of --bind (IPv4)"},
    {.name = "--bind",
     .value = "ADDRESS",
     .help = "numeric address to listen on (127.0.0.1). Anyone who reaches another address can use "
             "the instruments; only HiSLIP asks for a password, where a FILE says so."},
    {.name = "--config-out",
     .value = "FILE",
     .help = "also write the configuration to FILE, before \"ready\""},
    {.name = "--control",
     .value = "ADDRESS",
     .help = "take requests as JSON, a line each, on ADDRESS:PORT, PORT (on 127.0.0.1) or "
             "unix:PATH: faults on and off, clients, connections to drop, devices to unplug. Its "
             "address is printed as a comment of the configuration."},
    {.name = "--log",
     .value = "FILE",
     .help = "write everything received and sent to FILE, a JSON object a line"},
    {.name = "--log-limit",
     .value = "MB",
     .help = "at this size the log becomes FILE.1 and begins anew (64; 0: never)",
     .number = Number{0, 1000000, 64}},
    {.name = "--instrument",
     .value = "NAME",
     .help = "serve this bundled instrument; may be given several times",
     .repeats = true},
    {.name = "--no-delays",
     .help = "play what 'freevisa record' wrote without the time that the instruments took then"},
    {.name = "--list", .help = "print the bundled instruments", .instead = ""},
    {.name = "--check",
     .help = "read the files, say what is wrong with them, and end",
     .instead = "FILE..."},
};

constexpr char kAbout[] =
    R"(Serves simulated instruments on TCP sockets, by VXI-11 and by HiSLIP until it is ended (Ctrl-C,
SIGTERM). Prints the resource names of each, one a line, then configuration that gives them their
aliases ("dmm" on its socket, "dmm-vxi11" and "dmm-hislip" as INSTR) and the ports of VXI-11, then
"ready". FILE describes an instrument (TOML); tools/sim/README.md says how to write one. Without
FILE and --instrument it serves the bundled ones:

  pyvisa   5025   the instrument PyVISA's own tests want: stores a line and sends it back
  dmm      5026   multimeter: MEASure, CONFigure, READ?, TRIGger, ranges with overload;
                  SIMulation:INPut <value> connects something else
  scope    5027   oscilloscope with 2 channels: CURVe? or WAVeform:DATA?, WAVeform:POINts up to 64M,
                  WAVeform:FORMat BYTE|WORD|REAL|ASCii, WAVeform:PREamble?, and
                  HCOPy:SDUMp:DATA? for a screenshot as PNG
  psu      5028   power supply with 2 loaded outputs: VOLTage, CURRent, OUTPut, MEASure
  fgen     5029   function generator: FUNCtion, FREQuency, APPLy; SIMulation:OUTPut? fetches the
                  waveform as list, floats or integers

With PROGRAM it prints nothing, runs that program and ends with it: FREEVISA_CONFIG tells the
program its configuration, all ports are free ones. With --usb the instruments are USB devices, too
("dmm-usb"), which PROGRAM and what it starts find on their USB.

All but "pyvisa" know the IEEE 488.2 common commands and SYSTem:ERRor?. All clients share an
instrument, as with real ones; each gets the answers to its own questions.
)";

constexpr char kClosing[] = R"(Example:
  freevisa sim --config-out bench.toml &
  export FREEVISA_CONFIG=$PWD/bench.toml
  freevisa query scope '*IDN?'
  freevisa query --output screen.png scope 'HCOPy:SDUMp:DATA?'
  freevisa sim --usb dmm -- freevisa query dmm-usb '*IDN?'

Exit codes: 0 ended by a signal, 1 a port or a file cannot be had or a description is broken,
2 wrong usage; with PROGRAM its own, 128 and a number if a signal ended it, and 1 instead of 0 if
it sent something that a recording ('freevisa record') has no answer to.
)";

using DescriptionPointer = std::shared_ptr<const sim::Description>;

sim::Bench* running = nullptr;  // for the signal handler; set before the handler is

extern "C" void end_bench(int) {
  running->stop();
}

void write_file(const std::string& path, const std::string& text) {
  std::FILE* const file = std::fopen(path.c_str(), "we");
  if (file == nullptr) throw output_failure(path, errno);
  const bool good = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int error = errno;
  if (std::fclose(file) != 0 || !good) throw output_failure(path, good ? errno : error);
}

// Nothing if there is no such file; throws std::system_error if it cannot be read.
std::optional<std::string> read_file(const std::string& path) {
  constexpr std::size_t kMost = (std::size_t{16} << 20) + 1;  // one more than a recording may have
  const auto failure = [&path](int error) {
    return std::system_error(error, std::generic_category(), "cannot read " + path);
  };
  std::FILE* const file = std::fopen(path.c_str(), "re");
  if (file == nullptr && errno == ENOENT) return std::nullopt;
  if (file == nullptr) throw failure(errno);
  std::string text(kMost, '\0');
  errno = 0;
  text.resize(std::fread(text.data(), 1, text.size(), file));
  const int error = std::ferror(file) != 0 ? errno : 0;
  std::fclose(file);
  if (error != 0) throw failure(error);
  return text;
}

DescriptionPointer bundled(const std::string& name) {
  DescriptionPointer description = sim::bundled_description(name);
  if (description == nullptr) {
    throw UsageError{"no bundled instrument '" + name + "'; see 'freevisa sim --list'"};
  }
  return description;
}

std::vector<DescriptionPointer> wanted(const CommandLine& line) {
  std::vector<DescriptionPointer> list;
  for (const std::string& name : line.values("--instrument")) list.push_back(bundled(name));
  for (const std::string& file : line.operands()) {
    if (const auto text = read_file(file)) {
      for (auto& one : sim::read_descriptions(*text, file, !line.has("--no-delays"))) {
        list.push_back(std::move(one));
      }
    } else if (DescriptionPointer description = sim::bundled_description(file)) {
      list.push_back(std::move(description));
    } else {
      throw UsageError{"no file and no bundled instrument '" + file + "'"};
    }
  }
  if (list.empty() && !line.has("--check")) {
    for (const std::string_view name : sim::usual_instruments()) {
      list.push_back(bundled(std::string(name)));
    }
  }
  return list;
}

int print_bundled() {
  for (const sim::BundledFile& file : sim::bundled_files()) {
    const DescriptionPointer description = bundled(std::string(file.name));
    std::printf("%s\t%u\t%s\n", std::string(file.name).c_str(), unsigned{description->port},
                description->title.c_str());
  }
  return kDone;
}

void explain(const std::system_error& error) {
  std::fprintf(stderr, "freevisa: %s\n", error.what());
  if (error.code().value() == EADDRINUSE) {
    std::fputs("Another program, perhaps another bench, has this port; --port 0 takes free ones.\n",
               stderr);
  } else if (error.code().value() == EINVAL) {
    std::fputs("--bind takes a numeric IPv4 or IPv6 address.\n", stderr);
  }
}

// What the user chose for the wires.
sim::WireSettings wire_settings(const sim::Bench& bench, const CommandLine& line) {
  sim::WireSettings settings;
  settings.address = line.value("--bind").value_or(settings.address);
  settings.usual_ports = !line.has("--port") && line.program().empty();
  for (const sim::WireKind* const wire : bench.wire_kinds()) {
    for (const sim::WireOption& option : wire->options()) {
      if (const auto value = line.value(option.name)) settings.options.emplace(option.name, *value);
    }
  }
  return settings;
}

// Fills the bench; false, with the reason printed, when a port is not available.
bool serve(sim::Bench& bench, const CommandLine& line,
           const std::vector<DescriptionPointer>& descriptions) {
  const std::uint32_t first = line.number("--port");
  if (first != 0 && first + descriptions.size() - 1 > 65535) {
    throw UsageError{"there are no " + std::to_string(descriptions.size()) + " ports from " +
                     std::to_string(first) + " on"};
  }
  try {
    bench.open_all(wire_settings(bench, line));
  } catch (const std::system_error& error) {
    explain(error);
    return false;
  }
  std::uint32_t number = 0;
  for (const DescriptionPointer& description : descriptions) {
    std::uint32_t port = description->port;
    if (line.has("--port")) {
      port = first == 0 ? 0 : first + number++;
    } else if (!line.program().empty() || bench.find(description->name) != nullptr) {
      port = 0;  // nobody else looks for it, or it is a second of the same
    }
    try {
      bench.serve(description, static_cast<std::uint16_t>(port));
    } catch (const std::system_error& error) {
      explain(error);
      return false;
    }
  }
  return true;
}

void print_resources(const sim::Bench& bench, const std::string& configuration,
                     const sim::ControlServer* control) {
  for (const auto& resource : bench.resources()) std::puts(resource.name.c_str());
  std::printf("\n%s", configuration.c_str());
  for (const std::string& remark : bench.remarks()) std::printf("\n# %s\n", remark.c_str());
  if (control != nullptr) std::printf("\n# control %s\n", control->address().c_str());
  std::puts("\nready");
  std::fflush(stdout);
}

void announce(sim::Bench& bench, const CommandLine& line,
              std::optional<sim::MdnsResponder>& responder) {
  // The first port makes the name this bench's own among those of one machine.
  std::array<char, 64> machine{};
  static_cast<void>(::gethostname(machine.data(), machine.size() - 1));
  std::string host = machine.data();
  host = "freevisa-" + host.substr(0, std::min<std::size_t>(host.find('.'), 40)) + "-" +
         std::to_string(bench.resources().front().port);
  responder.emplace(bench.loop(), line.value("--bind").value_or("127.0.0.1"), host,
                    bench.services(host + ".local"));
}

// Serves while PROGRAM runs, which finds the instruments by their aliases.
int run_with_program(sim::Bench& bench, const CommandLine& line, const std::string& configuration) {
  const TemporaryFile file("freevisa-bench", ".toml");
  write_file(file.path(), configuration);
  std::vector<std::string> environment = bench.environment();
  environment.push_back("FREEVISA_CONFIG=" + file.path());
  StartedProgram program(line.program(), environment);
  program.on_end([&bench] { bench.stop(); });
  bench.run();
  return program.exit_code();
}

// What a recording has no answer to, at most so many lines of it.
void print_remark(const std::string& text, std::uint64_t number) {
  constexpr std::uint64_t kMost = 100;
  if (number <= kMost) std::fprintf(stderr, "freevisa sim: %s\n", text.c_str());
  if (number == kMost) std::fputs("freevisa sim: further ones are not shown\n", stderr);
}

int run_bench(const CommandLine& line, const std::vector<DescriptionPointer>& descriptions) {
  std::optional<sim::WireLog> log;
  if (const auto file = line.value("--log")) {
    const std::size_t megabytes = line.number("--log-limit");
    log.emplace(*file, megabytes << 20);
  }
  sim::Bench bench;
  bench.set_log(log ? &*log : nullptr);
  std::uint64_t remarks = 0;
  bench.set_remark([&remarks](const std::string& text) { print_remark(text, ++remarks); });
  if (!serve(bench, line, descriptions)) return kFailed;
  std::optional<sim::ControlServer> control;
  if (const auto address = line.value("--control")) control.emplace(bench, *address);
  try {
    bench.start();
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "freevisa: %s\n", error.what());
    return kFailed;
  }
  std::optional<sim::MdnsResponder> responder;
  if (line.has("--announce")) {
    try {
      announce(bench, line, responder);
    } catch (const std::system_error& error) {
      std::fprintf(stderr, "freevisa: %s\n", error.what());
      return kFailed;
    }
  }
  running = &bench;
  if (line.program().empty()) {
    struct sigaction action {};
    action.sa_handler = &end_bench;
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
  }
  const std::string configuration = bench.configuration();
  if (const auto file = line.value("--config-out")) write_file(*file, configuration);
  if (!line.program().empty()) {
    const int code = run_with_program(bench, line, configuration);
    return code == kDone && remarks > 0 ? kFailed : code;
  }
  print_resources(bench, configuration, control ? &*control : nullptr);
  // Whose ports nobody gets to know serves nobody; main() tells why.
  if (std::ferror(stdout) != 0 && !line.has("--config-out")) return kFailed;
  bench.run();
  return kDone;
}

int run(const CommandLine& line) {
  if (!line.program().empty() && (line.has("--list") || line.has("--check"))) {
    throw UsageError{"--list and --check start no program"};
  }
  if (line.has("--list")) return print_bundled();
  if (line.has("--check")) line.want_operands(1, 1000, "FILE...");
  try {
    const auto descriptions = wanted(line);
    return line.has("--check") ? kDone : run_bench(line, descriptions);
  } catch (const sim::DescriptionError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kFailed;
  } catch (const std::invalid_argument& error) {
    throw UsageError{error.what()};
  }
}

// The options of the bench and those of its wires.
std::span<const Option> all_options() {
  static const std::vector<Option> kAll = [] {
    std::vector<Option> all(std::begin(kOptions), std::end(kOptions));
    auto place = all.begin() + 1;
    for (const sim::WireKind* const wire : sim::builtin_wires()) {
      for (const sim::WireOption& option : wire->options()) {
        Option one{.name = option.name, .value = option.value, .help = option.help};
        if (option.most > 0) one.number = Number{0, option.most, 0};
        one.words = option.words;
        place = all.insert(place, one) + 1;
      }
    }
    return all;
  }();
  return kAll;
}

}  // namespace

// A function, because the wires add options: a constant would be made while the program loads,
// where nothing could catch a failure.
const Command& sim_command() {
  static const Command kCommand = {
      .name = "sim",
      .topic = Topic::programs,
      .summary = "run the virtual bench: instruments to try programs with",
      .about = kAbout,
      .options = all_options(),
      .operands = "[FILE...] [-- PROGRAM [ARGUMENT...]]",
      .least = 0,
      .most = 1000,
      .starts_program = true,
      .closing = kClosing,
      .run = &run};
  return kCommand;
}

}  // namespace visa::tool
