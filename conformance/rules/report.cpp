// SPDX-License-Identifier: MIT
// Each check counts once, as passed, failed or skipped, so that the closing line adds up.
#include "conformance/rules/report.h"

#include <cstdio>

namespace visa::rules {
namespace {

// A function's list is complete if a vendor's table was read to its end (also marked "spec-only?"),
// or an independent suite asserts the codes. One row from memory makes the list incomplete.
bool trusted(const std::string& confidence) {
  return confidence == "vendor-page" || confidence == "conformance-suite" ||
         confidence == "spec-only?";
}

}  // namespace

Report::Report(const Facts& facts, const Options& options, bool quiet)
    : facts_(facts), quiet_(quiet) {
  std::printf("library %s%s\n", options.library.c_str(), options.strict ? ", strict" : "");
}

void Report::expect(Sheet not_yet) {
  not_yet_ = std::move(not_yet);
}

const std::string* Report::expected(const std::string& rule, const std::string& failure) {
  for (const Row& row : not_yet_) {
    if (row.at("rule") != rule || failure.find(row.at("text")) == std::string::npos) continue;
    met_.insert(&row);
    return &row.at("reason");
  }
  return nullptr;
}

void Report::expectations() {
  for (const Row& row : not_yet_) {
    if (met_.count(&row) != 0) continue;
    ++failed_;
    std::printf(
        "FAILED     %s no longer fails with '%s': remove it from the list of expected failures\n",
        row.at("rule").c_str(), row.at("text").c_str());
  }
}

void Report::resource(const Resource& resource) {
  std::printf("resource %s: %s%s%s%s%s\n", resource.name.c_str(), resource.kind.c_str(),
              resource.answers ? ", answers *IDN?" : "", resource.reports ? ", status byte" : "",
              resource.requests ? ", requests service" : "", resource.echoes ? ", echoes" : "");
}

void Report::add(const Rule& rule, const Resource* resource, const Run& run) {
  const std::string on = resource == nullptr             ? std::string()
                         : rule.on == On::every_resource ? " [" + resource->name + "]"
                                                         : " [" + resource->kind + "]";
  for (const auto& [function, statuses] : run.answers) {
    seen_[function].insert(statuses.begin(), statuses.end());
  }
  switch (run.outcome) {
    case Outcome::passed:
      ++passed_;
      if (!quiet_) std::printf("passed     %s%s\n", rule.name, on.c_str());
      break;
    case Outcome::not_shown:
      ++skipped_;
      std::printf("not shown  %s%s: %s\n", rule.name, on.c_str(), run.reason.c_str());
      break;
    case Outcome::failed: {
      bool all = true;
      std::string text;
      for (const std::string& failure : run.failures) {
        const std::string* const reason = expected(rule.name, failure);
        all = all && reason != nullptr;
        text += "             " + failure + (reason != nullptr ? " (" + *reason + ")" : "") + "\n";
      }
      ++(all ? skipped_ : failed_);
      std::printf("%s%s%s\n%s", all ? "not yet    " : "FAILED     ", rule.name, on.c_str(),
                  text.c_str());
      break;
    }
  }
  for (const std::string& remark : run.remarks) std::printf("             (%s)\n", remark.c_str());
  std::fflush(stdout);
}

void Report::skip(const Rule& rule, const std::string& reason) {
  ++skipped_;
  std::printf("not shown  %s: %s\n", rule.name, reason.c_str());
}

void Report::answers() {
  std::printf("\nWhat each function was seen to answer:\n");
  std::map<std::string, std::set<ViStatus>> listed;
  std::map<std::string, bool> complete;
  for (const Row& row : facts_.function_status) {
    const std::string& function = row.at("function");
    listed[function].insert(static_cast<ViStatus>(std::stoul(row.at("hex"), nullptr, 16)));
    const auto known = complete.emplace(function, true).first;
    known->second = known->second && trusted(row.at("confidence"));
  }
  for (const auto& [function, statuses] : seen_) {
    const bool judged = complete.count(function) != 0 && complete[function];
    std::string outside;
    // Absent operations answer VI_ERROR_NSUP_OPER, which is in no list.
    bool only_absent = true;
    for (const ViStatus status : statuses) {
      if (listed[function].count(status) != 0) continue;
      outside += " " + facts_.symbol(status);
      only_absent = only_absent && status == VI_ERROR_NSUP_OPER;
    }
    if (outside.empty()) {
      ++passed_;
      if (!quiet_)
        std::printf("passed     answers of %s: %zu seen\n", function.c_str(), statuses.size());
    } else if (only_absent) {
      ++skipped_;
      std::printf("not shown  answers of %s: the library does not have it (VI_ERROR_NSUP_OPER)\n",
                  function.c_str());
    } else if (judged) {
      ++failed_;
      std::printf("FAILED     answers of %s: not in its list:%s\n", function.c_str(),
                  outside.c_str());
    } else {
      ++skipped_;
      std::printf("not shown  answers of %s: not in its list, which is not certain:%s\n",
                  function.c_str(), outside.c_str());
    }
  }
}

void Report::ledger() {
  std::printf("\nClauses without a check:\n");
  for (const Row& row : facts_.clauses) {
    if (!row.at("checked_by").empty()) continue;
    ++skipped_;
    std::printf("not shown  %s (%s): %s\n", row.at("clause").c_str(), row.at("requirement").c_str(),
                row.at("why_not").c_str());
  }
}

int Report::close() {
  std::printf("\n%d passed, %d failed, %d skipped\n", passed_, failed_, skipped_);
  return failed_ > 0 || passed_ == 0 ? 1 : 0;
}

}  // namespace visa::rules
