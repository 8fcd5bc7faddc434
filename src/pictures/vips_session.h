#pragma once

#include <mutex>
#include <string>

namespace easel {

/// Leave to use libvips, given to one thread at a time, since what libvips complains of is stored once for the process.
///
/// The first session starts libvips, which takes about 35 ms: sessions are opened only when a picture is read or
/// written. libvips is set up for hostile files: all loaders and savers are blocked in this process but those that read
/// and write PNG, JPEG and WebP in memory, nothing is cached, nothing is printed.
class VipsSession {
  public:
    /// Throws Error when libvips cannot start.
    VipsSession();

    /// What libvips complained of since the session began, each on a line.
    std::string complaints() const;

    /// The last of these lines, which is the cause of an error; for the end of a sentence.
    std::string last_complaint() const;

  private:
    std::unique_lock<std::mutex> lock_;
};

}  // namespace easel
