// SPDX-License-Identifier: MIT
// RFC 1035 4.1. A name may point only backwards, and each time further back, so reading one ends.
#include "tools/sim/discovery/dns_message.h"

#include <algorithm>

namespace visa::sim {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestName = 255;
constexpr std::uint16_t kResponse = 0x8000;
constexpr std::uint16_t kOpcode = 0x7800;
constexpr std::uint16_t kAuthoritative = 0x8400;

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

class Reader {
 public:
  explicit Reader(std::string_view packet) noexcept : packet_(packet) {}

  std::uint16_t two() noexcept {
    if (at_ + 2 > packet_.size()) {
      good_ = false;
      return 0;
    }
    at_ += 2;
    return static_cast<std::uint16_t>(byte(at_ - 2) << 8U | byte(at_ - 1));
  }
  std::uint32_t four() noexcept {
    const std::uint32_t high = two();
    return high << 16U | two();
  }
  DnsName name() {
    DnsName result;
    std::size_t total = 0;
    std::size_t from = at_;
    std::size_t limit = at_;  // a pointer leads before this
    bool jumped = false;
    while (good_ && from < packet_.size()) {
      const std::size_t length = byte(from);
      if (length == 0) {
        at_ = jumped ? at_ : from + 1;
        return result;
      }
      if ((length & 0xC0U) == 0xC0U && from + 1 < packet_.size()) {
        const std::size_t target = (length & 0x3FU) << 8U | byte(from + 1);
        at_ = jumped ? at_ : from + 2;
        jumped = true;
        if (target >= limit) break;
        limit = target;
        from = target;
        continue;
      }
      total += length + 1;
      if (length > kLongestLabel || total > kLongestName || from + 1 + length > packet_.size()) {
        break;
      }
      result.emplace_back(packet_.substr(from + 1, length));
      from += length + 1;
    }
    good_ = false;
    return {};
  }
  void skip(std::size_t count) noexcept {
    good_ = good_ && count <= packet_.size() - at_;
    at_ += good_ ? count : 0;
  }
  std::size_t at() const noexcept { return at_; }
  bool good() const noexcept { return good_; }

 private:
  unsigned byte(std::size_t at) const noexcept { return static_cast<unsigned char>(packet_[at]); }

  std::string_view packet_;
  std::size_t at_ = 0;
  bool good_ = true;
};

void put_two(std::string& out, std::size_t value) {
  out += static_cast<char>(static_cast<unsigned char>(value >> 8U & 0xFFU));
  out += static_cast<char>(static_cast<unsigned char>(value & 0xFFU));
}

void put_name(std::string& out, const DnsName& name) {
  for (const std::string& label : name) {
    const std::size_t length = std::min(label.size(), kLongestLabel);
    out += static_cast<char>(length);
    out.append(label, 0, length);
  }
  out += '\0';
}

void put_record(std::string& out, const DnsRecord& record) {
  put_name(out, record.name);
  put_two(out, record.type);
  put_two(out, record.unique ? kDnsInternet | kDnsTopBit : kDnsInternet);
  put_two(out, record.ttl >> 16U);
  put_two(out, record.ttl & 0xFFFFU);
  put_two(out, record.data.size());
  out += record.data;
}

}  // namespace

DnsName dns_name(std::string_view dotted) {
  DnsName result;
  while (!dotted.empty()) {
    const std::size_t dot = std::min(dotted.find('.'), dotted.size());
    result.emplace_back(dotted.substr(0, dot));
    dotted.remove_prefix(std::min(dot + 1, dotted.size()));
  }
  return result;
}

bool same_name(const DnsName& one, const DnsName& other) noexcept {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const std::string& a, const std::string& b) {
                      return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                                        [](char x, char y) { return lower(x) == lower(y); });
                    });
}

std::optional<DnsQuery> parse_dns_query(std::string_view packet) {
  Reader reader(packet);
  DnsQuery query;
  query.id = reader.two();
  const std::uint16_t flags = reader.two();
  const std::size_t questions = reader.two();
  const std::size_t answers = reader.two();
  reader.skip(kHeader - 8);
  if (!reader.good() || (flags & (kResponse | kOpcode)) != 0) return std::nullopt;
  for (std::size_t i = 0; i < std::min(questions, DnsQuery::kMostQuestions); ++i) {
    DnsQuestion question;
    question.name = reader.name();
    question.type = reader.two();
    question.rdclass = reader.two();
    if (!reader.good()) return std::nullopt;
    query.questions.push_back(std::move(question));
  }
  if (questions > DnsQuery::kMostQuestions) return query;
  for (std::size_t i = 0; i < std::min(answers, DnsQuery::kMostAnswers); ++i) {
    DnsKnownAnswer known;
    known.name = reader.name();
    const std::uint16_t type = reader.two();
    reader.two();
    known.ttl = reader.four();
    const std::size_t length = reader.two();
    const std::size_t begin = reader.at();
    if (type == kDnsPtr) {
      known.target = reader.name();
    } else {
      reader.skip(length);
    }
    if (!reader.good() || reader.at() != begin + length) {
      return query;  // the questions were good
    }
    if (type == kDnsPtr) query.known.push_back(std::move(known));
  }
  return query;
}

DnsRecord dns_ptr(const DnsName& name, const DnsName& target) {
  DnsRecord record{name, kDnsPtr, false, 4500, {}};
  put_name(record.data, target);
  return record;
}

DnsRecord dns_srv(const DnsName& name, std::uint16_t port, const DnsName& host) {
  DnsRecord record{name, kDnsSrv, true, 120, std::string(4, '\0')};
  put_two(record.data, port);
  put_name(record.data, host);
  return record;
}

DnsRecord dns_txt(const DnsName& name, const std::vector<std::string>& strings) {
  DnsRecord record{name, kDnsTxt, true, 4500, {}};
  for (const std::string& text : strings) {
    const std::size_t length = std::min<std::size_t>(text.size(), 255);
    record.data += static_cast<char>(static_cast<unsigned char>(length));
    record.data.append(text, 0, length);
  }
  return record;
}

DnsRecord dns_a(const DnsName& name, std::string_view address) {
  return {name, kDnsA, true, 120, std::string(address)};
}

std::string dns_response(std::uint16_t id, const std::vector<DnsQuestion>& questions,
                         const std::vector<DnsRecord>& answers,
                         const std::vector<DnsRecord>& additional, std::size_t most) {
  std::string body;
  for (const DnsQuestion& question : questions) {
    put_name(body, question.name);
    put_two(body, question.type);
    put_two(body, question.rdclass);
  }
  bool full = false;
  const auto put_all = [&](const std::vector<DnsRecord>& records) {
    std::size_t count = 0;
    for (const DnsRecord& record : records) {
      std::string text;
      put_record(text, record);
      full = full || kHeader + body.size() + text.size() > most;
      if (full) break;
      body += text;
      ++count;
    }
    return count;
  };
  const std::size_t answered = put_all(answers);
  const std::size_t added = put_all(additional);
  std::string packet;
  for (const std::size_t value : {std::size_t{id}, std::size_t{kAuthoritative}, questions.size(),
                                  answered, std::size_t{0}, added}) {
    put_two(packet, value);
  }
  return packet + body;
}

}  // namespace visa::sim
