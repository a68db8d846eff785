// SPDX-License-Identifier: MIT
#include "lib/base/process_name.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "conformance/unit/support/child_process.h"

namespace visa {
namespace {

std::uint32_t own_number() {
  return static_cast<std::uint32_t>(::getpid());
}

TEST(ProcessName, NamesTheProgram) {
  EXPECT_EQ(test::in_child([] {
              ::prctl(PR_SET_NAME, "odd \x1b[2J)\n");
              const std::string text = describe_process(own_number(), process_space());
              return text == "process " + std::to_string(::getpid()) + " (odd ?[2J))" ? 0 : 1;
            }),
            "");
}

TEST(ProcessName, SaysTheNumberAloneWhereThereIsNoSuchProcess) {
  EXPECT_EQ(describe_process(0x7FFFFFFF, process_space()), "process 2147483647");
}

TEST(ProcessName, NumberOfAnotherContainerIsNotTakenForOneOfOurs) {
  EXPECT_NE(process_space(), 0u);
  EXPECT_EQ(describe_process(own_number(), process_space() + 1),
            "process " + std::to_string(::getpid()) + " of another container");
}

}  // namespace
}  // namespace visa
