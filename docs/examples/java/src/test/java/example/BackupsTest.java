package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static virga.junit.VirgaServer.fields;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import virga.junit.Virga;
import virga.junit.VirgaAccount;

/** How {@link Backups} handles errors of the cloud. One server for this class, one account for each test. */
@Virga({"--flow-seconds", "backup=0"})
class BackupsTest {
    private static final long PAUSE_MS = 1;

    private VirgaAccount account;
    private Backups backups;

    @BeforeEach
    void connect(VirgaAccount account) {
        this.account = account;
        backups = new Backups(
                Backups.connect(account.secretId(), account.secretKey(), account.region(), account.address()),
                account.instance(), PAUSE_MS);
    }

    private void makeOne(String name) throws Exception {
        backups.make(name);
        assertEquals(1, backups.count(name));
    }

    @Test
    void aBackupIsMade() throws Exception {
        makeOne("nightly");
    }

    @Test
    void aThrottledCallIsRetried() throws Exception {
        VirgaAccount.Fault limit = account.addFault("action", "CreateBackup", "code", "RequestLimitExceeded", "count", 2);
        makeOne("nightly");
        assertEquals(2, limit.hits());
        Map<String, Object> refused = fields("action", "CreateBackup", "code", "RequestLimitExceeded");
        account.verifyInOrder(refused, refused, fields("action", "CreateBackup", "code", "ok"));
    }

    @Test
    void anInternalErrorOfTheSecondCallIsRetried() throws Exception {
        account.addFault("action", "CreateBackup", "code", "InternalError.SystemError", "after", 1, "count", 1);
        makeOne("first");
        makeOne("second");
        account.verify("action", "CreateBackup", "count", fields("min", 3, "max", 3));
    }

    @Test
    void aLostResponseMakesNoSecondBackup() throws Exception {
        account.addFault("action", "CreateBackup", "close", "after_commit", "count", 1);
        makeOne("nightly");
        account.verify("action", "CreateBackup", "count", fields("min", 1, "max", 1));
    }

    @Test
    void aSlowBackupIsFinishedWhenTheClockHasMoved() throws Exception {
        account.addFault("action", "CreateBackup", "flow_seconds", 3600);
        long flow = backups.begin("slow");
        assertEquals(Backups.RUNNING, backups.status(flow));
        account.server().advanceClock(Duration.ofHours(1));
        backups.finish(flow);
    }

    @Test
    void aFailedFlowIsReported() {
        account.addFault("action", "CreateBackup", "flow_outcome", "failure");
        assertThrows(Backups.Failed.class, () -> backups.make("nightly"));
    }
}
