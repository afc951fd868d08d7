"""The table of providers: what is found from an address, and what every line of it must have."""

import re

import pytest
from ownhand.daemon.mail.providers import PROVIDERS, Provider, provider_named, provider_of
from ownhand.daemon.mail.tls import is_loopback

HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.[a-z]{2,}")


def _hosts(provider: Provider) -> list[str]:
    return [host for host in (provider.host, provider.submission and provider.submission.host) if host]


def test_the_largest_providers_are_known() -> None:
    assert len([provider for provider in PROVIDERS if provider.host and provider.domains]) >= 30


def test_a_providers_servers_are_found_from_the_address_in_any_spelling() -> None:
    provider = provider_of("Mara@GMAIL.com")

    assert provider is not None and provider.submission is not None
    assert (provider.host, provider.port, provider.tls) == ("imap.gmail.com", 993, "verify")
    assert (provider.submission.host, provider.submission.port) == ("smtp.gmail.com", 465)
    assert "app password" in provider.note and provider.oauth == "google"


@pytest.mark.parametrize("address", ["mara@gmail.com.example.org", "mara@mail.gmail.com", "mara", ""])
def test_an_unknown_domain_has_no_provider(address: str) -> None:
    assert provider_of(address) is None


def test_one_who_hosts_other_peoples_domains_is_found_by_name_alone() -> None:
    provider = provider_named("microsoft365")

    assert provider is not None and not provider.domains
    assert (provider.oauth, provider.password) == ("microsoft", False)


def test_the_bridge_is_on_this_machine_and_begins_in_plain_text() -> None:
    provider = provider_of("mara@proton.me")

    assert provider is not None
    assert (provider.host, provider.port, provider.tls) == ("127.0.0.1", 1143, "starttls")


@pytest.mark.parametrize("address", ["mara@tutanota.com", "mara@hey.com"])
def test_of_those_without_imap_the_note_says_so(address: str) -> None:
    provider = provider_of(address)

    assert provider is not None and not provider.host and provider.submission is None
    assert "no IMAP" in provider.note


def test_a_login_that_is_not_the_address_is_its_first_part() -> None:
    by_part, by_address = provider_of("mara@icloud.com"), provider_of("mara@posteo.de")

    assert by_part is not None and by_part.user_of("mara@icloud.com") == "mara"
    assert by_address is not None and by_address.user_of("mara@posteo.de") == ""


def test_no_domain_and_no_name_stands_twice() -> None:
    domains = [domain for provider in PROVIDERS for domain in provider.domains]
    names = [provider.name for provider in PROVIDERS]

    assert len(set(domains)) == len(domains)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_every_line_is_plausible(provider: Provider) -> None:
    assert all(HOST.fullmatch(host) or is_loopback(host) for host in _hosts(provider))
    assert all(HOST.fullmatch(domain) for domain in provider.domains)
    assert provider.tls != "plaintext-loopback" or is_loopback(provider.host)
    assert (provider.port, provider.tls) in [(993, "verify"), (143, "starttls")] or is_loopback(provider.host)
    assert provider.submission is None or (
        (provider.submission.port, provider.submission.tls) in [(465, "implicit"), (587, "starttls")]
        or is_loopback(provider.submission.host)
    )
    # A way in, or a reason why there is none; and a note is a line without its full stop.
    assert provider.password or provider.oauth or not provider.host
    assert "\n" not in provider.note and not provider.note.endswith(".")
    assert provider.note or provider.password
