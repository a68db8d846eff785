// SPDX-License-Identifier: MIT
// [[credential]]: its keys, its mistakes, and that no message shows what it holds.
#include "lib/config/credential_reader.h"

#include <sys/stat.h>

#include "conformance/unit/lib/config/read_file.h"
#include "conformance/unit/support/temp_folder.h"
#include "lib/config/configuration.h"

namespace visa::config {
namespace {

using Credentials = ReadFile;
using testing::Not;

constexpr char kDigits[] =
    "00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0F:"
    "101112131415161718191a1b1c1d1e1f";

TEST_F(Credentials, EveryKeyIsRead) {
  const FileEntries entries = good(std::string("[[credential]]\nname = 'lab'\nuser = 'anna'\n") +
                                   "password = 'se,cret'\nca_file = '/ca.pem'\n"
                                   "client_certificate = '/c.pem'\nclient_key = '/k.pem'\n"
                                   "server_name = 'scope.lan'\nmechanisms = ['PLAIN']\n"
                                   "password_file = '/pw'\nfingerprint = '" +
                                   kDigits + "'\n[[credential]]\nname = '#2'\n");
  ASSERT_EQ(entries.credentials.size(), 2U);
  const spi::Credential& lab = entries.credentials[0];
  EXPECT_EQ(lab.name, "lab");
  EXPECT_EQ(lab.user, "anna");
  EXPECT_EQ(lab.password->reveal(), "se,cret");
  EXPECT_EQ(lab.password_file, "/pw");
  EXPECT_EQ(lab.ca_file, "/ca.pem");
  EXPECT_EQ(lab.client_certificate, "/c.pem");
  EXPECT_EQ(lab.client_key, "/k.pem");
  EXPECT_EQ(lab.server_name, "scope.lan");
  EXPECT_EQ(lab.mechanisms, std::vector<std::string>{"PLAIN"});
  EXPECT_EQ(lab.origin, "f.toml:1");
  ASSERT_TRUE(lab.fingerprint);
  for (unsigned i = 0; i < 32; ++i) EXPECT_EQ((*lab.fingerprint)[i], i);
  EXPECT_EQ(entries.credentials[1].name, "#2");
  EXPECT_FALSE(entries.credentials[1].password);
  EXPECT_FALSE(entries.credentials[1].fingerprint);
}

TEST_F(Credentials, AMistakeLosesTheWholeEntryAndNoMessageShowsAValue) {
  for (const std::string wrong :
       {"password = 17", "password = ''", "password = \"a\\u0000b\"", "user = [ 'top secret' ]",
        "fingerprint = 'top secret'", "fingerprint = '00'", "mechanisms = 'PLAIN'",
        "mechanisms = []", "mechanisms = ['top secret']", "ca_file = true"}) {
    const FileEntries entries =
        read("[[credential]]\nname = 'lab'\n" + wrong + "\n[[credential]]\nname = 'other'\n");
    EXPECT_FALSE(complete) << wrong;
    ASSERT_EQ(entries.credentials.size(), 1U) << wrong;
    EXPECT_EQ(entries.credentials[0].name, "other");
    for (const std::string& line : problems) EXPECT_THAT(line, Not(HasSubstr("top secret")));
  }
}

TEST_F(Credentials, ANameIsNeededAndFitForAResourceName) {
  for (const std::string wrong : {"", "name = ''", "name = 'a b'", "name = 'a:b'", "name = 'a@b'",
                                  "name = 'a[b'", "name = 3", "name = 'b\xC3\xA4r'"}) {
    EXPECT_TRUE(read("[[credential]]\nuser = 'x'\n" + wrong + "\n").credentials.empty()) << wrong;
    EXPECT_FALSE(complete) << wrong;
  }
  one_mistake("credential = 3\n", "two brackets");
  one_mistake("credential = [3]\n", "expected tables");
}

TEST_F(Credentials, TheSecondOfANameIsIgnored) {
  const FileEntries entries = one_mistake(
      "[[credential]]\nname = 'lab'\nuser = 'one'\n[[credential]]\nname = 'lab'\nuser = 'two'\n",
      "already");
  ASSERT_EQ(entries.credentials.size(), 1U);
  EXPECT_EQ(entries.credentials[0].user, "one");
}

TEST_F(Credentials, AnUnknownKeyIsHarmlessAndItsValueIsNotShown) {
  const FileEntries entries = read("[[credential]]\nname = 'lab'\npasswort = 'top secret'\n");
  EXPECT_TRUE(complete);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0], HasSubstr("passwort"));
  EXPECT_THAT(problems[0], HasSubstr("password_file"));
  EXPECT_THAT(problems[0], Not(HasSubstr("top secret")));
  EXPECT_EQ(entries.credentials.size(), 1U);
}

TEST_F(Credentials, TextThatIsNotTomlIsNotShownEither) {
  for (const std::string broken :
       {"password = topsecret", "password = \"topsecret", "password topsecret",
        "password = 'topsecret' 'topsecret'", "password = topsecret topsecret\n= topsecret"}) {
    read("[[credential]]\nname = 'lab'\n" + broken + "\n");
    EXPECT_FALSE(complete) << broken;
    for (const std::string& line : problems) {
      EXPECT_THAT(line, Not(HasSubstr("topsecret"))) << broken;
    }
  }
}

TEST_F(Credentials, APasswordThatOthersMayReadIsReported) {
  const test::TempFolder folder;
  const std::string path = folder.make("f.toml", "[[credential]]\nname='lab'\npassword='x'\n");
  for (const mode_t mode : {mode_t{0644}, mode_t{0640}, mode_t{0600}}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto loaded = Configuration::load({{path, Source::Kind::explicit_}});
    ASSERT_NE(loaded.find_credential("lab"), nullptr);
    EXPECT_EQ(loaded.find_credential("LAB"), nullptr) << "written as it is";
    EXPECT_TRUE(loaded.complete());
    if (mode == 0600) {
      EXPECT_TRUE(loaded.problems().empty());
    } else {
      ASSERT_EQ(loaded.problems().size(), 1U);
      EXPECT_THAT(loaded.problems()[0], HasSubstr("chmod 600"));
    }
  }
}

TEST_F(Credentials, ALaterFileReplacesTheEntry) {
  const test::TempFolder folder;
  const std::string one =
      folder.make("1.toml", "[[credential]]\nname='lab'\nuser='one'\nca_file='/a'\n");
  const std::string two = folder.make("2.toml", "[[credential]]\nname='lab'\nuser='two'\n");
  const auto loaded =
      Configuration::load({{one, Source::Kind::user}, {two, Source::Kind::explicit_}});
  ASSERT_NE(loaded.find_credential("lab"), nullptr);
  EXPECT_EQ(loaded.find_credential("lab")->user, "two");
  EXPECT_EQ(loaded.find_credential("lab")->ca_file, "") << "as a whole";
}

}  // namespace
}  // namespace visa::config
