// SPDX-License-Identifier: MIT
// freevisa write: commands without answers, and data as a block of IEEE 488.2.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/exchange.h"
#include "tools/freevisa/interruption.h"
#include "tools/freevisa/json_text.h"
#include "tools/freevisa/progress.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--timeout",
     .value = "MS",
     .help = "for opening and for each write, 5000 if left out",
     .number = Number{1, 4000000000U, 5000}},
    {.name = "--block",
     .value = "FILE",
     .help = "after the last COMMAND the content of FILE as a block (#<n><length>...); '-' is "
             "standard input"},
    {.name = "--data",
     .value = "FILE",
     .help = "after the commands the content of FILE as it is; '-' is standard input"},
    {.name = "--raw", .help = "no line feed after the commands and the block"},
    {.name = "--check",
     .help = "afterwards ask 'SYSTem:ERRor?'; what it answers besides 'no error' is exit code 1"},
    {.name = "--json", .help = "a JSON object: resource, bytes, with --check error"},
};

constexpr char kAbout[] =
    R"(NAME is a resource name or an alias of the configuration. Each COMMAND is sent with a line feed;
nothing is read. On success nothing is printed.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa write psu 'VOLTage 3.3' 'OUTPut ON'
  freevisa write --check dmm 'CONFigure:VOLTage:DC 10'
  freevisa write --block wave.bin fgen 'DATA:DAC VOLATILE,'

Exit codes: 0 done, 1 a VISA error, an error of the instrument, or FILE cannot be read,
2 wrong usage.
)";

constexpr std::size_t kLongest = std::size_t{1} << 30;

std::string content(const std::string& path) {
  const auto failure = [&path](int error) {
    return VisaFailure("cannot read " + (path == "-" ? "standard input" : "'" + path + "'") + ": " +
                       std::generic_category().message(error) + "\n  Nothing was sent.");
  };
  std::FILE* const file = path == "-" ? stdin : std::fopen(path.c_str(), "re");
  if (file == nullptr) throw failure(errno);
  std::string data;
  std::string piece(std::size_t{1} << 16, '\0');
  errno = 0;
  while (data.size() <= kLongest) {
    const std::size_t count = std::fread(piece.data(), 1, piece.size(), file);
    data.append(piece, 0, count);
    if (count == 0) break;
  }
  const int error = std::ferror(file) != 0 ? errno : 0;
  if (file != stdin) std::fclose(file);
  if (error != 0) throw failure(error);
  if (data.size() > kLongest) throw VisaFailure(path + " is larger than 1 GiB");
  return data;
}

// "+0,"No error"", "0,..." or a plain 0.
bool is_no_error(std::string_view answer) {
  const std::string_view number = answer.substr(0, answer.find(','));
  return number == "0" || number == "+0" || number == "-0";
}

std::size_t send_all(const CommandLine& line, Instrument& instrument, const std::string& payload) {
  const std::string end = line.has("--raw") ? "" : "\n";
  const std::size_t commands = line.operands().size();
  std::size_t sent = 0;
  const auto send = [&](const std::string& message, const std::string& what) {
    Progress progress;
    instrument.send_bytes(message, what, &progress);
    sent += message.size();
  };
  for (std::size_t i = 1; i < commands; ++i) {
    const std::string& command = line.operands()[i];
    const bool block = line.has("--block") && i + 1 == commands;
    send(command + (block ? block_header(payload.size()) + payload : "") + end,
         "'" + command + "'" + (block ? " with the block" : ""));
  }
  if (line.has("--data")) send(payload, "the data");
  return sent;
}

int run(const CommandLine& line) {
  const std::string& name = line.operands().front();
  if (line.has("--block") && line.has("--data"))
    throw UsageError{"--block and --data exclude each other"};
  if (line.operands().size() < 2 && !line.has("--data"))
    throw UsageError{"expected: NAME COMMAND..."};
  // Read first, so that no command is sent in vain.
  const auto file = line.has("--block") ? line.value("--block") : line.value("--data");
  const std::string payload = file ? content(*file) : "";
  const Session manager = open_manager();
  catch_interrupts();
  Instrument instrument(manager, name, line.number("--timeout"));
  const std::size_t sent = send_all(line, instrument, payload);
  JsonObject json;
  json.text("resource", name).integer("bytes", static_cast<std::int64_t>(sent));
  std::string error;
  if (line.has("--check")) {
    error = instrument.query_line("SYSTem:ERRor?");
    json.text("error", error);
  }
  if (line.has("--json")) std::puts(json.str().c_str());
  if (error.empty() || is_no_error(error)) return kDone;
  throw VisaFailure(
      name + " reports " + error +
      "\n  It is the oldest error that the instrument remembers; '*CLS' forgets all.");
}

constexpr Command kCommand = {.name = "write",
                              .topic = Topic::talk,
                              .summary = "send commands or data to an instrument",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "NAME COMMAND...",
                              .least = 1,
                              .most = 10000,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& write_command() {
  return kCommand;
}

}  // namespace visa::tool
