package virga.junit;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** An error of the control API. */
public final class VirgaException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    VirgaException(int status, JsonObject error) {
        super(text(error.get("message")) + "; " + text(error.get("hint")));
        this.status = status;
    }

    private static String text(JsonElement value) {
        return value == null || value.isJsonNull() ? "" : value.getAsString();
    }

    /** The HTTP status: 409 when an expected call was not made. */
    public int status() {
        return status;
    }
}
