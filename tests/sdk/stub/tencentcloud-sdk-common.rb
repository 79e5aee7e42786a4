# Its part of the stub is in tencentcloud-sdk-sqlserver.rb.
