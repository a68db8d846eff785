/* SPDX-License-Identifier: MIT */
#include "conformance/bench/usb_floor.h"

#include <errno.h>
#include <libusb.h>
#include <stdint.h>
#include <string.h>

enum {
  kVendor = 0x1209,
  kProduct = 1,
  kOut = 1,
  kIn = 0x82,
  kHeader = 12,
  kPacket = 512,
  kLongestMessage = 4096,
  kFirst = 4096, /* what is received with the header, and copied */
  kPiece = 1024 * 1024
};

static int error_of(int libusb_error) {
  switch (libusb_error) {
    case LIBUSB_ERROR_TIMEOUT:
      return -ETIMEDOUT;
    case LIBUSB_ERROR_NO_DEVICE:
      return -ENODEV;
    case LIBUSB_ERROR_BUSY:
      return -EBUSY;
    case LIBUSB_ERROR_PIPE:
      return -EPIPE;
    default:
      return -EIO;
  }
}

int usb_floor_open(struct usb_floor* link, unsigned port, unsigned timeout_ms) {
  (void)port;
  memset(link, 0, sizeof *link);
  link->timeout_ms = timeout_ms;
  const int error = libusb_init(&link->context);
  if (error != 0) return error_of(error);
  link->device = libusb_open_device_with_vid_pid(link->context, kVendor, kProduct);
  if (link->device == NULL) return -ENODEV;
  const int claimed = libusb_claim_interface(link->device, 0);
  return claimed == 0 ? 0 : error_of(claimed);
}

static void put_header(struct usb_floor* link, unsigned char* to, unsigned char id, uint32_t size,
                       unsigned char attributes) {
  link->tag = (unsigned char)(link->tag == 255 ? 1 : link->tag + 1);
  memset(to, 0, kHeader);
  to[0] = id;
  to[1] = link->tag;
  to[2] = (unsigned char)~link->tag;
  for (int i = 0; i < 4; ++i) to[4 + i] = (unsigned char)(size >> 8 * i);
  to[8] = attributes;
}

static int transfer(struct usb_floor* link, unsigned char endpoint, void* data, size_t size,
                    size_t* count) {
  int moved = 0;
  const int error =
      libusb_bulk_transfer(link->device, endpoint, data, (int)size, &moved, link->timeout_ms);
  *count = (size_t)moved;
  return error == 0 ? 0 : error_of(error);
}

ssize_t usb_floor_write(struct usb_floor* link, const void* data, size_t size) {
  unsigned char message[kHeader + kLongestMessage];
  size_t sent = 0;
  if (size > kLongestMessage) return -EMSGSIZE;
  const size_t whole = kHeader + (size + 3) / 4 * 4;
  memset(message + whole - 4, 0, 4);
  put_header(link, message, 1, (uint32_t)size, 1);
  memcpy(message + kHeader, data, size);
  const int error = transfer(link, kOut, message, whole, &sent);
  return error == 0 ? (ssize_t)size : error;
}

/* The rest of an answer of which `count` bytes are there; `data` has room for a packet more. */
static int receive_rest(struct usb_floor* link, char* data, size_t count, size_t whole) {
  while (count < whole) {
    const size_t left = whole - count;
    size_t got = 0;
    const size_t most = left < kPiece ? (left / kPacket + 1) * kPacket : kPiece;
    const int error = transfer(link, kIn, data + count, most, &got);
    if (error != 0) return error;
    if (got == 0 || got > left) return -EPROTO;
    count += got;
  }
  return 0;
}

ssize_t usb_floor_read(struct usb_floor* link, void* data, size_t size) {
  unsigned char request[kHeader];
  unsigned char first[kFirst];
  size_t count = 0;
  put_header(link, request, 2, (uint32_t)(size - kPacket), 0);
  int error = transfer(link, kOut, request, kHeader, &count);
  if (error == 0) error = transfer(link, kIn, first, kFirst, &count);
  if (error != 0) return error;
  if (count < kHeader || first[0] != 2 || first[1] != link->tag || (first[8] & 1) == 0) {
    return -EPROTO;
  }
  const size_t whole =
      first[4] | (size_t)first[5] << 8 | (size_t)first[6] << 16 | (size_t)first[7] << 24;
  if (whole > size - kPacket || count - kHeader > whole) return -EPROTO;
  memcpy(data, first + kHeader, count - kHeader);
  error = receive_rest(link, data, count - kHeader, whole);
  return error == 0 ? (ssize_t)whole : error;
}

void usb_floor_close(struct usb_floor* link) {
  if (link->device != NULL) {
    libusb_release_interface(link->device, 0);
    libusb_close(link->device);
  }
  if (link->context != NULL) libusb_exit(link->context);
  memset(link, 0, sizeof *link);
}
