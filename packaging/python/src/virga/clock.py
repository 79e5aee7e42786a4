"""The service's clock, by which flows end. It does not change by which time signatures expire."""
import datetime
from typing import Any, Dict, Optional, Union

from virga.control import Control

Time = Union[datetime.datetime, str]


class Clock:
    """The clock of one server. A time is a datetime with a time zone, or text such as 2026-01-01T00:00:00+08:00."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def now(self) -> datetime.datetime:
        """Returns the service's time, with the time zone of Beijing."""
        return datetime.datetime.fromisoformat(self.describe()["time"])

    def describe(self) -> Dict[str, Any]:
        """Returns mode, time and scale as the control API shows them."""
        clock: Dict[str, Any] = self._control.request("GET", "clock")
        return clock

    def advance(self, seconds: Union[float, datetime.timedelta]) -> None:
        """Moves the clock forward. Fits where the code under test takes a function for time.sleep."""
        if isinstance(seconds, datetime.timedelta):
            seconds = seconds.total_seconds()
        self._control.request("POST", "clock/advance", {"seconds": seconds})

    def freeze(self, time: Optional[Time] = None) -> None:
        """Stops the clock at this time, or at the current one."""
        self._set("frozen", time)

    def move(self, time: Time) -> None:
        """Lets the clock run on from this time."""
        self._set("moved", time)

    def scale(self, factor: float, time: Optional[Time] = None) -> None:
        """Lets the clock run `factor` times as fast, from this time or from the current one."""
        self._set("scaled", time, factor)

    def real(self) -> None:
        """Sets the clock to the machine's time."""
        self._set("real")

    def _set(self, mode: str, time: Optional[Time] = None, scale: Optional[float] = None) -> None:
        text = time.isoformat() if isinstance(time, datetime.datetime) else time
        self._control.request("PUT", "clock", {"mode": mode, "time": text, "scale": scale})
