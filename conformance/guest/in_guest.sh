# SPDX-License-Identifier: MIT
# Runs in the virtual machine, as its only program. Says "ok NAME" or "failed NAME" for each thing that was tried.
# PYTHON has pyvisa-py and pyusb; FREEVISA, if the library has the driver, is the command.
say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "failed $2"; fi; }

modprobe -d "$GUEST_KERNEL" usbtmc
modprobe -d "$GUEST_KERNEL" xhci_pci
i=0
while [ ! -c /dev/usbtmc0 ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
[ -c /dev/usbtmc0 ]
say $? "the kernel's usbtmc takes the interface"
# The kernel's driver asks for the capabilities, writes, and reads in pieces of its own.
exec 3<>/dev/usbtmc0
printf '*IDN?\n' >&3
read -r identity <&3
[ "$identity" = "A,guest,1,1" ]
say $? "the kernel's usbtmc has a query answered: $identity"
exec 3>&-
"$PYTHON" -W ignore "$GUEST_OUT/client.py"
if [ -n "$FREEVISA" ]; then
  answer=$("$FREEVISA" query 'USB0::0x1209::0x0001::GUEST1::INSTR' '*IDN?')
  [ "$answer" = "A,guest,1,1" ]
  say $? "libvisa takes the interface from the kernel's driver: $answer"
  readlink /sys/bus/usb/devices/*:1.0/driver | grep -q usbtmc
  say $? "and gives it back"
fi
dmesg | grep -iE 'usbtmc.*(error|fail)|xhci.*(error|warn)'
[ $? -eq 1 ]
say $? "the kernel complains of nothing"
