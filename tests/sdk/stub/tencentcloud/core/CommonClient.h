// The classes of the SDK that a generated program names, and no more. A call returns its own parameters.
#pragma once

#include <cstddef>
#include <string>

namespace TencentCloud
{

inline void InitAPI()
{
}
inline void ShutdownAPI()
{
}

struct Credential {
    Credential(const std::string &, const std::string &)
    {
    }
};

struct HttpProfile {
    enum class Scheme { HTTP, HTTPS };
    void SetProtocol(Scheme)
    {
    }
    void SetEndpoint(const std::string &)
    {
    }
};

struct ClientProfile {
    explicit ClientProfile(const HttpProfile &)
    {
    }
};

struct Answer {
    std::string body;
    const char *Body() const
    {
        return body.data();
    }
    std::size_t BodySize() const
    {
        return body.size();
    }
};

struct Error {
    std::string PrintAll() const
    {
        return "";
    }
};

struct Outcome {
    Answer answer;
    bool IsSuccess() const
    {
        return true;
    }
    Answer GetResult() const
    {
        return answer;
    }
    Error GetError() const
    {
        return {};
    }
};

struct CommonClient {
    CommonClient(const std::string &, const std::string &, const Credential &, const std::string &,
                 const ClientProfile &)
    {
    }
    Outcome MakeRequestJson(const std::string &, const std::string &json)
    {
        return {{json}};
    }
};

} // namespace TencentCloud
