package virga.junit;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;

/** A server in memory on a free port. docs/protocol.md describes what this class relies on. */
public final class VirgaServer implements AutoCloseable {
    private static final long START_MS = 30_000; // a start takes some milliseconds
    private static final Gson GSON = new Gson();

    private final Process process;
    private final JsonObject ready;

    private VirgaServer(Process process, JsonObject ready) {
        this.process = process;
        this.ready = ready;
    }

    /**
     * Starts a server with further options of virga serve. The end of this program, however it comes, closes the server's
     * standard input, which ends the server.
     */
    public static VirgaServer start(String... options) {
        return start("", options);
    }

    static VirgaServer start(String program, String[] options) {
        List<String> command = new ArrayList<>();
        command.add(Program.find(program));
        Collections.addAll(command, "serve", "--memory", "--port", "0", "--json", "--quiet", "--until-eof");
        Collections.addAll(command, options);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("VIRGA_")); // each is an option of the server
        try {
            Process process = builder.start();
            return new VirgaServer(process, readyLine(process));
        } catch (IOException error) {
            throw new UncheckedIOException("virga did not start: " + error.getMessage(), error);
        }
    }

    /** Reads to the ready line. A program that ends without one has written the reason instead. */
    private static JsonObject readyLine(Process process) throws IOException {
        Timer limit = new Timer(true);
        limit.schedule(new TimerTask() {
            @Override
            public void run() {
                process.destroy();
            }
        }, START_MS);
        BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder reason = new StringBuilder();
        String line = output.readLine();
        while (line != null && !line.startsWith("{")) {
            reason.append(line).append('\n');
            line = output.readLine();
        }
        limit.cancel();
        if (line == null) {
            throw new IOException(reason.toString());
        }
        Thread copy = new Thread(() -> output.lines().forEach(System.err::println), "virga output");
        copy.setDaemon(true);
        copy.start();
        return GSON.fromJson(line, JsonObject.class);
    }

    /** Such as http://127.0.0.1:40001. */
    public String endpoint() {
        return ready.get("endpoint").getAsString();
    }

    /** The endpoint without http://, as the SDK takes it. */
    public String address() {
        return endpoint().substring("http://".length());
    }

    /** Creates an account with what the server's own account has. */
    public VirgaAccount account() {
        return new VirgaAccount(this, control("POST", "/accounts", fields()));
    }

    /** Creates an account with what the world describes: an account of a world file. */
    public VirgaAccount account(Map<String, ?> world) {
        return new VirgaAccount(this, control("POST", "/accounts", fields("world", world)));
    }

    /** Moves the service's clock of the whole server. */
    public void advanceClock(Duration step) {
        control("POST", "/clock/advance", fields("seconds", step.toMillis() / 1000.0));
    }

    /** Stops the service's clock of the whole server. */
    public void freezeClock(OffsetDateTime at) {
        control("PUT", "/clock", fields("mode", "frozen", "time", DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(at)));
    }

    /** Resets scopes such as "flows,journal"; "all" resets everything. */
    public void reset(String scope) {
        control("POST", "/reset?scope=" + scope, null);
    }

    /** A JSON object: names, each followed by its value. */
    public static Map<String, Object> fields(Object... pairs) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            fields.put((String) pairs[i], pairs[i + 1]);
        }
        return fields;
    }

    /** Sends any request to the control API. The path begins after /_virga; without a body, it is null. */
    public JsonObject control(String method, String path, Map<String, ?> body) {
        try {
            URL url = new URL(ready.get("control").getAsString() + path);
            HttpURLConnection connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
            connection.setRequestMethod(method);
            if (body != null) {
                connection.setDoOutput(true);
                connection.getOutputStream().write(GSON.toJson(body).getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            InputStream stream = status < 300 ? connection.getInputStream() : connection.getErrorStream();
            try (InputStreamReader text = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
                JsonObject answer = GSON.fromJson(text, JsonObject.class);
                if (status < 300) {
                    return answer;
                }
                throw new VirgaException(status, answer.getAsJsonObject("error"));
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
    }
}
