import com.tencentcloudapi.common.Credential;
import com.tencentcloudapi.common.profile.ClientProfile;
import com.tencentcloudapi.common.profile.HttpProfile;
import com.tencentcloudapi.common.profile.Language;
import com.tencentcloudapi.sqlserver.v20180328.SqlserverClient;

/** What a step varies in its client. What is not set keeps the SDK's default. */
final class How {
    static final String WRONG_KEY = "not-the-key-of-this-credential00";

    private String sign = ClientProfile.SIGN_TC3_256;
    private String method = HttpProfile.REQ_POST;
    private Language language;
    private boolean unsigned;
    private boolean localhost;
    private boolean wrongKey;
    private boolean burst;

    How sign(String value) {
        sign = value;
        return this;
    }

    How get() {
        method = HttpProfile.REQ_GET;
        return this;
    }

    How language(Language value) {
        language = value;
        return this;
    }

    How unsigned() {
        unsigned = true;
        return this;
    }

    How localhost() {
        localhost = true;
        return this;
    }

    How wrongKey() {
        wrongKey = true;
        return this;
    }

    How burst() {
        burst = true;
        return this;
    }

    /** Only a TC3 POST can carry a parameter that the SDK's classes do not know. */
    boolean takesUnknownParameters() {
        return sign.equals(ClientProfile.SIGN_TC3_256) && method.equals(HttpProfile.REQ_POST);
    }

    SqlserverClient client(Config config) {
        HttpProfile http = new HttpProfile();
        http.setProtocol(config.scheme + "://");
        http.setEndpoint(localhost ? config.localhost() : config.endpoint);
        http.setReqMethod(method);
        ClientProfile profile = new ClientProfile(sign, http);
        profile.setUnsignedPayload(unsigned);
        if (language != null) {
            profile.setLanguage(language);
        }
        Credential credential = burst
                ? new Credential(config.burstId, config.burstKey)
                : new Credential(config.secretId, wrongKey ? WRONG_KEY : config.secretKey);
        return new SqlserverClient(credential, config.region, profile);
    }
}
