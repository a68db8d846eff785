// SPDX-License-Identifier: MIT
#include "tools/freevisa/manual_page.h"

#include <gtest/gtest.h>

namespace visa::tool {
namespace {

constexpr Option kOptions[] = {
    {.name = "--output", .letter = "-o", .value = "FILE", .help = "write 'it'"}};
constexpr Command kCommand = {.name = "try-it",
                              .summary = "tries it",
                              .about = "First\nparagraph: yes.\n\n  kept\n  lines\nLast.\n",
                              .options = kOptions,
                              .operands = "NAME",
                              .closing = "Examples:\n  freevisa try-it\n\nExit codes: 0 done.\n"};

TEST(ManualPage, HasTheSectionsOfAManualPage) {
  EXPECT_EQ(manual_page(kCommand, "1.2"),
            ".\\\" SPDX-License-Identifier: MIT\n"
            ".TH FREEVISA-TRY-IT 1 \"\" \"FreeVISA 1.2\" \"FreeVISA\"\n"
            ".SH NAME\nfreevisa\\-try\\-it \\- tries it\n"
            ".SH SYNOPSIS\n.RS 2\n.nf\nfreevisa try\\-it [\\-o FILE] NAME\n.fi\n.RE\n"
            ".SH DESCRIPTION\nFirst\nparagraph: yes.\n.PP\n"
            ".RS 2\n.nf\nkept\nlines\n.fi\n.RE\n.PP\nLast.\n"
            ".SH OPTIONS\n.TP\n.B \\-o, \\-\\-output FILE\nwrite \\(aqit\\(aq\n"
            ".TP\n.B \\-h, \\-\\-help\nprint a help\n"
            ".SH EXAMPLES\n.RS 2\n.nf\nfreevisa try\\-it\n.fi\n.RE\n"
            ".SH EXIT STATUS\n0 done.\n"
            ".SH SEE ALSO\nfreevisa(1)\n");
}

TEST(ManualPage, NothingInATextIsARequestOfTroff) {
  EXPECT_EQ(troff_text(".TH\n'x\n\\n-^~`"), "\\&.TH\n\\(aqx\n\\en\\-\\(ha\\(ti\\(ga");
}

TEST(ManualPage, TheCommandsOwnListsAllOthers) {
  const Command* const commands[] = {&kCommand};
  const std::string page = manual_page(commands, "1.2");
  EXPECT_NE(page.find(".TP\n.B try\\-it\ntries it\n"), std::string::npos) << page;
  EXPECT_NE(page.find(".SH SEE ALSO\nfreevisa\\-try\\-it(1)\n"), std::string::npos);
  EXPECT_NE(page.find(".SH EXIT STATUS\n"), std::string::npos);
}

}  // namespace
}  // namespace visa::tool
