/* SPDX-License-Identifier: MIT */
/* libusb_loop [QUERIES [POINTS]]
 *
 * The least that any program does over libusb to have queries answered and a waveform read: the
 * floor that a VISA library is compared with, and a test of the bench in builds without Python
 * packages. Runs as the program of `freevisa sim --usb scope`. Prints queries and bytes per second;
 * exit code 1 when an answer is wrong.
 */
#include <libusb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
  VENDOR = 0x1209,
  PRODUCT = 1,
  OUT = 1,
  IN = 0x82,
  HEADER = 12,
  ROOM = 1 << 20,
  LIMIT = 20000
};

static libusb_device_handle* device;
static unsigned char tag;
static unsigned char buffer[ROOM + 2 * 1024];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int fail(const char* what, int error) {
  fprintf(stderr, "libusb_loop: %s: %s\n", what, libusb_error_name(error));
  return 1;
}

static void put_header(unsigned char* to, unsigned char id, uint32_t size,
                       unsigned char attributes) {
  tag = (unsigned char)(tag == 255 ? 1 : tag + 1);
  memset(to, 0, HEADER);
  to[0] = id;
  to[1] = tag;
  to[2] = (unsigned char)~tag;
  for (int i = 0; i < 4; ++i) to[4 + i] = (unsigned char)(size >> 8 * i);
  to[8] = attributes;
}

static int send(const char* text) {
  const size_t length = strlen(text);
  const size_t whole = HEADER + (length + 3) / 4 * 4;
  int sent = 0;
  memset(buffer, 0, whole);
  put_header(buffer, 1, (uint32_t)length, 1);
  memcpy(buffer + HEADER, text, length);
  return libusb_bulk_transfer(device, OUT, buffer, (int)whole, &sent, LIMIT);
}

/* One answer, of at most `room` bytes, after the header in `buffer`; *end: the message ends with
 * it. */
static int receive(uint32_t room, uint32_t* size, int* end) {
  unsigned char request[HEADER];
  int count = 0;
  put_header(request, 2, room, 0);
  int error = libusb_bulk_transfer(device, OUT, request, HEADER, &count, LIMIT);
  if (error == 0)
    error =
        libusb_bulk_transfer(device, IN, buffer, (int)(room + 2048) / 1024 * 1024, &count, LIMIT);
  if (error != 0) return error;
  if (count < HEADER || buffer[0] != 2 || buffer[1] != tag) return LIBUSB_ERROR_OTHER;
  *size =
      buffer[4] | (uint32_t)buffer[5] << 8 | (uint32_t)buffer[6] << 16 | (uint32_t)buffer[7] << 24;
  *end = buffer[8] & 1;
  return *size + HEADER <= (uint32_t)count ? 0 : LIBUSB_ERROR_OVERFLOW;
}

static int queries(long count) {
  uint32_t size = 0;
  int end = 0;
  const double begun = now();
  for (long i = 0; i < count; ++i) {
    int error = send("*OPC?\n");
    if (error == 0) error = receive(1024, &size, &end);
    if (error != 0) return fail("a query", error);
    if (size != 2 || memcmp(buffer + HEADER, "1\n", 2) != 0)
      return fail("an answer", LIBUSB_ERROR_OTHER);
  }
  printf("%.0f queries/s\n", (double)count / (now() - begun));
  return 0;
}

static int waveform(long points) {
  char text[80];
  uint32_t size = 0;
  int end = 0;
  uint64_t bytes = 0;
  snprintf(text, sizeof text, "WAV:POIN %ld;:CURV?\n", points);
  int error = send(text);
  if (error == 0)
    error = receive(ROOM, &size, &end); /* the samples are made before the first bytes come */
  const double begun = now();
  while (error == 0 && !end) {
    error = receive(ROOM, &size, &end);
    bytes += size;
  }
  if (error != 0) return fail("a waveform", error);
  printf("%.0f MB/s\n", (double)bytes / (now() - begun) * 1e-6);
  return 0;
}

int main(int argc, char** argv) {
  libusb_context* context = NULL;
  int error = libusb_init(&context);
  if (error != 0) return fail("libusb_init", error);
  device = libusb_open_device_with_vid_pid(context, VENDOR, PRODUCT);
  if (device == NULL) return fail("the device", LIBUSB_ERROR_NO_DEVICE);
  error = libusb_claim_interface(device, 0);
  if (error != 0) return fail("the interface", error);
  int code = queries(argc > 1 ? atol(argv[1]) : 200);
  if (code == 0) code = waveform(argc > 2 ? atol(argv[2]) : 2000000);
  libusb_release_interface(device, 0);
  libusb_close(device);
  libusb_exit(context);
  return code;
}
