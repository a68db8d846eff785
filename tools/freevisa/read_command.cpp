// SPDX-License-Identifier: MIT
// freevisa read: what an instrument sends without being asked here.
#include <chrono>
#include <string>
#include <utility>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/answer_text.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/exchange.h"
#include "tools/freevisa/interruption.h"
#include "tools/freevisa/progress.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--timeout",
     .value = "MS",
     .help = "for opening and for each read, 5000 if left out",
     .number = Number{1, 4000000000U, 5000}},
    {.name = "--count",
     .value = "N",
     .help = "exactly N bytes as they come over the wire, instead of one message; header and line "
             "feed of a block count, and are printed",
     .number = Number{1, 1U << 30, 1}},
    {.name = "--output",
     .letter = "-o",
     .value = "FILE",
     .help = "write to FILE, which stays as it was unless all came; '-' is standard output"},
    {.name = "--raw",
     .help = "print the message exactly as it came, block header and line feed included"},
    {.name = "--binary",
     .letter = "-b",
     .help = "the message is data: no line feed is added, and without a block it is left as it "
             "came"},
    {.name = "--json", .help = "a JSON object: answer (text) or data (base64), bytes, seconds"},
};

constexpr char kAbout[] =
    R"(Reads one message from NAME, a resource name or an alias of the configuration, and prints it.
Nothing is sent: this is for instruments that send by themselves, and for the answer to what
'freevisa write' sent, where the wire keeps it (GPIB does; a network connection ends with the
command).

A message that is a definite-length block (#<n><length>...) is printed without the block's header.
With --count nothing is taken off and nothing added: N bytes come, and N bytes are printed, of as
many messages as that takes; the rest of a message stays where it is. Binary data does not go to a
terminal: use -o or '>'.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa read ASRL1::INSTR
  freevisa read --count 4096 --binary -o part.bin TCPIP::192.168.1.20::5025::SOCKET

Exit codes: 0 done, 1 a VISA error or FILE cannot be written, 2 wrong usage.
)";

int run(const CommandLine& line) {
  AnswerOutput out(line.value("--output"));
  const AnswerForm form = answer_form(line);
  const Session manager = open_manager();
  catch_interrupts();
  Instrument instrument(manager, line.operands().front(), line.number("--timeout"));
  const auto begin = std::chrono::steady_clock::now();
  std::string message;
  {
    Progress progress;
    message = line.has("--count") ? instrument.receive_count(line.number("--count"), &progress)
                                  : instrument.receive("", &progress);
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  write_answer(out, {"", std::move(message), taken.count(), line.has("--count")}, form);
  out.finish();
  return kDone;
}

constexpr Command kCommand = {.name = "read",
                              .topic = Topic::talk,
                              .summary = "print what an instrument sends",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "NAME",
                              .least = 1,
                              .most = 1,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& read_command() {
  return kCommand;
}

}  // namespace visa::tool
