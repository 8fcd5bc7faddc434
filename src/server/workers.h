#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace easel::server {

/// Threads for what takes longer than the network's thread may wait, and is no drawing: JSON, base64, pictures.
class Workers {
  public:
    explicit Workers(int threads);
    /// Does what was given already, then ends.
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    /// From any thread. `work` must not throw.
    void run(std::function<void()> work);

  private:
    void work();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
    bool ends_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace easel::server
