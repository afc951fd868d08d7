"""`ownhand install-host`: makes the daemon known to the plugin in the mail client."""

from pathlib import Path

import click
from ownhand.daemon import nativehost
from ownhand.daemon.cli.terminal import json_option, print_json, say
from ownhand.daemon.paths import find_paths


@click.command("install-host")
@click.option("--remove", is_flag=True, help="Take it away again.")
@json_option
def install_host_command(remove: bool, as_json: bool) -> None:
    """Let the Thunderbird plugin reach the daemon.

    Writes one file where Thunderbird looks for such programs, and a small script that it names. Run it again
    after moving Ownhand to another Python or folder.
    """
    paths, home = find_paths(), Path.home()
    if remove:
        there = nativehost.remove(paths, home)
        if as_json:
            print_json({"removed": there})
        else:
            say("Taken away." if there else "There was nothing to take away.")
        return
    place = nativehost.install(paths, home)
    sealed = nativehost.flatpaks(home)
    if as_json:
        print_json({"manifest": str(place.manifest), "host": str(place.wrapper), "sealed": sealed})
        return
    say(f"Thunderbird finds the daemon through {place.manifest}.")
    say("Next: install the plugin (ownhand.xpi) in Thunderbird, under Add-ons and Themes.")
    for name in sealed:
        say(f"{name} is a Flatpak, which lets no program out: install Thunderbird as a package or a snap.")
