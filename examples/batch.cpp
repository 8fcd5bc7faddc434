// Draws several pictures of one prompt in another thread, shows how far they are and what they are becoming, and stops
// after a given time:
// batch MODEL PROMPT COUNT SECONDS FOLDER
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <future>
#include <iostream>
#include <stop_token>
#include <string>
#include <thread>

#include <easel/easel.h>

#include "ppm.h"

namespace {

/// Counts the steps, and writes a small preview.ppm every few steps.
easel::Callbacks shown_in(const std::filesystem::path& folder) {
    const auto show = [folder](const easel::Progress& progress) {
        if (progress.stage == easel::Stage::denoise)
            std::cerr << "\rstep " << progress.step << " of " << progress.steps << std::flush;
        // A model whose colours are not known has previews without a picture.
        if (progress.preview && progress.preview->picture.width > 0)
            write_ppm(folder / "preview.ppm", progress.preview->picture);
    };
    return {.progress = show, .preview_every = 4};
}

/// Writes 0.ppm, 1.ppm, ... and returns how many: fewer than `count` once `stop` was requested. The pictures share the
/// model, its compiled networks and the encoded prompt, so that the first one takes the longest.
int draw(const std::string& model, easel::Request request, int count, const std::filesystem::path& folder,
         std::stop_token stop) {
    int drawn = 0;
    try {
        easel::Engine engine({.model = model}, {}, stop);
        for (; drawn < count; ++drawn) {
            request.seed = static_cast<std::uint64_t>(drawn);
            write_ppm(folder / (std::to_string(drawn) + ".ppm"),
                      engine.generate(request, shown_in(folder), stop).picture);
        }
    } catch (const easel::Cancelled&) {
        // What was finished before is on the disk.
    }
    return drawn;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 6) {
        std::cerr << "usage: batch MODEL PROMPT COUNT SECONDS FOLDER\n";
        return 2;
    }
    const int count = std::stoi(argv[3]);
    const std::chrono::duration<double> most(std::stod(argv[4]));

    // An engine may be used by any thread, by one at a time.
    std::promise<int> promise;
    std::future<int> drawn = promise.get_future();
    std::jthread worker([&](std::stop_token stop) {
        try {
            promise.set_value(draw(argv[1], {.prompt = argv[2]}, count, argv[5], stop));
        } catch (...) {
            promise.set_exception(std::current_exception());
        }
    });
    if (drawn.wait_for(most) != std::future_status::ready) worker.request_stop();
    std::cout << "\ndrew " << drawn.get() << " of " << count << " pictures\n";
    return 0;
} catch (const std::exception& error) {
    std::cerr << "\nbatch: " << error.what() << '\n';
    return 1;
}
