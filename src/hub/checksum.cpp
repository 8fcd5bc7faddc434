#include "hub/checksum.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/error.h"
#include "base/files.h"
#include "hub/retry.h"

namespace easel::hub {
namespace {

constexpr std::size_t sha1_digits = 40;
constexpr std::size_t sha256_digits = 64;
constexpr std::size_t block_size = 1u << 20;

class Digest {
  public:
    explicit Digest(const EVP_MD* kind) : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
        if (!context_ || EVP_DigestInit_ex(context_.get(), kind, nullptr) != 1)
            fail("OpenSSL does not offer the checksum that the hub uses");
    }

    void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }

    std::string hexadecimal() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> value;
        unsigned int size = 0;
        EVP_DigestFinal_ex(context_.get(), value.data(), &size);
        std::string text;
        for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", value[i]);
        return text;
    }

  private:
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

bool is_checksum(std::string_view etag) {
    return (etag.size() == sha1_digits || etag.size() == sha256_digits) &&
           etag.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string checksum_of(const std::filesystem::path& path, std::string_view like, std::stop_token stop) {
    const bool is_git_blob = like.size() == sha1_digits;
    Digest digest(is_git_blob ? EVP_sha1() : EVP_sha256());
    std::ifstream file(path, std::ios::binary);
    if (is_git_blob) {
        digest.add(fmt::format("blob {}", std::filesystem::file_size(path)));
        digest.add(std::string_view("\0", 1));
    }
    std::vector<char> block(block_size);
    while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
        if (stop.stop_requested()) throw stopped();
        digest.add({block.data(), static_cast<std::size_t>(file.gcount())});
    }
    if (!file.eof()) fail("{}: cannot be read ({})", path.string(), system_error_text(errno));
    return digest.hexadecimal();
}

}  // namespace easel::hub
