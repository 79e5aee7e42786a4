"""An account of the emulated cloud with one credential."""
import importlib
import urllib.parse
from typing import Any, Callable, Dict, Optional, TypeVar

from virga.calls import CallScope
from virga.control import Control

ClientType = TypeVar("ClientType")


class Account(CallScope):
    """What a client needs to act for an account. Calls, fault rules and coverage are those of its credential."""

    def __init__(self, control: Control, endpoint: str, *, uin: str, secret_id: str, secret_key: str, region: str,
                 instance_id: str = "", token: Optional[str] = None) -> None:
        super().__init__(control, secret_id)
        self.endpoint, self.uin, self.region, self.instance_id = endpoint, uin, region, instance_id
        self.secret_id, self.secret_key, self.token = secret_id, secret_key, token

    def client(self, client_class: Callable[..., ClientType], region: Optional[str] = None, *, language: str = "en-US",
               timeout: int = 10) -> ClientType:
        """Returns a client of the cloud's Python SDK, such as SqlserverClient, that calls this server."""
        credential: Any = importlib.import_module("tencentcloud.common.credential")
        http: Any = importlib.import_module("tencentcloud.common.profile.http_profile")
        profile: Any = importlib.import_module("tencentcloud.common.profile.client_profile")
        url = urllib.parse.urlsplit(self.endpoint)
        how = profile.ClientProfile(language=language, httpProfile=http.HttpProfile(
            protocol=url.scheme, endpoint=url.netloc, reqTimeout=timeout))
        return client_class(credential.Credential(self.secret_id, self.secret_key, self.token), region or self.region, how)

    @property
    def environment(self) -> Dict[str, str]:
        """The variables by which a program of the cloud finds its credential, and with which it calls this server."""
        url = urllib.parse.urlsplit(self.endpoint)
        found = {"TENCENTCLOUD_SECRET_ID": self.secret_id, "TENCENTCLOUD_SECRET_KEY": self.secret_key,
                 "TENCENTCLOUD_REGION": self.region, "TENCENTCLOUD_PROTOCOL": url.scheme.upper(),
                 "TENCENTCLOUD_DOMAIN": url.netloc}
        return {**found, "TENCENTCLOUD_TOKEN": self.token} if self.token else found

    def reset(self, scope: str = "all") -> None:
        """Resets what the account has: "flows", "backups" or "all"."""
        self.control.request("POST", "reset", scope=scope, account=self.uin)

    def remove(self) -> None:
        """Removes a test account and what it has."""
        self.faults.clear()
        self.control.request("DELETE", f"accounts/{self.uin}")
