#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace easel::testing {

/// A hub on this machine with one repository, "someone/model". It serves the API and small files itself and redirects
/// to a second port for large ones, as a hub does to its content delivery network. Settings may be changed between
/// requests.
class TestHub {
  public:
    static constexpr const char* id = "someone/model";
    static constexpr const char* commit = "0123456789abcdef0123456789abcdef01234567";

    TestHub();
    ~TestHub();
    TestHub(const TestHub&) = delete;
    TestHub& operator=(const TestHub&) = delete;

    std::string endpoint() const;
    int port() const;

    void add_small(const std::string& path, const std::string& content);
    void add_large(const std::string& path, const std::string& content);
    /// The smallest set of files that a diffusers model may have, with a UNet of `unet_bytes`.
    void add_model(std::size_t unet_bytes = 3000);

    /// A request as it came.
    struct Request {
        bool to_second_port = false;
        std::string method, path, range, authorization;
    };
    std::vector<Request> requests() const;
    /// Of file contents, from either port.
    std::vector<Request> downloads() const;
    void forget_requests();

    struct Trouble {
        /// The next so many requests to the first port are answered with this status and these headers.
        int refusals = 0;
        int status = 0;
        std::map<std::string, std::string> headers;
        /// The next so many downloads from the second port end after `cut_after` bytes.
        int cuts = 0;
        std::size_t cut_after = 0;
        /// Downloads from the second port pause this long before each piece of 16 kB.
        int pause_milliseconds = 0;
        /// The second port ignores what part of a file was asked for.
        bool ignores_range = false;
        /// The list tells names alone, so that sizes and checksums have to be asked for.
        bool lists_names_only = false;
        /// Sent in place of a file's content, of the same size.
        std::string wrong_content_of;
        /// What the list says in place of a file's size.
        std::map<std::string, std::uint64_t> listed_sizes;
        /// Where a large file redirects to in place of the second port.
        std::string redirect_to;
    };
    void set(const std::function<void(Trouble&)>& change);

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// In hexadecimal digits.
std::string sha256(const std::string& content);
/// Git's name for a blob.
std::string git_sha1(const std::string& content);
/// `size` bytes that do not repeat soon.
std::string noise(std::size_t size);

}  // namespace easel::testing
