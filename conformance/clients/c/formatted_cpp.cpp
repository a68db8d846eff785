// SPDX-License-Identifier: MIT
// Formatted I/O as programs in C++ use it: a class around a session, strings and vectors, any
// number of arguments. C++11, against the multimeter and the oscilloscope of the bench.
#include <visa.h>

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

class Instrument {
 public:
  Instrument(ViSession manager, const char* name) {
    good(viOpen(manager, name, VI_LOAD_CONFIG, 2000, &session_));
    good(viSetAttribute(session_, VI_ATTR_TMO_VALUE, 5000));
  }
  ~Instrument() { viClose(session_); }
  Instrument(const Instrument&) = delete;
  Instrument& operator=(const Instrument&) = delete;

  template <class... A>
  void send(const std::string& format, A... arguments) {
    good(viPrintf(session_, (format + "\n").c_str(), arguments...));
  }
  template <class... A>
  void ask(const std::string& question, const char* format, A*... answers) {
    good(viQueryf(session_, "%s", format, (question + "\n").c_str(), answers...));
  }
  std::string line(const std::string& question) {
    ViInt32 size = 256;
    std::vector<char> text(256);
    ask(question, "%#t", &size, text.data());
    return std::string(text.data(), static_cast<std::size_t>(size));
  }
  std::vector<double> numbers(const std::string& question, ViInt32 most) {
    std::vector<double> values(static_cast<std::size_t>(most));
    ask(question, "%,#lf%*t", &most, values.data());
    values.resize(static_cast<std::size_t>(most));
    return values;
  }
  std::vector<unsigned char> block(const std::string& question, ViInt32 most) {
    std::vector<unsigned char> data(static_cast<std::size_t>(most));
    ask(question, "%#b%*t", &most, data.data());
    data.resize(static_cast<std::size_t>(most));
    return data;
  }
  ViSession handle() const { return session_; }

 private:
  static void good(ViStatus status) {
    if (status >= VI_SUCCESS) return;
    char text[64];
    std::snprintf(text, sizeof text, "status 0x%08lX",
                  static_cast<unsigned long>(status) & 0xFFFFFFFFUL);
    throw std::runtime_error(text);
  }
  ViSession session_ = VI_NULL;
};

void need(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

void meter(ViSession manager) {
  Instrument dmm(manager, "dmm");
  dmm.send("*RST");
  need(dmm.line("*IDN?").find("FreeVISA,Virtual Multimeter") == 0, "who it is");
  dmm.send("CONF:VOLT:DC %.3g", 10.0);
  for (int i = 0; i < 50; ++i) {  // a stale end of line would end the second
    double volt = 0;
    dmm.ask("READ?", "%lf", &volt);
    need(std::fabs(volt - 4.99871) < 1e-3, "the voltage");
  }
  dmm.send("SAMP:COUN %d", 1000);
  const auto many = dmm.numbers("READ?", 2000);
  need(many.size() == 1000 && std::fabs(many.back() - 4.99871) < 1e-3, "a thousand readings");
  const ViInt32 codes[] = {-1, 20, 300};
  char text[64] = {};
  viSPrintf(dmm.handle(), reinterpret_cast<ViPBuf>(text), "%4,3d", codes);
  need(std::string(text) == "  -1,  20, 300", "an array of integers");
  dmm.send("SAMP:COUN 1");
}

void scope(ViSession manager) {
  Instrument scope(manager, "scope");
  viSetAttribute(scope.handle(), VI_ATTR_RD_BUF_OPER_MODE, VI_FLUSH_ON_ACCESS);
  scope.send("WAV:FORM BYTE;POIN %lld", static_cast<long long>(1000000));
  const auto curve = scope.block("CURV?", 2000000);
  need(curve.size() == 1000000, "a million points");
  need(scope.line("*OPC?") == "1\n", "in step afterwards");
}

}  // namespace

int main() {
  ViSession manager = VI_NULL;
  if (viOpenDefaultRM(&manager) < VI_SUCCESS) return 1;
  try {
    meter(manager);
    scope(manager);
  } catch (const std::exception& error) {
    std::printf("FAILED: %s\n", error.what());
    return 1;
  }
  viClose(manager);
  std::puts("all done");
  return 0;
}
