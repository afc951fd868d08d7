"""A server's reply as it came, and what the relay says where the real server could not."""

from dataclasses import dataclass

from ownhand.daemon.errors import LoginFailed, OwnhandError, Unreachable


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said: its code, and its lines as they came, without their ends."""

    code: int
    lines: tuple[bytes, ...]

    @property
    def ok(self) -> bool:
        return 200 <= self.code < 300

    @property
    def refuses(self) -> bool:
        return self.code >= 400

    @property
    def wire(self) -> bytes:
        return b"\r\n".join(self.lines)


# Neither 250 nor 4xx: after 250 the mail could be lost, and after 4xx a program that tries again by
# itself could send it twice.
OUTCOME_UNKNOWN = Reply(
    554,
    (
        b"554-5.4.2 The submission server did not say whether it took the message.",
        b"554 5.4.2 It may have been sent: look whether it was before you send it again.",
    ),
)
AMBIGUOUS = Reply(
    554,
    (
        b"554-5.6.0 Not sent: the message has a NUL, or a dot after a line end that is not CR LF.",
        b"554 5.6.0 A server could take that for the end of the message.",
    ),
)


def reply_to(error: OwnhandError) -> Reply:
    """For what went wrong before a message was ended: it was not sent."""
    match error:
        case LoginFailed():
            code, detail = 554, "5.7.8"
        case Unreachable():
            code, detail = 451, "4.4.2"
        case _:  # the secret cannot be had
            code, detail = 451, "4.7.0"
    return Reply(code, (f"{code} {detail} Nothing was sent: {error}".encode(),))
