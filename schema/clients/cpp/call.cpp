#include <iostream>
#include <string>

#include <tencentcloud/core/CommonClient.h>
#include <tencentcloud/core/Credential.h>
#include <tencentcloud/core/TencentCloud.h>
#include <tencentcloud/core/profile/ClientProfile.h>
#include <tencentcloud/core/profile/HttpProfile.h>

using namespace TencentCloud;

int main()
{
    InitAPI();
    HttpProfile http;
    http.SetProtocol(HttpProfile::Scheme::HTTP);
    http.SetEndpoint("{host_port}");
    Credential who("{secret_id}", "{secret_key}");
    CommonClient client("{product_name}", "{product_version}", who, "{region}", ClientProfile(http));

    auto outcome = client.MakeRequestJson("{action}", R"json({params})json");
    if (outcome.IsSuccess()) {
        auto answer = outcome.GetResult();
        std::cout << std::string(answer.Body(), answer.BodySize()) << std::endl;
    } else {
        std::cerr << outcome.GetError().PrintAll() << std::endl;
    }
    ShutdownAPI();
    return outcome.IsSuccess() ? 0 : 1;
}
