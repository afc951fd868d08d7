"""Linux: mains power from sysfs, idleness from systemd-logind, or from the processors where there is none."""

import contextlib
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 12 * 3600.0  # then a machine that never says it is idle is asked how busy it is
_BUSY = 0.5  # share of the processors' time that others take; what runs nicely is not among them
_LOGIND_TIMEOUT_S = 1.0


def logind_idle() -> bool | None:
    """Whether every session is idle, by logind's IdleHint; None where nobody knows."""
    from jeepney import DBusAddress, MessageType, Properties
    from jeepney.io.blocking import open_dbus_connection

    login = DBusAddress("/org/freedesktop/login1", "org.freedesktop.login1", "org.freedesktop.login1.Manager")
    try:
        connection = open_dbus_connection(bus="SYSTEM")
    except (OSError, KeyError, RuntimeError):
        return None
    with contextlib.closing(connection):
        try:
            asked = Properties(login).get("IdleHint")
            reply = connection.send_and_get_reply(asked, timeout=_LOGIND_TIMEOUT_S)
        except (OSError, TimeoutError):
            return None
    if reply.header.message_type is not MessageType.method_return:
        return None
    return bool(reply.body[0][1])


class LinuxOccasion:
    """`supplies` is /sys/class/power_supply, `stat` is /proc/stat."""

    def __init__(self, supplies: Path, stat: Path, idle: Callable[[], bool | None] = logind_idle) -> None:
        self._supplies = supplies
        self._stat = stat
        self._idle = idle
        self._before = (0, 0)

    def why_not(self, waited_s: float) -> str:
        if self._on_battery():
            return "the machine runs on battery"
        idle = self._idle()
        busy = self._busy()  # asked for each time: it tells of the time since the last one
        if idle is True:
            return ""
        if idle is False and waited_s < PATIENCE_S:
            return "the machine is in use"
        return "the machine is busy" if busy > _BUSY else ""

    def _on_battery(self) -> bool:
        """A machine without a battery is not; nor is one whose battery is only a mouse's."""
        mains, discharging = False, False
        for supply in self._supplies.glob("*"):
            facts = {name: _read(supply / name) for name in ("type", "online", "status", "scope")}
            mains = mains or (facts["type"] in ("Mains", "USB") and facts["online"] == "1")
            own = facts["type"] == "Battery" and facts["scope"] != "Device"
            discharging = discharging or (own and facts["status"] == "Discharging")
        return discharging and not mains

    def _busy(self) -> float:
        """The share of all processors' time that went to others since the last look; 0 at first."""
        numbers = [int(number) for number in _read(self._stat).partition("\n")[0].split()[1:]]
        if len(numbers) < 5:
            return 0.0
        user, nice, system, idle, waiting = numbers[:5]
        now = (user + system, user + nice + system + idle + waiting)
        before, self._before = self._before, now
        passed = now[1] - before[1]
        return (now[0] - before[0]) / passed if before[1] and passed > 0 else 0.0


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""
