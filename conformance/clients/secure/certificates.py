# SPDX-License-Identifier: MIT
"""Certificates for one run, by the program openssl: nothing of them lies in the tree."""
import os
import subprocess

CONFIGURATION = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
[leaf]
basicConstraints = CA:FALSE
subjectAltName = %s
"""


class Authority:
    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.certificate = self.path("%s.pem" % name)
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", "/CN=" + name, "-config", self.configuration("IP:127.0.0.1"), "-extensions", "authority",
                 "-keyout", self.path("%s.key" % name), "-out", self.certificate)

    def path(self, name):
        return os.path.join(self.folder, name)

    def configuration(self, alternatives):
        file = self.path("openssl.cnf")
        with open(file, "w", encoding="ascii") as out:
            out.write(CONFIGURATION % alternatives)
        return file

    def run(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60, cwd=self.folder)

    def issue(self, name, alternatives="IP:127.0.0.1", days="2"):
        """PEM file of certificate and key. Negative days: it is expired."""
        key, request, certificate = (self.path("%s.%s" % (name, kind)) for kind in ("key", "csr", "crt"))
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
                 "-config", self.configuration(alternatives), "-keyout", key, "-out", request)
        self.run("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.path("%s.key" % self.name),
                 "-CAcreateserial", "-days", days, "-extfile", self.configuration(alternatives), "-extensions", "leaf",
                 "-out", certificate)
        both = self.path("%s.both.pem" % name)
        with open(both, "w", encoding="ascii") as out:
            for part in (certificate, key):
                with open(part, encoding="ascii") as source:
                    out.write(source.read())
        return both
