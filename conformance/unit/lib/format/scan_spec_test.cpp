// SPDX-License-Identifier: MIT
// Which read formats make sense, and what a specifier says when its modifiers come in any order.
#include "lib/format/scan_spec.h"

#include <string>

#include <gtest/gtest.h>
#include "lib/format/scan_engine.h"

namespace visa::format {
namespace {

TEST(ScanSpec, EveryConversionWithWhatItTakes) {
  for (const char* const format :
       {"%d",      "%i",      "%o",    "%u",      "%x",      "%X",        "%hd",   "%ld",
        "%lld",    "%I64d",   "%I64u", "%3d",     "%*d",     "%,10d",     "%,#d",  "%,*d",
        "%*,3d",   "%*,#d",   "%*,d",  "%@Hd",    "%@1,4ld", "%h,5d",     "%,5hd", "%e",
        "%E",      "%f",      "%g",    "%G",      "%lf",     "%Lf",       "%llf",  "%,1000000lf",
        "%,#lf",   "%@3lf",   "%8lf",  "%s",      "%20s",    "%#s",       "%*s",   "%t",
        "%255t",   "%#t",     "%*t",   "%T",      "%64T",    "%c",        "%64c",  "%#c",
        "%*3c",    "%[a]",    "%[^,]", "%20[^,]", "%#[^,]",  "%*[^\r\n]", "%[]]",  "%[^]]",
        "%10b",    "%#b",     "%#hb",  "%#lb",    "%#llb",   "%#zb",      "%#Zb",  "%4B",
        "%*b",     "%*#b",    "%*3b",  "%0b",     "%3y",     "%#y",       "%#hy",  "%1!olhy",
        "%2!obly", "%h!ol2y", "%*3y",  "%n",      "%hn",     "%ln",       "%lln",  "%*n",
        "%%",      "%p",      "%*p",   "plain",   "",        "50%%",      "\\",    "\\n%d",
        "a\\%d"}) {
    EXPECT_EQ(check_scan_format(format), Status::success) << format;
  }
}

TEST(ScanSpec, WhatMakesNoSense) {
  for (const char* const format : {"%",
                                   "%q",
                                   "%k",
                                   "%C",
                                   "%S",
                                   "%m",
                                   "%M",
                                   "%5",
                                   "%*",
                                   "%,",
                                   "%#",
                                   "%h",
                                   "%!",
                                   "%@",
                                   "%,d",
                                   "%,0d",
                                   "%,,3d",
                                   "%,3,4d",
                                   "%**d",
                                   "%##s",
                                   "%3#s",
                                   "%3#4s",
                                   "%hld",
                                   "%lhd",
                                   "%llld",
                                   "%zd",
                                   "%Zd",
                                   "%Ld",
                                   "%hf",
                                   "%zf",
                                   "%#d",
                                   "%0d",
                                   "%0s",
                                   "%0c",
                                   "%0[a]",
                                   "%0t",
                                   "%0T",
                                   "%.3f",
                                   "%-5d",
                                   "%+d",
                                   "% d",
                                   "%!obd",
                                   "%!xy",
                                   "%3!y",
                                   "%@4d",
                                   "%@hd",
                                   "%,3s",
                                   "%,3t",
                                   "%,#c",
                                   "%@1s",
                                   "%!obs",
                                   "%hs",
                                   "%Ls",
                                   "%lt",
                                   "%zT",
                                   "%b",
                                   "%y",
                                   "%*y",
                                   "%hb",
                                   "%Lb",
                                   "%3Lb",
                                   "%3zy",
                                   "%3Zy",
                                   "%3!obb",
                                   "%3,4b",
                                   "%5.2b",
                                   "%3@1b",
                                   "%[",
                                   "%[]",
                                   "%[^",
                                   "%[^]",
                                   "%[abc",
                                   "%[z-a]",
                                   "%3n",
                                   "%,3n",
                                   "%zn",
                                   "%Ln",
                                   "%5%",
                                   "%h%",
                                   "%*%",
                                   "%hp",
                                   "%3p",
                                   "%99999999999d",
                                   "%,99999999999d",
                                   "%I32d",
                                   "%I6d",
                                   "%!ob!oby",
                                   "%@1@1d",
                                   "%td,%q",
                                   "%d %",
                                   "%d%z"}) {
    EXPECT_EQ(check_scan_format(format), Status::error_inv_fmt) << format;
  }
}

TEST(ScanSpec, WhatIsCAndNotVisa) {
  for (const char* const format :
       {"%ls", "%lc", "%l[a]", "%20ls", "%d %ls", "%hhd", "%jd", "%a", "%la", "%A"}) {
    EXPECT_EQ(check_scan_format(format), Status::error_nsup_fmt) << format;
  }
}

TEST(ScanSpec, ModifiersInAnyOrder) {
  for (const std::string format : {",#@1hd", "h,#@1d", "@1h,#d", "@1,#hd", ",#h@1d"}) {
    const char* at = format.c_str();
    ScanSpec spec;
    EXPECT_EQ(take_scan_spec(at, spec), Status::success) << format;
    EXPECT_EQ(*at, '\0');
    EXPECT_EQ(spec.code, 'd');
    EXPECT_EQ(spec.length, Length::h);
    EXPECT_EQ(spec.array, ScanCount::pointer);
    EXPECT_EQ(spec.width, ScanCount::none);
    EXPECT_EQ(spec.form, Form::nr1);
    EXPECT_FALSE(spec.suppress);
  }
  const char* at = "*12!olly rest";
  ScanSpec spec;
  EXPECT_EQ(take_scan_spec(at, spec), Status::success);
  EXPECT_STREQ(at, " rest");
  EXPECT_TRUE(spec.suppress);
  EXPECT_EQ(spec.width_value, 12);
  EXPECT_EQ(spec.order, ByteOrder::little);
  EXPECT_EQ(spec.length, Length::l);
}

TEST(ScanSpec, ASetHoldsWhatItNames) {
  ScanSpec spec;
  const char* at = "[a-c\\n]";
  ASSERT_EQ(take_scan_spec(at, spec), Status::success);
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    EXPECT_EQ(spec.set.has(c), (c >= 'a' && c <= 'c') || c == '\n') << byte;
  }
}

}  // namespace
}  // namespace visa::format
