#pragma once

#include <string>

namespace easel {

/// Starts libvips, once in a process and from any thread; later calls return at once. It takes about 35 ms, so it is
/// called only when a picture is read or written. libvips is set up for hostile files: all loaders and savers but
/// those of PNG, JPEG and WebP are blocked in this process, nothing is cached, and nothing is printed.
/// Throws Error when libvips cannot start.
void start_vips();

/// What libvips last complained of, as one line for the end of a sentence. Its store of complaints is emptied.
std::string take_vips_complaint();

}  // namespace easel
