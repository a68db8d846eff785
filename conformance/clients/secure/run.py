# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR COMPILER

Secure HiSLIP as a program sees it, against an instrument that is written in Python (server.py): statuses and texts,
that no secret is in a trace, that nothing secure means no OpenSSL, and that another OpenSSL of the program is no
trouble. Each case is a process of its own, which has only libvisa.so and ctypes. Exit code 77: skipped.
"""
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import certificates  # noqa: E402
import server  # noqa: E402

ENCRYPTION = 0x3FFF0304
PASSWORD = "Correct-Horse-7"
STATUS = {"RSRC_NFOUND": 0xBFFF0011, "NPERMISSION": 0xBFFF00A8, "UNTRUSTED": 0xBFFF00B1, "EXPIRED": 0xBFFF00B2,
          "INV_SUBJECT": 0xBFFF00B4, "LIBRARY_NFOUND": 0xBFFF009E, "INV_SETUP": 0xBFFF003A, "OK": 0}

# argv: library, names. Prints one JSON object per name.
CLIENT = r"""
import ctypes, json, sys
visa = ctypes.CDLL(sys.argv[1])
rm = ctypes.c_uint32()
visa.viOpenDefaultRM(ctypes.byref(rm))

def loaded():
    with open("/proc/self/maps") as maps:
        return "libssl" in maps.read()

def text(session, status):
    buffer = ctypes.create_string_buffer(1024)
    visa.viStatusDesc(session, status, buffer)
    return buffer.value.decode()

def ask(vi):
    count, answer = ctypes.c_uint32(), ctypes.create_string_buffer(100)
    visa.viWrite(vi, b"how?\n", 5, ctypes.byref(count))
    status = visa.viRead(vi, answer, 100, ctypes.byref(count))
    return answer.raw[: count.value].decode() if status == 0 else text(vi, status)

for name in sys.argv[2:]:
    name, _, steps = name.partition(" ")
    vi = ctypes.c_uint32()
    status = visa.viOpen(rm, name.encode(), 0, 5000, ctypes.byref(vi))
    seen = {"status": status & 0xFFFFFFFF, "text": text(rm, status), "answers": []}
    if status == 0:
        seen["answers"].append(ask(vi))
        for step in steps:
            done = visa.viSetAttribute(vi, 0x3FFF0304, ctypes.c_size_t(int(step)))
            seen["answers"].append(ask(vi) if done == 0 else text(vi, done))
        visa.viClose(vi)
    seen["loaded"] = loaded()
    print(json.dumps(seen), flush=True)
"""

# argv: library, name. A child of fork opens for itself what its parent has open, and the parent goes on.
FORK = r"""
import ctypes, os, sys
visa = ctypes.CDLL(sys.argv[1])

def ask(vi):
    count, answer = ctypes.c_uint32(), ctypes.create_string_buffer(100)
    visa.viWrite(vi, b"how?\n", 5, ctypes.byref(count))
    visa.viRead(vi, answer, 100, ctypes.byref(count))
    return answer.raw[: count.value]

def opened():
    rm, vi = ctypes.c_uint32(), ctypes.c_uint32()
    visa.viOpenDefaultRM(ctypes.byref(rm))
    assert visa.viOpen(rm, sys.argv[2].encode(), 0, 5000, ctypes.byref(vi)) == 0
    return vi

def in_child(work):
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if work() else 1)
        except BaseException:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

