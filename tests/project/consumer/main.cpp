// Draws a rocket with the model that comes with easel and writes it as a PPM file: consumer OUT.ppm
#include <fstream>
#include <iostream>

#include <easel/easel.h>

int main(int argc, char** argv) try {
    if (argc != 2 || easel::version() != EASEL_VERSION_STRING) return 2;
    const auto model = easel::find_shipped_model();
    if (!model) throw easel::Error(easel::ErrorKind::not_found, "the model that comes with easel is not there");
    std::cout << "easel " << easel::version() << " with " << model->string() << '\n';

    easel::Engine engine({.model = *model});
    const easel::Picture picture = engine.generate({.prompt = "rocket", .num_inference_steps = 2, .seed = 7}).picture;
    std::ofstream file(argv[1], std::ios::binary);
    file << "P6\n" << picture.width << ' ' << picture.height << "\n255\n";
    file.write(reinterpret_cast<const char*>(picture.pixels.data()),
               static_cast<std::streamsize>(picture.pixels.size()));

    if (easel::sampler_names().empty() || easel::devices().empty() || easel::name(easel::Stage::load) != "load")
        return 1;

    // An exception has to come through the library's border as what it is.
    try {
        easel::Engine missing({.model = "no-such-model"});
    } catch (const easel::Error& error) {
        return file.flush() && error.kind() == easel::ErrorKind::not_found ? 0 : 1;
    }
    return 1;
} catch (const std::exception& error) {
    std::cerr << "consumer: " << error.what() << '\n';
    return 1;
}
