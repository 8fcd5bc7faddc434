#pragma once

#include <memory>
#include <mutex>

#include <easel/easel.h>

namespace easel {
class PersonFinder;
struct PersonMaskOptions;
}  // namespace easel

namespace easel::server {

/// Masks of the persons in pictures. May be used by several threads.
class PersonMasks {
  public:
    PersonMasks();
    ~PersonMasks();
    PersonMasks(const PersonMasks&) = delete;
    PersonMasks& operator=(const PersonMasks&) = delete;

    /// As PersonFinder::mask(); the network is opened by the first call. Throws Error as that does, and as
    /// person_network().
    Mask make(const Picture& picture, const PersonMaskOptions& options);

    /// Whether the network is installed.
    static bool are_possible();

  private:
    std::mutex mutex_;
    std::unique_ptr<PersonFinder> finder_;
};

}  // namespace easel::server
