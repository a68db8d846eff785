// SPDX-License-Identifier: MIT
// visa_rules: checks any libvisa against the rules of the standard. See --help.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "conformance/rules/bench_process.h"
#include "conformance/rules/ledger.h"
#include "conformance/rules/report.h"
#include "conformance/rules/runner.h"

namespace visa::rules {
namespace {

constexpr char kHelp[] =
    R"(visa_rules - check a VISA library against the rules of VPP-4.3

Usage:
  visa_rules [options] LIBVISA [RESOURCE...]
  visa_rules --ledger

LIBVISA is loaded by path. The rules run on the named resources, one of each kind; each rule runs in a
separate process with a time limit. Prints each check as passed, failed or not shown, then the clauses
that no check covers, and ends with "N passed, N failed, N skipped". Exit status 1 if a check failed.

Options:
  --sim PROGRAM     start "PROGRAM sim" on free ports and use the resources it prints. A library without
                    --configure finds its VXI-11 only through port 111. That works if root runs the
                    suite or the machine's rpcbind accepts the bench; if not, INSTR is left out
  --bench FILE      also use the resources listed in FILE, one per line, up to the first empty line
  --strict          where sources contradict each other, only the reading of conformance/spec passes
  --configure freevisa
                    the library reads FREEVISA_CONFIG: rules on viFindRsrc, aliases and VI_LOAD_CONFIG
                    write their own configuration
  --not-yet FILE    expected failures (rule, part of its text, reason), listed as skipped; an expected
                    failure that does not occur is a failure
  --limit SECONDS   how long each rule may take, instead of its own limit
  --rule TEXT       only rules whose name contains TEXT (the ledger is left out)
  --quiet           print only the checks that did not pass
  --ledger          only compare the ledger of clauses with the rules
  --spec FOLDER, --data FOLDER   the folders of conformance/spec and conformance/rules
)";

struct CommandLine {
  Options options;
  std::string sim;
  std::string bench;
  std::string filter;
  std::string not_yet;
  std::string spec = FREEVISA_SPEC_DIR;
  std::string data = FREEVISA_RULES_DIR;
  bool quiet = false;
  bool ledger_only = false;
  std::vector<std::string> names;
};

// False, with the reason printed, if the command line is wrong.
bool parse(int count, char** words, CommandLine& line) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto value = [&](std::string& into) {
      if (++i < count) into = words[i];
      return i < count;
    };
    std::string text;
    bool good = true;
    if (word == "--sim") {
      good = value(line.sim);
    } else if (word == "--bench") {
      good = value(line.bench);
    } else if (word == "--not-yet") {
      good = value(line.not_yet);
    } else if (word == "--limit") {
      good = value(text) && (line.options.limit = std::atoi(text.c_str())) > 0;
    } else if (word == "--rule") {
      good = value(line.filter);
    } else if (word == "--spec") {
      good = value(line.spec);
    } else if (word == "--data") {
      good = value(line.data);
    } else if (word == "--configure") {
      good = value(text) && text == "freevisa";
      line.options.configure = good;
    } else if (word == "--strict") {
      line.options.strict = true;
    } else if (word == "--quiet") {
      line.quiet = true;
    } else if (word == "--ledger") {
      line.ledger_only = true;
    } else if (word.rfind("--", 0) == 0) {
      good = false;
    } else if (line.options.library.empty()) {
      line.options.library = word;
    } else {
      line.names.push_back(word);
    }
    if (!good) {
      std::fprintf(stderr, "visa_rules: '%s' is not understood; see --help\n", word.c_str());
      return false;
    }
  }
  if (line.options.library.empty() && !line.ledger_only) {
    std::fputs(kHelp, stderr);
    return false;
  }
  return true;
}

