"""The official Python SDK of the product tag, unmodified: the calls that the Terraform provider makes for the tags of an instance.

The provider reads tags in pages of 20, and changes them by a full name of the resource that leaves the account out.
"""
import json
import pathlib
import sys

import pytest
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sqlserver.v20180328 import models as sqlserver_models
from tencentcloud.sqlserver.v20180328 import sqlserver_client
from tencentcloud.tag.v20180813 import models, tag_client

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import harness  # noqa: E402

INSTANCE = "mssql-njj2mtpl"
RESOURCE = f"qcs::sqlserver:{harness.REGION}:uin/:instance/{INSTANCE}"
PAGE = 20


@pytest.fixture
def virga():
    with harness.Virga("--seed", "1", "--limit", "off") as server:
        yield server


def client(virga, cls, label=None, **profile):
    """By the address of the server; or, as the provider does, by a name with the product before `localhost` and virga as a proxy."""
    here = f"{virga.host}:{virga.port}"
    http = HttpProfile(protocol="http", endpoint=f"{label}.localhost:{virga.port}" if label else here, proxy=here if label else None)
    return cls(credential.Credential(harness.SECRET_ID, harness.SECRET_KEY), harness.REGION, ClientProfile(httpProfile=http, **profile))


def request(cls, **fields):
    r = cls()
    r.from_json_string(json.dumps(fields))
    return r


def tags_of(c, offset=0):
    answer = c.DescribeResourceTagsByResourceIds(request(
        models.DescribeResourceTagsByResourceIdsRequest, ServiceType="sqlserver", ResourcePrefix="instance", ResourceIds=[INSTANCE],
        ResourceRegion=harness.REGION, Limit=PAGE, Offset=offset))
    return answer.TotalCount, {row.TagKey: row.TagValue for row in answer.Tags}


def change(c, replace=None, delete=None):
    lists = {"ReplaceTags": [{"TagKey": k, "TagValue": v} for k, v in (replace or {}).items()], "DeleteTags": [{"TagKey": k} for k in delete or []]}
    return c.ModifyResourceTags(request(models.ModifyResourceTagsRequest, Resource=RESOURCE, **{k: v for k, v in lists.items() if v}))


@pytest.mark.parametrize("sign", ["TC3-HMAC-SHA256", "HmacSHA256"])
def test_tags_are_read_and_changed(virga, sign):
    c = client(virga, tag_client.TagClient, signMethod=sign)
    assert tags_of(c) == (1, {"team": "games"})
    change(c, {"team": "tools", "stage": "test"})
    assert tags_of(c) == (2, {"team": "tools", "stage": "test"})
    change(c, delete=["team"])
    assert tags_of(c) == (1, {"stage": "test"})
    instances = client(virga, sqlserver_client.SqlserverClient).DescribeDBInstances(
        request(sqlserver_models.DescribeDBInstancesRequest, InstanceIdSet=[INSTANCE])).DBInstances
    assert [(t.TagKey, t.TagValue) for t in instances[0].ResourceTags] == [("stage", "test")]


def test_pages_end(virga):
    c = client(virga, tag_client.TagClient)
    for start in range(0, 40, 10):
        change(c, {f"k{n:02}": str(n) for n in range(start, start + 10)})
    total, first = tags_of(c)
    assert (total, len(first)) == (41, PAGE) and len(tags_of(c, PAGE)[1]) == PAGE and len(tags_of(c, 2 * PAGE)[1]) == 1
    with pytest.raises(TencentCloudSDKException) as caught:
        change(c, {f"m{n}": "" for n in range(10)})
    assert caught.value.get_code() == "LimitExceeded.ResourceAttachedTags" and tags_of(c)[0] == 41


def test_the_data_source_of_instances(virga):
    """tencentcloud_sqlserver_instances: each instance of a page, then the tags of each."""
    read = client(virga, sqlserver_client.SqlserverClient, "sqlserver").DescribeDBInstances(
        request(sqlserver_models.DescribeDBInstancesRequest, Offset=0, Limit=PAGE)).DBInstances
    assert INSTANCE in [row.InstanceId for row in read]
    assert tags_of(client(virga, tag_client.TagClient, "tag")) == (1, {"team": "games"})
