package example;

import com.tencentcloudapi.common.Credential;
import com.tencentcloudapi.common.exception.TencentCloudSDKException;
import com.tencentcloudapi.common.profile.ClientProfile;
import com.tencentcloudapi.common.profile.HttpProfile;
import com.tencentcloudapi.sqlserver.v20180328.SqlserverClient;
import com.tencentcloudapi.sqlserver.v20180328.models.Backup;
import com.tencentcloudapi.sqlserver.v20180328.models.CreateBackupRequest;
import com.tencentcloudapi.sqlserver.v20180328.models.DescribeBackupsRequest;
import com.tencentcloudapi.sqlserver.v20180328.models.DescribeFlowStatusRequest;

/** Makes backups of one instance and waits until they are finished, with the cloud's own SDK. */
public final class Backups {
    /** The flow of a backup that exists already. */
    public static final long NONE = 0;
    /** A value of a flow's Status. */
    public static final long SUCCESS = 0;
    /** A value of a flow's Status. */
    public static final long FAILURE = 1;
    /** A value of a flow's Status. */
    public static final long RUNNING = 2;

    private static final int ATTEMPTS = 4;

    private final SqlserverClient client;
    private final String instance;
    private final long pauseMs;

    public Backups(SqlserverClient client, String instance, long pauseMs) {
        this.client = client;
        this.instance = instance;
        this.pauseMs = pauseMs;
    }

    /** The backup was started and failed. */
    public static final class Failed extends Exception {
        private static final long serialVersionUID = 1;

        Failed(long flow) {
            super("flow " + flow + " failed");
        }
    }

    /** A client of the service at an address. */
    public static SqlserverClient connect(String secretId, String secretKey, String region, String address) {
        HttpProfile http = new HttpProfile();
        http.setProtocol("http://");
        http.setEndpoint(address);
        ClientProfile profile = new ClientProfile(ClientProfile.SIGN_TC3_256, http);
        return new SqlserverClient(new Credential(secretId, secretKey), region, profile);
    }

    /** Whether the response was lost. The SDK gives no code then, and the service may have executed the call. */
    private static boolean isLost(TencentCloudSDKException error) {
        return error.getErrorCode() == null || error.getErrorCode().isEmpty();
    }

    private static boolean isTemporary(TencentCloudSDKException error) {
        return isLost(error) || error.getErrorCode().startsWith("RequestLimitExceeded")
                || error.getErrorCode().startsWith("InternalError");
    }

    /** How many backups have this name. */
    public int count(String name) throws TencentCloudSDKException {
        DescribeBackupsRequest request = new DescribeBackupsRequest();
        request.setInstanceId(instance);
        request.setBackupName(name);
        request.setStartTime("2000-01-01 00:00:00");
        request.setEndTime("2099-12-31 00:00:00");
        int count = 0;
        for (Backup backup : client.DescribeBackups(request).getBackups()) {
            count += backup.getBackupName().equals(name) ? 1 : 0;
        }
        return count;
    }

    /** Starts a backup. Returns the id of its flow, or NONE when the backup exists already. */
    public long begin(String name) throws TencentCloudSDKException, InterruptedException {
        CreateBackupRequest request = new CreateBackupRequest();
        request.setInstanceId(instance);
        request.setBackupName(name);
        for (int attempt = 1;; attempt++) {
            try {
                return client.CreateBackup(request).getFlowId();
            } catch (TencentCloudSDKException error) {
                if (!isTemporary(error) || attempt == ATTEMPTS) {
                    throw error;
                }
                if (isLost(error) && count(name) > 0) { // a second call would make a second backup
                    return NONE;
                }
            }
            Thread.sleep(pauseMs << (attempt - 1));
        }
    }

    public long status(long flow) throws TencentCloudSDKException {
        DescribeFlowStatusRequest request = new DescribeFlowStatusRequest();
        request.setFlowId(flow);
        return client.DescribeFlowStatus(request).getStatus();
    }

    /** Waits until the flow has ended. */
    public void finish(long flow) throws TencentCloudSDKException, InterruptedException, Failed {
        for (long now = status(flow); now != SUCCESS; now = status(flow)) {
            if (now == FAILURE) {
                throw new Failed(flow);
            }
            Thread.sleep(pauseMs);
        }
    }

    /** Makes a backup of this name. */
    public void make(String name) throws TencentCloudSDKException, InterruptedException, Failed {
        long flow = begin(name);
        if (flow != NONE) {
            finish(flow);
        }
    }
}
