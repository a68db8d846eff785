/* SPDX-License-Identifier: MIT
 * The USB floor client: a loop of libusb's blocking bulk transfers, as a program without a library
 * writes it. A query is two transfers out and one in. One thread. */
#ifndef FREEVISA_BENCH_USB_FLOOR_H
#define FREEVISA_BENCH_USB_FLOOR_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct libusb_context;
struct libusb_device_handle;

struct usb_floor {
  struct libusb_context* context;
  struct libusb_device_handle* device;
  unsigned timeout_ms;
  unsigned char tag;
};

/* `port` means nothing: the bench has one device. Each returns 0, a count, or a negative errno. */
int usb_floor_open(struct usb_floor* link, unsigned port, unsigned timeout_ms);
/* One message of at most 4 KB. */
ssize_t usb_floor_write(struct usb_floor* link, const void* data, size_t size);
/* Asks for `size` bytes in one request and receives the answer, straight to `data` but for the
 * beginning of it. */
ssize_t usb_floor_read(struct usb_floor* link, void* data, size_t size);
void usb_floor_close(struct usb_floor* link);

#ifdef __cplusplus
}
#endif

#endif
