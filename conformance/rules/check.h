// SPDX-License-Identifier: MIT
// One run of one rule on one resource: what the rule works with, and what it reports. The rule runs
// in its own process (runner.h), so it may hang, crash or leave sessions open without harm to other
// rules.
//
// For the rule's main thread only, except visa(), which all threads of the rule may use.
#pragma once

#include <visa.h>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "conformance/rules/bench_process.h"
#include "conformance/rules/sheet.h"
#include "conformance/rules/visa_api.h"

namespace visa::rules {

/// A resource of the bench. `kind` is a column of attribute_matrix.tsv.
struct Resource {
  std::string name;
  std::string kind;
  bool answers = false;   // "*IDN?" returns a line
  bool reports = false;   // has a status byte (on a byte stream: knows "*STB?")
  bool requests = false;  // can be made to request service by *SRE
  bool echoes =
      false;  // "RECEIVE", a line, "SEND": the line comes back (the PyVISA test instrument)
};

struct Options {
  std::string library;
  bool strict = false;     // judge by conformance/spec even where its sources contradict each other
  int limit = 0;           // seconds a rule may take; 0: the rule's own limit
  bool configure = false;  // the library reads FreeVISA configuration (FREEVISA_CONFIG)
  BenchFacts bench;        // empty if the suite did not start the bench
};

/// Thrown to end a rule whose failure is already noted.
struct Ended {};

using Clock = std::chrono::steady_clock;

/// How many seconds a call took.
double seconds_of(const std::function<void()>& call);

class Check {
 public:
  using Tell = std::function<void(char kind, const std::string& text)>;  // 'F' failure, 'I' remark

  Check(const Options& options, const Facts& facts, const Resource* resource, Tell tell);
  Check(const Check&) = delete;
  Check& operator=(const Check&) = delete;

  const Options& options() const { return options_; }
  const Facts& facts() const { return facts_; }
  const Resource& resource() const { return *resource_; }
  bool is_stream() const;  // SOCKET and ASRL: bytes without END

  /// The library under test; the first call loads it. Ends the rule if it does not load.
  const VisaApi& visa();
  /// A session of the resource manager, opened by the first call.
  ViSession manager();
  /// A session on this resource, or on another name. Ends the rule when viOpen fails.
  ViSession open(ViAccessMode mode = VI_NO_LOCK);
  ViSession open_name(const std::string& name, ViAccessMode mode = VI_NO_LOCK);
  /// A session ready for messages: timeout 5 s, and on a byte stream termination character LF.
  ViSession talk() { return talk_name(resource_->name); }
  ViSession talk_name(const std::string& name);

  void set(ViSession vi, ViAttr attribute, ViAttrState value);
  void write(ViSession vi, const std::string& message);
  /// The bytes that one viRead of `count` returns; `status` receives its status.
  std::string read(ViSession vi, ViUInt32 count, ViStatus& status);
  std::string ask(ViSession vi, const std::string& question);
  /// Makes the echo instrument send `line`, which ends in LF.
  void have_sent(ViSession vi, const std::string& line);
  /// The same, and one viRead has to bring that line and no other. `line` is one that no other
  /// query of the rule uses, of at most 1000 bytes.
  void has_its_own_answer(ViSession vi, const std::string& line);

  /// Notes a failure unless `got` is one of `wanted`; true if it is.
  bool answered(const char* call, ViStatus got, std::initializer_list<ViStatus> wanted);
  bool refused(const char* call, ViStatus got);  // any error
  bool that(bool holds, const std::string& otherwise);
  /// The same, ending the rule on failure.
  void need(const char* call, ViStatus got, std::initializer_list<ViStatus> wanted);
  void need_that(bool holds, const std::string& otherwise);
  void remark(const std::string& text) { tell_('I', text); }

  std::string symbol(ViStatus status) const { return facts_.symbol(status); }
  bool loaded() const { return loaded_; }
  const AnswerLog& answers() const { return visa_.answers; }

 private:
  const Options& options_;
  const Facts& facts_;
  const Resource* const resource_;
  const Tell tell_;
  VisaApi visa_;
  bool loaded_ = false;
  ViSession manager_ = VI_NULL;
};

/// ANSWERS(viUnlock(vi), VI_SUCCESS) calls the library under test and notes a failure unless it
/// returns one of the codes. MUST_ANSWER also ends the rule then. Both need a `check` and a `visa`
/// in scope.
#define ANSWERS(call, ...) check.answered(#call, visa.call, {__VA_ARGS__})
#define MUST_ANSWER(call, ...) check.need(#call, visa.call, {__VA_ARGS__})
#define REFUSES(call) check.refused(#call, visa.call)

/// Where a rule is run.
enum class On {
  nothing,         // once; the resource manager at most
  every_kind,      // one resource of each kind of the bench
  every_resource,  // all resources of the bench
  answering,       // each kind that has an instrument answering "*IDN?"
  reporting,       // each kind that has an instrument with a status byte
  requesting,      // each kind that has an instrument that requests service by *SRE
  echoing,         // each kind that has the echo instrument
};

struct Rule {
  const char* name;
  void (*run)(Check&);
  On on = On::every_kind;
  const char* kind = "";  // run only on kinds whose name starts with this
  int limit = 30;         // seconds after which the rule counts as hanging
};

using Rules = std::vector<Rule>;

Rules template_rules();
Rules session_rules();
Rules attribute_rules();
Rules lock_rules();
Rules lock_table_rules();
Rules lock_wait_rules();
Rules refusal_rules();
Rules open_rules();
Rules event_rules();
Rules handler_rules();
Rules async_rules();
Rules exception_rules();
Rules name_rules();
Rules find_rules();
Rules class_rules();
Rules read_rules();
Rules wire_rules();
Rules operation_rules();
Rules formatted_rules();
Rules scan_rules();
Rules endless_rules();
Rules file_rules();
Rules serial_rules();
Rules service_rules();
Rules vxi11_call_rules();
Rules vxi11_fault_rules();
Rules vxi11_late_rules();
Rules vxi11_lock_rules();
Rules vxi11_open_rules();
Rules vxi11_use_rules();
Rules hislip_rules();
Rules hislip_mode_rules();

/// All rules, in the order of the chapters.
Rules all_rules();

}  // namespace visa::rules
