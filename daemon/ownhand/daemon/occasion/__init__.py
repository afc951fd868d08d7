"""Whether the machine has time and power to spare: on mains power, and used by nobody."""

import sys
from pathlib import Path

from ownhand.daemon.ports import Occasion


class Always:
    """For who wants trainings at once, whatever the machine does."""

    def why_not(self, waited_s: float) -> str:
        return ""


def of_this_machine() -> Occasion:
    """As this system tells it. Starts nothing."""
    if sys.platform == "darwin":
        from ownhand.daemon.occasion.macos import MacOccasion

        return MacOccasion()
    from ownhand.daemon.occasion.linux import LinuxOccasion

    return LinuxOccasion(Path("/sys/class/power_supply"), Path("/proc/stat"))
