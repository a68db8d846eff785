// SPDX-License-Identifier: MIT
// [hislip] of an instrument file, and how the bench names and announces what it serves.
#include "tools/sim/hislip/hislip_description.h"

#include <gmock/gmock.h>

#include "conformance/unit/tools/sim/hislip/hislip_fixture.h"
#include "tools/sim/hislip/hislip_wire.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;

std::string mistakes(const std::string& rest) {
  try {
    static_cast<void>(hislip_described("own", "[hislip]\n" + rest));
  } catch (const DescriptionError& error) {
    return error.what();
  }
  return {};
}

TEST(HislipDescription, IsReadWithItsDefaults) {
  const auto plain = hislip_described("own", "");
  EXPECT_EQ(plain->section(hislip_wire_kind()), nullptr);
  const auto described =
      hislip_described("own",
                       "[hislip]\ndevice = \"hislip7\"\noverlap = \"always\"\nversion = \"1.1\"\n"
                       "max_receive = 1073741824\nlargest_answer = 1\nstrict_ids = true\n");
  const auto* const own =
      dynamic_cast<const HislipDescription*>(described->section(hislip_wire_kind()));
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->device, "hislip7");
  EXPECT_TRUE(own->starts_overlapped());
  EXPECT_FALSE(own->may(false));
  EXPECT_EQ(own->version, 0x0101);
  EXPECT_EQ(own->max_receive, 1U << 30U);
  EXPECT_EQ(own->largest_answer, 1U);
  EXPECT_TRUE(own->strict_ids);
  const HislipDescription usual;
  EXPECT_FALSE(usual.starts_overlapped());
  EXPECT_TRUE(usual.may(true) && usual.may(false));
}

TEST(HislipDescription, MistakesAreNamed) {
  EXPECT_EQ(mistakes("overlap = \"never\"\n"), "");
  EXPECT_THAT(mistakes("device = \"inst0\"\n"),
              HasSubstr("device: expected a name as in \"hislip3\""));
  EXPECT_THAT(mistakes("device = \"hislip0,4880\"\n"), HasSubstr("small letters and digits"));
  EXPECT_THAT(mistakes("overlap = true\n"), HasSubstr("overlap"));
  EXPECT_THAT(mistakes("overlap = \"on\"\n"),
              HasSubstr("expected one of never, allowed, preferred, always"));
  EXPECT_THAT(mistakes("version = \"3.0\"\n"), HasSubstr("expected one of 1.0, 1.1, 2.0"));
  EXPECT_THAT(mistakes("max_receive = 0\n"), HasSubstr("from 1 to 1073741824"));
  EXPECT_THAT(mistakes("colour = true\n"), HasSubstr("unknown key 'colour'"));
  EXPECT_NO_THROW(hislip_described(
      "own", "[[fault]]\nkind = \"hislip-late\"\nprocedure = \"async_interrupted\"\nms = 5\n"));
}

TEST(HislipDescription, SecurityIsReadWithItsDefaults) {
  if (!tls_available()) GTEST_SKIP() << tls_missing();
  const auto read = [](const std::string& rest) {
    const auto described = hislip_described("own", "[hislip]\n" + rest);
    return dynamic_cast<const HislipDescription&>(*described->section(hislip_wire_kind()));
  };
  EXPECT_EQ(read("").encryption, HislipEncryption::off);
  const HislipDescription usual = read("encryption = \"optional\"\n");
  EXPECT_EQ(usual.encryption, HislipEncryption::optional);
  EXPECT_EQ(usual.tls, TlsChoice());
  EXPECT_THAT(usual.mechanisms, testing::ElementsAre("ANONYMOUS"));
  EXPECT_FALSE(usual.authentication || usual.clear_changes_encryption);
  const HislipDescription own = read(
      "encryption = \"mandatory\"\nclear_changes_encryption = true\ntls = \"1.2\"\n"
      "certificate = \"expired\"\nmechanisms = [\"PLAIN\", \"EXTERNAL\"]\n"
      "users = { alice = \"secret\", bob = \"other\" }\n");
  EXPECT_EQ(own.encryption, HislipEncryption::mandatory);
  EXPECT_TRUE(own.authentication && own.clear_changes_encryption);
  EXPECT_EQ(own.tls, (TlsChoice{.certificate = CertificateKind::expired,
                                .asks_for_certificate = true,
                                .newest = 0x0303}));
  EXPECT_THAT(own.mechanisms, testing::ElementsAre("PLAIN", "EXTERNAL"));
  EXPECT_EQ(own.users.at("bob"), "other");
  EXPECT_EQ(
      read("encryption = \"initial\"\ncertificate_file = \"a\"\nkey_file = \"b\"\n").tls.key_file,
      "b");
}

