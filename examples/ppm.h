#pragma once

// Pictures as PPM files, the plainest form there is.
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <easel/picture.h>

inline easel::Picture read_ppm(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string magic;
    int greatest = 0;
    easel::Picture picture;
    file >> magic >> picture.width >> picture.height >> greatest;
    if (!file || magic != "P6" || greatest != 255 || file.get() != '\n')
        throw std::runtime_error(path.string() + ": is no PPM file with 8 bits a value");
    picture.pixels.resize(std::size_t{3} * static_cast<std::size_t>(picture.width) *
                          static_cast<std::size_t>(picture.height));
    if (!file.read(reinterpret_cast<char*>(picture.pixels.data()), static_cast<std::streamsize>(picture.pixels.size())))
        throw std::runtime_error(path.string() + ": ends too early");
    return picture;
}

inline void write_ppm(const std::filesystem::path& path, const easel::Picture& picture) {
    std::ofstream file(path, std::ios::binary);
    file << "P6\n" << picture.width << ' ' << picture.height << "\n255\n";
    file.write(reinterpret_cast<const char*>(picture.pixels.data()),
               static_cast<std::streamsize>(picture.pixels.size()));
    if (!file.flush()) throw std::runtime_error(path.string() + ": cannot be written");
}
