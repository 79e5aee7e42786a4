import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;

/** The program's configuration: the file named by its argument. */
final class Config {
    String scheme;
    String endpoint;
    String region;
    @SerializedName("secret_id") String secretId;
    @SerializedName("secret_key") String secretKey;
    /** A second credential, so that the burst limits no other step. */
    @SerializedName("burst_id") String burstId;
    @SerializedName("burst_key") String burstKey;
    /** One per backup: two at once on one instance would be refused. */
    String[] instances;
    String[] databases;
    /** An instance that does not exist. */
    String unknown;
    @SerializedName("backup_name") String backupName;
    @SerializedName("poll_ms") long pollMs;
    @SerializedName("poll_limit_seconds") long pollLimitSeconds;

    static Config read(String path) throws IOException {
        byte[] text = Files.readAllBytes(Paths.get(path));
        return new Gson().fromJson(new String(text, StandardCharsets.UTF_8), Config.class);
    }

    /** The client takes the scope's service from its endpoint: "127" in most steps, "localhost:PORT" with this. */
    String localhost() {
        return "localhost" + endpoint.substring(endpoint.lastIndexOf(':'));
    }
}