TEST(HislipDescription, MistakesOfSecurityAreNamed) {
  EXPECT_THAT(mistakes("encryption = \"yes\"\n"),
              HasSubstr("expected one of off, optional, initial, mandatory"));
  EXPECT_THAT(mistakes("mechanisms = [\"PLAIN\"]\n"), HasSubstr("means nothing without"));
  if (!tls_available()) {
    EXPECT_THAT(mistakes("encryption = \"optional\"\n"), HasSubstr("built without OpenSSL"));
    return;
  }
  const std::string on = "encryption = \"optional\"\n";
  EXPECT_EQ(mistakes(on), "");
  EXPECT_THAT(mistakes(on + "version = \"1.1\"\n"), HasSubstr("needs version = \"2.0\""));
  EXPECT_THAT(mistakes(on + "mechanisms = [\"GSSAPI\"]\n"), HasSubstr("instead of 'GSSAPI'"));
  EXPECT_THAT(mistakes(on + "users = { alice = 1 }\n"), HasSubstr("names and passwords"));
  EXPECT_THAT(mistakes(on + "users = \"alice\"\n"), HasSubstr("expected a table"));
  EXPECT_THAT(mistakes(on + "key_file = \"b\"\n"), HasSubstr("two PEM files"));
  EXPECT_THAT(mistakes(on + "certificate = \"old\"\n"), HasSubstr("wrong-host"));
  EXPECT_THAT(mistakes(on + "tls = \"1.1\"\n"), HasSubstr("1.2 to 1.3"));
}

TEST(HislipServer, NamesThatAreTakenGiveWay) {
  BenchServer bench{{.instruments = {"dmm"},
                     .described = {hislip_described("one", "[hislip]\ndevice = \"hislip0\"\n"),
                                   hislip_described("two", "[hislip]\ndevice = \"hislip5\"\n")},
                     .wires = {"hislip"}}};
  EXPECT_THAT(bench.resource("dmm-hislip"), HasSubstr("::hislip0,"));
  EXPECT_THAT(bench.resource("one-hislip"), HasSubstr("::hislip1,"));
  EXPECT_THAT(bench.resource("two-hislip"), HasSubstr("::hislip5,"));
}

TEST(HislipServer, AnnouncesEachInstrumentAndTheSubAddressThatNobodyKnows) {
  BenchServer bench{{.instruments = {"pyvisa", "dmm"}, .wires = {"socket", "hislip"}}};
  bench.on_bench_thread([&](Bench& one) {
    std::vector<MdnsService> found;
    for (const MdnsService& service : one.services("bench.local")) {
      if (service.type == "_hislip._tcp") {
        found.push_back(service);
      }
    }
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].port, hislip_of(bench).port());
    EXPECT_THAT(found[0].text, testing::Contains("txtvers=1"));
    EXPECT_THAT(found[0].text, testing::Contains("Model=FreeVISA test instrument"));
    EXPECT_THAT(found[0].text, testing::Each(testing::Not(HasSubstr("VisaAddress"))));
    EXPECT_EQ(found[1].port, hislip_of(bench).port());
    EXPECT_THAT(found[1].text, testing::Contains("VisaAddress=TCPIP0::bench.local::hislip1," +
                                                 std::to_string(found[1].port) + "::INSTR"));
  });
}

TEST(HislipServer, TakesTheUsualPortOnlyWhereItIsToldTo) {
  const auto port_of = [](const WireSettings& settings) {
    Bench bench;
    bench.open("hislip", settings);
    return dynamic_cast<HislipServer&>(*bench.server("hislip")).port();
  };
  EXPECT_NE(port_of({}), 0);
  EXPECT_NE(port_of({.usual_ports = true, .options = {{"--hislip-port", "0"}}}), 0);
  try {
    EXPECT_EQ(port_of({.usual_ports = true}), 4880);
  } catch (const std::system_error& error) {  // another program has it
    EXPECT_THAT(error.what(), HasSubstr("4880"));
  }
  Bench without;
  without.open_all({.options = {{"--no-hislip", ""}}});
  EXPECT_EQ(without.server("hislip"), nullptr);
}

}  // namespace
}  // namespace visa::sim
