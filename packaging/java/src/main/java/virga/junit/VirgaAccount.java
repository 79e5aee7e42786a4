package virga.junit;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A credential with resources of its own. It shares nothing with other accounts but the clock of the server. */
public final class VirgaAccount {
    private static final int CONFLICT = 409;

    private final VirgaServer server;
    private final JsonObject made;

    VirgaAccount(VirgaServer server, JsonObject made) {
        this.server = server;
        this.made = made;
    }

    public VirgaServer server() {
        return server;
    }

    public String uin() {
        return made.get("uin").getAsString();
    }

    public String secretId() {
        return made.get("secret_id").getAsString();
    }

    public String secretKey() {
        return made.get("secret_key").getAsString();
    }

    public String region() {
        return made.get("region").getAsString();
    }

    /** An instance of the account, in the region. */
    public String instance() {
        return made.get("instance_id").getAsString();
    }

    /** The address of the server, as the SDK takes it. */
    public String address() {
        return server.address();
    }

    /** Adds a fault rule for the calls of this account: names of the control API, each followed by its value. */
    public Fault addFault(Object... rule) {
        JsonObject added = server.control("POST", "/faults", scoped(VirgaServer.fields(rule)));
        return new Fault("/faults/" + added.get("id").getAsLong());
    }

    /** A fault rule of this account. */
    public final class Fault {
        private final String path;

        Fault(String path) {
            this.path = path;
        }

        /** How many calls the rule was applied to. */
        public long hits() {
            return server.control("GET", path, null).get("hits").getAsLong();
        }

        public void remove() {
            server.control("DELETE", path, null);
        }
    }

    /** The calls of this account, the newest last. */
    public JsonArray requests() {
        return server.control("GET", "/requests?secret_id=" + secretId(), null).getAsJsonArray("requests");
    }

    /** Fails unless the account has made the calls: names of the control API, each followed by its value. */
    public void verify(Object... expected) {
        check(scoped(VirgaServer.fields(expected)));
    }

    /** Fails unless the account has made these calls one after another. */
    @SafeVarargs
    public final void verifyInOrder(Map<String, ?>... expected) {
        List<Map<String, Object>> calls = new ArrayList<>();
        for (Map<String, ?> call : expected) {
            calls.add(scoped(call));
        }
        check(VirgaServer.fields("in_order", calls));
    }

    private void check(Map<String, ?> body) {
        try {
            server.control("POST", "/verify", body);
        } catch (VirgaException error) {
            if (error.status() == CONFLICT) {
                throw new AssertionError(error.getMessage());
            }
            throw error;
        }
    }

    /** Resets what the account has. */
    public void reset() {
        server.control("POST", "/reset?account=" + uin(), null);
    }

    /** Removes the account, with its fault rules. */
    public void remove() {
        for (JsonElement element : server.control("GET", "/faults", null).getAsJsonArray("faults")) {
            JsonElement owner = element.getAsJsonObject().get("secret_id");
            if (owner != null && !owner.isJsonNull() && owner.getAsString().equals(secretId())) {
                server.control("DELETE", "/faults/" + element.getAsJsonObject().get("id").getAsLong(), null);
            }
        }
        server.control("DELETE", "/accounts/" + uin(), null);
    }

    /** Limits a rule or an expectation to the calls of this account. */
    private Map<String, Object> scoped(Map<String, ?> fields) {
        Map<String, Object> scoped = new LinkedHashMap<>();
        scoped.put("secret_id", secretId());
        scoped.putAll(fields);
        return scoped;
    }
}
