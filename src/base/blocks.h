#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace easel {

/// Calls `work(first, size)` for each block of at most `block` of `count` things, on all processors at once. Throws
/// what was thrown first, once all threads have ended; blocks that have not begun by then are left out.
template <typename Work>
void for_each_block(std::size_t count, std::size_t block, const Work& work) {
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr thrown;
    const auto run = [&] {
        try {
            for (std::size_t first = next.fetch_add(block); first < count; first = next.fetch_add(block))
                work(first, std::min(block, count - first));
        } catch (...) {
            next = count;
            const std::lock_guard lock(mutex);
            if (!thrown) thrown = std::current_exception();
        }
    };
    {
        const std::size_t blocks = (count + block - 1) / block;
        const std::size_t processors = std::max(1u, std::thread::hardware_concurrency());
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < std::min(blocks, processors); ++i) others.emplace_back(run);
        run();
    }
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace easel
