import com.google.gson.Gson;
import com.tencentcloudapi.common.exception.TencentCloudSDKException;
import com.tencentcloudapi.common.profile.ClientProfile;
import com.tencentcloudapi.common.profile.Language;
import com.tencentcloudapi.sqlserver.v20180328.SqlserverClient;
import com.tencentcloudapi.sqlserver.v20180328.models.CreateBackupRequest;
import com.tencentcloudapi.sqlserver.v20180328.models.CreateBackupResponse;
import com.tencentcloudapi.sqlserver.v20180328.models.DescribeFlowStatusRequest;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Drives the SQL Server client of the SDK for Java against a local endpoint; prints a line of JSON per step. */
public final class Main {
    private static final int MOST_CALLS = 60;
    private static final int THREADS = 8;
    private static final long RUNNING = 2;
    private static final long RETRY_MS = 900; // the SDK waits a second

    private final Config config;
    private final Map<String, Callable<Map<String, Object>>> steps = new LinkedHashMap<>();

    private Main(Config config) {
        this.config = config;
    }

    private static Map<String, Object> facts(Object... pairs) {
        Map<String, Object> facts = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            facts.put((String) pairs[i], pairs[i + 1]);
        }
        return facts;
    }

    private CreateBackupRequest request(How how, String instance, String name) {
        CreateBackupRequest request = new CreateBackupRequest();
        request.setInstanceId(instance);
        request.setStrategy(1L);
        request.setDBNames(config.databases);
        request.setBackupName(config.backupName + name);
        if (how.takesUnknownParameters()) { // this version of the SDK is older than the parameter
            request.set("StorageStrategy", 1L);
        }
        return request;
    }

    private static long status(SqlserverClient client, long flow) throws TencentCloudSDKException {
        DescribeFlowStatusRequest request = new DescribeFlowStatusRequest();
        request.setFlowId(flow);
        return client.DescribeFlowStatus(request).getStatus();
    }

    /** One backup on an instance of its own, its flow asked for once by the same kind of request. */
    private Map<String, Object> backup(How how, int instance, String name) throws TencentCloudSDKException {
        SqlserverClient client = how.client(config);
        CreateBackupResponse made = client.CreateBackup(request(how, config.instances[instance], name));
        long now = status(client, made.getFlowId());
        return facts("flow_id", made.getFlowId(), "status", now, "request_id", made.getRequestId());
    }

    private Map<String, Object> done(int instance) throws TencentCloudSDKException, InterruptedException {
        How how = new How();
        SqlserverClient client = how.client(config);
        long flow = client.CreateBackup(request(how, config.instances[instance], "done")).getFlowId();
        List<Long> statuses = new ArrayList<>();
        long end = System.nanoTime() + config.pollLimitSeconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            statuses.add(status(client, flow));
            if (statuses.get(statuses.size() - 1) != RUNNING) {
                return facts("statuses", statuses);
            }
            Thread.sleep(config.pollMs);
        }
        throw new IllegalStateException("still running: " + statuses);
    }

    private static Map<String, Object> refused(TencentCloudSDKException error) {
        return facts("code", error.getErrorCode(), "message", error.getMessage(), "request_id", error.getRequestId());
    }

    private Map<String, Object> failing(How how, String instance) {
        try {
            how.client(config).CreateBackup(request(how, instance, "failing"));
        } catch (TencentCloudSDKException error) {
            return refused(error);
        }
        throw new IllegalStateException("the call was accepted");
    }

    /** Whether the product answered, which is to say that the rate limit let the call through. */
    private static boolean passed(TencentCloudSDKException error) {
        return error.getErrorCode().equals("ResourceNotFound.InstanceNotFound");
    }

    /** The refusal of one call, or null. */
    private TencentCloudSDKException attempt(How how, SqlserverClient client) {
        try {
            client.CreateBackup(request(how, config.unknown, "limit"));
        } catch (TencentCloudSDKException error) {
            return passed(error) ? null : error;
        }
        throw new IllegalStateException("the call was accepted");
    }

    /** Many calls from a few threads: this SDK opens a connection for every call, so that one thread may be too slow. */
    private Map<String, Object> limit() throws InterruptedException, ExecutionException {
        How how = new How().burst().language(Language.EN_US);
        SqlserverClient client = how.client(config);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            Callable<TencentCloudSDKException> call = () -> attempt(how, client);
            for (Future<TencentCloudSDKException> end : threads.invokeAll(Collections.nCopies(MOST_CALLS, call))) {
                if (end.get() != null) {
                    Map<String, Object> facts = refused(end.get());
                    facts.put("calls", MOST_CALLS);
                    return facts;
                }
            }
        } finally {
            threads.shutdown();
        }
        throw new IllegalStateException("no refusal in " + MOST_CALLS + " calls");
    }

    /**
     * The SDK's own retry, which sends a failed call again after a second, on top of a limit just reached. A second may
     * have ended in between; then there was nothing to retry and it is tried once more, on another instance.
     */
    private Map<String, Object> retried(int firstInstance) throws Exception {
        How how = new How().burst();
        for (int i = firstInstance; i < config.instances.length; i++) {
            limit();
            long began = System.nanoTime();
            Object made = how.client(config).retry(request(how, config.instances[i], "retried"), 3);
            long waitedMs = (System.nanoTime() - began) / 1_000_000;
            if (waitedMs >= RETRY_MS) {
                return facts("flow_id", ((CreateBackupResponse) made).getFlowId(), "waited_ms", waitedMs);
            }
        }
        throw new IllegalStateException("there was never anything to retry");
    }

    private void table() {
        String sha1 = ClientProfile.SIGN_SHA1;
        String sha256 = ClientProfile.SIGN_SHA256;
        steps.put("create.tc3_post", () -> backup(new How(), 0, "tc3_post"));
        steps.put("create.tc3_get", () -> backup(new How().get(), 1, "tc3_get"));
        steps.put("create.unsigned", () -> backup(new How().unsigned(), 2, "unsigned"));
        steps.put("create.sha1_post", () -> backup(new How().sign(sha1), 3, "sha1_post"));
        steps.put("create.sha1_get", () -> backup(new How().sign(sha1).get(), 4, "sha1_get"));
        steps.put("create.sha256_post", () -> backup(new How().sign(sha256), 5, "sha256_post"));
        steps.put("create.sha256_get", () -> backup(new How().sign(sha256).get(), 6, "sha256_get"));
        steps.put("create.localhost", () -> backup(new How().localhost(), 7, "localhost"));
        steps.put("flow.done", () -> done(8));
        steps.put("instance", () -> new WholeInstance(new How().client(config), config).run());
        steps.put("not_found.default", () -> failing(new How(), config.unknown));
        steps.put("not_found.en", () -> failing(new How().language(Language.EN_US), config.unknown));
        steps.put("not_found.zh", () -> failing(new How().language(Language.ZH_CN), config.unknown));
        How wrong = new How().language(Language.EN_US).wrongKey();
        steps.put("signature.en", () -> failing(wrong, config.instances[0]));
        How wrongZh = new How().language(Language.ZH_CN).wrongKey();
        steps.put("signature.zh", () -> failing(wrongZh, config.instances[0]));
        How wrongV1 = new How().language(Language.EN_US).wrongKey().sign(sha256);
        steps.put("signature.v1", () -> failing(wrongV1, config.instances[0]));
        steps.put("limit.refused", () -> limit());
        steps.put("limit.retried", () -> retried(9));
    }

    private void run(PrintStream out) {
        Gson gson = new Gson();
        table();
        steps.forEach((name, step) -> {
            Map<String, Object> line = facts("step", name, "ok", true);
            try {
                line.putAll(step.call());
            } catch (Exception error) { // the program's edge: whatever a step throws is its line's content
                line.put("ok", false);
                line.put("error", error.toString());
            }
            out.println(gson.toJson(line));
        });
    }

    public static void main(String[] arguments) throws Exception {
        // The platform's own encoding may not be UTF-8 before Java 18, and the messages are Chinese.
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8.name());
        new Main(Config.read(arguments[0])).run(out);
        System.exit(0); // the HTTP library's idle threads would hold the program for minutes
    }
}
