#include "hub/test_hub.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <httplib.h>
#include <nlohmann/json.hpp>
#include <openssl/sha.h>

namespace easel::testing {
namespace {

constexpr std::size_t piece = 16u << 10;

template <std::size_t size>
std::string hexadecimal(const std::array<unsigned char, size>& bytes) {
    std::string text;
    for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

const unsigned char* bytes_of(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string sha256(const std::string& content) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256(bytes_of(content), content.size(), digest.data());
    return hexadecimal(digest);
}

std::string git_sha1(const std::string& content) {
    std::string blob = fmt::format("blob {}", content.size());
    blob += '\0';
    blob += content;
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
    SHA1(bytes_of(blob), blob.size(), digest.data());
    return hexadecimal(digest);
}

std::string noise(std::size_t size) {
    std::mt19937 random(static_cast<unsigned>(size));
    std::string bytes(size, '\0');
    std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
    return bytes;
}

class TestHub::Implementation {
  public:
    struct File {
        std::string content, checksum;
        bool is_large;
    };

    Implementation() {
        hub_.Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
            answer_as_hub(request, response);
        });
        contents_.Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
            answer_with_content(request, response);
        });
        for (httplib::Server* server : {&hub_, &contents_}) {
            server->set_tcp_nodelay(true);
            server->set_keep_alive_max_count(100);
        }
        hub_port = hub_.bind_to_any_port("127.0.0.1");
        contents_port_ = contents_.bind_to_any_port("127.0.0.1");
        hub_thread_ = std::jthread([this] { hub_.listen_after_bind(); });
        contents_thread_ = std::jthread([this] { contents_.listen_after_bind(); });
        while (!hub_.is_running() || !contents_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }

    ~Implementation() {
        hub_.stop();
        contents_.stop();
    }

    mutable std::mutex mutex;
    std::map<std::string, File> files;
    std::vector<Request> requests;
    Trouble trouble;
    int hub_port = 0;

  private:
    void record(const httplib::Request& request, bool to_second_port) {
        requests.push_back({.to_second_port = to_second_port,
                            .method = request.method,
                            .path = request.path,
                            .range = request.get_header_value("Range"),
                            .authorization = request.get_header_value("Authorization")});
    }

    void answer_as_hub(const httplib::Request& request, httplib::Response& response) {
        const std::lock_guard lock(mutex);
        record(request, false);
        if (trouble.refusals > 0) {
            --trouble.refusals;
            response.status = trouble.status;
            for (const auto& [name, value] : trouble.headers) response.set_header(name, value);
            return;
        }
        // A proxy is asked for whole addresses.
        std::string path = request.path;
        if (const auto scheme = path.find("://"); scheme != std::string::npos)
            path.erase(0, path.find('/', scheme + 3));
        const std::string api = fmt::format("/api/models/{}/revision/", id);
        const std::string content = fmt::format("/{}/resolve/{}/", id, commit);
        if (path.starts_with(api)) {
            answer_with_list(path.substr(api.size()), response);
        } else if (path.starts_with(content) && files.contains(path.substr(content.size()))) {
            answer_with_file(path.substr(content.size()), response);
        } else {
            response.status = 404;
        }
    }

    void answer_with_list(const std::string& revision, httplib::Response& response) const {
        if (revision != "main" && revision != commit && revision != "other/branch") {
            response.status = 404;
            response.set_header("X-Error-Code", "RevisionNotFound");
            return;
        }
        nlohmann::json siblings = nlohmann::json::array();
        for (const auto& [path, file] : files) {
            nlohmann::json entry = {{"rfilename", path}};
            if (!trouble.lists_names_only) {
                const auto listed = trouble.listed_sizes.find(path);
                entry["size"] = listed == trouble.listed_sizes.end() ? file.content.size() : listed->second;
                entry["blobId"] = file.is_large ? std::string(40, 'a') : file.checksum;
                if (file.is_large) entry["lfs"] = {{"sha256", file.checksum}, {"size", entry["size"]}};
            }
            siblings.push_back(entry);
        }
        response.set_content(nlohmann::json{{"id", id}, {"sha", commit}, {"siblings", siblings}}.dump(),
                             "application/json");
    }

