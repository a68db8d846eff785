// SPDX-License-Identifier: MIT
// The bundled oscilloscope: records, preamble, screenshot.
#include "tools/sim/description/record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "conformance/unit/tools/sim/description/asking.h"
#include "tools/sim/description/bundled.h"
#include "tools/sim/description/described_instrument.h"

namespace visa::sim {
namespace {

constexpr int kLowestByte = 28;
constexpr int kHighestByte = 228;

class OscilloscopeTest : public ::testing::Test {
 protected:
  // The data of the definite-length block that answers `query`.
  std::string block(std::string_view query) {
    const std::string answer = ask(query);
    if (answer.size() < 2 || answer[0] != '#') {
      return "no block: " + answer;
    }
    const std::size_t digits = static_cast<std::size_t>(answer[1] - '0');
    const std::size_t length = std::stoul(answer.substr(2, digits));
    EXPECT_EQ(answer.size(), 2 + digits + length);
    return answer.substr(2 + digits);
  }
  std::vector<double> preamble() {
    std::vector<double> fields;
    std::istringstream list(ask("WAV:PRE?"));
    for (std::string field; std::getline(list, field, ',');) {
      fields.push_back(std::stod(field));
    }
    return fields;
  }
  DescribedInstrument scope{bundled_description("scope")};
  Asking ask{scope};
};

TEST_F(OscilloscopeTest, CurveIsADefiniteBlockOfThePointsAskedFor) {
  EXPECT_EQ(block("CURVE?").size(), 10000U);
  ask("WAV:POIN 123");
  EXPECT_EQ(block("WAV:DATA?").size(), 123U);
  EXPECT_EQ(block("WAV?").size(), 123U);
  EXPECT_EQ(ask("WAV:POIN?"), "+1.23000000E+02");
}

TEST_F(OscilloscopeTest, ByteRecordsNeverContainALineFeed) {
  ask("WAV:POIN 1000000;:CHAN1:SCAL 1e-3");
  const std::string data = block("CURV?");
  ASSERT_EQ(data.size(), 1000000U);
  EXPECT_EQ(data.find('\n'), std::string::npos);
  const auto [least, most] = std::minmax_element(data.begin(), data.end(), [](char a, char b) {
    return static_cast<unsigned char>(a) < static_cast<unsigned char>(b);
  });
  EXPECT_EQ(static_cast<unsigned char>(*least), kLowestByte) << "clipped at the screen";
  EXPECT_EQ(static_cast<unsigned char>(*most), kHighestByte);
}

TEST_F(OscilloscopeTest, PreambleTurnsEveryFormatIntoTheSameVolts) {
  ask("WAV:SOUR CHAN2;POIN 5000;:CHAN2:OFFS 0.1");
  std::vector<std::vector<double>> volts;
  for (const char* const format : {"BYTE", "WORD", "REAL"}) {
    ask("WAV:FORM " + std::string(format));
    EXPECT_EQ(ask("WAV:FORM?"), format);
    const std::vector<double> pre = preamble();
    ASSERT_EQ(pre.size(), 10U);
    EXPECT_EQ(pre[2], 5000);
    EXPECT_DOUBLE_EQ(pre[4], 1e-6) << "10 divisions of 500 us over 5000 points";
    const std::string data = block("CURV?");
    std::vector<double> record;
    for (std::size_t i = 0; i < 5000; ++i) {
      double code = static_cast<unsigned char>(data[i]);
      if (format == std::string("WORD")) {
        std::int16_t word = 0;
        std::memcpy(&word, data.data() + 2 * i, 2);
        code = word;
      } else if (format == std::string("REAL")) {
        float real = 0;
        std::memcpy(&real, data.data() + 4 * i, 4);
        record.push_back(static_cast<double>(real));
        continue;
      }
      record.push_back((code - pre[9]) * pre[7] + pre[8]);
    }
    volts.push_back(record);
  }
  for (std::size_t i = 0; i < 5000; ++i) {
    const double time = -1e-3 + 1e-6 * static_cast<double>(i);
    const double expected = 0.8 * std::sin(2 * M_PI * 1000 * time);
    ASSERT_NEAR(volts[2][i], expected, 0.021) << "sample " << i;
    ASSERT_NEAR(volts[0][i], volts[2][i], 0.011) << "sample " << i;
    ASSERT_NEAR(volts[1][i], volts[2][i], 0.0001) << "sample " << i;
  }
}

TEST_F(OscilloscopeTest, ByteOrderSwapsTheWords) {
  ask("WAV:FORM WORD;POIN 10");
  const std::string little = block("CURV?");
  EXPECT_EQ(ask("WAV:BYT MSBF;BYT?"), "MSBF");
  const std::string big = block("CURV?");
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(little[2 * i], big[2 * i + 1]);
    EXPECT_EQ(little[2 * i + 1], big[2 * i]);
  }
}

TEST_F(OscilloscopeTest, AsciiIsAPlainListOfVolts) {
  ask("WAV:FORM ASC;POIN 4");
  const std::string list = ask("CURV?");
  EXPECT_EQ(std::count(list.begin(), list.end(), ','), 3);
  EXPECT_EQ(list.size(), 4 * kAsciiSample - 1);
  ask("WAV:POIN 1000001");
  EXPECT_EQ(ask("CURV?"), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-221,\"Settings conflict;ASCii has at most 1000000 points\"");
}

TEST_F(OscilloscopeTest, RecordStaysUntilANewAcquisition) {
  const std::string first = block("CURV?");
  EXPECT_EQ(block("CURV?"), first);
  ask("SING");
  EXPECT_NE(block("CURV?"), first) << "new noise";
  ask("*TRG");
  EXPECT_EQ(ask("SYST:ERR?"), "0,\"No error\"");
}

TEST_F(OscilloscopeTest, RecordIsSharedByAllWhoAskForIt) {
  ask("WAV:POIN 4000000");
  Asking first(scope);
  Asking second(scope);
  first.send("CURV?\n");
  second.send("CURV?\n");
  EXPECT_GT(first.link().output().size(), 4000000U);
  EXPECT_LT(first.link().output().cost() + second.link().output().cost(), 4096U);
}

TEST(OscilloscopePool, RecordsNobodyFinishesReadingAreBounded) {
  DescribedInstrument scope(bundled_description("scope"),
                            5000000);  // room for four records of 1.2 MB
  Asking ask(scope);
  ask("WAV:FORM REAL;POIN 300000");
  std::vector<std::unique_ptr<Asking>> slow;
  for (int i = 0; i < 6; ++i) {
    ask("SING");
    slow.push_back(std::make_unique<Asking>(scope));
    slow.back()->send("CURV?\n");
  }
  EXPECT_GT(slow[3]->link().output().size(), 1200000U);
  EXPECT_EQ(slow[4]->link().output().size(), 0U);
  EXPECT_EQ(ask("SYST:ERR?"), "-321,\"Out of memory;CURV?\"");
  slow.clear();
  ask("WAV:POIN 2");
  EXPECT_EQ(ask("CURV?").substr(0, 3), "#18");
}

TEST_F(OscilloscopeTest, SixtyFourMillionPointsAndNotOneMore) {
  ask("WAV:POIN MAX");
  EXPECT_EQ(ask("WAV:POIN?"), "+6.71088640E+07");
  ask("WAV:POIN 67108865;POIN 0");
  EXPECT_EQ(ask("SYST:ERR:COUN?"), "2");
  ask.send("CURV?\n");
  EXPECT_EQ(ask.link().output().size(), (64U << 20) + std::string("#867108864\n").size());
}

TEST(RecordBlocks, HeaderHasTheDigitsOfTheFile) {
  const std::string record =
      "[[record]]\nquery='C?'\npoints=123\nblock_digits=9\n[[record.signal]]\nshape='sine'\n"
      "[[record.encoding]]\ntype='uint8'\n[screenshot]\nquery='S?'\nblock_digits=7\n";
  DescribedInstrument scope{
      read_description("[instrument]\nname='s'\nidentity='a,b,c,d'\n" + record, "s.toml")};
  Asking ask{scope};
  const std::string answer = ask("C?");
  EXPECT_EQ(answer.substr(0, 11), "#9000000123");
  EXPECT_EQ(answer.size(), 11 + 123U);
  EXPECT_EQ(ask("S?").substr(0, 3), "#70") << "a picture of less than a million bytes";
}

TEST(RecordBlocks, ListMayComeInABlock) {
  const std::string record =
      "[[record]]\nquery='C?'\npoints=3\nblock_digits=8\n[[record.signal]]\nshape='square'\n"
      "[[record.encoding]]\ntype='ascii'\nblock=true\n";
  DescribedInstrument scope{
      read_description("[instrument]\nname='s'\nidentity='a,b,c,d'\n" + record, "s.toml")};
  Asking ask{scope};
  const std::string answer = ask("C?");
  EXPECT_EQ(answer.substr(0, 2), "#8");
  EXPECT_EQ(answer.size(), 10 + std::stoul(answer.substr(2, 8)));
  EXPECT_EQ(std::count(answer.begin() + 10, answer.end(), ','), 2);
}

TEST_F(OscilloscopeTest, MeasurementsAndSettings) {
  EXPECT_EQ(ask("CHAN1:SCAL 0.2;SCAL?"), "+2.00000000E-01");
  EXPECT_EQ(ask("CHAN2:DISP OFF;DISP?"), "0");
  EXPECT_EQ(ask("CHAN2:POS 1;POS?"), "+1.00000000E+00");
  EXPECT_EQ(ask("TIM:SCAL 1 ms;SCAL?"), "+1.00000000E-03");
  ask("CHAN3:SCAL 1");
  EXPECT_EQ(ask("SYST:ERR?"), "-113,\"Undefined header;CHAN3:SCAL\"");
  ask("WAV:SOUR CHAN2");
  EXPECT_NEAR(std::stod(ask("MEAS:VPP?")), 1.62, 0.03);
  EXPECT_EQ(ask("MEAS:FREQ?"), "+1.00000000E+03");
  EXPECT_EQ(ask("*RST;CHAN1:SCAL?;:CHAN2:DISP?;:WAV:SOUR?"), "+5.00000000E-01;1;CHAN1");
}

TEST_F(OscilloscopeTest, ScreenshotIsAPng) {
  const std::string file = block("HCOPy:SDUMp:DATA?");
  ASSERT_GT(file.size(), 1000U);
  EXPECT_EQ(file.substr(0, 8), "\x89PNG\r\n\x1A\n");
  EXPECT_EQ(file.substr(file.size() - 8, 4), "IEND");
  EXPECT_EQ(block("DISP:DATA?"), file);
  ask("CHAN1:DISP 0");
  EXPECT_NE(block("HCOP:SDUM:DATA?"), file) << "it shows what is switched on";
}

}  // namespace
}  // namespace visa::sim
