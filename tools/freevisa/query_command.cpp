// SPDX-License-Identifier: MIT
// freevisa query. Where a wire has no END (SOCKET, serial) an answer ends at its line feed, and one
// that starts with a definite-length block only after the block, whose bytes may contain line
// feeds.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--timeout",
     .value = "MS",
     .help = "for opening and for each write and read, 5000 if left out",
     .number = Number{1, 4000000000U, 5000}},
    {.name = "--output",
     .letter = "-o",
     .value = "FILE",
     .help =
         "write the answers to FILE, which stays as it was unless all of them came; a device or "
         "FIFO gets each as it comes, '-' is standard output"},
    {.name = "--raw",
     .help = "print answers exactly as they came, block header and line feed included"},
};

constexpr char kAbout[] =
    R"(NAME is a resource name or an alias of the configuration. Each COMMAND is sent with a line feed; if
it contains a '?', the answer is read and printed. A command without one is only sent.

An answer that is a definite-length block (#<n><length>...: waveforms, screenshots) is printed
without the block's header. Binary data does not go to a terminal: use --output or '>'.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa query dmm '*IDN?'
  freevisa query TCPIP::192.168.1.20::5025::SOCKET 'CONF:VOLT:DC 10' 'READ?'
  freevisa query --output screen.png scope 'HCOPy:SDUMp:DATA?'

Exit codes: 0 done, 1 a VISA error or FILE cannot be written, 2 wrong usage.
)";

constexpr std::size_t kChunk = std::size_t{1} << 20;
// No block is longer, and an instrument that never stops sending must not take all memory.
constexpr std::size_t kLongestAnswer = std::size_t{1} << 30;

// A definite-length block at the start of an answer.
struct Block {
  std::size_t header = 0;  // 0: the answer does not start with a block
  std::size_t length = 0;
};

Block block_at_start(const std::string& answer) {
  if (answer.size() < 2 || answer[0] != '#' || answer[1] < '1' || answer[1] > '9') {
    return {};
  }
  const auto digits = static_cast<std::size_t>(answer[1] - '0');
  if (answer.size() < 2 + digits) {
    return {};
  }
  Block block{2 + digits, 0};
  for (std::size_t i = 2; i < block.header; ++i) {
    if (answer[i] < '0' || answer[i] > '9') {
      return {};
    }
    block.length = block.length * 10 + static_cast<std::size_t>(answer[i] - '0');
  }
  return block;
}

void send(const Session& session, const std::string& name, const std::string& command) {
  const std::string line = command + "\n";
  ViUInt32 sent = 0;
  check(viWrite(session.get(), reinterpret_cast<ViConstBuf>(line.data()),
                static_cast<ViUInt32>(line.size()), &sent),
        session.get(), "cannot send '" + command + "' to " + name);
}

std::string receive(const Session& session, const std::string& name, const std::string& command) {
  std::string answer;
  std::vector<ViByte> chunk(kChunk);
  while (true) {
    ViUInt32 count = 0;
    const ViStatus status = viRead(session.get(), chunk.data(), kChunk, &count);
    answer.append(reinterpret_cast<const char*>(chunk.data()), count);
    const Block block = block_at_start(answer);
    const bool whole = block.header == 0 || answer.size() - block.header >= block.length;
    if (status == VI_ERROR_TMO && block.header > 0 && whole) {
      return answer;  // an instrument that sends no line feed after a block
    }
    check(status, session.get(),
          "no whole answer to '" + command + "' from " + name + " (" +
              std::to_string(answer.size()) + " bytes came)");
    if (status == VI_SUCCESS_MAX_CNT) {
      if (answer.size() > kLongestAnswer) {
        throw VisaFailure("the answer to '" + command + "' from " + name +
                          " does not end: " + std::to_string(answer.size()) + " bytes came");
      }
      continue;
    }
    // A block may end exactly where a byte of it was taken for the line feed after it.
    const bool block_only = block.header > 0 && answer.size() == block.header + block.length;
    if (whole && !(block_only && status == VI_SUCCESS_TERM_CHAR)) return answer;
  }
}

void write_answer(AnswerOutput& out, const std::string& answer, bool raw) {
  const Block block = block_at_start(answer);
  if (!raw && block.header > 0) {
    if (out.is_terminal()) {
      std::fprintf(stderr, "(%zu bytes of block data: use --output FILE)\n", block.length);
      return;
    }
    out.write(std::string_view(answer).substr(block.header, block.length));
    return;
  }
  out.write(answer);
  if (!raw && !answer.ends_with('\n')) out.write("\n");
}

int run(const CommandLine& line) {
  const auto timeout = line.number("--timeout");
  const std::string& name = line.operands().front();
  AnswerOutput out(line.value("--output"));
  const Session manager = open_manager();
  const Session session = open_resource(manager, name, timeout);
  const std::string resource_class = text_attribute(session.get(), VI_ATTR_RSRC_CLASS);
  if (resource_class == "SOCKET") {
    check(viSetAttribute(session.get(), VI_ATTR_TERMCHAR_EN, VI_TRUE), session.get(),
          "cannot make " + name + " read lines");
  }
  for (std::size_t i = 1; i < line.operands().size(); ++i) {
    const std::string& command = line.operands()[i];
    send(session, name, command);
    if (command.find('?') != std::string::npos) {
      write_answer(out, receive(session, name, command), line.has("--raw"));
    }
  }
  out.finish();
  return kDone;
}

constexpr Command kCommand = {.name = "query",
                              .topic = Topic::talk,
                              .summary = "send commands to an instrument and print its answers",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "NAME COMMAND...",
                              .least = 2,
                              .most = 10000,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& query_command() {
  return kCommand;
}

}  // namespace visa::tool
