import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static virga.junit.VirgaServer.fields;

import com.google.gson.JsonObject;
import com.tencentcloudapi.common.exception.TencentCloudSDKException;
import example.Backups;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Collections;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import virga.junit.Virga;
import virga.junit.VirgaAccount;
import virga.junit.VirgaException;
import virga.junit.VirgaServer;

/** What the example does not show of the extension. */
@Virga
class MoreTest {
    private static Backups backups(VirgaAccount account, String instance) {
        return new Backups(
                Backups.connect(account.secretId(), account.secretKey(), account.region(), account.address()), instance, 1);
    }

    @Test
    void accountsShareNoCallAndNoRule(VirgaServer server, VirgaAccount account) throws Exception {
        VirgaAccount other = server.account();
        assertNotEquals(account.uin(), other.uin());
        assertSame(server, account.server());
        VirgaAccount.Fault fault = other.addFault("action", "CreateBackup", "code", "UnauthorizedOperation.PermissionDenied");
        backups(account, account.instance()).begin("nightly");
        assertThrows(TencentCloudSDKException.class, () -> backups(other, other.instance()).begin("nightly"));
        assertEquals(1, fault.hits());
        assertEquals(1, account.requests().size());
        fault.remove();
        other.addFault("action", "CreateBackup", "delay_ms", 1);
        other.remove();
        String rules = server.control("GET", "/faults", null).toString();
        assertTrue(!rules.contains(other.secretId()), rules);
    }

    @Test
    void anExpectationThatIsNotMetSaysWhatWasCalled(VirgaAccount account) throws Exception {
        backups(account, account.instance()).begin("nightly");
        AssertionError error = assertThrows(AssertionError.class,
                () -> account.verify("action", "CreateBackup", "params", fields("BackupName", "weekly")));
        assertTrue(error.getMessage().contains("params.BackupName was \"nightly\""), error.getMessage());
    }

    @Test
    void aRuleWithAnUnknownNameIsRefused(VirgaAccount account) {
        assertEquals(400, assertThrows(VirgaException.class, () -> account.addFault("acton", "CreateBackup")).status());
    }

    @Test
    void anAccountHasTheWorldThatIsDescribed(VirgaServer server) {
        Object instance = fields("instance_id", "mssql-own00001", "name", "own");
        Object region = fields("region", "ap-shanghai", "instances", Collections.singletonList(instance));
        VirgaAccount account = server.account(fields("regions", Collections.singletonList(region)));
        assertEquals("ap-shanghai mssql-own00001", account.region() + " " + account.instance());
    }

    @Test
    void aStartThatFailsSaysWhy() {
        UncheckedIOException error = assertThrows(UncheckedIOException.class, () -> VirgaServer.start("--nonsense"));
        assertTrue(error.getMessage().contains("--nonsense is not an option"), error.getMessage());
    }

    @Nested
    class OfAClassInside {
        @Test
        void theClockIsFrozenAndMoved(VirgaServer server) {
            server.freezeClock(OffsetDateTime.parse("2027-01-01T00:00:00+08:00"));
            server.advanceClock(Duration.ofMinutes(1));
            JsonObject clock = server.control("GET", "/clock", null);
            assertEquals("2027-01-01T00:01:00+08:00", clock.get("time").getAsString());
            server.control("PUT", "/clock", fields("mode", "real"));
        }
    }

    @Test
    void failsAndShowsTheRejectedCall(VirgaAccount account) throws Exception {
        backups(account, "mssql-nosuchin").begin("nightly");
    }
}
