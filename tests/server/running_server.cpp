#include "server/running_server.h"

#include <future>
#include <span>

#include <gtest/gtest.h>

#include "base/base64.h"
#include "pictures/read.h"
#include "pictures/write.h"

namespace easel::testing {

using nlohmann::json;

std::filesystem::path tiny_model() { return std::filesystem::absolute("golden/tiny/diffusers"); }

RunningServer::RunningServer(const std::function<void(server::ServerOptions&)>& change) {
    server::ServerOptions options;
    options.port = 0;
    options.engine.model = tiny_model();
    options.engine.precision = "f32";
    if (change) change(options);
    server_ = std::make_unique<server::Server>(options);
    std::promise<void> ready;
    thread_ = std::thread([&] { server_->run(stop_.get_token(), [&](const ModelInfo&) { ready.set_value(); }); });
    ready.get_future().wait();
}

RunningServer::~RunningServer() { stop(); }

void RunningServer::stop() {
    stop_.request_stop();
    if (thread_.joinable()) thread_.join();
}

std::string RunningServer::host() const { return "127.0.0.1:" + std::to_string(port()); }

httplib::Client RunningServer::client() const {
    httplib::Client client("127.0.0.1", port());
    client.set_read_timeout(120, 0);
    client.set_keep_alive(true);
    return client;
}

json RunningServer::get(const std::string& path, int status) const {
    const auto answer = client().Get(path.c_str());
    if (!answer) throw std::runtime_error("no answer to " + path);
    EXPECT_EQ(answer->status, status) << path << ": " << answer->body.substr(0, 300);
    EXPECT_EQ(answer->get_header_value("Content-Type"), "application/json") << path;
    return json::parse(answer->body);
}

json RunningServer::post(const std::string& path, const json& body, int status) const {
    const auto answer = client().Post(path.c_str(), body.dump(), "application/json");
    if (!answer) throw std::runtime_error("no answer to " + path);
    EXPECT_EQ(answer->status, status) << path << ": " << answer->body.substr(0, 300);
    EXPECT_EQ(answer->get_header_value("Content-Type"), "application/json") << path;
    return json::parse(answer->body);
}

json small_request(const json& changes) {
    json request = {{"prompt", "a red house"}, {"steps", 2}, {"width", 64}, {"height", 64}, {"seed", 7}};
    request.update(changes);
    return request;
}

json long_request(const json& changes) {
    json request = small_request({{"steps", 500}, {"n_iter", 50}});
    request.update(changes);
    return request;
}

Picture picture_in(const std::string& text) {
    const auto bytes = from_base64(text);
    if (!bytes) throw std::runtime_error("this is no base64");
    return decode_picture(std::as_bytes(std::span(*bytes)), "the answer's picture");
}

std::string in_base64(const Picture& picture) { return base64(encode_picture(picture, PictureFormat::png, "")); }

std::string in_base64(const Mask& mask) {
    Picture picture{mask.width, mask.height, {}};
    for (const std::uint8_t value : mask.pixels) picture.pixels.insert(picture.pixels.end(), 3, value);
    return in_base64(picture);
}

}  // namespace easel::testing