// The resources on which a rule is run; empty if it needs none.
std::vector<const Resource*> targets(const Rule& rule, const std::vector<Resource>& bench) {
  std::vector<const Resource*> chosen;
  for (const Resource& resource : bench) {
    if (resource.kind.rfind(rule.kind, 0) != 0) continue;
    if (rule.on == On::answering && !resource.answers) continue;
    if (rule.on == On::reporting && !resource.reports) continue;
    if (rule.on == On::echoing && !resource.echoes) continue;
    if (rule.on == On::requesting && !resource.requests) continue;
    bool seen = false;
    for (const Resource* other : chosen) seen |= other->kind == resource.kind;
    if (!seen || rule.on == On::every_resource) chosen.push_back(&resource);
  }
  return chosen;
}

std::string nothing_there(const Rule& rule, bool vxi11_left_out) {
  if (vxi11_left_out && std::strcmp(rule.kind, "TCPIP_VXI11") == 0) {
    return "the library asks port 111 for VXI-11, which the bench can neither open nor be "
           "registered at";
  }
  std::string text = "the bench offers no ";
  if (rule.on == On::answering) text += "instrument that answers *IDN? ";
  if (rule.on == On::reporting) text += "instrument with a status byte ";
  if (rule.on == On::echoing) text += "echoing instrument ";
  if (rule.on == On::requesting) text += "instrument that requests service ";
  text += rule.kind[0] == '\0' ? "(any kind)" : std::string("(") + rule.kind + ")";
  return text;
}

// Starts the bench so that the library finds it; true if its VXI-11 cannot be found.
bool start_bench(const CommandLine& line, BenchProcess& sim, std::vector<std::string>& names) {
  const std::string instrument = line.data + "/bench_instrument.toml";
  if (line.options.configure) {
    sim.start(line.sim, instrument, "0", names);
    ::setenv("FREEVISA_CONFIG", sim.facts().file.c_str(), 1);
    return false;
  }
  for (const char* const portmapper : {"111", "rpcbind"}) {
    try {
      sim.start(line.sim, instrument, portmapper, names);
      return false;
    } catch (const std::runtime_error&) {
    }
  }
  sim.start(line.sim, instrument, "0", names);
  std::erase_if(names, [](const std::string& name) { return kind_of(name) == "TCPIP_VXI11"; });
  return true;
}

int run(CommandLine& line) {
  const Facts facts(line.spec, line.data);
  const Rules rules = all_rules();
  if (!ledger_agrees(facts, rules)) return 1;
  if (line.ledger_only) {
    std::printf("ledger: %zu clauses, %zu rules, each in both\n", facts.clauses.size(),
                rules.size());
    return 0;
  }
  BenchProcess sim;
  std::vector<std::string> names = line.names;
  const bool left_out = !line.sim.empty() && start_bench(line, sim, names);
  line.options.bench = sim.facts();
  if (!line.bench.empty()) read_names(line.bench, names);

  Report report(facts, line.options, line.quiet);
  if (!line.not_yet.empty()) report.expect(read_sheet(line.not_yet));
  std::vector<Resource> bench;
  for (const std::string& name : names) {
    bench.push_back(look_at(name, line.options, facts));
    report.resource(bench.back());
  }
  for (const Rule& rule : rules) {
    if (std::strstr(rule.name, line.filter.c_str()) == nullptr) continue;
    if (rule.on == On::nothing) {
      report.add(rule, nullptr, run_rule(rule, line.options, facts, nullptr));
      continue;
    }
    const auto on = targets(rule, bench);
    if (on.empty()) report.skip(rule, nothing_there(rule, left_out));
    for (const Resource* resource : on) {
      report.add(rule, resource, run_rule(rule, line.options, facts, resource));
    }
  }
  if (line.filter.empty()) {
    report.answers();
    report.ledger();
    report.expectations();
  }
  return report.close();
}

}  // namespace
}  // namespace visa::rules

int main(int count, char** words) {
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(words[i], "--help") == 0) {
      std::fputs(visa::rules::kHelp, stdout);
      return 0;
    }
  }
  try {
    visa::rules::CommandLine line;
    if (!visa::rules::parse(count, words, line)) return 2;
    return visa::rules::run(line);
  } catch (const std::exception& error) {
    std::printf("visa_rules: %s\n0 passed, 1 failed, 0 skipped\n", error.what());
    return 1;
  }
}
