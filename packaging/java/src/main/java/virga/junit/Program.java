package virga.junit;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/** Finds the program. */
final class Program {
    private static String unpacked; // the path of the packaged program; null before the first use

    private Program() {
    }

    /** The option, VIRGA_BIN, the program in the artifact virga-program, or virga on PATH. */
    static String find(String option) {
        String variable = System.getenv("VIRGA_BIN");
        if (!option.isEmpty() || variable != null && !variable.isEmpty()) {
            return option.isEmpty() ? variable : option;
        }
        return packaged();
    }

    private static synchronized String packaged() {
        if (unpacked == null) {
            try (InputStream program = Program.class.getResourceAsStream("/virga/" + platform() + "/virga")) {
                unpacked = program == null ? "virga" : unpack(program);
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }
        return unpacked;
    }

    /** Copies the program out of its jar, for as long as this program runs. */
    private static String unpack(InputStream program) throws IOException {
        Path path = Files.createTempFile("virga", null);
        File file = path.toFile();
        file.deleteOnExit();
        Files.copy(program, path, StandardCopyOption.REPLACE_EXISTING);
        if (!file.setExecutable(true)) {
            throw new IOException(path + ": cannot be made executable");
        }
        return path.toString();
    }

    /** In the words of npm's packages: linux-x64, darwin-arm64. */
    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        return system + (System.getProperty("os.arch").equals("aarch64") ? "-arm64" : "-x64");
    }
}
