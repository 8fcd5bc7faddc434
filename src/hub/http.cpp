#include "hub/http.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <exception>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/error.h"
#include "hub/retry.h"

namespace easel::hub {
namespace {

/// The list of a repository of 50,000 files.
constexpr std::size_t largest_body = 16u << 20;
constexpr std::size_t largest_headers = 256u << 10;
constexpr int most_redirects = 10;
constexpr long connect_timeout_seconds = 15;
/// A connection that brings nothing for so long is given up.
constexpr long stall_timeout_seconds = 30;
/// How long curl may wait for something to happen before the stop token is looked at; a stop request wakes it.
constexpr int poll_milliseconds = 200;

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

void close_multi(void* multi) { curl_multi_cleanup(static_cast<CURLM*>(multi)); }

CURLM* new_multi() {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM* const multi = initialised == CURLE_OK ? curl_multi_init() : nullptr;
    if (!multi) fail("libcurl could not be started");
    return multi;
}

std::string_view without_spaces(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// Whether another attempt may end differently.
bool may_pass(CURLcode code) {
    static constexpr std::array lasting = {CURLE_UNSUPPORTED_PROTOCOL,     CURLE_URL_MALFORMAT,
                                           CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
                                           CURLE_SSL_CERTPROBLEM,          CURLE_OUT_OF_MEMORY};
    return std::ranges::find(lasting, code) == lasting.end();
}

}  // namespace

std::optional<std::string> origin_of(const std::string& url) {
    const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
    if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return std::nullopt;
    const auto part = [&](CURLUPart which) -> std::string {
        char* text = nullptr;
        if (curl_url_get(parsed.get(), which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
        const std::unique_ptr<char, void (*)(void*)> owned(text, curl_free);
        return text;
    };
    const std::string scheme = part(CURLUPART_SCHEME);
    if ((scheme != "http" && scheme != "https") || !part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty())
        return std::nullopt;
    std::string host = part(CURLUPART_HOST);
    std::ranges::transform(host, host.begin(), [](unsigned char c) { return std::tolower(c); });
    return fmt::format("{}://{}:{}", scheme, host, part(CURLUPART_PORT));
}

std::string percent_encoded(std::string_view text, bool keep_slashes) {
    std::string encoded;
    for (const char c : text) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              std::string_view("-._~").find(c) != std::string_view::npos || (keep_slashes && c == '/');
        if (is_plain)
            encoded += c;
        else
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

std::string Reply::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

/// One request and its answer. What a callback throws is kept while libcurl, which is C, is on the stack.
class HttpClient::Transfer {
  public:
    Transfer(const std::string& url, const std::string& origin)
        : easy_(curl_easy_init(), curl_easy_cleanup), origin_(origin) {
        if (!easy_) fail("libcurl could not be started");
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_USERAGENT, "easel");
        set(CURLOPT_CONNECTTIMEOUT, connect_timeout_seconds);
        set(CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(CURLOPT_LOW_SPEED_TIME, stall_timeout_seconds);
        set(CURLOPT_ERRORBUFFER, error_text_.data());
        set(CURLOPT_HEADERFUNCTION, &on_header);
        set(CURLOPT_HEADERDATA, this);
        set(CURLOPT_WRITEFUNCTION, &on_body);
        set(CURLOPT_WRITEDATA, this);
        // The size that is reported must be that of the file itself.
        add_header("Accept-Encoding: identity");
    }

    void add_header(const std::string& line) {
        curl_slist* const list = headers_.release();
        curl_slist* const longer = curl_slist_append(list, line.c_str());
        headers_.reset(longer ? longer : list);
        if (!longer) throw std::bad_alloc();
    }

    void trust(const std::string& certificates) { set(CURLOPT_CAINFO, certificates.c_str()); }
    void ask_for_headers_only() { set(CURLOPT_NOBODY, 1L); }
    void set_sink(const Sink& sink) { sink_ = &sink; }

    Reply run(CURLM* multi, std::stop_token stop) {
        set(CURLOPT_HTTPHEADER, headers_.get());
        const CURLcode code = perform(multi, stop);
        if (thrown_) std::rethrow_exception(thrown_);
        if (code != CURLE_OK) {
            const std::string reason = error_text_[0] ? error_text_.data() : curl_easy_strerror(code);
            if (may_pass(code)) throw Unavailable(fmt::format("{}: the connection failed ({})", origin_, reason));
            fail("{}: the connection failed ({})", origin_, reason);
        }
        curl_off_t seconds = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &seconds);
        if (!reply_.header("retry-after").empty()) reply_.retry_after = std::chrono::seconds(seconds);
        reply_.status = status();
        return std::move(reply_);
    }

    /// Where the answer redirects to; empty when it does not.
    std::string redirect_url() const {
        char* url = nullptr;
        curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &url);
        return url ? url : "";
    }

  private:
    template <typename Value>
    void set(CURLoption option, Value value) {
        if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK) throw std::bad_alloc();
    }

    CURLcode perform(CURLM* multi, std::stop_token stop) {
        curl_multi_add_handle(multi, easy_.get());
        const auto remove = [&](CURL* easy) { curl_multi_remove_handle(multi, easy); };
        const std::unique_ptr<CURL, decltype(remove)> added(easy_.get(), remove);
        const std::stop_callback wake(stop, [&] { curl_multi_wakeup(multi); });
        for (int running = 1; running > 0;) {
            if (stop.stop_requested()) throw stopped();
            if (curl_multi_perform(multi, &running) != CURLM_OK) fail("libcurl could not go on");
            if (running > 0) curl_multi_poll(multi, nullptr, 0, poll_milliseconds, nullptr);
        }
        int left = 0;
        const CURLMsg* const message = curl_multi_info_read(multi, &left);
        return message ? message->data.result : CURLE_FAILED_INIT;
    }

    int status() const {
        long value = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &value);
        return static_cast<int>(value);
    }