    void answer_with_file(const std::string& path, httplib::Response& response) const {
        const File& file = files.at(path);
        response.set_header("X-Repo-Commit", commit);
        if (!file.is_large) {
            response.set_header("ETag", fmt::format("\"{}\"", file.checksum));
            response.set_content(sent_content(path), "text/plain");
            return;
        }
        response.set_header("X-Linked-Size", std::to_string(file.content.size()));
        response.set_header("X-Linked-ETag", fmt::format("\"{}\"", file.checksum));
        response.set_redirect(trouble.redirect_to.empty()
                                  ? fmt::format("http://127.0.0.1:{}/contents/{}", contents_port_, path)
                                  : trouble.redirect_to);
    }

    std::string sent_content(const std::string& path) const {
        std::string content = files.at(path).content;
        if (path == trouble.wrong_content_of) content.back() ^= 1;
        return content;
    }

    void answer_with_content(const httplib::Request& request, httplib::Response& response) {
        const std::lock_guard lock(mutex);
        record(request, true);
        const std::string path = request.path.substr(std::string("/contents/").size());
        if (!files.contains(path)) {
            response.status = 404;
            return;
        }
        if (trouble.ignores_range) const_cast<httplib::Request&>(request).ranges.clear();
        const bool is_cut = trouble.cuts > 0;
        if (is_cut) --trouble.cuts;
        const std::size_t most = is_cut ? trouble.cut_after : std::string::npos;
        const auto pause = std::chrono::milliseconds(trouble.pause_milliseconds);
        const auto sent = std::make_shared<std::size_t>(0);
        const std::string content = sent_content(path);
        response.set_content_provider(
            content.size(), "application/octet-stream",
            [content, most, pause, sent](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
                if (*sent >= most) return false;
                std::this_thread::sleep_for(pause);
                const std::size_t size = std::min({piece, length, most - *sent});
                *sent += size;
                return sink.write(content.data() + offset, size);
            });
    }

    httplib::Server hub_, contents_;
    int contents_port_ = 0;
    std::jthread hub_thread_, contents_thread_;
};

TestHub::TestHub() : implementation_(std::make_unique<Implementation>()) {
    ::setenv("no_proxy", "127.0.0.1", 1);  // whatever proxy this machine has is not to be asked
}

TestHub::~TestHub() = default;

std::string TestHub::endpoint() const { return fmt::format("http://127.0.0.1:{}", port()); }
int TestHub::port() const { return implementation_->hub_port; }

void TestHub::add_small(const std::string& path, const std::string& content) {
    const std::lock_guard lock(implementation_->mutex);
    implementation_->files[path] = {content, git_sha1(content), false};
}

void TestHub::add_large(const std::string& path, const std::string& content) {
    const std::lock_guard lock(implementation_->mutex);
    implementation_->files[path] = {content, sha256(content), true};
}

void TestHub::add_model(std::size_t unet_bytes) {
    add_small("model_index.json", R"({"_class_name": "StableDiffusionPipeline"})");
    for (const char* part : {"text_encoder", "unet", "vae"})
        add_small(fmt::format("{}/config.json", part), fmt::format("{{\"part\": \"{}\"}}", part));
    add_large("text_encoder/model.safetensors", noise(1000));
    add_large("unet/diffusion_pytorch_model.safetensors", noise(unet_bytes));
    add_large("vae/diffusion_pytorch_model.safetensors", noise(2000));
}

std::vector<TestHub::Request> TestHub::requests() const {
    const std::lock_guard lock(implementation_->mutex);
    return implementation_->requests;
}

std::vector<TestHub::Request> TestHub::downloads() const {
    auto found = requests();
    std::erase_if(found, [](const Request& request) {
        return request.method != "GET" || (!request.to_second_port && request.path.find("/api/") != std::string::npos);
    });
    return found;
}

void TestHub::forget_requests() {
    const std::lock_guard lock(implementation_->mutex);
    implementation_->requests.clear();
}

void TestHub::set(const std::function<void(Trouble&)>& change) {
    const std::lock_guard lock(implementation_->mutex);
    change(implementation_->trouble);
}

}  // namespace easel::testing