vi = opened()
assert ask(vi) == b"secure\n"
assert in_child(lambda: visa.viClose(vi) == 0 and ask(opened()) == b"secure\n") == 0
assert ask(vi) == b"secure\n"
assert in_child(lambda: in_child(lambda: ask(opened()) == b"secure\n") == 0) == 0
assert ask(vi) == b"secure\n"
"""

# A program with functions of its own that are called as OpenSSL's are, as one has that is linked statically with
# another version and exports what it has.
HOST = r"""
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define TRAP(name) void *name(void) { fputs("the program's " #name " was called\n", stderr); abort(); }
TRAP(SSL_new) TRAP(SSL_CTX_new_ex) TRAP(SSL_read_ex) TRAP(SSL_write_ex) TRAP(SSL_do_handshake) TRAP(BIO_new)
TRAP(OPENSSL_init_ssl) TRAP(OPENSSL_init_crypto) TRAP(OSSL_LIB_CTX_new) TRAP(ERR_clear_error) TRAP(CRYPTO_zalloc)
TRAP(EVP_MD_fetch) TRAP(X509_verify_cert) TRAP(SSL_CTX_free) TRAP(CRYPTO_free)
int main(int argc, char** argv) {
  void* library = dlopen(argv[1], RTLD_NOW);
  unsigned rm = 0, vi = 0, count = 0;
  char answer[100] = "";
  if (argc < 3 || library == NULL) return 2;
  ((int (*)(unsigned*))dlsym(library, "viOpenDefaultRM"))(&rm);
  if (((int (*)(unsigned, const char*, unsigned, unsigned, unsigned*))dlsym(library, "viOpen"))(rm, argv[2], 0, 5000,
                                                                                               &vi) != 0) return 3;
  ((int (*)(unsigned, const char*, unsigned, unsigned*))dlsym(library, "viWrite"))(vi, "how?\n", 5, &count);
  ((int (*)(unsigned, char*, unsigned, unsigned*))dlsym(library, "viRead"))(vi, answer, sizeof answer, &count);
  return strncmp(answer, "secure\n", 7) == 0 ? 0 : 4;
}
"""


class Laboratory:
    def __init__(self, build, compiler, folder):
        self.library = os.path.join(build, "libvisa.so.1")
        self.build, self.compiler, self.folder = build, compiler, folder
        self.authority = certificates.Authority(folder, "authority")
        self.stranger = certificates.Authority(folder, "stranger")
        self.failures = 0

    def context(self, identity, clients=False, **options):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity)
        for key, value in options.items():
            setattr(context, key, value)
        if clients:
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(self.authority.certificate)
        return context

    def write(self, name, text):
        file = os.path.join(self.folder, name)
        with open(file, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(file, 0o600)
        return file

    def credential(self, name, text="", ca=None):
        ca = ca or self.authority.certificate
        return '[[credential]]\nname = "%s"\nca_file = "%s"\n%s\n' % (name, ca, text)

    def environment(self, config, **more):
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("FREEVISA", "XDG_", "SSL_"))}
        path = self.write("freevisa.toml", "[settings]\nlan_discovery = false\n" + config)
        return dict(kept, HOME=self.folder, FREEVISA_CONFIG=path, **more)

    def open(self, config, *names, library=None, **more):
        done = subprocess.run([sys.executable, "-S", "-c", CLIENT, library or self.library, *names],
                              env=self.environment(config, **more), capture_output=True, text=True, timeout=120,
                              check=False)
        if done.returncode != 0:
            print("exit %d\n%s" % (done.returncode, done.stderr))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def check(self, what, good, seen=""):
        print("%s: %s" % ("ok" if good else "FAILED", what), flush=True)
        if not good:
            self.failures += 1
            print("    %s" % (seen,))


def statuses(lab):
    """What is refused is refused by the right status, and the text names the cure."""
    good = lab.context(lab.authority.issue("instrument"), clients=True)
    users = {"anna": PASSWORD, "a,b=c": PASSWORD}
    known = lab.credential("lab", 'user = "anna"\npassword = "%s"' % PASSWORD)
    config = (known + lab.credential("odd", 'user = "a,b=c"\npassword = "%s"' % PASSWORD) +
              lab.credential("wrong", 'user = "anna"\npassword = "Wrong-Horse-8"') + lab.credential("nobody") +
              lab.credential("cert", 'client_certificate = "%s"' % lab.authority.issue("client")) +
              lab.credential("lost", 'client_certificate = "/nowhere/client.pem"') +
              '[[credential]]\nname = "system"\n')
    scram = server.Instrument(good, "PLAIN SCRAM-SHA-256", users)
    plain = server.Instrument(good, "PLAIN", users)
    anonymous = server.Instrument(good, "ANONYMOUS", features=server.MANDATORY)
    external = server.Instrument(good, "EXTERNAL")
    cases = [
        (scram, "lab", "OK", ""), (scram, "odd", "OK", ""), (plain, "lab", "OK", ""), (anonymous, "nobody", "OK", ""),
        (external, "cert", "OK", ""), (scram, "wrong", "NPERMISSION", "not with me"),
        (scram, "nobody", "NPERMISSION", "[[credential]]"), (scram, "missing", "NPERMISSION", '"missing"'),
        (scram, "system", "UNTRUSTED", "ca_file"), (scram, "lost", "INV_SETUP", "/nowhere/client.pem"),
        (server.Instrument(None), "lab", "NPERMISSION", "clear text"),
        (server.Instrument(lab.context(lab.authority.issue("expired", days="-1"))), "nobody", "EXPIRED", "clocks"),
        (server.Instrument(lab.context(lab.authority.issue("other", "IP:192.0.2.1"))), "nobody", "INV_SUBJECT",
         "server_name"),
        (server.Instrument(lab.context(lab.stranger.issue("foreign"))), "nobody", "UNTRUSTED", "fingerprint"),
        (server.Instrument(good, cut=0), "nobody", "RSRC_NFOUND", ""),
        (server.Instrument(good, cut=5), "nobody", "RSRC_NFOUND", ""),
        (server.Instrument(good, cut=7), "nobody", "RSRC_NFOUND", ""),
    ]
    seen = lab.open(config, *["TCPIP::%s@%s" % (name, instrument.name) for instrument, name, _, _ in cases])
    for (_, name, wanted, words), one in zip(cases, seen):
        secure = one["answers"] == (["secure\n"] if wanted == "OK" else [])
        lab.check("%s is %s %s" % (name, wanted, words),
                  one["status"] == STATUS[wanted] and words in one["text"] and secure, one)
    lab.check("all were asked", len(seen) == len(cases), len(seen))


def switching(lab):
    context = lab.context(lab.authority.issue("switched"))
    config = lab.credential("lab")
    optional, mandatory = server.Instrument(context), server.Instrument(context, features=server.MANDATORY)
    seen = lab.open(config, "TCPIP::lab@%s 0101" % optional.name, "TCPIP::lab@%s 0" % mandatory.name)
    lab.check("the attribute switches", seen[0]["answers"] ==
              ["secure\n", "in clear\n", "secure\n", "in clear\n", "secure\n"], seen[0])
    lab.check("not where it is mandatory", "demands" in seen[1]["answers"][1], seen[1])


def secrets(lab):
    """No trace, whatever its level, has a password or a message of the authentication."""
    context = lab.context(lab.authority.issue("traced"))
    file = lab.write("password", PASSWORD + "\n")
    os.chmod(file, 0o644)
    trace = os.path.join(lab.folder, "trace")
    config = (lab.credential("lab", 'user = "anna"\npassword_file = "%s"' % file) +
              lab.credential("wrong", 'user = "anna"\npassword = "Wrong-Horse-8"'))
    instruments = [server.Instrument(context, way, {"anna": PASSWORD}) for way in ("PLAIN", "SCRAM-SHA-256")]
    names = ["TCPIP::%s@%s" % (name, one.name) for one in instruments for name in ("lab", "wrong")]
    seen = lab.open(config, *names, FREEVISA_TRACE=trace, FREEVISA_TRACE_LEVEL="wire")
    with open(trace, encoding="utf-8", errors="replace") as text:
        traced = text.read()
    lab.check("the sessions were there", [one["answers"] for one in seen] == [["secure\n"], []] * 2, seen)
    lab.check("the wire is in the trace", "how?" in traced)
    found = [word for word in (PASSWORD, "Wrong-Horse-8", "biws", "r=", "anna") if word in traced]
    lab.check("no secret is in the trace", not found, found)
    lab.check("no secret is in a text", not [one for one in seen if "Horse" in one["text"]], seen)
    lab.check("a password file that others may read is reported", "chmod 600" in traced)


def guest(lab):
    """Nothing secure, no OpenSSL; and with another OpenSSL in the program, the module has its own."""
    context = lab.context(lab.authority.issue("guest"))
    config, optional = lab.credential("lab"), server.Instrument(context)
    seen = lab.open(config, "TCPIP::" + optional.name, "TCPIP::missing@" + optional.name,
                    "TCPIP::lab@" + optional.name)
    lab.check("in clear text there is no OpenSSL", seen[0]["answers"] == ["in clear\n"] and not seen[0]["loaded"], seen)
    lab.check("nor before it is needed", not seen[1]["loaded"], seen)
    lab.check("by a secure session there is", seen[2]["answers"] == ["secure\n"] and seen[2]["loaded"], seen)

    program = os.path.join(lab.folder, "host")
    source = lab.write("host.c", HOST)
    subprocess.run([lab.compiler, source, "-rdynamic", "-ldl", "-o", program], check=True, timeout=60)
    done = subprocess.run([program, lab.library, "TCPIP::lab@" + optional.name], env=lab.environment(config),
                          capture_output=True, text=True, timeout=60, check=False)
    lab.check("a program with an OpenSSL of its own", done.returncode == 0, (done.returncode, done.stderr))

    done = subprocess.run([sys.executable, "-S", "-c", FORK, lab.library, "TCPIP::lab@" + optional.name],
                          env=lab.environment(config), capture_output=True, text=True, timeout=60, check=False)
    lab.check("parent and child of fork have sessions of their own", done.returncode == 0, done.stderr)

    alone = os.path.join(lab.folder, "alone")
    os.mkdir(alone)
    copy = shutil.copy(os.path.realpath(lab.library), os.path.join(alone, "libvisa.so.1"))
    seen = lab.open(config, "TCPIP::lab@" + optional.name, "TCPIP::" + optional.name, library=copy)
    lab.check("without the module the text names it", seen[0]["status"] == STATUS["LIBRARY_NFOUND"] and
              "freevisa-modules/tls.so" in seen[0]["text"] and seen[1]["answers"] == ["in clear\n"], seen)
    shutil.copytree(os.path.join(lab.build, "freevisa-modules"), os.path.join(alone, "freevisa-modules"))
    elsewhere = os.path.join(lab.folder, "elsewhere")
    os.mkdir(elsewhere)
    os.symlink(copy, os.path.join(elsewhere, "libvisa.so"))
    seen = lab.open(config, "TCPIP::lab@" + optional.name, library=os.path.join(elsewhere, "libvisa.so"))
    lab.check("it is found from where the library really is", seen[0]["answers"] == ["secure\n"], seen)


def main():
    build, compiler = sys.argv[1:3]
    if not os.path.exists(os.path.join(build, "freevisa-modules", "tls.so")):
        print("skipped: this build has no TLS module (libssl-dev)")
        return 77
    if not shutil.which("openssl"):
        print("skipped: the program openssl is not installed")
        return 77
    with tempfile.TemporaryDirectory(prefix="freevisa-secure-") as folder:
        lab = Laboratory(build, compiler, folder)
        for part in (statuses, switching, secrets, guest):
            part(lab)
    return 1 if lab.failures else 0


sys.exit(main())
