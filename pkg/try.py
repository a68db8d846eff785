#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a first program looks like: PyVISA, unmodified, on FreeVISA and its virtual bench.

Started by try.sh, which sets PYVISA_LIBRARY (where our libvisa.so is, as it is not installed) and
FREEVISA_CONFIG (what is on the bench). Nothing below knows of FreeVISA.
Usage: try.py PICTURE
"""
import sys

import pyvisa


def main():
    picture_file = sys.argv[1]
    rm = pyvisa.ResourceManager()
    print(f"VISA library: {rm.visalib}")
    print("On the bench:")
    for name, info in rm.list_resources_info("?*").items():
        print(f"  {name}  ({info.alias})")

    with rm.open_resource("dmm", read_termination="\n", write_termination="\n") as dmm:
        print("Multimeter:  ", dmm.query("*IDN?"))
        print("  reads      ", dmm.query("MEAS:VOLT:DC?"), "V")

    with rm.open_resource("scope", read_termination="\n", write_termination="\n") as scope:
        print("Oscilloscope:", scope.query("*IDN?"))
        scope.write("WAV:POIN 1000000")
        scope.write("WAV:FORM WORD")
        scope.write("WAV:BYT LSBF")
        samples = scope.query_binary_values("WAV:DATA?", datatype="h", container=list)
        step = float(scope.query("WAV:YINC?"))
        print(f"  waveform    {len(samples)} points, {min(samples) * step:.3f} V to {max(samples) * step:.3f} V")
        picture = scope.query_binary_values("HCOP:SDUM:DATA?", datatype="B", container=bytes)
        with open(picture_file, "wb") as file:
            file.write(picture)
        print(f"  its picture {picture_file}, {len(picture)} bytes")
    rm.close()
    return 0 if len(samples) == 1000000 and picture.startswith(b"\x89PNG") else 1


if __name__ == "__main__":
    sys.exit(main())
