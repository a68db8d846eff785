# SPDX-License-Identifier: MIT
# Nix:  nix-build pkg/nix   Not built here (no nixpkgs); pkg/README.md.
#
# The udev rule is in the package for services.udev.packages; the folder for locks is one line of the system's
# configuration: systemd.tmpfiles.rules = [ "d /run/lock/freevisa 2770 root dialout -" ];
{ pkgs ? import <nixpkgs> { } }:

pkgs.stdenv.mkDerivation {
  pname = "freevisa";
  version = "0.1.0";
  src = pkgs.lib.cleanSource ../..;

  nativeBuildInputs = with pkgs; [ cmake ninja pkg-config ];
  buildInputs = with pkgs; [ cli11 fmt libedit libserialport libusb1 nlohmann_json openssl spdlog tomlplusplus ];

  # CMAKE_INSTALL_LIBDIR is absolute in nixpkgs; /etc/freevisa/freevisa.toml is read whatever the prefix is.
  cmakeFlags = [
    "-DFREEVISA_BUILD_TESTS=OFF"
    "-DFREEVISA_STATIC_LIBSTDCXX=OFF"
    "-DFREEVISA_DRIVER_USB=ON"
    "-DFREEVISA_TLS=ON"
  ];

  meta = {
    description = "Open VISA library (VPP-4.3), command-line tool and virtual instruments";
    license = pkgs.lib.licenses.mit;
    platforms = pkgs.lib.platforms.linux;
    mainProgram = "freevisa";
  };
}