    void take_header(std::string_view line) {
        if (line.starts_with("HTTP/")) {  // also after "100 Continue" and after a proxy's own answer
            reply_.headers.clear();
            header_bytes_ = 0;
        }
        header_bytes_ += line.size();
        if (header_bytes_ > largest_headers) fail("{}: sends more headers than any hub does", origin_);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return;
        std::string name(line.substr(0, colon));
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
        reply_.headers[name] = without_spaces(line.substr(colon + 1));
    }

    void take_body(std::string_view bytes) {
        reply_.status = status();
        if (sink_ && (reply_.status == 200 || reply_.status == 206)) {
            (*sink_)(reply_, bytes);
            return;
        }
        if (reply_.body.size() + bytes.size() > largest_body)
            fail("{}: answers with more than {} MiB where a list of files was asked for", origin_, largest_body >> 20);
        reply_.body += bytes;
    }

    /// libcurl gives the transfer up when less than `size` is returned.
    template <typename Action>
    std::size_t guarded(std::size_t size, Action&& action) {
        try {
            action();
            return size;
        } catch (...) {
            thrown_ = std::current_exception();
            return size + 1;
        }
    }

    static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
        auto& transfer = *static_cast<Transfer*>(self);
        return transfer.guarded(size, [&] { transfer.take_header({data, size}); });
    }
    static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
        auto& transfer = *static_cast<Transfer*>(self);
        return transfer.guarded(size, [&] { transfer.take_body({data, size}); });
    }

    std::unique_ptr<CURL, void (*)(CURL*)> easy_;
    std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers_{nullptr, curl_slist_free_all};
    std::string origin_;
    std::array<char, CURL_ERROR_SIZE> error_text_{};
    const Sink* sink_ = nullptr;
    Reply reply_;
    std::size_t header_bytes_ = 0;
    std::exception_ptr thrown_;
};

HttpClient::HttpClient(const Options& options, std::stop_token stop)
    : options_(options), stop_(std::move(stop)), multi_(new_multi(), close_multi) {
    const auto origin = origin_of(options_.endpoint);
    if (!origin) fail("the hub's address does not begin with https:// or http://");
    endpoint_origin_ = *origin;
}

HttpClient::~HttpClient() = default;

Reply HttpClient::follow(const std::string& first_url, bool only_on_endpoint,
                         const std::function<void(Transfer&)>& prepare) {
    std::string url = first_url;
    for (int hop = 0; hop <= most_redirects; ++hop) {
        const auto origin = origin_of(url);
        if (!origin) fail("{}: redirects to an address that is not a plain https:// one", endpoint_origin_);
        if (origin->starts_with("http://") && endpoint_origin_.starts_with("https://"))
            fail("{}: redirects to {}, which is not encrypted", endpoint_origin_, *origin);
        Transfer transfer(url, *origin);
        if (!options_.certificates.empty()) transfer.trust(options_.certificates.string());
        if (*origin == endpoint_origin_ && !options_.token.empty())
            transfer.add_header("Authorization: Bearer " + options_.token);
        prepare(transfer);
        Reply reply = transfer.run(multi_.get(), stop_);
        const std::string next = transfer.redirect_url();
        if (!is_redirect(reply.status) || next.empty()) return reply;
        if (only_on_endpoint && origin_of(next) != endpoint_origin_) return reply;
        url = next;
    }
    fail("{}: redirects more than {} times", endpoint_origin_, most_redirects);
}

Reply HttpClient::get(const std::string& url) {
    return follow(url, false, [](Transfer&) {});
}

Reply HttpClient::head(const std::string& url) {
    return follow(url, true, [](Transfer& transfer) { transfer.ask_for_headers_only(); });
}

Reply HttpClient::download(const std::string& url, std::uint64_t offset, const Sink& sink) {
    return follow(url, false, [&](Transfer& transfer) {
        transfer.set_sink(sink);
        if (offset > 0) transfer.add_header(fmt::format("Range: bytes={}-", offset));
    });
}

}  // namespace easel::hub
