package virga.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives the tests of a class a server. A parameter of type {@link VirgaServer} is the server, which all classes with
 * equal options share until the end of the test run. A parameter of type {@link VirgaAccount} is an account that is
 * created for the test and removed after it. When a test fails, its rejected calls are published as a report entry.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(VirgaExtension.class)
public @interface Virga {
    /** Further options of virga serve, such as {@code {"--flow-seconds", "backup=0"}}. */
    String[] value() default {};

    /** The program. Otherwise VIRGA_BIN, the program in the artifact virga-program, or virga on PATH. */
    String program() default "";
}
