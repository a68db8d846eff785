# SPDX-License-Identifier: MIT
"""Oscilloscopes of Tektronix as far as a screenshot needs them: recordings for the bench, one a family and wire. They
know the commands of their family, in the order of the session, and nothing else."""
BMP = b"BM" + (1014).to_bytes(4, "little") + bytes(range(8)) + b"\n\0" * 500  # full of line feeds
FILE = "C:/freevisa-screen.png"
EXPORTED = "C:\\Tek\\freevisa-screen.png"
SAVED = ['SAVe:IMAGe "%s"' % FILE, "*OPC?", 'FILESystem:READFile "%s"' % FILE, 'FILESystem:DELEte "%s"' % FILE]
WINDOWS = ["FILESystem:CWD?", "HARDCopy:PORT FILE", "EXPort:FORMat PNG", 'HARDCopy:FILEName "%s"' % EXPORTED,
           "HARDCopy STARt", "*OPC?", 'FILESystem:READFile "%s"' % EXPORTED, 'FILESystem:DELEte "%s"' % EXPORTED]
SENT = ["SAVe:IMAGe:FILEFormat PNG", "HARDCopy STARt"]


def hardcopy(form, port):
    return ["HARDCopy:FORMat " + form, "HARDCopy:LAYout PORTRait", "HARDCopy:PORT " + port, "HARDCopy STARt"]


RESOURCES = {"vxi11": "TCPIP0::192.0.2.9::inst0::INSTR", "socket": "TCPIP0::192.0.2.9::4000::SOCKET", "serial": "ASRL1::INSTR"}


def recordings(png):
    """Model, wire, text of the recording, and the picture that comes: `png`, or one of BMP."""
    for model, wire, sends, picture in (
            ("MSO58", "vxi11", SAVED, png), ("MSO64B", "socket", SAVED, png), ("DPO7054C", "vxi11", WINDOWS, png),
            ("MDO3024", "vxi11", SENT, png), ("DPO4104B", "socket", SENT, png),
            ("TDS 2024B", "serial", hardcopy("BMP", "RS232"), BMP), ("TDS3054B", "vxi11", hardcopy("BMPColor", "ETHERnet"), BMP)):
        answers = {"*OPC?": b"1\n", "FILESystem:CWD?": b':FILESYSTEM:CWD "C:\\Tek"\n',
                   "*IDN?": b"TEKTRONIX,%s,C1,CF:91.1CT\n" % model.encode()}
        answers[sends[-2] if "READFile" in sends[-2] else sends[-1]] = picture
        text = ('[[recorded]]\nname = "tek"\nresource = "%s"\nopened_as = ["tek"]\nwire = "%s"\nload_config = true\n'
                % (RESOURCES[wire], wire))
        for line in ["*IDN?", *sends]:
            text += "[[recorded.exchange]]\nsend = '%s'\n" % line
            if line in answers:
                text += 'answer_hex = "%s"\n' % answers[line].hex().upper()
        yield model, wire, text, picture
