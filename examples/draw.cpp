// Draws a picture with the library and writes it as a PPM file: draw MODEL PROMPT OUT.ppm
#include <fstream>
#include <iostream>

#include <easel/easel.h>

int main(int argc, char** argv) try {
    if (argc != 4) {
        std::cerr << "usage: draw MODEL PROMPT OUT.ppm\n";
        return 2;
    }
    easel::Engine engine({.model = argv[1]});

    easel::Callbacks callbacks;
    callbacks.progress = [](const easel::Progress& progress) {
        std::cerr << easel::name(progress.stage) << ' ' << progress.step << '/' << progress.steps << '\n';
    };
    const easel::Result drawn = engine.generate({.prompt = argv[2], .seed = 7}, callbacks);

    const easel::Picture& picture = drawn.picture;
    std::ofstream file(argv[3], std::ios::binary);
    file << "P6\n" << picture.width << ' ' << picture.height << "\n255\n";
    file.write(reinterpret_cast<const char*>(picture.pixels.data()),
               static_cast<std::streamsize>(picture.pixels.size()));
    std::cerr << drawn.parameters << '\n';
    return file.flush() ? 0 : 1;
} catch (const easel::Error& error) {
    std::cerr << "draw: " << error.what() << '\n';
    return 1;
}
