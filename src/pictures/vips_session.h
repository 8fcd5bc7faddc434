#pragma once

#include <mutex>
#include <string>

namespace easel {

/// Exclusive use of libvips by one thread at a time, because libvips keeps one error text for the whole process.
///
/// The first session starts libvips, which takes about 35 ms: sessions are opened only when a picture is read or
/// written. libvips is set up for hostile files: all loaders and savers are blocked in this process except those that
/// read and write PNG, JPEG and WebP in memory; nothing is cached or printed.
class VipsSession {
  public:
    /// Throws Error when libvips cannot start.
    VipsSession();

    /// The errors that libvips reported since the session began, one on each line.
    std::string complaints() const;

    /// The last of these lines, which names the cause; for the end of a sentence.
    std::string last_complaint() const;

  private:
    std::unique_lock<std::mutex> lock_;
};

}  // namespace easel
