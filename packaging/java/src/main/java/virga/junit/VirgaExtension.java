package virga.junit;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** What {@link Virga} registers. */
final class VirgaExtension implements ParameterResolver, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(VirgaExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == VirgaServer.class || type == VirgaAccount.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        boolean server = parameter.getParameter().getType() == VirgaServer.class;
        return server ? server(context) : account(context);
    }

    /** A store closes what it has: that of the root at the end of the run, that of a test after the test. */
    private static VirgaServer server(ExtensionContext context) {
        Virga options = annotation(context.getRequiredTestClass());
        List<String> key = Arrays.asList(options.program(), String.join("\0", options.value()));
        return context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(key, absent -> {
            VirgaServer server = VirgaServer.start(options.program(), options.value());
            return new Closing(server, server::close);
        }, Closing.class).as(VirgaServer.class);
    }

    private static VirgaAccount account(ExtensionContext context) {
        return context.getStore(NAMESPACE).getOrComputeIfAbsent(VirgaAccount.class, absent -> {
            VirgaAccount account = server(context).account();
            return new Closing(account, account::remove);
        }, Closing.class).as(VirgaAccount.class);
    }

    /** The annotation of the class, or for a nested class of the one around it. */
    private static Virga annotation(Class<?> type) {
        Virga found = type.getAnnotation(Virga.class);
        return found != null ? found : annotation(type.getEnclosingClass());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Closing stored = context.getStore(NAMESPACE).get(VirgaAccount.class, Closing.class);
        if (stored == null || !context.getExecutionException().isPresent()) {
            return;
        }
        for (JsonElement element : stored.as(VirgaAccount.class).requests()) {
            JsonObject call = element.getAsJsonObject();
            String code = text(call.get("code"));
            if (!code.equals("ok")) {
                String line = text(call.get("action")) + " => " + code + " (" + text(call.get("why_text")) + ")";
                context.publishReportEntry("virga", line);
            }
        }
    }

    private static String text(JsonElement value) {
        return value == null || value.isJsonNull() ? "" : value.getAsString();
    }

    /** What a store closes at its end. */
    private static final class Closing implements CloseableResource {
        private final Object value;
        private final Runnable end;

        Closing(Object value, Runnable end) {
            this.value = value;
            this.end = end;
        }

        <U> U as(Class<U> type) {
            return type.cast(value);
        }

        @Override
        public void close() {
            end.run();
        }
    }
}
