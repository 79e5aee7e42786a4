# The classes of the SDK that a generated program names, and no more. A call returns its own parameters.
module TencentCloud
  module Common
    Credential = Struct.new(:secret_id, :secret_key)
    HttpProfile = Struct.new(:scheme, :endpoint)

    class ClientProfile
      attr_accessor :http_profile
    end
  end

  module Sqlserver
    module V20180328
      class CreateBackupRequest
        def deserialize(params)
          @params = params
        end

        def serialize
          @params
        end
      end

      class Client
        def initialize(credential, region, profile); end

        def CreateBackup(request)
          request
        end
      end
    end
  end
end
