# SPDX-License-Identifier: MIT
# Runs in the virtual machine, as its only program. Says "ok NAME", "failed NAME" or "skipped NAME" for each thing that was
# tried. PYTHON has pyvisa-py and pyusb; FREEVISA, if the library has the drivers, is the command; GPIB, if it was built, is
# the GPIB board; DEBIAN is a Python that may have PyVISA and pytest.
say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "failed $2"; fi; }
# Waits up to 20 s until a command succeeds.
until_true() {
  i=0
  until "$@" 2>/dev/null; do
    [ $i -lt 200 ] || return 1
    sleep 0.1
    i=$((i + 1))
  done
}
# The kernel's usbtmc node of the device with that serial number.
node_of() {
  for one in /sys/class/usbmisc/usbtmc*; do
    [ "$(cat "$one/device/../serial")" = "$1" ] && echo "/dev/${one##*/}" && return
  done
  return 1
}

for module in usbtmc ftdi_sio xhci_pci; do modprobe -d "$GUEST_KERNEL" $module; done
until_true node_of GUEST1 >/dev/null
say $? "the kernel's usbtmc takes the interface"
# The kernel's driver asks for the capabilities, writes, and reads in pieces of its own.
exec 3<>"$(node_of GUEST1)"
printf '*IDN?\n' >&3
read -r identity <&3
[ "$identity" = "A,guest,1,1" ]
say $? "the kernel's usbtmc has a query answered: $identity"
exec 3>&-
"$PYTHON" -W ignore "$GUEST_OUT/client.py"

if [ -n "$FREEVISA" ]; then
  answer=$("$FREEVISA" query 'USB0::0x1209::0x0002::GUEST1::INSTR' '*IDN?')
  [ "$answer" = "A,guest,1,1" ]
  say $? "libvisa takes the interface from the kernel's driver: $answer"
  node_of GUEST1 >/dev/null
  say $? "and gives it back"
  until_true [ -c /dev/ttyUSB0 ]
  say $? "ftdi_sio makes a port"
  listed=$("$FREEVISA" list --long 'ASRL?*')
  echo "$listed" | grep -q '^ASRL/dev/ttyUSB0::INSTR.*0403:6001'
  say $? "it is listed with its USB ids"
  # What has hardware, and only that: the console, the port on the PCI bus, the converter.
  [ "$(echo "$listed" | grep -c '^ASRL')" -eq 3 ]
  say $? "ports without hardware are not listed"
  export PYVISA_LIBRARY="$BUILD/libvisa.so.1" PYTHONDONTWRITEBYTECODE=1 FREEVISA_CONFIG=/run/freevisa.toml
  printf '[settings]\nlan_discovery = false\n[[interface]]\nname = "ASRL7"\ndevice = "/dev/ttyUSB0"\n' >"$FREEVISA_CONFIG"
  if "$DEBIAN" -c 'import pyvisa, pytest' 2>/dev/null; then
    for part in usb_mixins/test_usb_mixins.py mixins/test_serial_mixins.py; do
      said=$(cd /run && PYVISA_KEYSIGHT_VIRTUAL_INSTR=0 PYTHONPATH="$PYVISA_TESTS" PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 \
        timeout 300 "$DEBIAN" -m pytest -p patience -p no:cacheprovider -q -rfE --tb=short --durations=5 --rootdir /run \
        "$PYVISA_TESTS/$part" 2>&1)
      code=$?
      echo "$said" | tail -1 | grep -q passed || code=1
      [ $code -eq 0 ] || echo "$said" | tail -40
      say $code "PyVISA's own tests, ${part##*/}: $(echo "$said" | tail -1)"
    done
    "$DEBIAN" -W ignore "$GUEST_OUT/serial_client.py"
    say $? "serial_client.py ran to its end"
    "$DEBIAN" -W ignore "$GUEST_OUT/visa_client.py"
    say $? "visa_client.py ran to its end"
  else
    echo "skipped $DEBIAN has no PyVISA and pytest (Debian, Ubuntu: python3-pyvisa python3-pytest)"
  fi
fi
if [ -n "$FREEVISA" ]; then
  # The 82357B has no serial number before it has its firmware: by its place.
  until_true grep -q 0518 /sys/bus/usb/devices/*/idProduct
  at=$(grep -l 0518 /sys/bus/usb/devices/*/idProduct)
  at=${at%/idProduct}
  printf '[[interface]]\nname = "GPIB3"\nadapter = "usb://0BE7C401"\nconnect_timeout_ms = 60000\n' >/run/dongle.toml
  printf '[[interface]]\nname = "GPIB4"\nadapter = "usb://%s"\nfirmware = "%s/firmware.hex"\nconnect_timeout_ms = 60000\n' \
    "${at##*/}" "$GUEST_OUT" >>/run/dongle.toml
  FREEVISA_CONFIG=/run/dongle.toml "$PYTHON" -W ignore "$GUEST_OUT/dongle_client.py" "$BUILD/libvisa.so.1"
  say $? "dongle_client.py ran to its end"
fi
if [ -n "$GPIB" ]; then
  modprobe -d "$GUEST_KERNEL" cuse
  "$GPIB" -f >/run/gpib 2>&1 &
  board=$!
  until_true [ -c /dev/gpib0 ]
  # CUSE makes the node without the class gpib_common, by which libvisa finds boards.
  printf '[[interface]]\nname = "GPIB0"\nadapter = "kernel:///dev/gpib0"\n' >/run/gpib.toml
  export FREEVISA_CONFIG=/run/gpib.toml
  answer=$("$FREEVISA" query 'GPIB0::5::INSTR' 'hello?')
  [ "$answer" = "hello?" ]
  say $? "libvisa opens the kernel's GPIB board: $answer"
  "$PYTHON" -W ignore "$GUEST_OUT/gpib_client.py" "$BUILD/libvisa.so.1"
  say $? "gpib_client.py ran to its end"
  if "$DEBIAN" -c 'import pyvisa, pytest' 2>/dev/null; then
    said=$(cd /run && PYVISA_KEYSIGHT_VIRTUAL_INSTR=0 FREEVISA_TEST_GPIB=kernel PYTHONPATH="$PYVISA_TESTS" \
      PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 PYVISA_LIBRARY="$BUILD/libvisa.so.1" PYTHONDONTWRITEBYTECODE=1 timeout 300 "$DEBIAN" \
      -m pytest -p patience -p no:cacheprovider -q -rfE --tb=short --rootdir /run "$PYVISA_TESTS/gpib_mixins" 2>&1)
    code=$?
    echo "$said" | tail -1 | grep -q passed || code=1
    [ $code -eq 0 ] || echo "$said" | tail -40
    say $code "PyVISA's own tests over the kernel's GPIB board: $(echo "$said" | tail -1)"
  else
    echo "skipped $DEBIAN has no PyVISA and pytest (Debian, Ubuntu: python3-pyvisa python3-pytest)"
  fi
  kill $board
  wait $board
  cat /run/gpib
  grep -q '^violations 0$' /run/gpib
  say $? "GPIB board: every request had the mutex of its thread"
fi
dmesg | grep -iE 'usbtmc.*(error|fail)|xhci.*(error|warn)'
[ $? -eq 1 ]
say $? "the kernel complains of nothing"
