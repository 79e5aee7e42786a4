import java.time.Duration;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * virga in a container, for Testcontainers (org.testcontainers:testcontainers). Copy this file into the tests:
 *
 * <pre>
 * try (VirgaContainer virga = new VirgaContainer("virga:0.1.0")) {
 *     virga.start();
 *     httpProfile.setProtocol("http");
 *     httpProfile.setEndpoint(virga.endpoint());
 * }
 * </pre>
 */
public class VirgaContainer extends GenericContainer<VirgaContainer> {
    private static final int PORT = 8328;

    /** What the control API requires: Authorization: Bearer TOKEN. */
    public static final String CONTROL_TOKEN = "testcontainers";

    /** The credential of the built-in world. */
    public static final String SECRET_ID = "AKIDvirgaLocalEmulatorKeyEXAMPLE0001";
    public static final String SECRET_KEY = "virgaLocalEmulatorSecretEXAMPLE1";

    public VirgaContainer(String image) {
        super(DockerImageName.parse(image));
        withExposedPorts(PORT);
        withEnv("VIRGA_MEMORY", "1");
        withEnv("VIRGA_CONTROL_TOKEN", CONTROL_TOKEN);
        waitingFor(Wait.forHttp("/_virga/health").forPort(PORT).withStartupTimeout(Duration.ofSeconds(20)));
    }

    /** Host and port, as an SDK takes them. */
    public String endpoint() {
        return getHost() + ":" + getMappedPort(PORT);
    }

    /** The address of the control API, which ends with a slash. */
    public String control() {
        return "http://" + endpoint() + "/_virga/";
    }
}
