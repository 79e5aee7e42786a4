# Its half of the stand-in is in tencentcloud-sdk-sqlserver.rb.
