terraform {
  required_providers {
    tencentcloud = {
      source = "tencentcloudstack/tencentcloud"
    }
  }
}

provider "tencentcloud" {
  secret_id  = "{secret_id}"
  secret_key = "{secret_key}"
  region     = "{region}"
  protocol   = "HTTP"
  domain     = "{domain}"
}

resource "tencentcloud_sqlserver_general_backup" "example" {
  instance_id = "{instance}"
  backup_name = "from_terraform"
  strategy    = 0
}
