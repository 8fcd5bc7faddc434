// Repaints the lower half of a picture and leaves the upper one as it is: repaint MODEL PROMPT IN.ppm OUT.ppm
#include <algorithm>
#include <exception>
#include <iostream>

#include <easel/easel.h>

#include "ppm.h"

namespace {

/// White, which is repainted, in the lower half; black, which is kept, in the upper one.
easel::Mask lower_half(int width, int height) {
    easel::Mask mask{.width = width, .height = height};
    const auto size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    mask.pixels.assign(size, 0);
    std::fill(mask.pixels.begin() + static_cast<std::ptrdiff_t>(size / 2), mask.pixels.end(), std::uint8_t{255});
    return mask;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 5) {
        std::cerr << "usage: repaint MODEL PROMPT IN.ppm OUT.ppm\n";
        return 2;
    }
    const easel::Picture before = read_ppm(argv[3]);
    easel::Engine engine({.model = argv[1]});
    const easel::Picture after = engine
                                     .generate({.prompt = argv[2],
                                                .seed = 7,
                                                .init_image = before,
                                                .strength = 0.8,
                                                .mask = lower_half(before.width, before.height)})
                                     .picture;
    write_ppm(argv[4], after);

    // What the mask kept is the same to the bit.
    const auto half = static_cast<std::ptrdiff_t>(before.pixels.size() / 2);
    const bool kept = std::equal(before.pixels.begin(), before.pixels.begin() + half, after.pixels.begin());
    std::cout << (kept ? "the upper half is as it was\n" : "the upper half has changed\n");
    return kept && after.pixels != before.pixels ? 0 : 1;
} catch (const easel::Error& error) {
    // A field is named when it is to blame: a form could show the sentence beside it.
    std::cerr << "repaint: " << error.field() << ": " << error.what() << '\n';
    return 1;
} catch (const std::exception& error) {
    std::cerr << "repaint: " << error.what() << '\n';
    return 1;
}
