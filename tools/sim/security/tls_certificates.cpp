// SPDX-License-Identifier: MIT
// Keys are of P-256, which take no time to make. Dates leave room for clocks that differ by a day,
// but for those that have to be wrong.
#include "tools/sim/security/tls_certificates.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace visa::sim {
namespace {

constexpr long kDay = 24L * 60 * 60;
constexpr long kVersion3 = 2;  // as X.509 counts

// What a certificate is for, and for how long.
struct Wanted {
  std::string name;
  std::string hosts;  // "DNS:localhost,IP:127.0.0.1"; empty: none
  const char* usage = "serverAuth";
  bool authority = false;
  long from = -kDay;  // seconds from now
  long until = 3650 * kDay;
};

KeyOwner new_key() {
  KeyOwner key(EVP_EC_gen("P-256"));
  openssl_demand(key != nullptr, "a key");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionOwner extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  openssl_demand(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1,
                 "extension " + value);
}

void set_name(X509* certificate, const std::string& name) {
  X509_NAME* const subject = X509_get_subject_name(certificate);
  const auto* const text = reinterpret_cast<const unsigned char*>(name.c_str());
  openssl_demand(
      X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>("FreeVISA virtual bench"),
                                 -1, -1, 0) == 1 &&
          X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1,
      "a name");
}

void set_serial(X509* certificate) {
  std::array<unsigned char, 16> random{};
  openssl_demand(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1, "random bytes");
  random[0] &= 0x7FU;  // positive
  const OpensslOwner<BIGNUM, &BN_free> number(
      BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr));
  openssl_demand(number != nullptr && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(
                                                                           certificate)) != nullptr,
                 "a serial number");
}

// Signed by `issuer`, or by itself without one.
Identity sign(const Wanted& wanted, const Identity* issuer) {
  Identity made{CertificateOwner(X509_new()), new_key()};
  X509* const certificate = made.certificate.get();
  openssl_demand(certificate != nullptr && X509_set_version(certificate, kVersion3) == 1,
                 "a certificate");
  set_serial(certificate);
  set_name(certificate, wanted.name);
  X509* const by = issuer != nullptr ? issuer->certificate.get() : certificate;
  openssl_demand(X509_set_issuer_name(certificate, X509_get_subject_name(by)) == 1 &&
                     X509_gmtime_adj(X509_getm_notBefore(certificate), wanted.from) != nullptr &&
                     X509_gmtime_adj(X509_getm_notAfter(certificate), wanted.until) != nullptr &&
                     X509_set_pubkey(certificate, made.key.get()) == 1,
                 "a certificate");
  add_extension(certificate, by, NID_basic_constraints,
                wanted.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(certificate, by, NID_subject_key_identifier, "hash");
  add_extension(certificate, by, NID_authority_key_identifier, "keyid");
  if (wanted.authority) {
    add_extension(certificate, by, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    add_extension(certificate, by, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate, by, NID_ext_key_usage, wanted.usage);
  }
  if (!wanted.hosts.empty()) add_extension(certificate, by, NID_subject_alt_name, wanted.hosts);
  EVP_PKEY* const key = issuer != nullptr ? issuer->key.get() : made.key.get();
  openssl_demand(X509_sign(certificate, key, EVP_sha256()) > 0, "a signature");
  return made;
}

bool is_address(const std::string& host) {
  in6_addr number{};
  return ::inet_pton(AF_INET, host.c_str(), &number) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &number) == 1;
}

template <class Write>
std::string pem(Write write) {
  const BioOwner memory(BIO_new(BIO_s_mem()));
  openssl_demand(memory != nullptr && write(memory.get()) == 1, "PEM");
  char* data = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}

}  // namespace

TlsCertificates::TlsCertificates(std::vector<std::string> hosts)
    : hosts_(std::move(hosts)),
      authority_(
          sign({.name = "Authority of this bench", .hosts = {}, .authority = true}, nullptr)) {}

Identity TlsCertificates::server(CertificateKind kind) const {
  Wanted wanted{.name = hosts_.front(), .hosts = {}};
  for (const std::string& host : hosts_) {
    wanted.hosts +=
        (wanted.hosts.empty() ? "" : ",") + std::string(is_address(host) ? "IP:" : "DNS:") + host;
  }
  switch (kind) {
    case CertificateKind::good:
      break;
    case CertificateKind::expired:
      wanted.from = -30 * kDay;
      wanted.until = -kDay;
      break;
    case CertificateKind::not_yet:
      wanted.from = kDay;
      break;
    case CertificateKind::wrong_host:
      wanted.name = "another.invalid";
      wanted.hosts = "DNS:another.invalid";
      break;
    case CertificateKind::unknown_ca: {
      const Identity other =
          sign({.name = "Authority of nobody", .hosts = {}, .authority = true}, nullptr);
      return sign(wanted, &other);
    }
    case CertificateKind::self_signed:
      return sign(wanted, nullptr);
  }
  return sign(wanted, &authority_);
}

Identity TlsCertificates::client(const std::string& name) const {
  return sign({.name = name, .hosts = {}, .usage = "clientAuth"}, &authority_);
}

std::vector<std::string> bench_hosts(const std::string& address) {
  std::vector<std::string> hosts = {"localhost", "127.0.0.1", "::1"};
  const auto add = [&hosts](const std::string& host) {
    if (!host.empty() && std::find(hosts.begin(), hosts.end(), host) == hosts.end()) {
      hosts.push_back(host);
    }
  };
  std::array<char, 256> machine{};
  static_cast<void>(::gethostname(machine.data(), machine.size() - 1));
  const std::string name = machine.data();
  const auto odd = [](char c) {
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '.');
  };
  if (std::none_of(name.begin(), name.end(), odd)) add(name);
  if (is_address(address) && address != "0.0.0.0" && address != "::") add(address);
  return hosts;
}

std::string pem_of(const X509& certificate) {
  return pem([&](BIO* to) { return PEM_write_bio_X509(to, &certificate); });
}

std::string pem_of(const EVP_PKEY& key) {
  return pem([&](BIO* to) {
    return PEM_write_bio_PrivateKey(to, &key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace visa::sim
