import com.tencentcloudapi.common.AbstractModel;
import com.tencentcloudapi.common.Credential;
import com.tencentcloudapi.common.profile.ClientProfile;
import com.tencentcloudapi.common.profile.HttpProfile;
import com.tencentcloudapi.{product_name}.{product_package}.{product_class}Client;
import com.tencentcloudapi.{product_name}.{product_package}.models.{action}Request;

public class Call {
    public static void main(String[] arguments) throws Exception {
        HttpProfile http = new HttpProfile();
        http.setProtocol("{scheme}://");
        http.setEndpoint("{host_port}");
        ClientProfile profile = new ClientProfile(ClientProfile.SIGN_TC3_256, http);
        Credential who = new Credential("{secret_id}", "{secret_key}");
        {product_class}Client client = new {product_class}Client(who, "{region}", profile);

        {action}Request request = AbstractModel.fromJsonString(
            {params_double}, {action}Request.class);
        System.out.println(AbstractModel.toJsonString(client.{action}(request)));
        System.exit(0); // idle threads of the HTTP library would hold the program for minutes
    }
}
